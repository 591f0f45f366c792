// The listeners of a WakeHints.
#ifndef BAIMI_COMMON_JOURNAL_LISTENERS_H_
#define BAIMI_COMMON_JOURNAL_LISTENERS_H_

#include <list>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/journal/wake_hints.h"

namespace baimi::journal::internal {

// Thread-safe. Outlives the handles it gave.
class Listeners {
 public:
  std::unique_ptr<WakeHints::Listener> Add(WakeHints::Callback callback) {
    absl::MutexLock lock(&mu_);
    callbacks_.push_front(std::move(callback));
    return std::make_unique<Handle>(this, callbacks_.begin());
  }

  void Call(absl::string_view county, int64_t seq) {
    // Held, so that Handle's destructor waits for a callback that runs.
    absl::MutexLock lock(&mu_);
    for (const WakeHints::Callback& callback : callbacks_) {
      callback(county, seq);
    }
  }

 private:
  using Callbacks = std::list<WakeHints::Callback>;

  class Handle final : public WakeHints::Listener {
   public:
    Handle(Listeners* from, Callbacks::iterator at) : from_(from), at_(at) {}
    ~Handle() override {
      absl::MutexLock lock(&from_->mu_);
      from_->callbacks_.erase(at_);
    }

   private:
    Listeners* const from_;
    const Callbacks::iterator at_;
  };

  absl::Mutex mu_;
  Callbacks callbacks_ ABSL_GUARDED_BY(mu_);
};

}  // namespace baimi::journal::internal

#endif  // BAIMI_COMMON_JOURNAL_LISTENERS_H_
