// A lock that is handed over in the order of arrival, so that no writer starves.
#ifndef BAIMI_COMMON_SQL_SQLITE_FAIR_LOCK_H_
#define BAIMI_COMMON_SQL_SQLITE_FAIR_LOCK_H_

#include <deque>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace baimi::sql::sqlite {

// Thread-safe.
class FairLock {
 public:
  // True when the lock is held; false when `deadline` (machine time) passed first.
  [[nodiscard]] bool LockUntil(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mu_);
  void Unlock() ABSL_LOCKS_EXCLUDED(mu_);
  // Threads that wait now.
  size_t waiting() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Waiter {
    absl::CondVar granted_or_late;
    bool granted = false;
  };

  mutable absl::Mutex mu_;
  bool held_ ABSL_GUARDED_BY(mu_) = false;
  std::deque<Waiter*> queue_ ABSL_GUARDED_BY(mu_);
};

// Holds the lock for a scope, if it got it.
class FairLockHold {
 public:
  FairLockHold(FairLock& lock, absl::Time deadline)
      : lock_(lock), held_(lock.LockUntil(deadline)) {}
  ~FairLockHold() {
    if (held_) {
      lock_.Unlock();
    }
  }
  FairLockHold(const FairLockHold&) = delete;
  FairLockHold& operator=(const FairLockHold&) = delete;

  bool held() const { return held_; }

 private:
  FairLock& lock_;
  const bool held_;
};

}  // namespace baimi::sql::sqlite

#endif  // BAIMI_COMMON_SQL_SQLITE_FAIR_LOCK_H_
