// The quota stage: how many calls a key may make, by class of method (DESIGN.md §3.4). After authn
// and authz, before a lane is asked, on the library's thread: counters do not block.
//
//   class   methods                       limit of a key
//   bulk    lane BULK, reads and writes   its own in the key file; else, for a key of audience
//   read    idempotency READ              "service", `service` below; else that of the class
//   write   idempotency REQUEST_ID
//
// Every call that reaches the stage counts, whatever becomes of it; a stream counts once. With
// several replicas the accuracy is that of the counters (rate/redis_counters.h).
//
// Refusal: RESOURCE_EXHAUSTED with reason QUOTA_EXCEEDED and RetryInfo; nothing was started.
// Metric: baimi_rpc_quota_refused_total{class, key}.
#ifndef BAIMI_COMMON_RPC_QUOTA_H_
#define BAIMI_COMMON_RPC_QUOTA_H_

#include "baimi/options/v1/options.pb.h"
#include "common/auth/identity.h"
#include "common/observe/metrics.h"
#include "common/rate/counters.h"
#include "common/rpc/pipeline.h"

namespace baimi::rpc {

// For keys without limits of their own. The defaults stop a program that runs wild, no office.
struct QuotaLimits {
  rate::Limit read = {.per_second = 10'000, .burst = 20'000};
  rate::Limit write = {.per_second = 5'000, .burst = 20'000};
  rate::Limit bulk = {.per_second = 100, .burst = 500};
  // Keys of other services, ours and other systems', which speak for many; each class has its own
  // count. Default: no limit.
  rate::Limit service = {};
};

rate::Class ClassOf(const options::v1::MethodPolicy& policy);
rate::Limit LimitOf(const auth::Identity& identity, rate::Class of, const QuotaLimits& limits);

// `counters` may be null (nobody is limited); both pointers must outlive the stage.
Stage Quota(rate::Counters* counters, const QuotaLimits& limits, observe::Registry* metrics);

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_QUOTA_H_
