// Several writers on one journal, as replicas of a service are: each with its own connections, keys
// and threads.
#include <algorithm>
#include <atomic>
#include <map>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/journal/feed.h"
#include "gmock/gmock.h"
#include "tests/conformance/journal/fixture.h"

namespace baimi::journal {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using ticket::v1::Ticket;

constexpr sql::Statement kThings = {"replicas.things",
                                    "SELECT count(*) FROM things WHERE county = $1"};
constexpr sql::Statement kLockWaiters = {
    "replicas.lock_waiters",
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"};

// Takes everything, and remembers the order.
class OrderSink final : public Sink {
 public:
  int Room() override { return 1000; }
  absl::Status Take(sql::Reader&, const type::v1::JournalRecord& record) override {
    absl::MutexLock lock(&mu_);
    seqs_.push_back(record.seq());
    return absl::OkStatus();
  }
  void UpToDate(int64_t) override {}
  void End(const absl::Status&) override {}
  bool Gone() override { return false; }

  std::vector<int64_t> Await(size_t count) {
    absl::MutexLock lock(&mu_);
    const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return seqs_.size() >= count; };
    mu_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(60));
    return seqs_;
  }

 private:
  absl::Mutex mu_;
  std::vector<int64_t> seqs_ ABSL_GUARDED_BY(mu_);
};

class JournalReplicas : public JournalTest {
 protected:
  void SetUp() override {
    JournalTest::SetUp();
    other_ = NewReplica();
  }
  bool postgres() const { return database_->dialect() == sql::Dialect::kPostgres; }

  absl::StatusOr<std::vector<int64_t>> Seqs() {
    std::vector<int64_t> seqs;
    BAIMI_RETURN_IF_ERROR(database_->Read({}, [&](sql::Reader& reader) {
      return ReadStream(reader, kCounty, kMainStream, 0, 10'000,
                        [&](const type::v1::JournalRecord& record) {
                          seqs.push_back(record.seq());
                          return absl::OkStatus();
                        });
    }));
    return seqs;
  }

  // Until a transaction waits for a lock, or `ran` says that it did not have to. SQLite does not
  // tell; there writers take turns.
  void AwaitLockWaiter(const std::atomic<bool>& ran) {
    for (int64_t waiting = postgres() ? 0 : 1; waiting == 0 && !ran;) {
      ASSERT_TRUE(database_
                      ->Read({},
                             [&](sql::Reader& reader) {
                               return reader.Query(kLockWaiters, {}, [&](const sql::Row& row) {
                                 waiting = row.Int64(0);
                                 return absl::OkStatus();
                               });
                             })
                      .ok());
    }
  }

  std::unique_ptr<Replica> other_;
};

// The trap of an outbox read by "seq > cursor": the later number is committed first, a reader moves
// on to it, and the earlier one is never seen. Here the second writer has to wait for the first
// one's end, because the head is locked before a number is given.
TEST_P(JournalReplicas, Order_WhileTheFirstIsStillOpen_NoLaterRecordIsSeen) {
  const auto feed = Feed::Create(other_->database.get(), {.poll = absl::Milliseconds(2)});
  auto sink = std::make_shared<OrderSink>();
  feed->Subscribe(kCounty, 0, sink);

  absl::Notification recorded, go;
  std::atomic<bool> second_ran = false;
  auto first = writer_->Execute<Ticket>(MakeCall(), [&](Tx& tx) -> absl::StatusOr<Ticket> {
    ticket::v1::ContactRevealed event;
    BAIMI_RETURN_IF_ERROR(tx.Record("things/first", event, privacy::kNoKey).status());
    if (!recorded.HasBeenNotified()) {
      recorded.Notify();
    }
    go.WaitForNotification();  // Holds the transaction open; a real closure never waits.
    return Ticket();
  });
  recorded.WaitForNotification();
  auto second = other_->writer->Execute<Ticket>(MakeCall(), [&](Tx& tx) -> absl::StatusOr<Ticket> {
    second_ran = true;
    ticket::v1::ContactRevealed event;
    BAIMI_RETURN_IF_ERROR(tx.Record("things/second", event, privacy::kNoKey).status());
    return Ticket();
  });
  AwaitLockWaiter(second_ran);
  EXPECT_FALSE(second_ran) << "it may not even begin";
  EXPECT_EQ(Head(), 0);
  EXPECT_THAT(Seqs().value(), IsEmpty());
  go.Notify();
  ASSERT_TRUE(std::move(first).Wait().ok());
  ASSERT_TRUE(std::move(second).Wait().ok());
  EXPECT_THAT(Seqs().value(), ElementsAre(1, 2));
  EXPECT_THAT(sink->Await(2), ElementsAre(1, 2));
  ExpectChainWhole();
}

TEST_P(JournalReplicas, OneValue_OneWinner) {
  for (int i = 0; i < 20; ++i) {
    const std::string value = absl::StrCat("wish", i);
    auto here = Add(MakeCall(), value);
    auto there = other_->Add(MakeCall(), value);
    const absl::Status one = std::move(here).Wait().status();
    const absl::Status two = std::move(there).Wait().status();
    EXPECT_NE(one.ok(), two.ok()) << one << two;
    EXPECT_TRUE(absl::IsAlreadyExists(one.ok() ? two : one)) << one << two;
  }
  EXPECT_EQ(Rows(), 20);
  EXPECT_EQ(Head(), 20);
}

TEST_P(JournalReplicas, SameRequestId_OnBothAtOnce_OneEffectOneAnswer) {
  for (int i = 0; i < 20; ++i) {
    const std::string id = absl::StrCat("r", i);
    auto here = Add(MakeCall(id), id);
    auto there = other_->Add(MakeCall(id), id);
    const auto one = std::move(here).Wait();
    const auto two = std::move(there).Wait();
    ASSERT_TRUE(one.ok() && two.ok()) << one.status() << two.status();
    EXPECT_EQ(one->SerializeAsString(), two->SerializeAsString());
  }
  EXPECT_EQ(Rows(), 20);
  EXPECT_EQ(Head(), 20);
  EXPECT_EQ(writer_->stats().replays + other_->writer->stats().replays, 20);
  Call other_body = MakeCall("r0");
  other_body.fingerprint = "different";
  EXPECT_EQ(ReasonOf(other_->Add(other_body, "x").Wait().status()), "REQUEST_ID_REUSED");
}

// Both add things while there are fewer than the cap, which no constraint of the table guards:
// read, decide, write is only right when the county is serial.
TEST_P(JournalReplicas, Hammer_NoGapNoDeadlockNoSkewPastTheCap) {
  constexpr int kEach = 400;
  constexpr int64_t kCap = 500;
  const auto third = NewReplica();
  const auto feed = Feed::Create(third->database.get(), {.poll = absl::Milliseconds(2)});
  auto sink = std::make_shared<OrderSink>();
  feed->Subscribe(kCounty, 0, sink);

  const auto add_below_cap = [this](Replica& replica, const std::string& value) {
    return replica.writer->Execute<Ticket>(
        MakeCall(value), [value](Tx& tx) -> absl::StatusOr<Ticket> {
          int64_t things = 0;
          BAIMI_RETURN_IF_ERROR(tx.sql().Query(kThings, {tx.county()}, [&](const sql::Row& row) {
            things = row.Int64(0);
            return absl::OkStatus();
          }));
          if (things >= kCap) {
            return absl::FailedPreconditionError("full");
          }
          BAIMI_RETURN_IF_ERROR(tx.sql().Execute(kInsertThing, {tx.county(), value}).status());
          ticket::v1::ContactRevealed event;
          BAIMI_RETURN_IF_ERROR(tx.Record("things/" + value, event, privacy::kNoKey).status());
          return Ticket();
        });
  };
  std::atomic<int64_t> done = 0;
  std::atomic<int64_t> full = 0;
  const auto hammer = [&](Replica& replica, const std::string& name) {
    std::vector<Async<Ticket>> waiting;
    for (int i = 0; i < kEach; ++i) {
      waiting.push_back(add_below_cap(replica, absl::StrCat(name, i)));
      if (waiting.size() == 20 || i + 1 == kEach) {
        for (Async<Ticket>& answer : waiting) {
          const absl::Status status = std::move(answer).Wait().status();
          done += status.ok() ? 1 : 0;
          full += absl::IsFailedPrecondition(status) ? 1 : 0;
          EXPECT_TRUE(status.ok() || absl::IsFailedPrecondition(status)) << status;
        }
        waiting.clear();
      }
    }
  };
  std::thread one([&] { hammer(*other_, "a"); });
  hammer(*third, "b");
  one.join();

  EXPECT_EQ(done, kCap);
  EXPECT_EQ(full, kEach + kEach - kCap);
  EXPECT_EQ(Rows(), kCap);
  EXPECT_EQ(Head(), kCap);
  std::vector<int64_t> want;
  for (int64_t seq = 1; seq <= kCap; ++seq) {
    want.push_back(seq);
  }
  EXPECT_EQ(sink->Await(kCap), want) << "a reader that followed live missed nothing";
  EXPECT_EQ(Seqs().value(), want);
  ExpectChainWhole();
  if (postgres()) {
    EXPECT_EQ(other_->writer->stats().reruns + third->writer->stats().reruns, 0)
        << "no deadlock, no serialization failure";
  }
}

TEST_P(JournalReplicas, Counties_GoSideBySide) {
  absl::Notification open, go;
  auto held = writer_->Execute<Ticket>(MakeCall(), [&](Tx& tx) -> absl::StatusOr<Ticket> {
    ticket::v1::ContactRevealed event;
    BAIMI_RETURN_IF_ERROR(tx.Record("things/held", event, privacy::kNoKey).status());
    if (!open.HasBeenNotified()) {
      open.Notify();
    }
    go.WaitForNotification();  // Holds the transaction open; a real closure never waits.
    return Ticket();
  });
  open.WaitForNotification();
  Call elsewhere = MakeCall();
  elsewhere.county = "469031";
  auto free = other_->Add(elsewhere, "free");
  if (!postgres()) {
    go.Notify();  // One writer for the whole file.
  }
  EXPECT_TRUE(std::move(free).Wait().ok());
  if (postgres()) {
    go.Notify();
  }
  EXPECT_TRUE(std::move(held).Wait().ok());
  ExpectChainWhole();
}

INSTANTIATE_TEST_SUITE_P(ReplicaBackends, JournalReplicas,
                         testing::ValuesIn(sql::ReplicaBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::journal
