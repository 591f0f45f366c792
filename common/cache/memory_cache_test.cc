// What only the memory adapter promises; everything of the port is in tests/conformance/cache.
#include "common/cache/memory_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/cache/cache_metrics.h"

namespace baimi::cache {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kTtl = absl::Minutes(5);

Value Text(absl::string_view text) { return std::make_shared<const std::string>(text); }

class MemoryCacheTest : public ::testing::Test {
 protected:
  std::unique_ptr<Cache> Make(size_t budget, size_t shards = 1) {
    return NewMemoryCache(
        {.budget = budget, .shards = shards, .guard = absl::Seconds(30), .clock = &clock_});
  }
  SimulatedClock clock_{absl::FromUnixSeconds(1'795'000'000)};
};

TEST_F(MemoryCacheTest, Get_Hit_IsTheSameObjectAndNotACopy) {
  const auto cache = Make(1 << 20);
  const Value value = Text("v");
  cache->PutIfNewer("k", value, 1, kTtl);
  EXPECT_EQ(cache->Get("k", 0), value);
}

TEST_F(MemoryCacheTest, Get_ValueEvicted_ReaderKeepsIt) {
  const auto cache = Make(2000);
  cache->PutIfNewer("k", Text(std::string(500, 'x')), 1, kTtl);
  const Value held = cache->Get("k", 0);
  cache->Clear();
  EXPECT_EQ(*held, std::string(500, 'x'));
}

TEST_F(MemoryCacheTest, Put_OverBudget_EvictsTheLeastRecentlyUsed) {
  const auto cache = Make(8000);
  // Seven of about 1.2 kB do not fit.
  for (const char* key : {"a", "b", "c", "d", "e"}) {
    cache->PutIfNewer(key, Text(std::string(1000, 'x')), 1, kTtl);
  }
  ASSERT_NE(cache->Get("a", 0), nullptr);
  cache->PutIfNewer("f", Text(std::string(1000, 'x')), 1, kTtl);
  cache->PutIfNewer("g", Text(std::string(1000, 'x')), 1, kTtl);
  EXPECT_NE(cache->Get("a", 0), nullptr);
  EXPECT_EQ(cache->Get("b", 0), nullptr);
  EXPECT_NE(cache->Get("g", 0), nullptr);
  EXPECT_GE(cache->Stats().evictions, 1u);
}

TEST_F(MemoryCacheTest, Stats_Bytes_ReturnToZero) {
  const auto cache = Make(1 << 20, 4);
  for (int i = 0; i < 100; ++i) {
    cache->PutIfNewer(absl::StrCat("v", i), Text(std::string(100, 'x')), 1, kTtl);
    cache->Invalidate(absl::StrCat("t", i), 1);
  }
  EXPECT_EQ(cache->Stats().entries, 200u);
  EXPECT_GT(cache->Stats().bytes, 200u * 100u);
  for (int i = 0; i < 100; ++i) {
    cache->Delete(absl::StrCat("v", i));
    cache->Delete(absl::StrCat("t", i));
  }
  EXPECT_EQ(cache->Stats().entries, 0u);
  EXPECT_EQ(cache->Stats().bytes, 0u);
}

TEST_F(MemoryCacheTest, Guards_MoreThanFit_CloseTheShardToNewKeysUntilTheyPass) {
  const auto cache = Make(20'000);
  cache->PutIfNewer("known", Text("v"), 1, kTtl);
  for (int i = 0; i < 1000; ++i) {
    cache->Invalidate(absl::StrCat("changed/", i), 100);
    ASSERT_LE(cache->Stats().bytes, 20'000u);
  }
  // Which of the guards were forgotten nobody knows, so no unknown key is taken ...
  for (int i = 0; i < 1000; ++i) {
    const std::string key = absl::StrCat("changed/", i);
    cache->PutIfNewer(key, Text("stale"), 99, kTtl);
    ASSERT_EQ(cache->Get(key, 0), nullptr) << key;
  }
  cache->PutIfNewer("fresh", Text("v"), 1000, kTtl);
  EXPECT_EQ(cache->Get("fresh", 0), nullptr);
  // ... not even after a later, lower invalidation made the key known again ...
  cache->Invalidate("changed/0", 50);
  cache->PutIfNewer("changed/0", Text("stale"), 99, kTtl);
  EXPECT_EQ(cache->Get("changed/0", 0), nullptr);
  // ... until the guard time is over.
  clock_.Advance(absl::Seconds(30));
  cache->PutIfNewer("fresh", Text("v"), 1, kTtl);
  EXPECT_NE(cache->Get("fresh", 0), nullptr);
}

TEST_F(MemoryCacheTest, Guards_Passed_MakeRoomBeforeValuesDo) {
  const auto cache = Make(40'000);
  for (int i = 0; i < 80; ++i) {
    cache->Invalidate(absl::StrCat("t", i), 1);
  }
  clock_.Advance(absl::Seconds(31));
  for (int i = 0; i < 20; ++i) {
    cache->PutIfNewer(absl::StrCat("v", i), Text(std::string(1500, 'x')), 1, kTtl);
  }
  EXPECT_EQ(cache->Stats().evictions, 0u);
  EXPECT_LE(cache->Stats().bytes, 40'000u);
}

TEST_F(MemoryCacheTest, ExportCache_ShowsTheCounts) {
  const auto cache = Make(1 << 20);
  observe::Registry registry;
  const auto handles = ExportCache(registry, *cache, "ticket", "tickets");
  cache->PutIfNewer("k", Text("v"), 5, kTtl);
  (void)cache->Get("k", 0);
  (void)cache->Get("k", 6);
  (void)cache->Get("x", 0);
  const std::string text = registry.Scrape();
  for (const char* metric : {"hits_total", "misses_total", "too_old_total", "puts_total"}) {
    EXPECT_THAT(text, HasSubstr(absl::StrCat("baimi_cache_", metric,
                                             "{service=\"ticket\",cache=\"tickets\"} 1\n")));
  }
  EXPECT_THAT(text, HasSubstr("baimi_cache_entries{service=\"ticket\",cache=\"tickets\"} 1\n"));
}

}  // namespace
}  // namespace baimi::cache
