// What the decorators that fail on purpose have in common (common/sql/faulty.h,
// common/cache/faulty.h, common/testing/faults.h): chances drawn from one seeded generator and
// counted by kind.
#ifndef BAIMI_COMMON_BASE_FAULT_DRAWS_H_
#define BAIMI_COMMON_BASE_FAULT_DRAWS_H_

#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/random.h"

namespace baimi {

// `Plan` is a struct of chances in [0, 1], all 0 by default, with three members that every plan
// has: `uint64_t seed`, `double delay_chance` and `std::function<void()> delay`. Each chance is
// drawn anew at each of its occasions, so that a single-threaded test repeats exactly. Thread-safe.
template <typename Plan>
class FaultDraws {
 public:
  // A kind of fault is named by its member: &Plan::delay_chance.
  using Kind = double Plan::*;

  explicit FaultDraws(Plan plan = {}) { SetPlan(std::move(plan)); }

  // Replaces the plan and starts its sequence; the counts go on.
  void SetPlan(Plan plan) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    rng_ = NewSeededRng(plan.seed);
    plan_ = std::make_shared<const Plan>(std::move(plan));
  }
  std::shared_ptr<const Plan> plan() const ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    return plan_;
  }

  // Whether a fault of this kind happens now.
  bool Hit(Kind kind) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    // 53 random bits: a number in [0, 1).
    const double drawn = std::ldexp(static_cast<double>(rng_->Uint64() >> 11), -53);
    const bool hit = drawn < (*plan_).*kind;
    if (hit) {
      ++CountOf(kind);
    }
    return hit;
  }
  // Where a delay may happen: calls the plan's `delay` when it does, without a lock held.
  void MayDelay() ABSL_LOCKS_EXCLUDED(mu_) {
    if (!Hit(&Plan::delay_chance)) {
      return;
    }
    const std::shared_ptr<const Plan> plan = this->plan();
    if (plan->delay) {
      plan->delay();
    }
  }

  // Faults so far, delays included: of one kind, and of all.
  int64_t injected(Kind kind) const ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    for (const auto& [counted, count] : counts_) {
      if (counted == kind) {
        return count;
      }
    }
    return 0;
  }
  int64_t injected() const ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    int64_t sum = 0;
    for (const auto& [kind, count] : counts_) {
      sum += count;
    }
    return sum;
  }

 private:
  int64_t& CountOf(Kind kind) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    for (auto& [counted, count] : counts_) {
      if (counted == kind) {
        return count;
      }
    }
    return counts_.emplace_back(kind, 0).second;
  }

  mutable absl::Mutex mu_;
  std::shared_ptr<const Plan> plan_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Rng> rng_ ABSL_GUARDED_BY(mu_);
  // A handful of kinds: members cannot be ordered, and need not be.
  std::vector<std::pair<Kind, int64_t>> counts_ ABSL_GUARDED_BY(mu_);
};

}  // namespace baimi

#endif  // BAIMI_COMMON_BASE_FAULT_DRAWS_H_
