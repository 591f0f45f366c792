// The cache port (DESIGN.md §3.3): a faster copy, never the truth. Adapters (memory here, Redis for
// several replicas) pass the same suite, tests/conformance/cache.
//
// Versions. Every value carries the county sequence it was read at: it reflects at least every
// event up to that one. A reader asks the database for the sequence before or together with the
// row, never after it. Versions are 0 or more; those of one key are comparable, those of different
// keys are not.
//
// Writers. Whoever changes a row calls Invalidate with the sequence of the change, after the
// commit. A put of the new value may follow it but does not replace it.
//
// Order, for one key:
//   * While a value is in the cache, nothing older replaces it.
//   * Once version v was invalidated, nothing older than v is accepted for the guard time, whatever
//     is put, evicted or expires meanwhile: a fill that read before a change and arrives after it
//     loses. A fill must therefore end within the guard time, or not be put.
// Delete and Clear alone forget versions.
//
// Keys. Any bytes; the callers build them as "<database incarnation>/<service>/<kind>/<resource
// name>", so that a restored database, whose sequences begin again, meets no entries of the old
// one. Never cache credentials, permission decisions, or clear personal data.
//
// Failing soft. No method returns an error: an adapter that cannot reach its server misses on Get
// and loses the rest; a lost Invalidate is followed by an attempt to Delete, and says so. Such
// events are counted in Stats. No method throws, and none blocks longer than the adapter's own
// short time limit.
//
// Thread-safe: operations on one key happen one after the other.
#ifndef BAIMI_COMMON_CACHE_CACHE_H_
#define BAIMI_COMMON_CACHE_CACHE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace baimi::cache {

// Shared with the cache and immutable; null means a miss.
using Value = std::shared_ptr<const std::string>;

// How long the version of an invalidation is remembered, unless an adapter is told otherwise.
inline constexpr absl::Duration kDefaultGuard = absl::Seconds(30);

// Since the start, except the last two. Adapters that share a server count what they did
// themselves.
struct CacheStats {
  uint64_t hits = 0;
  // No live value under the key.
  uint64_t misses = 0;
  // A live value, but older than the version asked for.
  uint64_t too_old = 0;
  uint64_t puts = 0;
  // Puts that lost against a newer version.
  uint64_t rejected = 0;
  uint64_t invalidations = 0;
  // Live values removed to make room.
  uint64_t evictions = 0;
  // Operations lost because the back end failed.
  uint64_t errors = 0;
  // Now; zero where the adapter cannot tell.
  uint64_t entries = 0;
  uint64_t bytes = 0;
};

class Cache {
 public:
  virtual ~Cache() = default;

  // The live value of `key` if its version is at least `min_version`, else null. An entry that is
  // too old for this reader stays for others. Pass 0 to accept any version.
  virtual Value Get(absl::string_view key, int64_t min_version) = 0;

  // Makes `value` (not null) the value of `key`, unless a newer version was put or invalidated.
  // Equal versions replace each other. The value lives until `ttl` from now on the cache's clock,
  // or up to a tenth less, so that entries filled together do not expire together; with ttl <= 0,
  // or when the value is larger than the cache can hold, the call acts as Invalidate.
  virtual void PutIfNewer(absl::string_view key, Value value, int64_t version,
                          absl::Duration ttl) = 0;

  // The resource changed at `version`: an older value is gone, and an older fill that is still
  // under way will lose. A value of this or a later version stays. False when the back end may not
  // have taken it: an older value may still be there, for this reader and others (see detached.h,
  // which repeats it, and verified.h, which does not rely on it).
  virtual bool Invalidate(absl::string_view key, int64_t version) = 0;

  // Forgets the key, its versions too.
  virtual void Delete(absl::string_view key) = 0;
  // Forgets everything.
  virtual void Clear() = 0;

  // True when no method ever waits for anything but a short lock: then, and only then, the cache
  // may be asked on a thread of gRPC. A cache across the network is asked on a lane's thread.
  virtual bool in_memory() const { return false; }

  virtual CacheStats Stats() const = 0;
};

}  // namespace baimi::cache

#endif  // BAIMI_COMMON_CACHE_CACHE_H_
