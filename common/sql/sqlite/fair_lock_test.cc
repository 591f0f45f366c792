#include "common/sql/sqlite/fair_lock.h"

#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "gtest/gtest.h"

namespace baimi::sql::sqlite {
namespace {

void WaitForWaiters(const FairLock& lock, size_t count) {
  while (lock.waiting() != count) {
    std::this_thread::yield();
  }
}

TEST(FairLock, Waiters_AreServedInOrderOfArrival) {
  FairLock lock;
  ASSERT_TRUE(lock.LockUntil(absl::InfiniteFuture()));
  std::vector<int> order;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&lock, &order, i] {
      const FairLockHold hold(lock, absl::InfiniteFuture());
      order.push_back(i);
    });
    WaitForWaiters(lock, static_cast<size_t>(i) + 1);
  }
  lock.Unlock();
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST(FairLock, DeadlineWhileWaiting_GivesUpAndLeavesTheQueue) {
  FairLock lock;
  ASSERT_TRUE(lock.LockUntil(absl::InfiniteFuture()));
  std::thread([&] {
    EXPECT_FALSE(lock.LockUntil(SystemClock().Now() + absl::Milliseconds(5)));
    EXPECT_FALSE(lock.LockUntil(absl::InfinitePast()));
  }).join();
  EXPECT_EQ(lock.waiting(), 0u);
  lock.Unlock();
  EXPECT_TRUE(lock.LockUntil(absl::InfiniteFuture()));
  lock.Unlock();
}

TEST(FairLock, ManyThreads_ExcludeEachOther) {
  FairLock lock;
  int64_t counter = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 2000; ++n) {
        const FairLockHold hold(lock, absl::InfiniteFuture());
        ++counter;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(counter, 8000);
}

}  // namespace
}  // namespace baimi::sql::sqlite
