#include "common/journal/shared_cache.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/cache/verified.h"

namespace baimi::journal {

absl::StatusOr<SharedCache> OpenSharedCache(absl::string_view uri, sql::Database* database,
                                            const SharedCacheOptions& options) {
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<cache::Cache> redis, cache::OpenRedis(uri, options.redis));
  if (options.decorate) {
    redis = options.decorate(std::move(redis));
  }
  SharedCache shared;
  shared.changes = ChangeIndex::Create(database, options.redis.clock, options.changes);
  shared.cache = cache::NewVerifiedCache(
      cache::NewDetachedCache(std::move(redis), options.detached), shared.changes.get());
  return shared;
}

}  // namespace baimi::journal
