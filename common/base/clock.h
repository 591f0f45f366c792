// Time as a parameter. Only SystemClock may ask the operating system.
#ifndef BAIMI_COMMON_BASE_CLOCK_H_
#define BAIMI_COMMON_BASE_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace baimi {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Truncated to microseconds, the resolution of everything we store.
  virtual absl::Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override;
};

// Stands still until told otherwise. Drives tests and the replay of the sample day.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(absl::Time start) : now_(start) {}
  absl::Time Now() const override;
  void Advance(absl::Duration by);
  // `to` may not lie before Now(); an earlier time is ignored.
  void AdvanceTo(absl::Time to);

 private:
  mutable absl::Mutex mu_;
  absl::Time now_ ABSL_GUARDED_BY(mu_);
};

// +08:00 without daylight saving: the zone of every day edge in the suite.
absl::TimeZone ShanghaiZone();
// "YYYY-MM-DD" of the Shanghai day that `time` falls in.
std::string ShanghaiDate(absl::Time time);

}  // namespace baimi

#endif  // BAIMI_COMMON_BASE_CLOCK_H_
