#include "services/gateway/gateway.h"

#include <atomic>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/rpc/runtime.h"
#include "common/transcode/openapi.h"
#include "services/gateway/forward.h"
#include "services/gateway/request_headers.h"

namespace baimi::gateway {

class Gateway::Impl {
 public:
  Impl(GatewayOptions options, std::unique_ptr<const transcode::Transcoder> transcoder)
      : options_(std::move(options)),
        transcoder_(std::move(transcoder)),
        openapi_(transcode::OpenApiJson(transcoder_->routes())),
        requests_(&options_.metrics->Counters("baimi_http_requests_total",
                                              "HTTP requests by route and outcome of routing.",
                                              {"route"})),
        heartbeats_(options_.clock != nullptr ? options_.clock : &system_clock_,
                    options_.heartbeat) {}

  // What is under way answers by the transcoder.
  ~Impl() {
    if (router_ != nullptr) {
      router_->Quiesce();
    }
  }

  absl::Status Connect(Router* router) {
    router_ = router;
    for (const auto& route : transcoder_->routes().routes()) {
      const Method* method = router->methods().Find(route->method);
      if (method == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrCat(route->method, ": got a router that does not know it"));
      }
      upstreams_[route.get()] = {.transcoder = transcoder_.get(),
                                 .route = route.get(),
                                 .router = router,
                                 .method = method,
                                 .heartbeats = &heartbeats_};
    }
    return absl::OkStatus();
  }

  absl::Status Listen() {
    BAIMI_ASSIGN_OR_RETURN(server_,
                           http::Server::Start(
                               options_.http,
                               [this](const http::Request& request, http::Responder responder) {
                                 Handle(request, std::move(responder));
                               },
                               [this](const http::Request& head) { return UploadLimit(head); }));
    return absl::OkStatus();
  }

  http::Server& server() { return *server_; }
  void Refuse() { refusing_ = true; }

 private:
  void Handle(const http::Request& request, http::Responder responder) {
    if (request.method == "GET" && Own(request, responder)) {
      return;
    }
    const absl::Status status = Route(request, responder);
    if (!status.ok()) {
      requests_->With({"refused"}).Add();
      std::move(responder).Send(ErrorResponse(status));
    }
  }

  bool Own(const http::Request& request, http::Responder& responder) {
    http::Response response;
    if (request.path == "/openapi.json") {
      response.headers = {{"Content-Type", "application/json; charset=utf-8"}};
      response.body = openapi_;
    } else if (request.path == "/healthz") {
      response.body = "ok\n";
    } else if (request.path == "/readyz") {
      const bool ready = !options_.ready || options_.ready();
      response.status = ready ? 200 : 503;
      response.body = ready ? "ready\n" : "not ready\n";
    } else {
      return false;
    }
    if (response.headers.empty()) {
      response.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
    }
    std::move(responder).Send(std::move(response));
    return true;
  }

  std::optional<size_t> UploadLimit(const http::Request& head) const {
    // Most requests are reads.
    if (head.method == "GET") {
      return std::nullopt;
    }
    const auto match = transcoder_->routes().Find(head.method, head.path);
    if (!match.ok() || !match->route->client_streaming) {
      return std::nullopt;
    }
    return static_cast<size_t>(match->route->max_upload_bytes);
  }

  // OK when the call is on its way and the responder with it.
  absl::Status Route(const http::Request& request, http::Responder& responder) {
    if (refusing_) {
      return rpc::DrainingStatus();
    }
    BAIMI_ASSIGN_OR_RETURN(const auto match,
                           transcoder_->routes().Find(request.method, request.path));
    std::string query = request.query;
    const absl::string_view last = request.header("last-event-id");
    if (match.route->server_streaming && !last.empty() && !absl::StrContains(query, "cursor=")) {
      absl::StrAppend(&query, query.empty() ? "" : "&", "cursor=", last);
    }
    BAIMI_RETURN_IF_ERROR(CheckMediaTypes(request, *match.route));
    BAIMI_RETURN_IF_ERROR(CheckHandedOn(request));
    BAIMI_ASSIGN_OR_RETURN(const std::string etag, IfMatch(request, *match.route));
    BAIMI_ASSIGN_OR_RETURN(const std::string wire,
                           transcoder_->BindRequest(match, query, request.body, etag,
                                                    UploadType(request, *match.route)));
    requests_->With({match.route->pattern}).Add();
    const Upstream& upstream = upstreams_.at(match.route);
    if (match.route->client_streaming) {
      ForwardUpload(upstream, request, wire, std::move(responder));
    } else if (match.route->server_streaming) {
      ForwardStream(upstream, request, wire, std::move(responder));
    } else {
      ForwardUnary(upstream, request, wire, std::move(responder));
    }
    return absl::OkStatus();
  }

  const GatewayOptions options_;
  const std::unique_ptr<const transcode::Transcoder> transcoder_;
  const std::string openapi_;
  observe::Family<observe::Counter>* const requests_;
  const SystemClock system_clock_{};
  Heartbeats heartbeats_;
  std::atomic<bool> refusing_{false};
  Router* router_ = nullptr;
  absl::flat_hash_map<const transcode::Route*, Upstream> upstreams_;
  std::unique_ptr<http::Server> server_;
};

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Gateway::~Gateway() = default;

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(GatewayOptions options,
                                                        const transcode::Contract& contract,
                                                        Router* router) {
  BAIMI_ASSIGN_OR_RETURN(auto transcoder, transcode::Transcoder::New(contract));
  auto impl = std::make_unique<Impl>(std::move(options), std::move(transcoder));
  BAIMI_RETURN_IF_ERROR(impl->Connect(router));
  BAIMI_RETURN_IF_ERROR(impl->Listen());
  return std::unique_ptr<Gateway>(new Gateway(std::move(impl)));
}

void Gateway::Refuse() { impl_->Refuse(); }
int Gateway::port() const { return impl_->server().port(); }
void Gateway::Shutdown(absl::Duration grace) { impl_->server().Shutdown(grace); }

}  // namespace baimi::gateway
