#include "common/exec/ticker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

namespace baimi::exec {
namespace {

TEST(Ticker, Period_Passes_CallbackRunsAgainAndAgain) {
  absl::BlockingCounter five(5);
  std::atomic<int> calls = 0;
  Ticker ticker(absl::Milliseconds(1), [&] {
    if (++calls <= 5) {
      five.DecrementCount();
    }
  });
  five.Wait();
  EXPECT_GE(calls, 5);
}

TEST(Ticker, Stop_LongPeriod_ReturnsWithoutWaitingForIt) {
  std::atomic<int> calls = 0;
  // Would hang for a day (and fail by the test's time limit) if Stop waited for the period.
  for (const absl::Duration period : {absl::Hours(24), absl::InfiniteDuration()}) {
    Ticker ticker(period, [&] { ++calls; });
    ticker.Stop();
    ticker.Wake();
    ticker.Stop();
  }
  EXPECT_EQ(calls, 0);
}

TEST(Ticker, Stop_CallbackRunning_WaitsForItAndNoCallFollows) {
  absl::Notification entered;
  absl::Notification release;
  std::atomic<int> calls = 0;
  Ticker ticker(absl::InfiniteDuration(), [&] {
    ++calls;
    entered.Notify();
    release.WaitForNotification();
  });
  ticker.Wake();
  entered.WaitForNotification();
  std::atomic<bool> stopped = false;
  std::thread stopper([&] {
    ticker.Stop();
    stopped = true;
  });
  EXPECT_FALSE(stopped);
  release.Notify();
  stopper.join();
  ticker.Wake();
  EXPECT_EQ(calls, 1);
}

TEST(Ticker, Wake_WhileRunning_RunsOnceMore) {
  absl::Mutex mu;
  int calls = 0;
  absl::Notification entered;
  absl::Notification release;
  absl::Notification second;
  Ticker ticker(absl::InfiniteDuration(), [&] {
    int call;
    {
      absl::MutexLock lock(&mu);
      call = ++calls;
    }
    if (call == 1) {
      entered.Notify();
      release.WaitForNotification();
    } else {
      second.Notify();  // A third call would abort: Notify may be called once.
    }
  });
  ticker.Wake();
  entered.WaitForNotification();
  ticker.Wake();
  ticker.Wake();
  ticker.Wake();
  release.Notify();
  second.WaitForNotification();
  ticker.Stop();
  EXPECT_EQ(calls, 2);
}

TEST(Ticker, Stop_FromTheCallback_IsTheLastCall) {
  std::atomic<int> calls = 0;
  absl::Notification stopped;
  std::unique_ptr<Ticker> ticker;
  absl::Notification constructed;
  ticker = std::make_unique<Ticker>(absl::Milliseconds(1), [&] {
    constructed.WaitForNotification();
    ++calls;
    ticker->Stop();
    stopped.Notify();
  });
  constructed.Notify();
  stopped.WaitForNotification();
  ticker.reset();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace baimi::exec
