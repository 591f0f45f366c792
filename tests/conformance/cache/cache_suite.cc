#include "tests/conformance/cache/cache_suite.h"

#include "absl/strings/str_cat.h"

namespace baimi::cache {
namespace {

constexpr absl::Duration kGuard = absl::Seconds(30);
constexpr absl::Duration kTtl = absl::Minutes(10);

INSTANTIATE_TEST_SUITE_P(Cache, CacheConformance, ::testing::ValuesIn(Backends()), BackendName);
INSTANTIATE_TEST_SUITE_P(Cache, CacheBudgetConformance, ::testing::ValuesIn(BackendsWithBudget()),
                         BackendName);

TEST_P(CacheConformance, Get_UnknownKey_Misses) {
  EXPECT_EQ(Get("k"), "-");
  EXPECT_EQ(cache_->Stats().misses, 1u);
}

TEST_P(CacheConformance, Put_ThenGet_GivesTheBytes) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) {
    every_byte += static_cast<char>(byte);
  }
  for (const std::string& value :
       {std::string(), std::string("v"), every_byte, std::string(100'000, 'x')}) {
    for (const std::string& key : {std::string("k"), every_byte, std::string("k\0k", 3),
                                   std::string("县/469030"), std::string()}) {
      cache_->Clear();
      Put(key, value, 1);
      EXPECT_EQ(Get(key), value);
    }
  }
}

TEST_P(CacheConformance, Put_Keys_AreApart) {
  Put("a", "1", 1);
  Put("b", "2", 1);
  Put(absl::string_view("a\0", 2), "3", 1);
  cache_->Invalidate("b", 2);
  EXPECT_EQ(Get("a"), "1");
  EXPECT_EQ(Get("b"), "-");
  EXPECT_EQ(Get(absl::string_view("a\0", 2)), "3");
}

TEST_P(CacheConformance, Get_MinVersion_OlderEntryIsAMissForThisReaderOnly) {
  Put("k", "v", 5);
  EXPECT_EQ(Get("k", 4), "v");
  EXPECT_EQ(Get("k", 5), "v");
  EXPECT_EQ(Get("k", 6), "-");
  EXPECT_EQ(Get("k", 0), "v");
  const CacheStats stats = cache_->Stats();
  EXPECT_EQ(stats.hits, 3u);
  EXPECT_EQ(stats.too_old, 1u);
  EXPECT_EQ(stats.misses, 0u);
}

TEST_P(CacheConformance, Put_Versions_OlderLosesEqualAndNewerWin) {
  Put("k", "five", 5);
  Put("k", "four", 4);
  EXPECT_EQ(Get("k"), "five");
  Put("k", "five again", 5);
  EXPECT_EQ(Get("k"), "five again");
  Put("k", "six", 6);
  EXPECT_EQ(Get("k", 6), "six");
  EXPECT_EQ(cache_->Stats().rejected, 1u);
  EXPECT_EQ(cache_->Stats().puts, 3u);
}

TEST_P(CacheConformance, Put_OlderThanALiveValue_LosesEvenAfterTheGuardTime) {
  Put("k", "five", 5);
  clock_.Advance(2 * kGuard);
  Put("k", "four", 4);
  EXPECT_EQ(Get("k"), "five");
}

TEST_P(CacheConformance, Invalidate_OlderValue_IsGone) {
  Put("k", "v", 5);
  cache_->Invalidate("k", 6);
  EXPECT_EQ(Get("k"), "-");
  EXPECT_EQ(Get("k", 5), "-");
}

TEST_P(CacheConformance, Invalidate_ValueOfThatOrALaterVersion_Stays) {
  Put("k", "v", 5);
  cache_->Invalidate("k", 5);
  EXPECT_EQ(Get("k"), "v");
  cache_->Invalidate("k", 4);
  EXPECT_EQ(Get("k"), "v");
}

TEST_P(CacheConformance, Invalidate_LateFill_LosesUnlessItSawTheChange) {
  for (const bool known : {false, true}) {
    cache_->Clear();
    if (known) {
      Put("k", "before", 5);
    }
    cache_->Invalidate("k", 7);
    Put("k", "late", 5);
    EXPECT_EQ(Get("k"), "-");
    Put("k", "late", 6);
    EXPECT_EQ(Get("k"), "-");
    Put("k", "after", 7);
    EXPECT_EQ(Get("k", 7), "after");
  }
}

TEST_P(CacheConformance, Invalidate_OutOfOrder_TheNewestCounts) {
  cache_->Invalidate("k", 9);
  cache_->Invalidate("k", 7);
  Put("k", "eight", 8);
  EXPECT_EQ(Get("k"), "-");
  Put("k", "nine", 9);
  EXPECT_EQ(Get("k"), "nine");
}

TEST_P(CacheConformance, Guard_HoldsForItsTimeAndThenEnds) {
  cache_->Invalidate("k", 7);
  Settle();
  clock_.Advance(kGuard - absl::Milliseconds(1));
  Put("k", "late", 6);
  EXPECT_EQ(Get("k"), "-");
  clock_.Advance(absl::Milliseconds(1));
  Put("k", "another epoch", 6);
  EXPECT_EQ(Get("k"), "another epoch");
}

TEST_P(CacheConformance, Guard_ValueExpiredMeanwhile_LateFillStillLoses) {
  cache_->Invalidate("k", 7);
  Put("k", "short", 8, absl::Seconds(5));
  clock_.Advance(absl::Seconds(5));
  EXPECT_EQ(Get("k"), "-");
  Put("k", "late", 6);
  EXPECT_EQ(Get("k"), "-");
  Put("k", "new", 8);
  EXPECT_EQ(Get("k"), "new");
}

TEST_P(CacheConformance, Guard_InvalidationUnderALiveValue_OutlastsTheValue) {
  Put("k", "eight", 8, absl::Seconds(40));
  clock_.Advance(absl::Seconds(20));
  cache_->Invalidate("k", 7);
  clock_.Advance(absl::Seconds(20));
  EXPECT_EQ(Get("k"), "-");
  Put("k", "late", 6);
  EXPECT_EQ(Get("k"), "-");
}

TEST_P(CacheConformance, Guard_ExpiredValueWithoutInvalidation_BindsNobody) {
  Put("k", "old epoch", 100, absl::Seconds(5));
  clock_.Advance(absl::Seconds(5));
  Put("k", "new epoch", 3);
  EXPECT_EQ(Get("k"), "new epoch");
}

TEST_P(CacheConformance, Delete_ForgetsValueAndVersion) {
  Put("k", "v", 5);
  cache_->Delete("k");
  EXPECT_EQ(Get("k"), "-");
  Put("k", "older", 4);
  EXPECT_EQ(Get("k"), "older");
  cache_->Invalidate("k", 9);
  cache_->Delete("k");
  Put("k", "older", 4);
  EXPECT_EQ(Get("k"), "older");
  cache_->Delete("never seen");
}

TEST_P(CacheConformance, Clear_ForgetsEverything) {
  for (int i = 0; i < 100; ++i) {
    Put(absl::StrCat("v", i), "v", 5);
    cache_->Invalidate(absl::StrCat("t", i), 5);
  }
  cache_->Clear();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Get(absl::StrCat("v", i)), "-");
    Put(absl::StrCat("t", i), "older", 4);
    EXPECT_EQ(Get(absl::StrCat("t", i)), "older");
  }
}

TEST_P(CacheConformance, Ttl_LivesNineTenthsAtLeastAndTheWholeAtMost) {
  for (int i = 0; i < 200; ++i) {
    Put(absl::StrCat("k", i), "v", i);
  }
  clock_.Advance(kTtl * 9 / 10 - absl::Milliseconds(1));
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(Get(absl::StrCat("k", i)), "v");
  }
  clock_.Advance(kTtl / 20);
  int alive = 0;
  for (int i = 0; i < 200; ++i) {
    alive += Get(absl::StrCat("k", i)) == "v" ? 1 : 0;
  }
  // Filled together, expired apart.
  EXPECT_GT(alive, 20);
  EXPECT_LT(alive, 180);
  clock_.Advance(kTtl / 20 + absl::Milliseconds(1));
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(Get(absl::StrCat("k", i)), "-");
  }
}

TEST_P(CacheConformance, Ttl_PutAgain_BeginsAnew) {
  Put("k", "v", 1);
  clock_.Advance(kTtl / 2);
  Put("k", "v", 1);
  clock_.Advance(kTtl * 3 / 4);
  EXPECT_EQ(Get("k"), "v");
}

TEST_P(CacheConformance, Ttl_GetsDoNotProlongIt) {
  Put("k", "v", 1);
  for (int i = 0; i < 10; ++i) {
    clock_.Advance(kTtl / 10);
    (void)Get("k");
  }
  EXPECT_EQ(Get("k"), "-");
}

TEST_P(CacheConformance, Ttl_ZeroOrLess_ActsAsInvalidate) {
  for (const absl::Duration ttl : {absl::ZeroDuration(), -absl::Seconds(1)}) {
    cache_->Clear();
    Put("k", "five", 5);
    Put("k", "six", 6, ttl);
    EXPECT_EQ(Get("k"), "-");
    Put("k", "five", 5);
    EXPECT_EQ(Get("k"), "-");
    Put("k", "six", 6);
    EXPECT_EQ(Get("k"), "six");
  }
}

TEST_P(CacheConformance, Ttl_Infinite_LivesOn) {
  Put("k", "v", 1, absl::InfiniteDuration());
  clock_.Advance(absl::Hours(24 * 365));
  EXPECT_EQ(Get("k"), "v");
}

}  // namespace
}  // namespace baimi::cache
