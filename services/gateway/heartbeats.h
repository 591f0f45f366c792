// Comment lines on event streams that have been quiet, so that proxies and clients do not take them
// for dead.
#ifndef BAIMI_SERVICES_GATEWAY_HEARTBEATS_H_
#define BAIMI_SERVICES_GATEWAY_HEARTBEATS_H_

#include <list>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/exec/ticker.h"

namespace baimi::gateway {

// Something that wants to be asked. Thread-safe.
class Beating {
 public:
  virtual ~Beating() = default;
  // Must not block.
  virtual void Beat(absl::Time now) = 0;
};

// Thread-safe; one thread, which looks at the streams every quarter of `interval`, and at least
// once a second, of the machine's time.
class Heartbeats {
 public:
  // `clock` outlives it. `interval` > 0.
  Heartbeats(const Clock* clock, absl::Duration interval);

  void Add(std::weak_ptr<Beating> stream);
  absl::Duration interval() const { return interval_; }
  absl::Time Now() const { return clock_->Now(); }

 private:
  void Tick();

  const Clock* const clock_;
  const absl::Duration interval_;
  absl::Mutex mu_;
  std::list<std::weak_ptr<Beating>> streams_ ABSL_GUARDED_BY(mu_);
  exec::Ticker ticker_;
};

}  // namespace baimi::gateway

#endif  // BAIMI_SERVICES_GATEWAY_HEARTBEATS_H_
