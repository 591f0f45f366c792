// What every served call needs, shared by the services of a process.
#ifndef BAIMI_COMMON_RPC_RUNTIME_H_
#define BAIMI_COMMON_RPC_RUNTIME_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/auth/authenticator.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/exec/lanes.h"
#include "common/observe/metrics.h"
#include "common/rate/counters.h"
#include "common/rpc/pipeline.h"
#include "common/rpc/quota.h"

namespace baimi::rpc {

struct RuntimeOptions {
  // All required; must outlive the runtime.
  const Clock* clock = nullptr;
  Rng* rng = nullptr;
  auth::Authenticator* authenticator = nullptr;
  exec::Lanes* lanes = nullptr;
  observe::Registry* metrics = nullptr;
  // One log line for every call, not only for changes, errors and calls above `slow`.
  bool log_every_call = false;
  absl::Duration slow = absl::Seconds(1);
  // Counts calls against the limits of `quota`; one for all runtimes of a process, so that a key
  // has one limit there. Null (default): nobody is limited.
  rate::Counters* counters = nullptr;
  QuotaLimits quota = {};
};

// Calls that are under way. Thread-safe.
class InFlight {
 public:
  struct Entry {
    std::string method;
    std::string actor;
    std::string trace_id;
    absl::Time since;
  };

  // False when draining: the call was not counted.
  bool Enter(const CallState* call);
  void Leave(const CallState* call);
  // New calls are refused from now on.
  void Drain();
  bool draining() const;
  // Calls refused since Drain.
  int64_t refused() const;
  int count() const;
  // True when the last call left before `timeout` passed.
  bool AwaitEmpty(absl::Duration timeout);
  std::vector<Entry> List() const;

 private:
  mutable absl::Mutex mu_;
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
  int64_t refused_ ABSL_GUARDED_BY(mu_) = 0;
  absl::flat_hash_set<const CallState*> calls_ ABSL_GUARDED_BY(mu_);
};

class Runtime {
 public:
  // The default stages, in this order: trace, access_log, metrics, error_mask, drain_gate,
  // deadline, authn, authz, quota, idempotency, masking, validate.
  static absl::StatusOr<std::unique_ptr<Runtime>> Create(const RuntimeOptions& options);

  const Pipeline& pipeline() const { return pipeline_; }
  exec::Lanes& lanes() { return *options_.lanes; }
  const Clock& clock() const { return *options_.clock; }
  InFlight& in_flight() { return *in_flight_; }
  const RuntimeOptions& options() const { return options_; }

 private:
  Runtime(const RuntimeOptions& options, std::unique_ptr<InFlight> in_flight, Pipeline pipeline)
      : options_(options), in_flight_(std::move(in_flight)), pipeline_(std::move(pipeline)) {}

  const RuntimeOptions options_;
  std::unique_ptr<InFlight> in_flight_;
  const Pipeline pipeline_;
};

// The refusal of a replica that is going away; the call was not started.
absl::Status DrainingStatus();
// The refusal of a full lane; the call was not started.
absl::Status LaneFullStatus(absl::string_view lane, absl::Duration retry_after);
absl::Status DeadlinePassedStatus();

// The default stages, for tests that replace one.
std::vector<Stage> DefaultStages(const RuntimeOptions& options, InFlight* in_flight);

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_RUNTIME_H_
