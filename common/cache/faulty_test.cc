#include "common/cache/faulty.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/cache/memory_cache.h"

namespace baimi::cache {
namespace {

class FaultyCacheTest : public ::testing::Test {
 protected:
  void Put(absl::string_view text, int64_t version) {
    cache_.PutIfNewer("k", std::make_shared<const std::string>(text), version, absl::Minutes(5));
  }
  std::string Get() {
    const Value value = cache_.Get("k", 0);
    return value == nullptr ? "-" : *value;
  }
  // "1" where a Get missed.
  std::string Pattern(uint64_t seed) {
    cache_.SetPlan({.seed = seed, .get_error = 0.5});
    std::string pattern;
    for (int i = 0; i < 64; ++i) {
      pattern += Get() == "-" ? '1' : '0';
    }
    return pattern;
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  FaultyCache cache_{NewMemoryCache({.clock = &clock_}), FaultPlan{}};
};

TEST_F(FaultyCacheTest, Get_Error_MissesAndIsCounted) {
  Put("v", 1);
  cache_.SetPlan({.get_error = 1});
  EXPECT_EQ(Get(), "-");
  EXPECT_EQ(cache_.Stats().errors, 1u);
  cache_.SetPlan({});
  EXPECT_EQ(Get(), "v");
}

TEST_F(FaultyCacheTest, Put_Lost_LeavesTheOldValue) {
  Put("old", 1);
  cache_.SetPlan({.lost_put = 1});
  Put("new", 2);
  EXPECT_EQ(Get(), "old");
  EXPECT_EQ(cache_.Stats().errors, 1u);
}

TEST_F(FaultyCacheTest, Invalidate_Failed_SaysSo) {
  Put("old", 1);
  cache_.SetPlan({.failed_invalidation = 1});
  EXPECT_FALSE(cache_.Invalidate("k", 2));
  EXPECT_EQ(Get(), "old");
  EXPECT_EQ(cache_.Stats().errors, 1u);
}

TEST_F(FaultyCacheTest, Invalidate_Unknown_IsDoneAndSaysItMayNotBe) {
  Put("old", 1);
  cache_.SetPlan({.unknown_invalidation = 1});
  EXPECT_FALSE(cache_.Invalidate("k", 2));
  EXPECT_EQ(Get(), "-");
  EXPECT_EQ(cache_.Stats().errors, 1u);
}

TEST_F(FaultyCacheTest, Invalidate_Lost_SaysNothing) {
  Put("old", 1);
  cache_.SetPlan({.lost_invalidation = 1});
  EXPECT_TRUE(cache_.Invalidate("k", 2));
  EXPECT_EQ(Get(), "old");
  EXPECT_EQ(cache_.Stats().errors, 0u);
  EXPECT_EQ(cache_.injected(), 1);
}

TEST_F(FaultyCacheTest, Delay_IsCalledBeforeEachOperation) {
  int delays = 0;
  cache_.SetPlan({.delay_chance = 1, .delay = [&] { ++delays; }});
  Put("v", 1);
  (void)Get();
  cache_.Invalidate("k", 1);
  EXPECT_EQ(delays, 3);
}

TEST_F(FaultyCacheTest, Seed_SameGivesTheSameFaultsAnotherOthers) {
  Put("v", 1);
  const std::string first = Pattern(7);
  EXPECT_EQ(Pattern(7), first);
  EXPECT_NE(Pattern(8), first);
}

}  // namespace
}  // namespace baimi::cache
