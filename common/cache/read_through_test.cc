#include "common/cache/read_through.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "common/base/error.h"
#include "common/cache/memory_cache.h"

namespace baimi::cache {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'795'000'000);
const absl::Time kFar = absl::InfiniteFuture();

Filled Row(absl::string_view text, int64_t version) {
  return {std::make_shared<const std::string>(text), version};
}

class ReadThroughTest : public ::testing::Test {
 protected:
  std::string Get(int64_t min_version, absl::StatusOr<Filled> row) {
    const auto value = reader_.GetOrFill("k", min_version, kFar, [&] {
      ++fills_;
      return row;
    });
    return value.ok() ? **value : std::string(absl::StatusCodeToString(value.status().code()));
  }

  // A thread that fills "k" with `row` once `go` is notified; returns when it has begun.
  std::thread StartFill(absl::Notification& go, absl::StatusOr<Filled> row) {
    absl::Notification began;
    std::thread thread([this, &go, &began, row] {
      (void)reader_.GetOrFill("k", 0, kFar, [&] {
        ++fills_;
        began.Notify();
        go.WaitForNotification();
        return row;
      });
    });
    began.WaitForNotification();
    return thread;
  }

  SimulatedClock clock_{kStart};
  std::unique_ptr<Cache> cache_ = NewMemoryCache({.clock = &clock_});
  ReadThrough reader_{cache_.get(), {.clock = &clock_}};
  std::atomic<int> fills_ = 0;
};

TEST_F(ReadThroughTest, Get_Twice_FillsOnce) {
  EXPECT_EQ(Get(0, Row("a", 5)), "a");
  EXPECT_EQ(Get(5, Row("b", 6)), "a");
  EXPECT_EQ(fills_, 1);
}

TEST_F(ReadThroughTest, Get_EntryTooOldForTheReader_FillsAgain) {
  EXPECT_EQ(Get(0, Row("a", 5)), "a");
  EXPECT_EQ(Get(6, Row("b", 6)), "b");
  EXPECT_EQ(Get(0, Row("c", 7)), "b");
  EXPECT_EQ(fills_, 2);
}

TEST_F(ReadThroughTest, Get_FillOlderThanAsked_IsStillTheTruth) {
  EXPECT_EQ(Get(9, Row("a", 5)), "a");
}

TEST_F(ReadThroughTest, Get_TtlOver_FillsAgain) {
  EXPECT_EQ(Get(0, Row("a", 5)), "a");
  clock_.Advance(absl::Minutes(5));
  EXPECT_EQ(Get(0, Row("b", 5)), "b");
}

TEST_F(ReadThroughTest, Get_FillFails_IsReportedAndNotCached) {
  EXPECT_EQ(Get(0, absl::NotFoundError("no")), "NOT_FOUND");
  EXPECT_EQ(Get(0, Filled{}), "INTERNAL");
  EXPECT_EQ(Get(0, Row("a", 1)), "a");
  EXPECT_EQ(fills_, 3);
}

TEST_F(ReadThroughTest, Get_FillLongerThanTheGuard_IsReturnedButNotPut) {
  const auto value = reader_.GetOrFill("k", 0, kFar, [&]() -> absl::StatusOr<Filled> {
    clock_.Advance(kDefaultGuard);
    return Row("slow", 1);
  });
  EXPECT_EQ(**value, "slow");
  EXPECT_EQ(cache_->Get("k", 0), nullptr);
}

TEST_F(ReadThroughTest, Get_ManyAtOnce_OneFills) {
  constexpr int kCallers = 16;
  absl::Notification go;
  std::thread leader = StartFill(go, Row("a", 5));
  std::vector<std::thread> callers;
  std::atomic<int> right = 0;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] { right += Get(5, Row("never", 9)) == "a" ? 1 : 0; });
  }
  // Whether a caller comes before or after the fill has landed, it gets that fill's value.
  while (cache_->Stats().misses < kCallers / 2) {
    std::this_thread::yield();
  }
  go.Notify();
  leader.join();
  for (auto& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(right, kCallers);
  EXPECT_EQ(fills_, 1);
}

TEST_F(ReadThroughTest, Get_OtherKeys_DoNotWait) {
  absl::Notification go;
  std::thread leader = StartFill(go, Row("a", 5));
  const auto other = reader_.GetOrFill("other", 0, kFar, [] { return Row("b", 1); });
  EXPECT_EQ(**other, "b");
  go.Notify();
  leader.join();
}

TEST_F(ReadThroughTest, Wait_SharedFillTooOld_FillsForItself) {
  absl::Notification go;
  std::thread leader = StartFill(go, Row("old", 5));
  std::thread waiter([&] { EXPECT_EQ(Get(8, Row("new", 8)), "new"); });
  while (cache_->Stats().misses < 2) {
    std::this_thread::yield();
  }
  go.Notify();
  leader.join();
  waiter.join();
  EXPECT_EQ(fills_, 2);
  EXPECT_EQ(*cache_->Get("k", 0), "new");
}

TEST_F(ReadThroughTest, Wait_FillerRanIntoItsOwnDeadline_FillsForItself) {
  for (const absl::Status& status :
       {absl::DeadlineExceededError("mine"), absl::CancelledError("mine")}) {
    cache_->Clear();
    fills_ = 0;
    const uint64_t before = cache_->Stats().misses;
    absl::Notification go;
    std::thread leader = StartFill(go, status);
    std::thread waiter([&] { EXPECT_EQ(Get(0, Row("mine", 1)), "mine"); });
    while (cache_->Stats().misses < before + 2) {
      std::this_thread::yield();
    }
    go.Notify();
    leader.join();
    waiter.join();
    EXPECT_EQ(fills_, 2);
  }
}

TEST_F(ReadThroughTest, Wait_DeadlinePassed_DoesNotWaitForTheFill) {
  absl::Notification go;
  std::thread leader = StartFill(go, Row("a", 5));
  const auto late =
      reader_.GetOrFill("k", 0, kStart, []() -> absl::StatusOr<Filled> { return Row("x", 1); });
  EXPECT_EQ(late.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ReasonOf(late.status()), "DEADLINE_PASSED");
  go.Notify();
  leader.join();
}

// Nobody here is told of another replica's change; a fill that hangs must not hide it.
TEST_F(ReadThroughTest, Wait_FillBeganTooLongAgo_IsNotShared) {
  absl::Notification go;
  std::thread leader = StartFill(go, Row("before", 5));
  clock_.Advance(absl::Milliseconds(501));
  // Would hang, waiting for `leader`, if it shared.
  EXPECT_EQ(Get(0, Row("after", 6)), "after");
  go.Notify();
  leader.join();
  EXPECT_EQ(*cache_->Get("k", 0), "after");
}

TEST_F(ReadThroughTest, Invalidate_DuringAFill_NextReaderDoesNotShareItAndItIsNotKept) {
  absl::Notification go;
  std::thread leader = StartFill(go, Row("before", 5));
  reader_.Invalidate("k", 6);
  // Would hang, waiting for `leader`, if it shared.
  EXPECT_EQ(Get(0, Row("after", 6)), "after");
  go.Notify();
  leader.join();
  EXPECT_EQ(*cache_->Get("k", 0), "after");
}

TEST_F(ReadThroughTest, Hammer_ReadersAndWriters_NobodyReadsBehindItsOwnWrites) {
  constexpr int kKeys = 4;
  constexpr int kThreads = 4;
  constexpr int kSteps = 3000;
  std::array<std::atomic<int64_t>, kKeys> database{};
  std::vector<std::thread> threads;
  std::atomic<int> behind = 0;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kSteps; ++i) {
        const auto k = static_cast<size_t>((i * 7 + t) % kKeys);
        const std::string key = absl::StrCat("row/", k);
        int64_t min_version = 0;
        if (i % 5 == 0) {
          min_version = ++database[k];
          reader_.Invalidate(key, min_version);
        }
        const auto value = reader_.GetOrFill(key, min_version, kFar, [&] {
          const int64_t version = database[k];
          return Row(absl::StrCat(version), version);
        });
        behind += !value.ok() || std::stoll(**value) < min_version ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(behind, 0);
  EXPECT_GT(cache_->Stats().hits, 0u);
}

}  // namespace
}  // namespace baimi::cache
