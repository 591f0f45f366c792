// The cache of a service with several replicas, put together: values in Redis, invalidations that
// do not hold up commits and are repeated, and the journal as the bound on staleness.
//
//   Get:        what the journal's index vouches for -> not invalidated here -> Redis
//   Invalidate: remembered here at once -> Redis, by a thread
#ifndef BAIMI_COMMON_JOURNAL_SHARED_CACHE_H_
#define BAIMI_COMMON_JOURNAL_SHARED_CACHE_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cache/cache.h"
#include "common/cache/detached.h"
#include "common/cache/redis_cache.h"
#include "common/journal/change_index.h"

namespace baimi::journal {

struct SharedCacheOptions {
  // prefix and clock are required.
  cache::RedisCacheOptions redis = {};
  cache::DetachedOptions detached = {};
  ChangeIndexOptions changes = {};
  // Put around the Redis itself, inside of all that copes with its failures. Null: nothing.
  std::function<std::unique_ptr<cache::Cache>(std::unique_ptr<cache::Cache>)> decorate = nullptr;
};

// The members are destroyed in the right order.
struct SharedCache {
  std::unique_ptr<ChangeIndex> changes;
  std::unique_ptr<cache::Cache> cache;
};

// `uri`: as redis/uri.h says. `database` holds the service's journal and must outlive the result.
// Wake `changes` on commits and hints: it then learns of changes before its next poll.
// INVALID_ARGUMENT as OpenRedis.
absl::StatusOr<SharedCache> OpenSharedCache(absl::string_view uri, sql::Database* database,
                                            const SharedCacheOptions& options);

}  // namespace baimi::journal

#endif  // BAIMI_COMMON_JOURNAL_SHARED_CACHE_H_
