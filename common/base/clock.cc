#include "common/base/clock.h"

#include <string>

namespace baimi {

absl::Time SystemClock::Now() const {
  return absl::FromUnixMicros(absl::GetCurrentTimeNanos() / 1000);
}

absl::Time SimulatedClock::Now() const {
  absl::MutexLock lock(&mu_);
  return now_;
}

void SimulatedClock::Advance(absl::Duration by) {
  absl::MutexLock lock(&mu_);
  now_ += by;
}

void SimulatedClock::AdvanceTo(absl::Time to) {
  absl::MutexLock lock(&mu_);
  now_ = std::max(now_, to);
}

absl::TimeZone ShanghaiZone() { return absl::FixedTimeZone(8 * 60 * 60); }

std::string ShanghaiDate(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d", time, ShanghaiZone());
}

}  // namespace baimi
