#include "common/cache/detached.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/base/clock.h"
#include "common/cache/faulty.h"
#include "common/cache/memory_cache.h"

namespace baimi::cache {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

// Another cache, which outlives the decorator so that it can be looked at.
class Borrowed : public Cache {
 public:
  explicit Borrowed(Cache* to) : to_(to) {}
  Value Get(absl::string_view key, int64_t version) override { return to_->Get(key, version); }
  void PutIfNewer(absl::string_view key, Value value, int64_t version,
                  absl::Duration ttl) override {
    to_->PutIfNewer(key, std::move(value), version, ttl);
  }
  bool Invalidate(absl::string_view key, int64_t version) override {
    return to_->Invalidate(key, version);
  }
  void Delete(absl::string_view key) override { to_->Delete(key); }
  void Clear() override { to_->Clear(); }
  CacheStats Stats() const override { return to_->Stats(); }

 private:
  Cache* const to_;
};

// Takes no invalidation before it was cleared, and lets the test in before that returns.
class SlowToClear final : public Borrowed {
 public:
  SlowToClear(Cache* to, std::function<void()> cleared)
      : Borrowed(to), cleared_(std::move(cleared)) {}
  bool Invalidate(absl::string_view key, int64_t version) override {
    return works_ && Borrowed::Invalidate(key, version);
  }
  void Clear() override {
    Borrowed::Clear();
    works_ = true;
    cleared_();
  }

 private:
  const std::function<void()> cleared_;
  std::atomic<bool> works_{false};
};

class DetachedTest : public ::testing::Test {
 protected:
  // Over a cache whose faults the test turns on and off.
  void Make(DetachedOptions options = {.most = 100, .retry = absl::Milliseconds(1)}) {
    auto faulty = std::make_unique<FaultyCache>(NewMemoryCache({.clock = &clock_}), FaultPlan{});
    base_ = faulty.get();
    cache_ = NewDetachedCache(std::move(faulty), options);
  }
  void Put(absl::string_view text, int64_t version, absl::string_view key = "k") {
    cache_->PutIfNewer(key, std::make_shared<const std::string>(text), version, absl::Minutes(5));
  }
  static std::string Get(Cache& cache, absl::string_view key = "k") {
    const Value value = cache.Get(key, 0);
    return value == nullptr ? "-" : *value;
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  FaultyCache* base_ = nullptr;
  std::unique_ptr<DetachedCache> cache_;
};

TEST_F(DetachedTest, Invalidate_DoesNotWaitForTheBackEnd) {
  Make();
  absl::Notification go;
  base_->SetPlan({.delay_chance = 1, .delay = [&] { go.WaitForNotification(); }});
  // Would hang if it waited.
  EXPECT_TRUE(cache_->Invalidate("k", 5));
  EXPECT_TRUE(cache_->Invalidate("other", 5));
  go.Notify();
  EXPECT_TRUE(cache_->AwaitSent(kPatience));
  EXPECT_EQ(base_->Stats().invalidations, 2u);
}

TEST_F(DetachedTest, Invalidate_NotThroughYet_OldValueIsNotSeenHere) {
  Make();
  Put("old", 5);
  base_->SetPlan({.failed_invalidation = 1});
  cache_->Invalidate("k", 6);
  EXPECT_EQ(Get(*cache_), "-");
  EXPECT_EQ(Get(*base_), "old");
  EXPECT_FALSE(cache_->AwaitSent(absl::ZeroDuration()));
}

TEST_F(DetachedTest, Invalidate_BackEndFails_IsRepeatedUntilItIsThrough) {
  Make();
  Put("old", 5);
  base_->SetPlan({.failed_invalidation = 0.9});
  cache_->Invalidate("k", 6);
  EXPECT_TRUE(cache_->AwaitSent(kPatience));
  EXPECT_EQ(Get(*base_), "-");
}

TEST_F(DetachedTest, Invalidate_NewerOneWhileAnotherIsUnderWay_IsSentToo) {
  Make();
  absl::Notification began;
  absl::Notification go;
  base_->SetPlan({.delay_chance = 1, .delay = [&] {
                    if (!began.HasBeenNotified()) {
                      began.Notify();
                      go.WaitForNotification();
                    }
                  }});
  cache_->Invalidate("k", 5);
  began.WaitForNotification();
  cache_->Invalidate("k", 9);
  go.Notify();
  EXPECT_TRUE(cache_->AwaitSent(kPatience));
  Put("eight", 8);
  EXPECT_EQ(Get(*base_), "-");
}

TEST_F(DetachedTest, Invalidate_MoreThanFit_NothingIsReadUntilTheBackEndWasCleared) {
  Make({.most = 10, .retry = absl::Milliseconds(1)});
  Put("old", 5, "forgotten");
  absl::Notification go;
  base_->SetPlan(
      {.failed_invalidation = 1, .delay_chance = 1, .delay = [&] { go.WaitForNotification(); }});
  for (int i = 0; i < 11; ++i) {
    cache_->Invalidate(absl::StrCat("k", i), 6);
  }
  EXPECT_EQ(Get(*cache_, "forgotten"), "-");
  base_->SetPlan({});
  go.Notify();
  EXPECT_TRUE(cache_->AwaitSent(kPatience));
  EXPECT_EQ(Get(*base_, "forgotten"), "-");
  Put("new", 7);
  EXPECT_EQ(Get(*cache_), "new");
}

TEST_F(DetachedTest, Invalidate_WhileTheBackEndIsCleared_IsNotForgotten) {
  const auto memory = NewMemoryCache({.clock = &clock_});
  const auto change_and_late_fill = [&] {
    cache_->Invalidate("k", 9);
    memory->PutIfNewer("k", std::make_shared<const std::string>("old"), 8, absl::Minutes(5));
  };
  cache_ = NewDetachedCache(std::make_unique<SlowToClear>(memory.get(), change_and_late_fill),
                            {.most = 1, .retry = absl::Milliseconds(1)});
  cache_->Invalidate("a", 1);
  cache_->Invalidate("b", 1);
  EXPECT_TRUE(cache_->AwaitSent(kPatience));
  EXPECT_EQ(Get(*cache_), "-");
  cache_.reset();
}

TEST_F(DetachedTest, Destructor_SendsWhatIsLeft) {
  const auto memory = NewMemoryCache({.clock = &clock_});
  {
    const auto detached = NewDetachedCache(std::make_unique<Borrowed>(memory.get()));
    for (int i = 0; i < 100; ++i) {
      detached->Invalidate(absl::StrCat("k", i), 6);
    }
  }
  EXPECT_EQ(memory->Stats().invalidations, 100u);
}

}  // namespace
}  // namespace baimi::cache
