// A cache that fails on purpose, for tests of what stands above the port.
#ifndef BAIMI_COMMON_CACHE_FAULTY_H_
#define BAIMI_COMMON_CACHE_FAULTY_H_

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "common/base/fault_draws.h"
#include "common/cache/cache.h"

namespace baimi::cache {

// Chances, drawn as common/base/fault_draws.h says. Default: no fault at all.
struct FaultPlan {
  uint64_t seed = 1;
  // A Get misses, whatever is there.
  double get_error = 0;
  // A PutIfNewer does nothing.
  double lost_put = 0;
  // An Invalidate does nothing and says so, as when the server is away ...
  double failed_invalidation = 0;
  // ... or is done and says that it may not be, as when the answer comes too late ...
  double unknown_invalidation = 0;
  // ... or does nothing and says it did, as when the process is killed before it.
  double lost_invalidation = 0;
  // `delay` is called before an operation, on its thread. It may block as the test likes.
  double delay_chance = 0;
  std::function<void()> delay = {};
};

// Thread-safe as the port says. Delete and Clear are passed on unharmed. Get, PutIfNewer and
// Invalidate that fail count as errors in Stats, all but lost invalidations.
class FaultyCache final : public Cache {
 public:
  FaultyCache(std::unique_ptr<Cache> base, FaultPlan plan)
      : FaultyCache(std::move(base), std::make_shared<FaultDraws<FaultPlan>>(std::move(plan))) {}
  // Draws that several decorators share, or that go on after this one.
  FaultyCache(std::unique_ptr<Cache> base, std::shared_ptr<FaultDraws<FaultPlan>> draws)
      : base_(std::move(base)), draws_(std::move(draws)) {}

  // Replaces the plan and starts its sequence.
  void SetPlan(FaultPlan plan) { draws_->SetPlan(std::move(plan)); }
  // Faults and delays injected so far; of one kind: injected(&FaultPlan::lost_put).
  int64_t injected() const { return draws_->injected(); }
  int64_t injected(double FaultPlan::*kind) const { return draws_->injected(kind); }

  Value Get(absl::string_view key, int64_t min_version) override;
  void PutIfNewer(absl::string_view key, Value value, int64_t version, absl::Duration ttl) override;
  bool Invalidate(absl::string_view key, int64_t version) override;
  void Delete(absl::string_view key) override { base_->Delete(key); }
  void Clear() override { base_->Clear(); }
  CacheStats Stats() const override;

 private:
  // As FaultDraws::Hit, and counts an error.
  bool Fails(double FaultPlan::*kind);

  const std::unique_ptr<Cache> base_;
  const std::shared_ptr<FaultDraws<FaultPlan>> draws_;
  std::atomic<uint64_t> errors_{0};
};

}  // namespace baimi::cache

#endif  // BAIMI_COMMON_CACHE_FAULTY_H_
