// A cache that fails on purpose, for tests of what stands above the port.
#ifndef BAIMI_COMMON_CACHE_FAULTY_H_
#define BAIMI_COMMON_CACHE_FAULTY_H_

#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/random.h"
#include "common/cache/cache.h"

namespace baimi::cache {

// Chances lie in [0, 1]; each is drawn anew at each of its occasions from one seeded generator, so
// that a single-threaded test repeats exactly. Default: no fault at all.
struct FaultPlan {
  uint64_t seed = 1;
  // A Get misses, whatever is there.
  double get_error = 0;
  // A PutIfNewer does nothing.
  double lost_put = 0;
  // An Invalidate does nothing and says so, as when the server is away ...
  double failed_invalidation = 0;
  // ... or does nothing and says it did, as when the process is killed before it.
  double lost_invalidation = 0;
  // `delay` is called before an operation, on its thread. It may block as the test likes.
  double delay_chance = 0;
  std::function<void()> delay = {};
};

// Thread-safe as the port says. Delete and Clear are passed on unharmed. Get, PutIfNewer and
// Invalidate that fail count as errors, all but lost invalidations.
class FaultyCache final : public Cache {
 public:
  FaultyCache(std::unique_ptr<Cache> base, FaultPlan plan);

  // Replaces the plan and starts its sequence.
  void SetPlan(FaultPlan plan) ABSL_LOCKS_EXCLUDED(mu_);
  // Faults and delays injected so far.
  int64_t injected() const ABSL_LOCKS_EXCLUDED(mu_);

  Value Get(absl::string_view key, int64_t min_version) override;
  void PutIfNewer(absl::string_view key, Value value, int64_t version, absl::Duration ttl) override;
  bool Invalidate(absl::string_view key, int64_t version) override;
  void Delete(absl::string_view key) override { base_->Delete(key); }
  void Clear() override { base_->Clear(); }
  CacheStats Stats() const override;

 private:
  bool Draw(double FaultPlan::*chance) ABSL_LOCKS_EXCLUDED(mu_);
  // As Draw, and counts an error.
  bool DrawError(double FaultPlan::*chance) ABSL_LOCKS_EXCLUDED(mu_);
  void Delay() ABSL_LOCKS_EXCLUDED(mu_);

  const std::unique_ptr<Cache> base_;
  mutable absl::Mutex mu_;
  FaultPlan plan_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Rng> rng_ ABSL_GUARDED_BY(mu_);
  int64_t injected_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t errors_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace baimi::cache

#endif  // BAIMI_COMMON_CACHE_FAULTY_H_
