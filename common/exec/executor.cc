#include "common/exec/executor.h"

#include <pthread.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/base/internal/raw_logging.h"
#include "absl/strings/str_cat.h"

namespace baimi::exec {
namespace {

constexpr size_t kThreadNameMax = 15;  // pthread_setname_np refuses longer ones.
constexpr int kMeanWindow = 16;

size_t Threads(const ExecutorOptions& options) {
  return static_cast<size_t>(std::max(1, options.threads));
}

}  // namespace

Executor::Executor(ExecutorOptions options)
    : options_(std::move(options)), ring_(Threads(options_) + options_.queue) {
  ABSL_RAW_CHECK(options_.clock != nullptr, "ExecutorOptions.clock is required");
  const size_t threads = Threads(options_);
  totals_.threads = static_cast<int>(threads);
  absl::MutexLock lock(&join_mu_);
  threads_.reserve(threads);
  for (size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this, i] { Work(static_cast<int>(i)); });
  }
}

Executor::~Executor() { Stop(StopMode::kDrop); }

Admission Executor::TrySubmit(Task&& task) {
  const absl::Time now = options_.clock->Now();
  absl::MutexLock lock(&mu_);
  if (stopping_) {
    ++totals_.refused_stopped;
    return Admission::kStopped;
  }
  if (running_ + count_ >= ring_.size()) {
    ++totals_.refused_full;
    return Admission::kFull;
  }
  Slot& slot = ring_[(head_ + count_) % ring_.size()];
  slot.task = std::move(task);
  slot.enqueued = now;
  ++count_;
  ++totals_.accepted;
  if (sleeping_ > 0) {
    wake_.Signal();
  }
  return Admission::kAccepted;
}

Executor::Slot Executor::Pop() {
  Slot slot = std::move(ring_[head_]);
  head_ = (head_ + 1) % ring_.size();
  --count_;
  return slot;
}

std::optional<int64_t> Executor::Perform(Slot slot) {
  const absl::Time start = options_.clock->Now();
  if (options_.on_wait) {
    options_.on_wait(std::max(absl::ZeroDuration(), start - slot.enqueued));
  }
  if (start >= slot.task.deadline) {
    if (slot.task.on_drop) {
      std::move(slot.task.on_drop)(DropReason::kExpired);
    }
    return std::nullopt;
  }
  std::move(slot.task.run)();
  // What the task holds is released before it counts as finished.
  slot.task = Task();
  return std::max<int64_t>(0, absl::ToInt64Nanoseconds(options_.clock->Now() - start));
}

void Executor::Work(int index) {
  const std::string suffix = absl::StrCat("/", index);
  const std::string name = options_.name.substr(0, kThreadNameMax - suffix.size()) + suffix;
  pthread_setname_np(pthread_self(), name.c_str());
  mu_.Lock();
  while (true) {
    while (count_ == 0 && !stopping_) {
      ++sleeping_;
      wake_.Wait(&mu_);
      --sleeping_;
    }
    if (count_ == 0) {
      break;
    }
    Slot slot = Pop();
    ++running_;
    mu_.Unlock();
    const std::optional<int64_t> took = Perform(std::move(slot));
    mu_.Lock();
    --running_;
    if (took) {
      ++totals_.finished;
      mean_run_nanos_ += totals_.finished == 1 ? *took : (*took - mean_run_nanos_) / kMeanWindow;
    } else {
      ++totals_.dropped_expired;
    }
  }
  mu_.Unlock();
}

void Executor::Stop(StopMode mode) {
  std::vector<Slot> dropped;
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    while (mode == StopMode::kDrop && count_ > 0) {
      dropped.push_back(Pop());
    }
    totals_.dropped_stopped += dropped.size();
    wake_.SignalAll();
  }
  for (Slot& slot : dropped) {
    if (slot.task.on_drop) {
      std::move(slot.task.on_drop)(DropReason::kStopped);
    }
  }
  dropped.clear();
  absl::MutexLock lock(&join_mu_);
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

ExecutorStats Executor::Stats() const {
  absl::MutexLock lock(&mu_);
  ExecutorStats stats = totals_;
  stats.queued = count_;
  stats.running = running_;
  return stats;
}

absl::Duration Executor::ExpectedWait() const {
  absl::MutexLock lock(&mu_);
  const size_t threads = static_cast<size_t>(totals_.threads);
  if (running_ + count_ < threads) {
    return absl::ZeroDuration();
  }
  return absl::Nanoseconds(mean_run_nanos_) * static_cast<int64_t>(count_ + 1) /
         static_cast<int64_t>(threads);
}

}  // namespace baimi::exec
