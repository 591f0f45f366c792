// Faults of a peer, drawn from a seed: what common/sql/faulty.h is for databases, for any port of
// blocking calls. A decorator of the port wraps each method in Wrap:
//
//   absl::StatusOr<Place> Locate(const Call& call, const Place& place) override {
//     return faults_.Wrap([&] { return base_->Locate(call, place); });
//   }
#ifndef BAIMI_COMMON_TESTING_FAULTS_H_
#define BAIMI_COMMON_TESTING_FAULTS_H_

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/base/random.h"

namespace baimi::test {

// Chances lie in [0, 1]; each is drawn anew at each call, so that a single-threaded test repeats
// exactly. Default: no fault at all.
struct PeerFaultPlan {
  uint64_t seed = 1;
  // The call ends with `error` and never reaches the peer.
  double error_chance = 0;
  // The peer does the call and its answer is lost: the caller gets `error` all the same.
  double drop_chance = 0;
  // `delay` is called before the peer is, on the caller's thread. It may block as the test likes.
  double delay_chance = 0;
  std::function<void()> delay = {};
  absl::Status error = absl::UnavailableError("injected peer fault");
};

// Thread-safe.
class PeerFaults {
 public:
  explicit PeerFaults(PeerFaultPlan plan = {}) { SetPlan(std::move(plan)); }

  // Replaces the plan and starts its sequence; calls under way finish under the old one.
  void SetPlan(PeerFaultPlan plan) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    rng_ = NewSeededRng(plan.seed);
    plan_ = std::make_shared<const PeerFaultPlan>(std::move(plan));
  }
  // Errors, lost answers and delays so far.
  int64_t injected() const ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    return injected_;
  }

  // `call` returns a Status or a StatusOr; the same comes back, or the plan's error.
  template <typename Function>
  auto Wrap(Function&& call) ABSL_LOCKS_EXCLUDED(mu_) -> decltype(call()) {
    const Drawn drawn = Draw();
    if (drawn.delay) {
      drawn.plan->delay();
    }
    if (drawn.error) {
      return drawn.plan->error;
    }
    auto answer = std::forward<Function>(call)();
    if (drawn.drop) {
      return drawn.plan->error;
    }
    return answer;
  }

 private:
  struct Drawn {
    std::shared_ptr<const PeerFaultPlan> plan;
    bool delay = false;
    bool error = false;
    bool drop = false;
  };

  bool Hit(double chance) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    // 53 random bits: a number in [0, 1).
    const bool hit = std::ldexp(static_cast<double>(rng_->Uint64() >> 11), -53) < chance;
    injected_ += hit ? 1 : 0;
    return hit;
  }
  Drawn Draw() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    Drawn drawn{.plan = plan_};
    drawn.delay = Hit(plan_->delay_chance) && plan_->delay != nullptr;
    drawn.error = Hit(plan_->error_chance);
    drawn.drop = !drawn.error && Hit(plan_->drop_chance);
    return drawn;
  }

  mutable absl::Mutex mu_;
  std::shared_ptr<const PeerFaultPlan> plan_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Rng> rng_ ABSL_GUARDED_BY(mu_);
  int64_t injected_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace baimi::test

#endif  // BAIMI_COMMON_TESTING_FAULTS_H_
