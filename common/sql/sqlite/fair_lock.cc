#include "common/sql/sqlite/fair_lock.h"

#include <algorithm>

namespace baimi::sql::sqlite {

bool FairLock::LockUntil(absl::Time deadline) {
  absl::MutexLock lock(&mu_);
  if (!held_) {
    held_ = true;
    return true;
  }
  Waiter self;
  queue_.push_back(&self);
  while (!self.granted) {
    if (self.granted_or_late.WaitWithDeadline(&mu_, deadline) && !self.granted) {
      queue_.erase(std::find(queue_.begin(), queue_.end(), &self));
      return false;
    }
  }
  return true;
}

void FairLock::Unlock() {
  absl::MutexLock lock(&mu_);
  if (queue_.empty()) {
    held_ = false;
    return;
  }
  Waiter* next = queue_.front();
  queue_.pop_front();
  next->granted = true;
  next->granted_or_late.Signal();
}

size_t FairLock::waiting() const {
  absl::MutexLock lock(&mu_);
  return queue_.size();
}

}  // namespace baimi::sql::sqlite
