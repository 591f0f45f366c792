// One HTTP request on its way to a service and back.
#ifndef BAIMI_SERVICES_GATEWAY_FORWARD_H_
#define BAIMI_SERVICES_GATEWAY_FORWARD_H_

#include <memory>
#include <string>

#include "common/http/server.h"
#include "common/transcode/transcoder.h"
#include "services/gateway/call.h"
#include "services/gateway/heartbeats.h"

namespace baimi::gateway {

// What a forwarded call needs from its gateway; outlives every call.
struct Upstream {
  const transcode::Transcoder* transcoder = nullptr;
  const transcode::Route* route = nullptr;
  Router* router = nullptr;
  const Method* method = nullptr;
  Heartbeats* heartbeats = nullptr;
};

// Sends `wire` and answers with the response as JSON, or with the error. Returns at once.
void ForwardUnary(const Upstream& upstream, const http::Request& request, const std::string& wire,
                  http::Responder responder);

// Sends `wire` and answers with Server-Sent Events, reading from the service only as fast as the
// client does, and with a comment when the service has been quiet for the heartbeats' interval.
// Returns at once.
void ForwardStream(const Upstream& upstream, const http::Request& request, const std::string& wire,
                   http::Responder responder);

// Sends `wire`, then the request's body in messages of the route's content, reading from the client
// only as fast as the service does, and answers as ForwardUnary. A client that goes away cancels
// the call. Returns at once.
void ForwardUpload(const Upstream& upstream, const http::Request& request, const std::string& wire,
                   http::Responder responder);

// An error as HTTP.
http::Response ErrorResponse(const absl::Status& status);

}  // namespace baimi::gateway

#endif  // BAIMI_SERVICES_GATEWAY_FORWARD_H_
