// Wake-up hints, in one process and over a real Redis; and two feeds that hear of each other's
// writes by nothing else.
#include "common/journal/wake_hints.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/journal/feed.h"
#include "common/journal/redis_wake_hints.h"
#include "common/testing/redis/redis_server.h"
#include "gmock/gmock.h"
#include "tests/conformance/journal/fixture.h"

namespace baimi::journal {
namespace {

using Hint = std::pair<std::string, int64_t>;

constexpr absl::Duration kPatience = absl::Seconds(60);

// What a listener heard.
class Ear {
 public:
  WakeHints::Callback callback() {
    return [this](absl::string_view county, int64_t seq) {
      absl::MutexLock lock(&mu_);
      heard_.emplace_back(county, seq);
    };
  }
  // True when `hint` was heard `times` times.
  bool Await(const Hint& hint, int times = 1, absl::Duration patience = kPatience) {
    absl::MutexLock lock(&mu_);
    const auto heard = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return std::count(heard_.begin(), heard_.end(), hint) >= times;
    };
    return mu_.AwaitWithTimeout(absl::Condition(&heard), patience);
  }
  std::vector<Hint> heard() {
    absl::MutexLock lock(&mu_);
    return heard_;
  }

 private:
  absl::Mutex mu_;
  std::vector<Hint> heard_ ABSL_GUARDED_BY(mu_);
};

const Hint kAll = {"", 0};

TEST(WakeHints_Local, Publish_ReachesEveryListenerUntilItEnds) {
  const auto hints = NewLocalWakeHints();
  Ear one;
  Ear two;
  auto first = hints->Listen(one.callback());
  const auto second = hints->Listen(two.callback());
  hints->Publish("469030", 7);
  first.reset();
  hints->Publish("469030", 8);
  EXPECT_THAT(one.heard(), ::testing::ElementsAre(Hint("469030", 7)));
  EXPECT_THAT(two.heard(), ::testing::ElementsAre(Hint("469030", 7), Hint("469030", 8)));
}

class RedisHints : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = baimi::fixture::RedisServer::Start();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::unique_ptr<WakeHints> Open(const std::string& channel = "wake") {
    RedisWakeHintsOptions options;
    options.channel = channel;
    options.first_retry = options.last_retry = absl::Milliseconds(5);
    options.connection.connect_timeout = options.connection.command_timeout = absl::Seconds(10);
    options.connection.breaker.open_for = absl::ZeroDuration();
    options.clock = &clock_;
    options.rng = rng_.get();
    auto opened = OpenRedisWakeHints(server_->uri(), options);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }

  // A hint published before the other side is connected is lost, so it is said again.
  static bool PublishUntilHeard(WakeHints& from, const std::string& county, Ear& to) {
    for (int64_t seq = 1; seq < 1000; ++seq) {
      from.Publish(county, seq);
      if (to.Await({county, seq}, 1, absl::Milliseconds(100))) {
        return true;
      }
    }
    return false;
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  std::unique_ptr<Rng> rng_ = NewSeededRng(3);
  std::unique_ptr<baimi::fixture::RedisServer> server_;
};

TEST_F(RedisHints, Publish_ReachesTheOthersAndNotItself) {
  const auto here = Open();
  const auto there = Open();
  Ear own;
  Ear other;
  const auto own_listener = here->Listen(own.callback());
  const auto other_listener = there->Listen(other.callback());
  ASSERT_TRUE(PublishUntilHeard(*here, "469030", other));
  ASSERT_TRUE(PublishUntilHeard(*there, "110000", own));
  for (const Hint& hint : own.heard()) {
    EXPECT_NE(hint.first, "469030");
  }
}

TEST_F(RedisHints, Publish_OtherChannels_AreApart) {
  const auto here = Open("a");
  const auto same = Open("a");
  const auto elsewhere = Open("b");
  Ear ear;
  Ear stranger;
  const auto listener = same->Listen(ear.callback());
  const auto strange_listener = elsewhere->Listen(stranger.callback());
  ASSERT_TRUE(PublishUntilHeard(*here, "469030", ear));
  // What comes after it on the same server has passed it.
  const auto last = Open("b");
  ASSERT_TRUE(PublishUntilHeard(*last, "last", stranger));
  for (const Hint& hint : stranger.heard()) {
    EXPECT_NE(hint.first, "469030");
  }
}

TEST_F(RedisHints, RedisGone_NothingBlocksAndOneHintForAllComesWhenItIsBack) {
  const auto here = Open();
  const auto there = Open();
  Ear ear;
  const auto listener = there->Listen(ear.callback());
  ASSERT_TRUE(PublishUntilHeard(*here, "469030", ear));
  const auto before = ear.heard();
  const auto all = std::count(before.begin(), before.end(), kAll);
  server_->Kill();
  for (int64_t seq = 1000; seq < 2000; ++seq) {
    here->Publish("469030", seq);
  }
  ASSERT_TRUE(server_->Restart().ok());
  EXPECT_TRUE(ear.Await(kAll, static_cast<int>(all) + 1));
  EXPECT_TRUE(PublishUntilHeard(*here, "330100", ear));
}

TEST_F(RedisHints, RedisPausedOrNeverThere_DestructorReturns) {
  auto here = Open();
  Ear ear;
  const auto there = Open();
  {
    const auto listener = here->Listen(ear.callback());
    ASSERT_TRUE(PublishUntilHeard(*there, "469030", ear));
  }
  server_->Pause();
  here.reset();  // Would hang if the subscriber could not be interrupted.
  server_->Kill();
  here = Open();
  here->Publish("469030", 1);
}

TEST_F(RedisHints, Open_BadOptions_AreRefused) {
  RedisWakeHintsOptions options;
  options.channel = "wake";
  options.rng = rng_.get();
  options.clock = &clock_;
  EXPECT_TRUE(OpenRedisWakeHints("redis://127.0.0.1", options).ok());
  EXPECT_FALSE(OpenRedisWakeHints("http://127.0.0.1", options).ok());
  RedisWakeHintsOptions bad[] = {options, options, options, options};
  bad[3].clock = nullptr;
  bad[0].channel = "";
  bad[1].rng = nullptr;
  bad[2].last_retry = absl::ZeroDuration();
  for (const RedisWakeHintsOptions& each : bad) {
    EXPECT_EQ(OpenRedisWakeHints("redis://127.0.0.1", each).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

// A feed that would not look by itself for an hour, and one writer elsewhere.
class FarFeed : public JournalTest {
 protected:
  class Seen final : public Sink {
   public:
    int Room() override { return 100; }
    absl::Status Take(sql::Reader&, const type::v1::JournalRecord& record) override {
      absl::MutexLock lock(&mu_);
      last_ = record.seq();
      return absl::OkStatus();
    }
    void UpToDate(int64_t) override {
      absl::MutexLock lock(&mu_);
      ready_ = true;
    }
    void End(const absl::Status&) override {}
    bool Gone() override { return false; }
    bool AwaitReady() {
      absl::MutexLock lock(&mu_);
      return mu_.AwaitWithTimeout(absl::Condition(&ready_), kPatience);
    }
    bool Await(int64_t seq, absl::Duration patience = kPatience) {
      absl::MutexLock lock(&mu_);
      const auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return last_ >= seq; };
      return mu_.AwaitWithTimeout(absl::Condition(&there), patience);
    }

   private:
    absl::Mutex mu_;
    bool ready_ ABSL_GUARDED_BY(mu_) = false;
    int64_t last_ ABSL_GUARDED_BY(mu_) = 0;
  };
};

TEST_P(FarFeed, Hint_BringsTheRecordWithoutAPoll) {
  const auto server = baimi::fixture::RedisServer::Start();
  ASSERT_TRUE(server.ok()) << server.status();
  RedisWakeHintsOptions options;
  options.channel = "wake";
  options.clock = &clock_;
  options.connection.connect_timeout = options.connection.command_timeout = absl::Seconds(10);
  options.rng = rng_.get();
  const auto writers = OpenRedisWakeHints((*server)->uri(), options);
  const auto watchers = OpenRedisWakeHints((*server)->uri(), options);
  ASSERT_TRUE(writers.ok() && watchers.ok());
  const auto feed = Feed::Create(database_.get(), {.poll = absl::Hours(1)});
  const auto listener = (*watchers)->Listen([&feed](absl::string_view, int64_t) { feed->Wake(); });
  auto sink = std::make_shared<Seen>();
  feed->Subscribe(kCounty, 0, sink);
  ASSERT_TRUE(sink->AwaitReady());
  writer_->AddCommitListener(
      [&](absl::string_view county, int64_t seq) { (*writers)->Publish(county, seq); });
  // The first ones may be published before the other side listens.
  int64_t seq = 0;
  do {
    ASSERT_TRUE(Add(MakeCall(), absl::StrCat("v", seq)).Wait().ok());
    ASSERT_LT(++seq, 1000);
  } while (!sink->Await(seq, absl::Milliseconds(100)));
  feed->Stop();
  writer_.reset();
}

INSTANTIATE_TEST_SUITE_P(Backends, FarFeed, ::testing::ValuesIn(sql::AllBackends()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace baimi::journal
