// What all rate counters must do, each test on every implementation.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <ostream>
#include <thread>

#include "absl/base/internal/raw_logging.h"
#include "absl/strings/str_cat.h"
#include "common/rate/counters.h"
#include "common/rate/redis_counters.h"
#include "common/testing/redis/redis_server.h"

namespace baimi::rate {
namespace {

struct Backend {
  std::string name;
  std::function<std::unique_ptr<Counters>(const Clock*)> make;
};

std::ostream& operator<<(std::ostream& out, const Backend& backend) { return out << backend.name; }

// One server for the whole run.
fixture::RedisServer& Server() {
  static const std::unique_ptr<fixture::RedisServer> server = [] {
    auto started = fixture::RedisServer::Start();
    ABSL_RAW_CHECK(started.ok(), started.status().ToString().c_str());
    return *std::move(started);
  }();
  return *server;
}

std::unique_ptr<Counters> NewRedis(const std::string& uri, const Clock* clock) {
  static std::atomic<int> made{0};
  RedisCountersOptions options;
  options.prefix = absl::StrCat("rate/", ++made, "/");
  options.clock = clock;
  // The buckets run on the simulated clock, Redis on its own: told in an hour, it disturbs no test.
  options.interval = absl::Hours(1);
  auto opened = OpenRedisCounters(uri, options);
  ABSL_RAW_CHECK(opened.ok(), opened.status().ToString().c_str());
  return *std::move(opened);
}

std::vector<Backend> Backends() {
  return {{"Memory", [](const Clock* clock) { return NewMemoryCounters(clock); }},
          {"Redis", [](const Clock* clock) { return NewRedis(Server().uri(), clock); }},
          {"RedisAway",
           [](const Clock* clock) { return NewRedis("unix:///nowhere/redis.sock", clock); }}};
}

class RateConformance : public ::testing::TestWithParam<Backend> {
 protected:
  // How many of `calls` at once are allowed.
  int Take(absl::string_view key, const Limit& limit, int calls) {
    int allowed = 0;
    for (int i = 0; i < calls; ++i) {
      allowed += counters_->Take(key, limit).allowed ? 1 : 0;
    }
    return allowed;
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  std::unique_ptr<Counters> counters_ = GetParam().make(&clock_);
};

constexpr Limit kLimit = {.per_second = 10, .burst = 5};

TEST_P(RateConformance, Take_NewKey_AllowsTheBurst) { EXPECT_EQ(Take("k", kLimit, 20), 5); }

TEST_P(RateConformance, Take_NoLimit_AllowsEverything) {
  EXPECT_EQ(Take("k", {.per_second = 0, .burst = 1}, 10'000), 10'000);
  EXPECT_EQ(Take("k", {.per_second = -1, .burst = 1}, 100), 100);
}

TEST_P(RateConformance, Take_BurstBelowOne_CountsAsOne) {
  EXPECT_EQ(Take("k", {.per_second = 10, .burst = 0}, 5), 1);
}

TEST_P(RateConformance, Take_Keys_AreApart) {
  EXPECT_EQ(Take("a", kLimit, 20), 5);
  EXPECT_EQ(Take("b", kLimit, 20), 5);
}

TEST_P(RateConformance, Take_Refused_SaysWhenToComeBack) {
  Take("k", kLimit, 5);
  const Decision refused = counters_->Take("k", kLimit);
  ASSERT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after, absl::Milliseconds(100));
  clock_.Advance(refused.retry_after - absl::Microseconds(1));
  EXPECT_FALSE(counters_->Take("k", kLimit).allowed);
  clock_.Advance(absl::Microseconds(1));
  EXPECT_TRUE(counters_->Take("k", kLimit).allowed);
  EXPECT_FALSE(counters_->Take("k", kLimit).allowed);
}

TEST_P(RateConformance, Take_RefusedCalls_CostNothing) {
  Take("k", kLimit, 1000);
  clock_.Advance(absl::Milliseconds(100));
  EXPECT_EQ(Take("k", kLimit, 10), 1);
}

TEST_P(RateConformance, Take_InTheLongRun_IsTheRate) {
  int allowed = 0;
  for (int i = 0; i < 1000; ++i) {
    allowed += Take("k", kLimit, 3);
    clock_.Advance(absl::Milliseconds(10));
  }
  // Ten seconds at ten a second, and the burst.
  EXPECT_GE(allowed, 104);
  EXPECT_LE(allowed, 105);
}

TEST_P(RateConformance, Take_AfterALongPause_AllowsNoMoreThanTheBurst) {
  Take("k", kLimit, 5);
  clock_.Advance(absl::Hours(24 * 365));
  EXPECT_EQ(Take("k", kLimit, 20), 5);
}

TEST_P(RateConformance, Take_LimitChanged_CountsFromThenOn) {
  EXPECT_EQ(Take("k", kLimit, 20), 5);
  EXPECT_EQ(Take("k", {.per_second = 10, .burst = 8}, 20), 3);
  EXPECT_EQ(Take("k", {.per_second = 10, .burst = 2}, 20), 0);
}

TEST_P(RateConformance, Take_ManyThreads_AllowExactlyTheBurst) {
  std::vector<std::thread> threads;
  std::atomic<int> allowed = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        allowed += counters_->Take("k", {.per_second = 1, .burst = 777}).allowed ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(allowed, 777);
}

TEST_P(RateConformance, Take_ClockGoesOnWhileKeysComeAndGo_NeverGivesMore) {
  for (int i = 0; i < 5000; ++i) {
    (void)counters_->Take(absl::StrCat("other", i), kLimit);
  }
  EXPECT_EQ(Take("k", kLimit, 20), 5);
  for (int i = 0; i < 5000; ++i) {
    (void)counters_->Take(absl::StrCat("more", i), kLimit);
  }
  EXPECT_EQ(Take("k", kLimit, 20), 0);
}

INSTANTIATE_TEST_SUITE_P(Rate, RateConformance, ::testing::ValuesIn(Backends()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace baimi::rate
