// Proves the preset: `planted race` must be reported, `planted locks` must not.
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace baimi {
namespace {

// One field that several threads write.
int Race(bool guarded) {
  absl::Mutex mu;
  int value = 0;
  const auto add = [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    for (int i = 0; i < 1000; ++i) {
      if (guarded) {
        absl::MutexLock lock(&mu);
        ++value;
      } else {
        ++value;
      }
    }
  };
  std::thread one(add);
  std::thread two(add);
  one.join();
  two.join();
  return value;
}

// A queue of one that is handed over by each way of waiting in turn.
void Hand(int way) {
  absl::Mutex mu;
  absl::CondVar changed;
  int box = 0;
  bool full = false;
  const auto wait = [&](bool wanted) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    const auto ready = [&full, wanted] { return full == wanted; };
    switch (way) {
      case 0:
        mu.Lock();
        mu.Await(absl::Condition(&ready));
        return;
      case 1:
        mu.LockWhen(absl::Condition(&ready));
        return;
      case 2:
        mu.Lock();
        while (!mu.AwaitWithTimeout(absl::Condition(&ready), absl::Milliseconds(1))) {
        }
        return;
      default:
        mu.Lock();
        while (!ready()) {
          changed.WaitWithTimeout(&mu, absl::Milliseconds(10));
        }
    }
  };
  const auto turn = [&](bool take) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    for (int i = 0; i < 500; ++i) {
      wait(take);
      box += take ? -1 : 1;
      full = !take;
      changed.Signal();
      mu.Unlock();
    }
  };
  std::thread taking(turn, true);
  turn(false);
  taking.join();
}

void Announce() {
  for (int round = 0; round < 200; ++round) {
    absl::Notification told;
    absl::BlockingCounter both(2);
    int news = 0;
    int seen = 0;
    std::thread listening([&] {
      switch (round % 3) {
        case 0:
          while (!told.HasBeenNotified()) {
            std::this_thread::yield();
          }
          break;
        case 1:
          std::this_thread::yield();
          told.WaitForNotification();
          break;
        default:
          while (!told.WaitForNotificationWithTimeout(absl::Microseconds(1))) {
          }
      }
      seen = news;
      both.DecrementCount();
    });
    news = round;
    told.Notify();
    both.DecrementCount();
    both.Wait();
    if (seen != round) {
      std::abort();
    }
    listening.join();
  }
}

void Share() {
  absl::Mutex mu;
  int value = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      for (int k = 0; k < 500; ++k) {
        if (i == 0 && mu.TryLock()) {
          ++value;
          mu.Unlock();
        } else {
          absl::ReaderMutexLock lock(&mu);
          volatile int read = value;
          static_cast<void>(read);
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace baimi

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "race") == 0) {
    baimi::Race(/*guarded=*/false);
    return 0;
  }
  if (argc == 2 && std::strcmp(argv[1], "locks") == 0) {
    baimi::Race(/*guarded=*/true);
    for (int way = 0; way < 4; ++way) {
      baimi::Hand(way);
    }
    baimi::Announce();
    baimi::Share();
    return 0;
  }
  std::fprintf(stderr, "want race or locks\n");
  return 2;
}
