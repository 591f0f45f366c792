#include "common/rpc/retry.h"

#include <algorithm>

#include "common/base/error.h"

namespace baimi::rpc {
namespace {

constexpr char kDraining[] = "SERVER_DRAINING";

// Between half of it and all of it: who was refused together does not come back together.
absl::Duration Spread(absl::Duration delay, Rng& rng) {
  const std::string byte = rng.Bytes(1);
  return delay / 2 + delay / 2 * (static_cast<double>(static_cast<unsigned char>(byte[0])) / 255);
}

}  // namespace

void RetryBudget::Earn() {
  absl::MutexLock lock(&mu_);
  left_ = std::min(left_ + options_.earned, options_.burst);
}

bool RetryBudget::Take() {
  absl::MutexLock lock(&mu_);
  if (left_ < 1) {
    return false;
  }
  left_ -= 1;
  return true;
}

std::optional<absl::Duration> NextTry(RetryBudget& budget, const absl::Status& status,
                                      bool idempotent, int made, absl::Duration left, Rng& rng) {
  const RetryOptions& options = budget.options();
  if (made >= options.attempts) {
    return std::nullopt;
  }
  const std::string reason = ReasonOf(status);
  const bool refused = absl::IsUnavailable(status) && reason == kDraining;
  const bool lost = absl::IsUnavailable(status) || (absl::IsCancelled(status) && reason.empty());
  if (!refused && !(lost && idempotent)) {
    return std::nullopt;
  }
  absl::Duration delay = absl::ZeroDuration();
  if (made > 1 || !refused) {
    delay = Spread(std::min(options.delay * (1 << std::clamp(made - 1, 0, 20)), options.max_delay),
                   rng);
  }
  if (const auto asked = RetryAfterOf(status); asked && !refused) {
    delay = std::max(delay, std::min(*asked, options.max_delay));
  }
  if (delay >= left || !budget.Take()) {
    return std::nullopt;
  }
  return delay;
}

}  // namespace baimi::rpc
