// What the port's suite (tests/conformance/rate) does not see.
#include "common/rate/buckets.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace baimi::rate::internal {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'795'000'000);
constexpr Limit kLimit = {.per_second = 10, .burst = 5};

TEST(Buckets, Collect_GivesWhatWasTakenOnce) {
  Buckets buckets(/*told=*/true);
  for (int i = 0; i < 8; ++i) {
    (void)buckets.Take("k", kLimit, kStart);
  }
  const auto spent = buckets.Collect();
  ASSERT_EQ(spent.size(), 1u);
  EXPECT_EQ(spent[0].key, "k");
  // Five were allowed, at a tenth of a second each.
  EXPECT_EQ(spent[0].time, absl::Milliseconds(500));
  EXPECT_TRUE(buckets.Collect().empty());
}

TEST(Buckets, Adopt_WhatOthersTook_Counts) {
  Buckets buckets(/*told=*/true);
  ASSERT_TRUE(buckets.Take("k", kLimit, kStart).allowed);
  (void)buckets.Collect();
  // All together have taken four.
  buckets.Adopt("k", absl::Milliseconds(400), kStart);
  EXPECT_TRUE(buckets.Take("k", kLimit, kStart).allowed);
  EXPECT_FALSE(buckets.Take("k", kLimit, kStart).allowed);
}

TEST(Buckets, Adopt_WhatWasTakenMeanwhile_IsNotForgotten) {
  Buckets buckets(/*told=*/true);
  ASSERT_TRUE(buckets.Take("k", kLimit, kStart).allowed);
  (void)buckets.Collect();
  ASSERT_TRUE(buckets.Take("k", kLimit, kStart).allowed);
  ASSERT_TRUE(buckets.Take("k", kLimit, kStart).allowed);
  buckets.Adopt("k", absl::Milliseconds(200), kStart);
  // Two of all at Collect, two since: one is left.
  EXPECT_TRUE(buckets.Take("k", kLimit, kStart).allowed);
  EXPECT_FALSE(buckets.Take("k", kLimit, kStart).allowed);
}

TEST(Buckets, Adopt_LessThanTakenHere_ChangesNothing) {
  Buckets buckets(/*told=*/true);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(buckets.Take("k", kLimit, kStart).allowed);
  }
  (void)buckets.Collect();
  buckets.Adopt("k", absl::ZeroDuration(), kStart);
  EXPECT_FALSE(buckets.Take("k", kLimit, kStart).allowed);
}

TEST(Buckets, Take_ClockSetBack_GoesOnAsBefore) {
  Buckets buckets(/*told=*/false);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(buckets.Take("k", kLimit, kStart).allowed);
  }
  const absl::Time back = kStart - absl::Hours(1);
  const Decision refused = buckets.Take("k", kLimit, back);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after, absl::Milliseconds(100));
  EXPECT_TRUE(buckets.Take("k", kLimit, back + absl::Milliseconds(100)).allowed);
  EXPECT_FALSE(buckets.Take("k", kLimit, back + absl::Milliseconds(100)).allowed);
}

TEST(Buckets, Size_FullBucketsAreForgotten) {
  for (const bool told : {true, false}) {
    Buckets buckets(told);
    absl::Time now = kStart;
    for (int round = 0; round < 20; ++round) {
      for (int i = 0; i < 4096; ++i) {
        (void)buckets.Take(absl::StrCat(round, "/", i), kLimit, now);
      }
      if (told) {
        (void)buckets.Collect();
      }
      now += absl::Seconds(1);
    }
    EXPECT_LT(buckets.size(), 3u * 4096u) << told;
  }
}

}  // namespace
}  // namespace baimi::rate::internal
