// Replicas that share their counters through a real Redis.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/rate/redis_counters.h"
#include "common/testing/redis/redis_server.h"

namespace baimi::rate {
namespace {

// Redis refills by its own clock while a test runs: a token a second, so much at most.
constexpr int kSlack = 60;

class RedisRate : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = fixture::RedisServer::Start();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::unique_ptr<RedisCounters> Open(absl::Duration interval = absl::Hours(1),
                                      const Clock* clock = nullptr) {
    RedisCountersOptions options;
    options.prefix = "baimi/rate/";
    options.interval = interval;
    options.clock = clock == nullptr ? &clock_ : clock;
    options.connection.connect_timeout = options.connection.command_timeout = absl::Seconds(10);
    auto opened = OpenRedisCounters(server_->uri(), options);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }
  static int Take(Counters& counters, int calls, absl::string_view key = "k") {
    int allowed = 0;
    for (int i = 0; i < calls; ++i) {
      allowed += counters.Take(key, kLimit).allowed ? 1 : 0;
    }
    return allowed;
  }

  static constexpr Limit kLimit = {.per_second = 1, .burst = 1000};
  SimulatedClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  std::unique_ptr<fixture::RedisServer> server_;
};

TEST_F(RedisRate, Exchange_WhatOneReplicaTook_CountsOnTheOther) {
  const auto a = Open();
  const auto b = Open();
  EXPECT_EQ(Take(*a, 600), 600);
  ASSERT_TRUE(a->Exchange());
  EXPECT_EQ(Take(*b, 1), 1);
  ASSERT_TRUE(b->Exchange());
  const int allowed = Take(*b, 5000);
  EXPECT_GE(allowed, 399);
  EXPECT_LE(allowed, 399 + kSlack);
}

TEST_F(RedisRate, Exchange_Keys_AreApart) {
  const auto a = Open();
  const auto b = Open();
  EXPECT_EQ(Take(*a, 2000, "one"), 1000);
  ASSERT_TRUE(a->Exchange());
  EXPECT_EQ(Take(*b, 1, "two"), 1);
  ASSERT_TRUE(b->Exchange());
  EXPECT_EQ(Take(*b, 2000, "two"), 999);
}

TEST_F(RedisRate, Exchange_ManyKeys_AllAreTold) {
  const auto a = Open();
  for (int i = 0; i < 1000; ++i) {
    Take(*a, 1, absl::StrCat("k", i));
  }
  ASSERT_TRUE(a->Exchange());
  EXPECT_EQ(server_->Command({{"DBSIZE"}})->integer, 1000);
}

TEST_F(RedisRate, Exchange_ReplicasWhoseClocksDiffer_StillShare) {
  SimulatedClock wrong(clock_.Now() - absl::Hours(5));
  const auto a = Open();
  const auto b = Open(absl::Hours(1), &wrong);
  EXPECT_EQ(Take(*a, 600), 600);
  ASSERT_TRUE(a->Exchange());
  EXPECT_EQ(Take(*b, 1), 1);
  ASSERT_TRUE(b->Exchange());
  EXPECT_LE(Take(*b, 5000), 399 + kSlack);
}

TEST_F(RedisRate, Exchange_TooMuchAllowedByAll_IsPaidBack) {
  const auto a = Open();
  const auto b = Open();
  EXPECT_EQ(Take(*a, 5000), 1000);
  EXPECT_EQ(Take(*b, 5000), 1000);
  ASSERT_TRUE(a->Exchange());
  ASSERT_TRUE(b->Exchange());
  // Alone it would have 500 again; together they are still 500 over.
  clock_.Advance(absl::Seconds(500));
  EXPECT_EQ(Take(*b, 5000), 0);
}

TEST_F(RedisRate, Exchange_GoesOnByItself) {
  const auto a = Open(absl::Milliseconds(1));
  EXPECT_EQ(Take(*a, 1), 1);
  bool there = false;
  for (int i = 0; i < 100'000 && !there; ++i) {
    there = server_->Command({{"EXISTS", "baimi/rate/k"}})->integer == 1;
  }
  EXPECT_TRUE(there);
}

TEST_F(RedisRate, Redis_Gone_EachReplicaLimitsByItself) {
  const auto a = Open();
  EXPECT_EQ(Take(*a, 400), 400);
  ASSERT_TRUE(a->Exchange());
  server_->Kill();
  EXPECT_EQ(Take(*a, 5000), 600);
  EXPECT_FALSE(a->Exchange());
  ASSERT_TRUE(server_->Restart().ok());
  EXPECT_EQ(Take(*a, 5000), 0);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Take(*a, 5000), 1);
  EXPECT_TRUE(a->Exchange());
}

TEST_F(RedisRate, Redis_FlushedOrFull_NobodyIsRefilled) {
  const auto a = Open();
  EXPECT_EQ(Take(*a, 5000), 1000);
  ASSERT_TRUE(a->Exchange());
  ASSERT_TRUE(server_->Flush().ok());
  EXPECT_EQ(Take(*a, 5000), 0);
  ASSERT_TRUE(server_->FillUp().ok());
  clock_.Advance(absl::Seconds(10));
  EXPECT_EQ(Take(*a, 5000), 10);
  EXPECT_FALSE(a->Exchange());
  EXPECT_EQ(Take(*a, 5000), 0);
}

TEST_F(RedisRate, Open_BadOptions_AreRefused) {
  RedisCountersOptions options;
  options.prefix = "rate/";
  options.clock = &clock_;
  EXPECT_TRUE(OpenRedisCounters("redis://127.0.0.1", options).ok());
  EXPECT_FALSE(OpenRedisCounters("127.0.0.1", options).ok());
  RedisCountersOptions bad[] = {options, options, options};
  bad[0].prefix = "";
  bad[1].clock = nullptr;
  bad[2].interval = absl::ZeroDuration();
  for (const RedisCountersOptions& each : bad) {
    EXPECT_EQ(OpenRedisCounters("redis://127.0.0.1", each).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace baimi::rate
