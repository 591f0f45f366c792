#include "common/cache/faulty.h"

#include <cmath>
#include <utility>

namespace baimi::cache {

FaultyCache::FaultyCache(std::unique_ptr<Cache> base, FaultPlan plan) : base_(std::move(base)) {
  SetPlan(std::move(plan));
}

void FaultyCache::SetPlan(FaultPlan plan) {
  absl::MutexLock lock(&mu_);
  rng_ = NewSeededRng(plan.seed);
  plan_ = std::move(plan);
}

int64_t FaultyCache::injected() const {
  absl::MutexLock lock(&mu_);
  return injected_;
}

bool FaultyCache::Draw(double FaultPlan::*chance) {
  absl::MutexLock lock(&mu_);
  // 53 random bits: a number in [0, 1).
  const double drawn = std::ldexp(static_cast<double>(rng_->Uint64() >> 11), -53);
  const bool hit = drawn < plan_.*chance;
  injected_ += hit ? 1 : 0;
  return hit;
}

bool FaultyCache::DrawError(double FaultPlan::*chance) {
  const bool hit = Draw(chance);
  absl::MutexLock lock(&mu_);
  errors_ += hit ? 1 : 0;
  return hit;
}

void FaultyCache::Delay() {
  if (!Draw(&FaultPlan::delay_chance)) {
    return;
  }
  std::function<void()> delay;
  {
    absl::MutexLock lock(&mu_);
    delay = plan_.delay;
  }
  if (delay) {
    delay();
  }
}

Value FaultyCache::Get(absl::string_view key, int64_t min_version) {
  Delay();
  return DrawError(&FaultPlan::get_error) ? nullptr : base_->Get(key, min_version);
}

void FaultyCache::PutIfNewer(absl::string_view key, Value value, int64_t version,
                             absl::Duration ttl) {
  Delay();
  if (!DrawError(&FaultPlan::lost_put)) {
    base_->PutIfNewer(key, std::move(value), version, ttl);
  }
}

bool FaultyCache::Invalidate(absl::string_view key, int64_t version) {
  Delay();
  if (DrawError(&FaultPlan::failed_invalidation)) {
    return false;
  }
  return Draw(&FaultPlan::lost_invalidation) || base_->Invalidate(key, version);
}

CacheStats FaultyCache::Stats() const {
  CacheStats stats = base_->Stats();
  absl::MutexLock lock(&mu_);
  stats.errors += errors_;
  return stats;
}

}  // namespace baimi::cache
