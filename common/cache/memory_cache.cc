#include "common/cache/memory_cache.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <vector>

#include "absl/base/internal/raw_logging.h"
#include "absl/hash/hash.h"
#include "common/cache/jitter.h"
#include "common/cache/shard.h"

namespace baimi::cache {
namespace {

using internal::Jittered;
using internal::Shard;

class MemoryCache final : public Cache {
 public:
  explicit MemoryCache(const MemoryCacheOptions& options) : clock_(*options.clock) {
    const size_t count = std::bit_ceil(std::clamp<size_t>(options.shards, 1, 1024));
    mask_ = count - 1;
    for (size_t i = 0; i < count; ++i) {
      shards_.push_back(std::make_unique<Shard>(options.budget / count, options.guard));
    }
  }

  Value Get(absl::string_view key, int64_t min_version) override {
    return Of(Hash(key)).Get(key, min_version, clock_.Now());
  }

  void PutIfNewer(absl::string_view key, Value value, int64_t version,
                  absl::Duration ttl) override {
    const size_t hash = Hash(key);
    const absl::Time now = clock_.Now();
    if (ttl <= absl::ZeroDuration()) {
      Of(hash).Invalidate(key, version, now);
      return;
    }
    Of(hash).Put(key, std::move(value), version, now + Jittered(ttl, hash, version), now);
  }

  bool Invalidate(absl::string_view key, int64_t version) override {
    Of(Hash(key)).Invalidate(key, version, clock_.Now());
    return true;
  }

  void Delete(absl::string_view key) override { Of(Hash(key)).Delete(key); }

  void Clear() override {
    for (const auto& shard : shards_) {
      shard->Clear();
    }
  }

  bool in_memory() const override { return true; }

  CacheStats Stats() const override {
    CacheStats stats;
    for (const auto& shard : shards_) {
      shard->AddTo(stats);
    }
    return stats;
  }

 private:
  static size_t Hash(absl::string_view key) { return absl::Hash<absl::string_view>()(key); }
  // By the upper half: the shard's own table uses the lower one.
  Shard& Of(size_t hash) { return *shards_[(hash >> 32) & mask_]; }

  const Clock& clock_;
  size_t mask_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace

std::unique_ptr<Cache> NewMemoryCache(const MemoryCacheOptions& options) {
  ABSL_RAW_CHECK(options.clock != nullptr, "MemoryCacheOptions.clock is required");
  return std::make_unique<MemoryCache>(options);
}

}  // namespace baimi::cache
