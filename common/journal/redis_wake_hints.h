// Wake-up hints over Redis publish/subscribe. Redis away costs watchers the time of a poll, nothing
// else: hints of that time are lost, and listeners get one hint for all when it is back.
#ifndef BAIMI_COMMON_JOURNAL_REDIS_WAKE_HINTS_H_
#define BAIMI_COMMON_JOURNAL_REDIS_WAKE_HINTS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/journal/wake_hints.h"
#include "common/redis/options.h"

namespace baimi::journal {

struct RedisWakeHintsOptions {
  // The same for all replicas of a service on one database, e.g. "baimi/<incarnation>/ticket/wake".
  // Required. Redis keeps channels of all its databases together: the number in the URI parts none.
  std::string channel;
  // Between attempts to connect: the first, doubled up to the last. Real time. Default: 50 ms, 2 s.
  absl::Duration first_retry = absl::Milliseconds(50);
  absl::Duration last_retry = absl::Seconds(2);
  // Drives the breaker. Must outlive the hints. Required.
  const Clock* clock = nullptr;
  // Its clock is set by Open.
  redis::Options connection = {};
  // Makes the name by which this object knows its own hints. Used by Open only. Required.
  Rng* rng = nullptr;
};

// Two threads: one publishes (what waits is merged, one hint a county), one listens. Listeners do
// not hear what this object published. INVALID_ARGUMENT for a URI or options that cannot be right.
absl::StatusOr<std::unique_ptr<WakeHints>> OpenRedisWakeHints(absl::string_view uri,
                                                              const RedisWakeHintsOptions& options);

}  // namespace baimi::journal

#endif  // BAIMI_COMMON_JOURNAL_REDIS_WAKE_HINTS_H_
