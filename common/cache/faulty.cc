#include "common/cache/faulty.h"

#include <utility>

namespace baimi::cache {

bool FaultyCache::Fails(double FaultPlan::*kind) {
  const bool hit = draws_->Hit(kind);
  errors_ += hit ? 1 : 0;
  return hit;
}

Value FaultyCache::Get(absl::string_view key, int64_t min_version) {
  draws_->MayDelay();
  return Fails(&FaultPlan::get_error) ? nullptr : base_->Get(key, min_version);
}

void FaultyCache::PutIfNewer(absl::string_view key, Value value, int64_t version,
                             absl::Duration ttl) {
  draws_->MayDelay();
  if (!Fails(&FaultPlan::lost_put)) {
    base_->PutIfNewer(key, std::move(value), version, ttl);
  }
}

bool FaultyCache::Invalidate(absl::string_view key, int64_t version) {
  draws_->MayDelay();
  if (Fails(&FaultPlan::failed_invalidation)) {
    return false;
  }
  if (draws_->Hit(&FaultPlan::lost_invalidation)) {
    return true;
  }
  const bool done = base_->Invalidate(key, version);
  return done && !Fails(&FaultPlan::unknown_invalidation);
}

CacheStats FaultyCache::Stats() const {
  CacheStats stats = base_->Stats();
  stats.errors += errors_;
  return stats;
}

}  // namespace baimi::cache
