#include "common/journal/feed.h"

#include <vector>

#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "tests/conformance/journal/fixture.h"

namespace baimi::journal {
namespace {

class CollectingSink final : public Sink {
 public:
  explicit CollectingSink(int room) : room_(room) {}
  int Room() override {
    absl::MutexLock lock(&mu_);
    return room_;
  }
  absl::Status Take(sql::Reader&, const type::v1::JournalRecord& record) override {
    absl::MutexLock lock(&mu_);
    if (record.seq() == refuses_) {
      refuses_ = 0;
      return absl::UnavailableError("not now");
    }
    seqs_.push_back(record.seq());
    --room_;
    return absl::OkStatus();
  }
  void UpToDate(int64_t) override {}
  void End(const absl::Status& status) override {
    absl::MutexLock lock(&mu_);
    ended_ = status;
  }
  bool Gone() override { return false; }

  void AddRoom(int room) {
    absl::MutexLock lock(&mu_);
    room_ += room;
  }
  // Does not take this record when it comes first.
  void RefuseOnce(int64_t seq) {
    absl::MutexLock lock(&mu_);
    refuses_ = seq;
  }
  std::vector<int64_t> AwaitCount(size_t count) {
    absl::MutexLock lock(&mu_);
    const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return seqs_.size() >= count; };
    mu_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(20));
    return seqs_;
  }
  absl::Status AwaitEnd() {
    absl::MutexLock lock(&mu_);
    const auto ended = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !ended_.ok(); };
    mu_.AwaitWithTimeout(absl::Condition(&ended), absl::Seconds(20));
    return ended_;
  }

 private:
  absl::Mutex mu_;
  int room_ ABSL_GUARDED_BY(mu_);
  int64_t refuses_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<int64_t> seqs_ ABSL_GUARDED_BY(mu_);
  absl::Status ended_ ABSL_GUARDED_BY(mu_);
};

std::vector<int64_t> UpTo(int64_t first, int64_t last) {
  std::vector<int64_t> seqs;
  for (int64_t seq = first; seq <= last; ++seq) {
    seqs.push_back(seq);
  }
  return seqs;
}

TEST_P(JournalTest, Feed_FromCursor_GivesEverythingInOrder) {
  const auto feed = Feed::Create(database_.get(), {});
  writer_->AddCommitListener([&](absl::string_view, int64_t) { feed->Wake(); });
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(Add(MakeCall(), absl::StrCat("a", i)).Wait().ok());
  }
  auto sink = std::make_shared<CollectingSink>(1000);
  feed->Subscribe(kCounty, 4, sink);
  EXPECT_EQ(sink->AwaitCount(6), UpTo(5, 10));
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(Add(MakeCall(), absl::StrCat("b", i)).Wait().ok());
  }
  EXPECT_EQ(sink->AwaitCount(56), UpTo(5, 60));
  feed->Stop();
  EXPECT_TRUE(absl::IsUnavailable(sink->AwaitEnd()));
  writer_.reset();  // Its listener refers to the feed.
}

TEST_P(JournalTest, Feed_WithoutWakeUp_PollFindsTheRecord) {
  const auto feed = Feed::Create(database_.get(), {.poll = absl::Milliseconds(5)});
  auto sink = std::make_shared<CollectingSink>(1000);
  feed->Subscribe(kCounty, 0, sink);
  ASSERT_TRUE(Add(MakeCall(), "one").Wait().ok());
  EXPECT_EQ(sink->AwaitCount(1), UpTo(1, 1));
}

TEST_P(JournalTest, Feed_SlowSink_LagsAndLosesNothing) {
  const auto feed = Feed::Create(database_.get(), {.poll = absl::Milliseconds(5)});
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Add(MakeCall(), absl::StrCat("v", i)).Wait().ok());
  }
  auto sink = std::make_shared<CollectingSink>(3);
  feed->Subscribe(kCounty, 0, sink);
  EXPECT_EQ(sink->AwaitCount(3), UpTo(1, 3));
  for (size_t count = 8; count <= 18; count += 5) {
    sink->AddRoom(5);
    feed->Wake();
    EXPECT_EQ(sink->AwaitCount(count), UpTo(1, static_cast<int64_t>(count)));
  }
}

TEST_P(JournalTest, Feed_SinkThatCannotTakeARecord_GetsItAgain) {
  const auto feed = Feed::Create(database_.get(), {.poll = absl::Milliseconds(5)});
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(Add(MakeCall(), absl::StrCat("v", i)).Wait().ok());
  }
  auto sink = std::make_shared<CollectingSink>(1000);
  sink->RefuseOnce(3);
  feed->Subscribe(kCounty, 0, sink);
  EXPECT_EQ(sink->AwaitCount(5), UpTo(1, 5));
}

TEST_P(JournalTest, Feed_SubscribeAfterStop_EndsAtOnce) {
  const auto feed = Feed::Create(database_.get(), {});
  feed->Stop();
  auto sink = std::make_shared<CollectingSink>(1);
  feed->Subscribe(kCounty, 0, sink);
  EXPECT_TRUE(absl::IsUnavailable(sink->AwaitEnd()));
}

TEST_P(JournalTest, Feed_DamagedRecord_EndsItsWatcherAndNoOther) {
  static constexpr sql::Statement kDamage = {"test.damage",
                                             "UPDATE journal SET bytes = $1 WHERE county = $2"};
  Call elsewhere = MakeCall();
  elsewhere.county = "469031";
  ASSERT_TRUE(Add(elsewhere, "one").Wait().ok());
  ASSERT_TRUE(Add(MakeCall(), "one").Wait().ok());
  ASSERT_TRUE(
      database_
          ->Write({},
                  [](sql::Tx& tx) {
                    return tx.Execute(kDamage, {sql::Param::Bytes("\xFF"), "469031"}).status();
                  })
          .ok());
  const auto feed = Feed::Create(database_.get(), {.poll = absl::Milliseconds(5)});
  auto damaged = std::make_shared<CollectingSink>(10);
  auto sink = std::make_shared<CollectingSink>(10);
  feed->Subscribe("469031", 0, damaged);
  feed->Subscribe(kCounty, 0, sink);
  EXPECT_TRUE(absl::IsDataLoss(damaged->AwaitEnd()));
  EXPECT_EQ(sink->AwaitCount(1), UpTo(1, 1));
}

}  // namespace
}  // namespace baimi::journal
