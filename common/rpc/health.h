// grpc.health.v1 as a service of our own: the one in gRPC has no descriptor, so reflection clients
// can not call it.
#ifndef BAIMI_COMMON_RPC_HEALTH_H_
#define BAIMI_COMMON_RPC_HEALTH_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/impl/codegen/service_type.h"

namespace baimi::rpc {

class HealthWatch;

// Needs no credentials: it tells nothing but whether to send calls here. Thread-safe.
class HealthService final : public grpc::Service {
 public:
  HealthService();
  ~HealthService() override;

  // Known from now on, NOT_SERVING. "" (the process) is always known.
  void Add(absl::string_view service);
  void SetAll(bool serving);
  // Ends the watches.
  void Stop();

 private:
  friend class HealthWatch;
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;

  // SERVICE_UNKNOWN when there is no such service.
  Status Find(const std::string& service) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable absl::Mutex mu_;
  std::map<std::string, bool> serving_ ABSL_GUARDED_BY(mu_);
  std::vector<std::shared_ptr<HealthWatch>> watches_ ABSL_GUARDED_BY(mu_);
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_HEALTH_H_
