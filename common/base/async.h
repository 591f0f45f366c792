// A result that may come later, exactly once. Handlers return it; a plain value, an error status or
// a StatusOr converts to one that is ready. No thread waits for it: the producer runs the consumer.
#ifndef BAIMI_COMMON_BASE_ASYNC_H_
#define BAIMI_COMMON_BASE_ASYNC_H_

#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

namespace baimi {

template <typename T>
class Promise;

// Move-only. One consumer: call Then or Wait, once.
template <typename T>
class Async {
 public:
  using Callback = absl::AnyInvocable<void(absl::StatusOr<T>) &&>;

  // NOLINTBEGIN(google-explicit-constructor): handlers return values and errors as without Async.
  Async(absl::StatusOr<T> ready) : ready_(std::move(ready)) {}
  Async(T value) : ready_(absl::StatusOr<T>(std::move(value))) {}
  Async(absl::Status error) : ready_(absl::StatusOr<T>(std::move(error))) {}
  // NOLINTEND(google-explicit-constructor)
  Async(Async&&) noexcept = default;
  Async& operator=(Async&&) noexcept = default;

  // Runs `callback` with the result: now, on this thread, if it is there; else on the thread that
  // produces it. The callback must not block.
  void Then(Callback callback) && {
    if (ready_) {
      std::move(callback)(*std::move(ready_));
      return;
    }
    state_->Listen(std::move(callback));
  }

  // Blocks until the result is there. For tests and for callers that own their thread.
  absl::StatusOr<T> Wait() && {
    absl::Notification done;
    std::optional<absl::StatusOr<T>> result;
    std::move(*this).Then([&](absl::StatusOr<T> r) {
      result = std::move(r);
      done.Notify();
    });
    done.WaitForNotification();
    return *std::move(result);
  }

  bool ready() const { return ready_.has_value(); }

 private:
  friend class Promise<T>;

  struct State {
    absl::Mutex mu;
    std::optional<absl::StatusOr<T>> result ABSL_GUARDED_BY(mu);
    Callback callback ABSL_GUARDED_BY(mu);

    void Listen(Callback next) {
      std::optional<absl::StatusOr<T>> now;
      {
        absl::MutexLock lock(&mu);
        if (!result) {
          callback = std::move(next);
          return;
        }
        now = std::move(result);
      }
      std::move(next)(*std::move(now));
    }

    void Set(absl::StatusOr<T> value) {
      Callback next;
      {
        absl::MutexLock lock(&mu);
        if (!callback) {
          result = std::move(value);
          return;
        }
        next = std::move(callback);
      }
      std::move(next)(std::move(value));
    }
  };

  explicit Async(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::optional<absl::StatusOr<T>> ready_;
  std::shared_ptr<State> state_;
};

// The producing end. Set must be called exactly once; a promise destroyed without it gives
// CANCELLED.
template <typename T>
class Promise {
 public:
  Promise() : state_(std::make_shared<typename Async<T>::State>()) {}
  Promise(Promise&&) noexcept = default;
  Promise& operator=(Promise&&) noexcept = default;
  ~Promise() {
    if (state_) {
      state_->Set(absl::CancelledError("the producer went away"));
    }
  }

  Async<T> async() { return Async<T>(state_); }
  void Set(absl::StatusOr<T> value) {
    auto state = std::move(state_);
    state->Set(std::move(value));
  }

 private:
  std::shared_ptr<typename Async<T>::State> state_;
};

}  // namespace baimi

#endif  // BAIMI_COMMON_BASE_ASYNC_H_
