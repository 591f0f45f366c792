// Faults of a peer, drawn from a seed: what common/sql/faulty.h is for databases, for any port of
// blocking calls. A decorator of the port wraps each method in Wrap:
//
//   absl::StatusOr<Place> Locate(const Call& call, const Place& place) override {
//     return faults_.Wrap([&] { return base_->Locate(call, place); });
//   }
#ifndef BAIMI_COMMON_TESTING_FAULTS_H_
#define BAIMI_COMMON_TESTING_FAULTS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/base/fault_draws.h"

namespace baimi::test {

// Chances, drawn at each call as common/base/fault_draws.h says. Default: no fault at all.
struct PeerFaultPlan {
  uint64_t seed = 1;
  // The call ends with `error` and never reaches the peer.
  double error_chance = 0;
  // The peer does the call and its answer is lost: the caller gets `error` all the same ...
  double drop_chance = 0;
  // ... or it does the call and the caller has given up before: it gets `timeout`.
  double timeout_chance = 0;
  // `delay` is called before the peer is, on the caller's thread. It may block as the test likes.
  double delay_chance = 0;
  std::function<void()> delay = {};
  absl::Status error = absl::UnavailableError("injected peer fault");
  absl::Status timeout = absl::DeadlineExceededError("injected peer fault: too late");
};

// Thread-safe.
class PeerFaults {
 public:
  explicit PeerFaults(PeerFaultPlan plan = {}) : draws_(std::move(plan)) {}

  // Replaces the plan and starts its sequence; calls under way finish under either.
  void SetPlan(PeerFaultPlan plan) { draws_.SetPlan(std::move(plan)); }
  // Errors, lost and late answers and delays so far; of one kind:
  // injected(&PeerFaultPlan::drop_chance).
  int64_t injected() const { return draws_.injected(); }
  int64_t injected(double PeerFaultPlan::*kind) const { return draws_.injected(kind); }

  // `call` returns a Status or a StatusOr; the same comes back, or the plan's error.
  template <typename Function>
  auto Wrap(Function&& call) -> decltype(call()) {
    draws_.MayDelay();
    if (draws_.Hit(&PeerFaultPlan::error_chance)) {
      return draws_.plan()->error;
    }
    auto answer = std::forward<Function>(call)();
    if (draws_.Hit(&PeerFaultPlan::drop_chance)) {
      return draws_.plan()->error;
    }
    if (draws_.Hit(&PeerFaultPlan::timeout_chance)) {
      return draws_.plan()->timeout;
    }
    return answer;
  }

 private:
  FaultDraws<PeerFaultPlan> draws_;
};

}  // namespace baimi::test

#endif  // BAIMI_COMMON_TESTING_FAULTS_H_
