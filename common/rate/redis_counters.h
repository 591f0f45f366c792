// Rate counters that several replicas share through Redis.
//
// Each replica decides by its own buckets, at once, and tells Redis every `interval` what it took;
// the answer is what all took together, which its buckets adopt. So:
//   * a call never waits for Redis;
//   * until replicas heard of each other they may allow more than the limit: up to (replicas - 1)
//     times what one of them allows in an interval, at most (replicas - 1) bursts. What was allowed
//     too much is paid back: in the long run the rate of all together is the limit;
//   * Redis away: each replica limits by itself, as a replica that is alone. What was taken then is
//     not told later.
// Redis's clock rules the shared buckets, so the clocks of the replicas need not agree.
#ifndef BAIMI_COMMON_RATE_REDIS_COUNTERS_H_
#define BAIMI_COMMON_RATE_REDIS_COUNTERS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/rate/counters.h"
#include "common/redis/options.h"

namespace baimi::rate {

struct RedisCountersOptions {
  // Put before every key, e.g. "baimi/rate/". Required.
  std::string prefix;
  // Between two exchanges while calls come, in real time. Default: 100 ms.
  absl::Duration interval = absl::Milliseconds(100);
  // Of the own buckets and the breaker. Must outlive the counters. Required.
  const Clock* clock = nullptr;
  // Its clock is set by OpenRedisCounters.
  redis::Options connection = {};
};

class RedisCounters : public Counters {
 public:
  // One exchange now, on the caller's thread. False when Redis did not take it.
  virtual bool Exchange() = 0;
};

// INVALID_ARGUMENT for a URI or options that cannot be right; a server that is not there is no
// error.
absl::StatusOr<std::unique_ptr<RedisCounters>> OpenRedisCounters(
    absl::string_view uri, const RedisCountersOptions& options);

}  // namespace baimi::rate

#endif  // BAIMI_COMMON_RATE_REDIS_COUNTERS_H_
