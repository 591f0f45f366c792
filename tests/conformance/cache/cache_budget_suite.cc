// What an adapter that keeps its own budget must hold while it makes room.
#include "absl/strings/str_cat.h"
#include "tests/conformance/cache/cache_suite.h"

namespace baimi::cache {
namespace {

constexpr size_t kBudget = size_t{256} << 10;
constexpr absl::Duration kGuard = absl::Seconds(30);

// More new values than fit, several times over.
void Press(Cache& cache, int round) {
  const auto value = std::make_shared<const std::string>(1000, 'x');
  for (int i = 0; i < 2000; ++i) {
    cache.PutIfNewer(absl::StrCat("pressure/", round, "/", i), value, 1, absl::Minutes(10));
  }
}

TEST_P(CacheBudgetConformance, Budget_Put_MoreThanFits_StaysWithinTheBudget) {
  cache_ = Make({.budget = kBudget, .guard = kGuard});
  for (int i = 0; i < 5000; ++i) {
    Put(absl::StrCat("k", i), std::string(static_cast<size_t>(i % 3000), 'x'), 1);
    ASSERT_LE(cache_->Stats().bytes, kBudget);
  }
  const CacheStats stats = cache_->Stats();
  EXPECT_GT(stats.evictions, 1000u);
  EXPECT_GT(stats.entries, 20u);
  EXPECT_GT(stats.bytes, kBudget / 2);
}

TEST_P(CacheBudgetConformance, Budget_Put_RecentlyUsed_Survives) {
  cache_ = Make({.budget = kBudget, .guard = kGuard});
  Put("hot", "v", 1);
  for (int i = 0; i < 5000; ++i) {
    Put(absl::StrCat("cold", i), std::string(1000, 'x'), 1);
    ASSERT_EQ(Get("hot"), "v") << i;
  }
  EXPECT_EQ(Get("cold0"), "-");
}

TEST_P(CacheBudgetConformance, Budget_Put_SameKeyAgainAndAgain_DoesNotGrow) {
  cache_ = Make({.budget = kBudget, .guard = kGuard});
  for (int i = 0; i < 10'000; ++i) {
    Put("k", std::string(500, 'x'), i);
  }
  EXPECT_EQ(cache_->Stats().entries, 1u);
  EXPECT_LT(cache_->Stats().bytes, 2000u);
}

TEST_P(CacheBudgetConformance, Budget_Put_LargerThanTheBudget_LeavesNothingOlder) {
  cache_ = Make({.budget = kBudget, .guard = kGuard});
  Put("k", "small", 5);
  Put("k", std::string(2 * kBudget, 'x'), 6);
  EXPECT_EQ(Get("k"), "-");
  Put("k", "small", 5);
  EXPECT_EQ(Get("k"), "-");
  Put("k", "small again", 7);
  EXPECT_EQ(Get("k"), "small again");
}

TEST_P(CacheBudgetConformance, Budget_Invalidate_MoreThanFits_StaysWithinTheBudget) {
  cache_ = Make({.budget = kBudget, .guard = kGuard});
  for (int i = 0; i < 20'000; ++i) {
    cache_->Invalidate(absl::StrCat("k", i), i);
    ASSERT_LE(cache_->Stats().bytes, kBudget);
  }
}

TEST_P(CacheBudgetConformance, Budget_Guard_UnderPressure_LateFillStillLoses) {
  cache_ = Make({.budget = kBudget, .guard = kGuard});
  cache_->Invalidate("changed", 100);
  Put("refilled", "new", 100);
  cache_->Invalidate("refilled", 100);
  for (int round = 0; round < 3; ++round) {
    Press(*cache_, round);
    Put("changed", "late", 99);
    EXPECT_EQ(Get("changed"), "-");
    Put("refilled", "late", 99);
    EXPECT_NE(Get("refilled"), "late");
  }
}

TEST_P(CacheBudgetConformance, Budget_Guard_UnderAFloodOfInvalidations_LateFillsStillLose) {
  cache_ = Make({.budget = kBudget, .guard = kGuard});
  for (int i = 0; i < 20'000; ++i) {
    cache_->Invalidate(absl::StrCat("k", i), 100);
  }
  for (int i = 0; i < 20'000; ++i) {
    const std::string key = absl::StrCat("k", i);
    if (i % 2 == 0) {
      // A lower one that comes late must not hide what the higher one forbade.
      cache_->Invalidate(key, 50);
    }
    Put(key, "late", 99);
    ASSERT_EQ(Get(key), "-") << key;
  }
}

TEST_P(CacheBudgetConformance, Budget_Guard_FloodIsOver_TheCacheWorksAgain) {
  cache_ = Make({.budget = kBudget, .guard = kGuard});
  for (int i = 0; i < 20'000; ++i) {
    cache_->Invalidate(absl::StrCat("k", i), 100);
  }
  clock_.Advance(kGuard);
  for (int i = 0; i < 50; ++i) {
    const std::string key = absl::StrCat("k", i);
    Put(key, "v", 1);
    EXPECT_EQ(Get(key), "v");
  }
}

TEST_P(CacheBudgetConformance, Budget_Value_HeldByAReader_OutlivesItsEviction) {
  cache_ = Make({.budget = kBudget, .guard = kGuard});
  Put("k", std::string(1000, 'y'), 1);
  const Value held = cache_->Get("k", 0);
  ASSERT_NE(held, nullptr);
  Press(*cache_, 0);
  EXPECT_EQ(Get("k"), "-");
  EXPECT_EQ(*held, std::string(1000, 'y'));
}

}  // namespace
}  // namespace baimi::cache
