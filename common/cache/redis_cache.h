// The cache of several replicas: values in a Redis server that all of them use.
//
// A key holds one string: a header of fixed width (version, expiry, guard, kind) and the value. One
// GET reads it; puts and invalidations are Lua scripts, so that a late fill never overwrites a
// newer value however many replicas write. Expiry and guards are judged by the clocks of the
// replicas, which must agree within a few seconds; Redis's own expiry only clears what is over.
//
// Redis fails:
//   * away, slow, starting: every method gives up within the time limits of the connection options,
//     and at once while the breaker is open. Gets miss.
//   * flushed: everything misses once; guards are forgotten with the rest.
//   * full (maxmemory without eviction): puts are lost, and what they would have replaced is
//     removed; invalidations still work: removing comes first, which Redis allows, and a script
//     that has written may go on writing. Their tombstones go beyond the limit, about 150 bytes
//     each, for the guard time.
// With an evicting maxmemory-policy Redis may drop tombstones before their time. Use `noeviction`,
// or `volatile-ttl`, which takes what ends soonest.
#ifndef BAIMI_COMMON_CACHE_REDIS_CACHE_H_
#define BAIMI_COMMON_CACHE_REDIS_CACHE_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/cache/cache.h"
#include "common/redis/options.h"

namespace baimi::cache {

struct RedisCacheOptions {
  // Put before every key, e.g. "baimi/<database incarnation>/ticket/". What two services or two
  // databases cache must not meet. Required.
  std::string prefix;
  // How long versions are remembered. Must be longer than the longest fill. Default: 30 s.
  absl::Duration guard = kDefaultGuard;
  // A larger value is not held (the put acts as Invalidate). Default: 1 MiB.
  size_t max_value = size_t{1} << 20;
  // Drives expiry and guards, and the breaker. Must outlive the cache. Required.
  const Clock* clock = nullptr;
  // Its clock is set by OpenRedis.
  redis::Options connection = {};
};

// `uri` as redis/uri.h says. INVALID_ARGUMENT for a URI or options that cannot be right; a server
// that is not there is no error.
//
// Clear scans for the keys of the prefix: for tests and operators, not for a request. What is put
// meanwhile may stay.
absl::StatusOr<std::unique_ptr<Cache>> OpenRedis(absl::string_view uri,
                                                 const RedisCacheOptions& options);

}  // namespace baimi::cache

#endif  // BAIMI_COMMON_CACHE_REDIS_CACHE_H_
