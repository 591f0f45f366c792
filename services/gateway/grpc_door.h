// The gRPC door: bytes pass through to the service that has the method. Whoever has no valid key,
// names no public method, or comes when too much is under way is refused before a service hears of
// it; everything else is decided by the services.
#ifndef BAIMI_SERVICES_GATEWAY_GRPC_DOOR_H_
#define BAIMI_SERVICES_GATEWAY_GRPC_DOOR_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/auth/authenticator.h"
#include "common/base/clock.h"
#include "common/observe/metrics.h"
#include "common/rpc/server.h"
#include "common/transcode/contract.h"
#include "services/gateway/call.h"

namespace baimi::gateway {

struct GrpcDoorOptions {
  // "127.0.0.1:9090"; port 0 takes any free one.
  std::string address;
  // Calls under way, streams included; the next one is refused with LANE_FULL. Default: 4096.
  int max_calls = 4096;
  // Null: callers are told apart by the services only.
  const auth::Authenticator* authenticator = nullptr;
  // All required; outlive the door.
  const transcode::Contract* contract = nullptr;
  Router* router = nullptr;
  observe::Registry* metrics = nullptr;
  const Clock* clock = nullptr;
};

// Beside the calls it serves grpc.health.v1 (its own health, not the services') and
// grpc.reflection.
//
// Metadata that goes through: authorization, traceparent, tracestate, baimi-actor, baimi-purpose,
// baimi-min-seq; back: baimi-... and the error's details. A call without a deadline gets the
// default of its method's policy, unless it is a server stream. Of a client stream the next message
// is read when the service took the one before.
class GrpcDoor {
 public:
  // NOT_SERVING until SetServing. UNAVAILABLE when the address is taken.
  static absl::StatusOr<std::unique_ptr<GrpcDoor>> Start(const GrpcDoorOptions& options);
  ~GrpcDoor();

  int port() const;
  void SetServing(bool serving);
  // New calls are refused with SERVER_DRAINING, streams end with it, calls under way are finished,
  // at most `grace`. True when nothing was cut.
  bool Drain(absl::Duration grace);

 private:
  class Impl;
  explicit GrpcDoor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baimi::gateway

#endif  // BAIMI_SERVICES_GATEWAY_GRPC_DOOR_H_
