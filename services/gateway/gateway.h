// The HTTP door: routes, requests and answers come from the contract's descriptors, so that a new
// RPC needs no code here. It forwards wire bytes and decides nothing: authentication, permissions,
// validation and masking are the services' own.
#ifndef BAIMI_SERVICES_GATEWAY_GATEWAY_H_
#define BAIMI_SERVICES_GATEWAY_GATEWAY_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/server.h"
#include "common/observe/metrics.h"
#include "common/transcode/contract.h"
#include "common/transcode/transcoder.h"
#include "grpcpp/channel.h"

namespace baimi::gateway {

struct GatewayOptions {
  http::ServerOptions http;
  // Must outlive the gateway. Required.
  observe::Registry* metrics = nullptr;
  // Whether calls may be sent here; asked by GET /readyz. Must not block.
  std::function<bool()> ready;
};

// Paths of its own: /healthz, /readyz, /openapi.json. Everything else is a route of the contract.
//
// Headers that are handed on: authorization, traceparent, baimi-purpose, baimi-min-seq. Headers of
// answers: Baimi-Seq after a change. Watches are Server-Sent Events: each `data` is
// {"result": ...}, the last one {"error": ...}; `id` is the cursor to resume with, which browsers
// send back as Last-Event-ID.
class Gateway {
 public:
  // `channels`: by the longest prefix of the method's package, e.g. "baimi.ticket.". Routes without
  // a channel are INVALID_ARGUMENT. `contract` outlives the gateway.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(
      GatewayOptions options, const transcode::Contract& contract,
      const std::map<std::string, std::shared_ptr<grpc::Channel>>& channels);
  ~Gateway();

  int port() const;
  // Accepts no more, finishes what is under way, cuts what is left after `grace`.
  void Shutdown(absl::Duration grace);

 private:
  class Impl;
  explicit Gateway(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baimi::gateway

#endif  // BAIMI_SERVICES_GATEWAY_GATEWAY_H_
