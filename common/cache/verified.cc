#include "common/cache/verified.h"

#include <algorithm>
#include <utility>

namespace baimi::cache {
namespace {

class VerifiedCache final : public Cache {
 public:
  VerifiedCache(std::unique_ptr<Cache> base, Freshness* freshness)
      : base_(std::move(base)), freshness_(*freshness) {}

  Value Get(absl::string_view key, int64_t min_version) override {
    const std::optional<int64_t> floor = freshness_.Floor(key);
    return floor ? base_->Get(key, std::max(min_version, *floor)) : nullptr;
  }
  void PutIfNewer(absl::string_view key, Value value, int64_t version,
                  absl::Duration ttl) override {
    base_->PutIfNewer(key, std::move(value), version, ttl);
  }
  bool Invalidate(absl::string_view key, int64_t version) override {
    return base_->Invalidate(key, version);
  }
  void Delete(absl::string_view key) override { base_->Delete(key); }
  void Clear() override { base_->Clear(); }
  bool in_memory() const override { return base_->in_memory(); }
  CacheStats Stats() const override { return base_->Stats(); }

 private:
  const std::unique_ptr<Cache> base_;
  Freshness& freshness_;
};

}  // namespace

std::unique_ptr<Cache> NewVerifiedCache(std::unique_ptr<Cache> base, Freshness* freshness) {
  return std::make_unique<VerifiedCache>(std::move(base), freshness);
}

}  // namespace baimi::cache
