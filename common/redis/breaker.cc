#include "common/redis/breaker.h"

namespace baimi::redis {

bool Breaker::Allow() {
  absl::MutexLock lock(&mu_);
  if (!open_) {
    return true;
  }
  const absl::Duration left = retry_at_ - clock_.Now();
  // More than was ever to wait: the clock was set back.
  if (probing_ || (left > absl::ZeroDuration() && left <= options_.open_for)) {
    return false;
  }
  probing_ = true;
  return true;
}

void Breaker::Success() {
  absl::MutexLock lock(&mu_);
  failures_ = 0;
  open_ = false;
  probing_ = false;
}

void Breaker::Failure() {
  absl::MutexLock lock(&mu_);
  ++failures_;
  if (!open_ && failures_ < options_.failures) {
    return;
  }
  opened_ += open_ ? 0 : 1;
  open_ = true;
  probing_ = false;
  retry_at_ = clock_.Now() + options_.open_for;
}

bool Breaker::closed() const {
  absl::MutexLock lock(&mu_);
  return !open_;
}

int64_t Breaker::opened() const {
  absl::MutexLock lock(&mu_);
  return opened_;
}

}  // namespace baimi::redis
