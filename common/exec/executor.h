// A fixed number of threads behind a bounded queue: the only place where unary handlers run
// (DESIGN.md §3.4). It refuses at once when full, it drops work whose deadline passed while it
// waited, and it never grows.
#ifndef BAIMI_COMMON_EXEC_EXECUTOR_H_
#define BAIMI_COMMON_EXEC_EXECUTOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"

namespace baimi::exec {

enum class DropReason {
  // The deadline had passed when a thread took the task.
  kExpired,
  // The executor was stopped with StopMode::kDrop while the task waited.
  kStopped,
};

enum class Admission {
  kAccepted,
  // RESOURCE_EXHAUSTED, reason LANE_FULL, RetryInfo of about ExpectedWait().
  kFull,
  // UNAVAILABLE, reason SERVER_DRAINING.
  kStopped,
};

enum class StopMode {
  // Runs what is queued (expired work is still dropped).
  kFinish,
  // Drops what is queued. Tasks that run already are waited for.
  kDrop,
};

// Of an accepted task exactly one of the two functions is called, once, on a thread that holds no
// lock of the executor. Neither may throw.
struct Task {
  absl::AnyInvocable<void() &&> run;
  // May be empty. Must be quick: for kExpired it occupies a worker, for kStopped the stopping
  // thread.
  absl::AnyInvocable<void(DropReason) &&> on_drop;
  // On the executor's clock. Checked once, when a thread takes the task.
  absl::Time deadline = absl::InfiniteFuture();
};

struct ExecutorOptions {
  // Names the threads and the metrics, e.g. "interactive".
  std::string name = "executor";
  // Default: 1. At least 1.
  int threads = 1;
  // Tasks that may wait while every thread is busy; with it, at most threads + queue tasks are
  // inside. Default: 64. 0 refuses whenever every thread is busy.
  size_t queue = 64;
  // Judges deadlines and measures waiting. Must outlive the executor. Required.
  const Clock* clock = nullptr;
  // Called on the worker before each accepted task with the time it waited (>= 0), also when it is
  // then dropped as expired. Must be thread-safe and quick. May be empty.
  std::function<void(absl::Duration)> on_wait;
};

struct ExecutorStats {
  int threads = 0;
  // Now.
  size_t queued = 0;
  size_t running = 0;
  // Since the start.
  uint64_t accepted = 0;
  uint64_t finished = 0;
  uint64_t refused_full = 0;
  uint64_t refused_stopped = 0;
  uint64_t dropped_expired = 0;
  uint64_t dropped_stopped = 0;
};

// Thread-safe. The destructor is Stop(kDrop).
class Executor {
 public:
  explicit Executor(ExecutorOptions options);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Never blocks. `task` is moved from only when the answer is kAccepted, so a caller that is
  // refused still holds everything it needs to answer with. Tasks start in the order of admission.
  Admission TrySubmit(Task&& task);

  // Refuses new work, deals with queued work as told, and returns when every thread has ended. May
  // be called again and from several threads: a kDrop during a kFinish drops what is still queued.
  // Must not be called from a task of this executor.
  void Stop(StopMode mode);

  ExecutorStats Stats() const;
  // How long a task admitted now would wait, estimated from recent run times; zero when a thread is
  // free or nothing has run yet.
  absl::Duration ExpectedWait() const;
  absl::string_view name() const { return options_.name; }

 private:
  struct Slot {
    Task task;
    absl::Time enqueued;
  };

  void Work(int index);
  // Runs one task and returns for how many nanoseconds, or drops it and returns nothing.
  std::optional<int64_t> Perform(Slot slot);
  Slot Pop() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const ExecutorOptions options_;
  mutable absl::Mutex mu_;
  absl::CondVar wake_;
  std::vector<Slot> ring_ ABSL_GUARDED_BY(mu_);
  size_t head_ ABSL_GUARDED_BY(mu_) = 0;
  size_t count_ ABSL_GUARDED_BY(mu_) = 0;
  size_t running_ ABSL_GUARDED_BY(mu_) = 0;
  int sleeping_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  // Exponential mean over about the last 16 tasks.
  int64_t mean_run_nanos_ ABSL_GUARDED_BY(mu_) = 0;
  ExecutorStats totals_ ABSL_GUARDED_BY(mu_);

  absl::Mutex join_mu_;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(join_mu_);
};

}  // namespace baimi::exec

#endif  // BAIMI_COMMON_EXEC_EXECUTOR_H_
