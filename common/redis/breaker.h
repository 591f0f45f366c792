// A circuit breaker: a server that does not answer is left alone for a while, so that its callers
// do not pay a time-out each.
#ifndef BAIMI_COMMON_REDIS_BREAKER_H_
#define BAIMI_COMMON_REDIS_BREAKER_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"

namespace baimi::redis {

struct BreakerOptions {
  // Failures one after the other that open it. Default: 3.
  int failures = 3;
  // How long it stays open before one call may try. Default: 500 ms.
  absl::Duration open_for = absl::Milliseconds(500);
};

// Closed: everybody may call. Open: nobody. Half-open: one call may try; its success closes the
// breaker, its failure opens it for another `open_for`. Thread-safe.
class Breaker {
 public:
  // `clock` must outlive the breaker.
  Breaker(const BreakerOptions& options, const Clock* clock) : options_(options), clock_(*clock) {}

  // True: call the server, then report with Success or Failure, exactly once.
  bool Allow();
  void Success();
  void Failure();

  bool closed() const;
  // Times it opened since the start.
  int64_t opened() const;

 private:
  const BreakerOptions options_;
  const Clock& clock_;
  mutable absl::Mutex mu_;
  // In a row.
  int failures_ ABSL_GUARDED_BY(mu_) = 0;
  bool open_ ABSL_GUARDED_BY(mu_) = false;
  bool probing_ ABSL_GUARDED_BY(mu_) = false;
  absl::Time retry_at_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  int64_t opened_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace baimi::redis

#endif  // BAIMI_COMMON_REDIS_BREAKER_H_
