// The embedded cache: sharded, in the memory of one process, evicting what was not read lately (LRU
// by second chance). Not shared, so right for one replica only.
#ifndef BAIMI_COMMON_CACHE_MEMORY_CACHE_H_
#define BAIMI_COMMON_CACHE_MEMORY_CACHE_H_

#include <cstddef>
#include <memory>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/cache/cache.h"

namespace baimi::cache {

struct MemoryCacheOptions {
  // Everything counts: keys, values, tombstones and an estimate of the book-keeping. Split evenly
  // over the shards; a value above its shard's part is not held. Default: 64 MiB.
  size_t budget = size_t{64} << 20;
  // Rounded up to a power of two; one lock each. Default: 16.
  size_t shards = 16;
  // How long versions are remembered. Must be longer than the longest fill. Default: 30 s.
  absl::Duration guard = kDefaultGuard;
  // Drives expiry and guards. Must outlive the cache. Required.
  const Clock* clock = nullptr;
};

// Of the budget of a shard at most a half goes to remembering versions without values. When even
// that is not enough, the shard takes no new keys until the forgotten guards have passed: it may
// miss more, but never answers with something older.
std::unique_ptr<Cache> NewMemoryCache(const MemoryCacheOptions& options);

}  // namespace baimi::cache

#endif  // BAIMI_COMMON_CACHE_MEMORY_CACHE_H_
