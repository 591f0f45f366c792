#include "common/rate/buckets.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace baimi::rate::internal {
namespace {

// Callers read the clock before they hold the lock, so that small steps back are none.
constexpr absl::Duration kStepBack = absl::Seconds(1);

}  // namespace

Buckets::Shard& Buckets::Of(absl::string_view key) {
  return shards_[(absl::Hash<absl::string_view>()(key) >> 32) % shards_.size()];
}

Decision Buckets::Take(absl::string_view key, const Limit& limit, absl::Time now) {
  if (limit.per_second <= 0) {
    return {};
  }
  const absl::Duration cost = absl::Seconds(1) / limit.per_second;
  const absl::Duration most = cost * std::max<int64_t>(limit.burst, 1);
  Shard& shard = Of(key);
  absl::MutexLock lock(&shard.mu);
  Follow(shard, now);
  auto found = shard.buckets.find(key);
  if (found == shard.buckets.end()) {
    Sweep(shard, now);
    found = shard.buckets.try_emplace(key).first;
  }
  Bucket& bucket = found->second;
  const absl::Time full_at = std::max(bucket.full_at, now) + cost;
  if (full_at - now > most) {
    return {.allowed = false, .retry_after = full_at - now - most};
  }
  bucket.full_at = full_at;
  if (told_) {
    bucket.untold += cost;
  }
  return {};
}

void Buckets::Follow(Shard& shard, absl::Time now) {
  const absl::Duration back = shard.now - now;
  if (back > kStepBack) {
    for (auto& entry : shard.buckets) {
      entry.second.full_at -= back;
    }
  }
  if (back > kStepBack || back < absl::ZeroDuration()) {
    shard.now = now;
  }
}

void Buckets::Sweep(Shard& shard, absl::Time now) {
  if (shard.buckets.size() < shard.sweep_at) {
    return;
  }
  absl::erase_if(shard.buckets, [now](const auto& entry) {
    return entry.second.full_at <= now && entry.second.untold == absl::ZeroDuration();
  });
  shard.sweep_at = std::max<size_t>(256, 2 * shard.buckets.size());
}

std::vector<Spent> Buckets::Collect() {
  std::vector<Spent> spent;
  for (Shard& shard : shards_) {
    absl::MutexLock lock(&shard.mu);
    for (auto& [key, bucket] : shard.buckets) {
      if (bucket.untold > absl::ZeroDuration()) {
        spent.push_back({key, bucket.untold});
        bucket.untold = absl::ZeroDuration();
      }
    }
  }
  return spent;
}

void Buckets::Adopt(absl::string_view key, absl::Duration ahead, absl::Time now) {
  Shard& shard = Of(key);
  absl::MutexLock lock(&shard.mu);
  Follow(shard, now);
  Bucket& bucket = shard.buckets.try_emplace(key).first->second;
  bucket.full_at = std::max(bucket.full_at, now + ahead + bucket.untold);
}

size_t Buckets::size() const {
  size_t size = 0;
  for (const Shard& shard : shards_) {
    absl::MutexLock lock(&shard.mu);
    size += shard.buckets.size();
  }
  return size;
}

}  // namespace baimi::rate::internal
