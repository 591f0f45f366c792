// When a call to another process is made again. gRPC's own retry policy knows a status code only;
// whether a refused call was started, and whether it may be repeated, stands in our details and in
// the request, so this is ours.
#ifndef BAIMI_COMMON_RPC_RETRY_H_
#define BAIMI_COMMON_RPC_RETRY_H_

#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/random.h"

namespace baimi::rpc {

struct RetryOptions {
  // Of one call, the first included. At least 1. Default: 6.
  int attempts = 6;
  // Before the second retry, doubled for each one after it and then taken between its half and
  // itself by chance; the first retry waits only when the call may have been started. Default: 10
  // ms, at most 400 ms.
  absl::Duration delay = absl::Milliseconds(10);
  absl::Duration max_delay = absl::Milliseconds(400);
  // Retries that may follow each other when nothing succeeds, and how many of them a call that
  // succeeds earns back: a peer that is down gets little more than its usual load. Default: 256;
  // 0.2.
  double burst = 256;
  double earned = 0.2;
};

// The retries left to all callers of one peer. Thread-safe.
class RetryBudget {
 public:
  explicit RetryBudget(const RetryOptions& options) : options_(options), left_(options.burst) {}

  const RetryOptions& options() const { return options_; }
  // A call succeeded.
  void Earn();
  // False when none is left.
  bool Take();

 private:
  const RetryOptions options_;
  absl::Mutex mu_;
  double left_ ABSL_GUARDED_BY(mu_);
};

// How long to wait before the call is made again; nullopt: not again. Takes from `budget`.
//
//   SERVER_DRAINING          the call was not started: always, on another replica
//   UNAVAILABLE otherwise    where `idempotent`
//   CANCELLED, no reason     likewise: a server that closes cancels what reaches it in that moment.
//                            Not to be asked about calls that the caller cancelled.
//
// and never beyond `left`, the time until the call's deadline. A RetryInfo of the status is waited
// for, up to max_delay. `made`: attempts so far, at least 1.
std::optional<absl::Duration> NextTry(RetryBudget& budget, const absl::Status& status,
                                      bool idempotent, int made, absl::Duration left, Rng& rng);

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_RETRY_H_
