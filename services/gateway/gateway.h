// The HTTP door: routes, requests and answers come from the contract's descriptors, so that a new
// RPC needs no code here. It forwards wire bytes and decides nothing: authentication, permissions,
// validation and masking are the services' own.
#ifndef BAIMI_SERVICES_GATEWAY_GATEWAY_H_
#define BAIMI_SERVICES_GATEWAY_GATEWAY_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/http/server.h"
#include "common/observe/metrics.h"
#include "common/transcode/contract.h"
#include "common/transcode/transcoder.h"
#include "services/gateway/call.h"

namespace baimi::gateway {

struct GatewayOptions {
  http::ServerOptions http;
  // Must outlive the gateway. Required.
  observe::Registry* metrics = nullptr;
  // Whether calls may be sent here; asked by GET /readyz. Must not block.
  std::function<bool()> ready;
  // An event stream that was quiet for so long gets a comment line (":"), by `clock`. Default: 15
  // s.
  absl::Duration heartbeat = absl::Seconds(15);
  // Null: the machine's. Must outlive the gateway.
  const Clock* clock = nullptr;
};

// Paths of its own: /healthz, /readyz, /openapi.json. Everything else is a route of the contract.
//
// Headers that are handed on: authorization, traceparent, baimi-purpose, baimi-min-seq; If-Match as
// the request's etag (AIP-154). Headers of answers: Baimi-Seq after a change; ETag of a resource,
// and 304 without a body for a GET whose If-None-Match names it. A changed etag is 409, as for
// gRPC. Bodies and Accept: see request_headers.h. Watches are Server-Sent Events: each `data` is
// {"result": ...}, the last one {"error": ...}; `id` is the cursor to resume with, which browsers
// send back as Last-Event-ID. The body of an upload (a client-streaming method) is the bytes
// themselves, of any media type but multipart, at most the policy's max_upload_bytes; it is never
// held whole. The first message carries path, query and media type.
class Gateway {
 public:
  // `contract` and `router`, which was made from it, outlive the gateway.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(GatewayOptions options,
                                                        const transcode::Contract& contract,
                                                        Router* router);
  ~Gateway();

  int port() const;
  // Calls that come from now on are refused with SERVER_DRAINING: for the moment before the
  // services behind it close. Health and openapi.json are still served.
  void Refuse();
  // Accepts no more, finishes what is under way, cuts what is left after `grace`.
  void Shutdown(absl::Duration grace);

 private:
  class Impl;
  explicit Gateway(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baimi::gateway

#endif  // BAIMI_SERVICES_GATEWAY_GATEWAY_H_
