#include "common/privacy/key_cache.h"

#include "gtest/gtest.h"

namespace baimi::privacy {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

TEST(KeyCache, Full_ForgetsTheLeastRecentlyUsed) {
  KeyCache cache(2, absl::Minutes(1));
  cache.Put(1, "a", kStart);
  cache.Put(2, "b", kStart);
  EXPECT_EQ(cache.Find(1, kStart), "a");
  cache.Put(3, "c", kStart);
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_EQ(cache.Find(2, kStart), std::nullopt);
  EXPECT_EQ(cache.Find(1, kStart), "a");
  EXPECT_EQ(cache.Find(3, kStart), "c");
}

TEST(KeyCache, OldEntry_IsNotFoundUntilPutAgain) {
  KeyCache cache(2, absl::Minutes(1));
  cache.Put(1, "a", kStart);
  EXPECT_EQ(cache.Find(1, kStart + absl::Minutes(1)), "a");
  EXPECT_EQ(cache.Find(1, kStart + absl::Minutes(1) + absl::Seconds(1)), std::nullopt);
  EXPECT_EQ(cache.size(), 0U);
  cache.Put(1, "b", kStart + absl::Minutes(2));
  EXPECT_EQ(cache.Find(1, kStart + absl::Minutes(2)), "b");
}

TEST(KeyCache, ClockSetBack_NothingPutInBeforeIsFound) {
  KeyCache cache(2, absl::Minutes(1));
  cache.Put(1, "a", kStart);
  EXPECT_EQ(cache.Find(1, kStart - absl::Hours(1)), std::nullopt);
}

TEST(KeyCache, Erase_ForgetsAtOnce) {
  KeyCache cache(2, absl::Minutes(1));
  cache.Put(1, "a", kStart);
  cache.Erase(1);
  cache.Erase(7);
  EXPECT_EQ(cache.Find(1, kStart), std::nullopt);
}

}  // namespace
}  // namespace baimi::privacy
