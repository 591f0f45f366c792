#include "common/exec/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"

namespace baimi::exec {
namespace {

using ::testing::ElementsAre;

const absl::Time kStart = absl::FromUnixSeconds(1'795'000'000);

class ExecutorTest : public ::testing::Test {
 protected:
  std::unique_ptr<Executor> Make(int threads, size_t queue) {
    return std::make_unique<Executor>(ExecutorOptions{
        .name = "test", .threads = threads, .queue = queue, .clock = &clock_, .on_wait = {}});
  }

  // Occupies one thread of `executor` until `release_` is notified.
  void Block(Executor& executor) {
    absl::Notification entered;
    ASSERT_EQ(executor.TrySubmit({.run =
                                      [&] {
                                        entered.Notify();
                                        release_.WaitForNotification();
                                      },
                                  .on_drop = {}}),
              Admission::kAccepted);
    entered.WaitForNotification();
  }

  static Task Counting(std::atomic<int>& ran, std::vector<DropReason>* dropped = nullptr) {
    return Task{.run = [&ran] { ++ran; },
                .on_drop =
                    [dropped](DropReason reason) {
                      if (dropped != nullptr) {
                        dropped->push_back(reason);
                      }
                    }};
  }

  SimulatedClock clock_{kStart};
  absl::Notification release_;
};

TEST_F(ExecutorTest, TrySubmit_FreeThread_RunsOnAnotherThread) {
  auto executor = Make(1, 0);
  absl::Notification done;
  std::thread::id runner;
  ASSERT_EQ(executor->TrySubmit({.run =
                                     [&] {
                                       runner = std::this_thread::get_id();
                                       done.Notify();
                                     },
                                 .on_drop = {}}),
            Admission::kAccepted);
  done.WaitForNotification();
  EXPECT_NE(runner, std::this_thread::get_id());
}

TEST_F(ExecutorTest, TrySubmit_OneThread_KeepsTheOrderOfAdmission) {
  auto executor = Make(1, 100);
  std::vector<int> order;
  Block(*executor);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(executor->TrySubmit({.run = [&order, i] { order.push_back(i); }, .on_drop = {}}),
              Admission::kAccepted);
  }
  release_.Notify();
  executor->Stop(StopMode::kFinish);
  ASSERT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(ExecutorTest, TrySubmit_Full_RefusesAndLeavesTheTaskWithTheCaller) {
  auto executor = Make(2, 3);
  Block(*executor);
  Block(*executor);
  std::atomic<int> ran = 0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(executor->TrySubmit(Counting(ran)), Admission::kAccepted);
  }
  const auto refused = std::make_unique<Task>(Counting(ran));
  EXPECT_EQ(executor->TrySubmit(std::move(*refused)), Admission::kFull);
  ASSERT_TRUE(refused->run) << "a refused task is not moved from";
  ASSERT_TRUE(refused->on_drop);
  const ExecutorStats full = executor->Stats();
  EXPECT_EQ(full.running, 2u);
  EXPECT_EQ(full.queued, 3u);
  EXPECT_EQ(full.refused_full, 1u);

  release_.Notify();
  executor->Stop(StopMode::kFinish);
  EXPECT_EQ(ran, 3);
  std::move(refused->run)();
  EXPECT_EQ(ran, 4);
}

TEST_F(ExecutorTest, TrySubmit_QueueOfZero_RefusesOnlyWhileEveryThreadIsBusy) {
  auto executor = Make(2, 0);
  std::atomic<int> ran = 0;
  Block(*executor);
  EXPECT_EQ(executor->TrySubmit(Counting(ran)), Admission::kAccepted);
  while (executor->Stats().finished == 0) {
    std::this_thread::yield();
  }
  Block(*executor);
  EXPECT_EQ(executor->TrySubmit(Counting(ran)), Admission::kFull);
  release_.Notify();
}

TEST_F(ExecutorTest, Dequeue_DeadlinePassedWhileWaiting_DropsInsteadOfRunning) {
  auto executor = Make(1, 10);
  Block(*executor);
  std::atomic<int> ran = 0;
  std::vector<DropReason> dropped;
  struct Case {
    absl::Duration deadline;
    bool runs;
  };
  // At its deadline a task is too late: nobody waits for the answer any more.
  for (const Case& c : {Case{absl::Seconds(1), false}, Case{absl::Seconds(2), false},
                        Case{absl::Seconds(3), true}}) {
    Task task = Counting(ran, &dropped);
    task.deadline = kStart + c.deadline;
    ASSERT_EQ(executor->TrySubmit(std::move(task)), Admission::kAccepted);
  }
  clock_.Advance(absl::Seconds(2));
  release_.Notify();
  executor->Stop(StopMode::kFinish);
  EXPECT_EQ(ran, 1);
  EXPECT_THAT(dropped, ElementsAre(DropReason::kExpired, DropReason::kExpired));
  EXPECT_EQ(executor->Stats().dropped_expired, 2u);
  EXPECT_EQ(executor->Stats().finished, 2u);
}

TEST_F(ExecutorTest, Dequeue_ExpiredWithoutOnDrop_IsDroppedSilently) {
  auto executor = Make(1, 10);
  Block(*executor);
  std::atomic<int> ran = 0;
  ASSERT_EQ(executor->TrySubmit({.run = [&] { ++ran; }, .on_drop = {}, .deadline = kStart}),
            Admission::kAccepted);
  release_.Notify();
  executor->Stop(StopMode::kFinish);
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(executor->Stats().dropped_expired, 1u);
}

TEST_F(ExecutorTest, Stop_Finish_RunsWhatIsQueuedAndRefusesTheRest) {
  auto executor = Make(1, 10);
  Block(*executor);
  std::atomic<int> ran = 0;
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(executor->TrySubmit(Counting(ran)), Admission::kAccepted);
  }
  release_.Notify();
  executor->Stop(StopMode::kFinish);
  EXPECT_EQ(ran, 10);
  EXPECT_EQ(executor->TrySubmit(Counting(ran)), Admission::kStopped);
  EXPECT_EQ(executor->Stats().refused_stopped, 1u);
  EXPECT_EQ(ran, 10);
}

TEST_F(ExecutorTest, Stop_Drop_DropsTheQueueAndWaitsForTheRunningTask) {
  auto executor = Make(1, 10);
  Block(*executor);
  std::atomic<int> ran = 0;
  absl::BlockingCounter all_dropped(10);
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(executor->TrySubmit({.run = [&] { ++ran; },
                                   .on_drop =
                                       [&](DropReason reason) {
                                         EXPECT_EQ(reason, DropReason::kStopped);
                                         all_dropped.DecrementCount();
                                       }}),
              Admission::kAccepted);
  }
  std::atomic<bool> stopped = false;
  std::thread stopper([&] {
    executor->Stop(StopMode::kDrop);
    stopped = true;
  });
  // The queue is dropped before the running task ends.
  all_dropped.Wait();
  EXPECT_FALSE(stopped);
  release_.Notify();
  stopper.join();
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(executor->Stats().dropped_stopped, 10u);
}

TEST_F(ExecutorTest, Stop_DropDuringFinish_DropsWhatIsStillQueued) {
  auto executor = Make(1, 10);
  Block(*executor);
  std::atomic<int> ran = 0;
  std::vector<DropReason> dropped;
  ASSERT_EQ(executor->TrySubmit(Counting(ran, &dropped)), Admission::kAccepted);
  std::thread finisher([&] { executor->Stop(StopMode::kFinish); });
  std::atomic<int> ignored = 0;
  while (executor->TrySubmit(Counting(ignored)) != Admission::kStopped) {
    std::this_thread::yield();
  }
  std::thread dropper([&] { executor->Stop(StopMode::kDrop); });
  while (executor->Stats().queued > 0) {
    std::this_thread::yield();
  }
  release_.Notify();
  finisher.join();
  dropper.join();
  EXPECT_EQ(ran, 0);
  EXPECT_GE(dropped.size(), 1u);
}

TEST_F(ExecutorTest, Stop_Twice_IsHarmless) {
  auto executor = Make(2, 1);
  executor->Stop(StopMode::kFinish);
  executor->Stop(StopMode::kDrop);
  EXPECT_EQ(executor->Stats().running, 0u);
}

TEST_F(ExecutorTest, Task_Finished_ReleasesWhatItHeldBeforeItCountsAsFinished) {
  auto executor = Make(1, 1);
  auto held = std::make_shared<int>(1);
  ASSERT_EQ(executor->TrySubmit({.run = [held] {}, .on_drop = [held](DropReason) {}}),
            Admission::kAccepted);
  executor->Stop(StopMode::kFinish);
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(ExecutorTest, OnWait_EveryAcceptedTask_GetsItsWaitingTime) {
  std::vector<absl::Duration> waits;
  Executor executor({.name = "a name longer than fifteen bytes",
                     .threads = 1,
                     .queue = 4,
                     .clock = &clock_,
                     .on_wait = [&](absl::Duration wait) { waits.push_back(wait); }});
  Block(executor);
  std::atomic<int> ran = 0;
  ASSERT_EQ(executor.TrySubmit(Counting(ran)), Admission::kAccepted);
  clock_.Advance(absl::Milliseconds(250));
  ASSERT_EQ(executor.TrySubmit(Counting(ran)), Admission::kAccepted);
  clock_.Advance(absl::Milliseconds(50));
  release_.Notify();
  executor.Stop(StopMode::kFinish);
  EXPECT_THAT(waits,
              ElementsAre(absl::ZeroDuration(), absl::Milliseconds(300), absl::Milliseconds(50)));
}

TEST_F(ExecutorTest, ExpectedWait_FromRunTimes_GrowsWithTheQueue) {
  auto executor = Make(2, 10);
  EXPECT_EQ(executor->ExpectedWait(), absl::ZeroDuration());
  absl::Notification measured;
  ASSERT_EQ(
      executor->TrySubmit({.run = [&] { clock_.Advance(absl::Milliseconds(100)); }, .on_drop = {}}),
      Admission::kAccepted);
  while (executor->Stats().finished == 0) {
    std::this_thread::yield();
  }
  EXPECT_EQ(executor->ExpectedWait(), absl::ZeroDuration());
  Block(*executor);
  Block(*executor);
  EXPECT_EQ(executor->ExpectedWait(), absl::Milliseconds(50));
  std::atomic<int> ran = 0;
  ASSERT_EQ(executor->TrySubmit(Counting(ran)), Admission::kAccepted);
  EXPECT_EQ(executor->ExpectedWait(), absl::Milliseconds(100));
  release_.Notify();
}

TEST_F(ExecutorTest, Hammer_ManySubmitters_EveryTaskEndsExactlyOnce) {
  constexpr int kSubmitters = 4;
  constexpr int kEach = 5000;
  auto executor = Make(3, 16);
  std::atomic<int> ran = 0;
  std::atomic<int> dropped = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> submitters;
  for (int t = 0; t < kSubmitters; ++t) {
    submitters.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        Task task{.run = [&] { ++ran; },
                  .on_drop = [&](DropReason) { ++dropped; },
                  .deadline = (i + t) % 3 == 0 ? kStart : absl::InfiniteFuture()};
        if (executor->TrySubmit(std::move(task)) != Admission::kAccepted) {
          ++refused;
        }
      }
    });
  }
  for (auto& submitter : submitters) {
    submitter.join();
  }
  executor->Stop(StopMode::kDrop);
  EXPECT_EQ(ran + dropped + refused, kSubmitters * kEach);
  const ExecutorStats stats = executor->Stats();
  EXPECT_EQ(stats.accepted, static_cast<uint64_t>(ran + dropped));
  EXPECT_EQ(stats.finished, static_cast<uint64_t>(ran));
  EXPECT_EQ(stats.dropped_expired + stats.dropped_stopped, static_cast<uint64_t>(dropped));
  EXPECT_EQ(stats.refused_full, static_cast<uint64_t>(refused));
  EXPECT_EQ(stats.queued, 0u);
  EXPECT_EQ(stats.running, 0u);
}

}  // namespace
}  // namespace baimi::exec
