#include "services/gateway/forward.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/rpc/runtime.h"
#include "common/rpc/status.h"
#include "common/transcode/http_error.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "services/gateway/request_headers.h"

namespace baimi::gateway {
namespace {

// Handed on as they are; gRPC metadata has lower-case names.
constexpr absl::string_view kForwarded[] = {"authorization", "traceparent", "baimi-purpose",
                                            "baimi-min-seq"};

void ForwardHeaders(const http::Request& request, grpc::ClientContext* context) {
  for (const absl::string_view name : kForwarded) {
    const absl::string_view value = request.header(name);
    if (!value.empty()) {
      context->AddMetadata(std::string(name), std::string(value));
    }
  }
}

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string FromBuffer(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (buffer.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) {
      bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
  }
  return bytes;
}

struct UnaryForward {
  Upstream upstream;
  http::Responder responder;
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  // Of a GET.
  std::string if_none_match;

  absl::StatusOr<http::Response> Answer() const {
    const std::string wire = FromBuffer(response);
    http::Response answer;
    if (const std::string etag = upstream.transcoder->ResponseEtag(*upstream.route, wire);
        !etag.empty()) {
      // Callers with other rights see the same version with other masks.
      answer.headers = {{"ETag", QuotedEtag(etag)},
                        {"Vary", "Authorization"},
                        {"Cache-Control", "private, no-cache"}};
      if (NamesEtag(if_none_match, etag)) {
        answer.status = 304;
        return answer;
      }
    }
    BAIMI_ASSIGN_OR_RETURN(answer.body, upstream.transcoder->ResponseJson(*upstream.route, wire));
    answer.headers.push_back({"Content-Type", "application/json; charset=utf-8"});
    return answer;
  }

  void Done(const grpc::Status& status) {
    absl::Status error = FromService(status, *upstream.route);
    http::Response answer;
    if (error.ok()) {
      absl::StatusOr<http::Response> made = Answer();
      error = made.status();
      if (made.ok()) {
        answer = *std::move(made);
      }
    }
    if (!error.ok()) {
      answer = ErrorResponse(error);
    }
    const auto& trailing = context.GetServerTrailingMetadata();
    const auto seq = trailing.find("baimi-seq");
    if (seq != trailing.end()) {
      answer.headers.push_back({"Baimi-Seq", std::string(seq->second.data(), seq->second.size())});
    }
    std::move(responder).Send(std::move(answer));
  }
};

// The text of the top-level field "cursor" in an answer, for the `id` line.
std::string CursorOf(absl::string_view json) {
  constexpr absl::string_view kKey = "\"cursor\":\"";
  const size_t at = json.rfind(kKey);
  if (at == absl::string_view::npos) {
    return "";
  }
  const absl::string_view rest = json.substr(at + kKey.size());
  return std::string(rest.substr(0, rest.find('"')));
}

// Reads one message at a time; the next one only when the client has room. Lives until the call is
// done and the HTTP side calls it no more: the two ends come in any order, on different threads.
class StreamForward final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                            public Beating,
                            public std::enable_shared_from_this<StreamForward> {
 public:
  StreamForward(const Upstream& upstream, const http::Request& request, const std::string& wire,
                http::Responder responder)
      : upstream_(upstream), responder_(std::move(responder)), request_(ToBuffer(wire)) {
    ForwardHeaders(request, &context_);
  }

  void Start() {
    self_ = shared_from_this();
    upstream_.stub->PrepareBidiStreamingCall(&context_, upstream_.route->method, {}, this);
    AddHold();
    StartWriteLast(&request_, grpc::WriteOptions());
    StartRead(&message_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      RemoveHold();
      return;
    }
    absl::StatusOr<std::string> json =
        upstream_.transcoder->ResponseJson(*upstream_.route, FromBuffer(message_));
    if (!json.ok()) {
      context_.TryCancel();
      StartRead(&message_);
      return;
    }
    Sent();
    Open();
    const std::string cursor = CursorOf(*json);
    const auto state =
        stream_->Write(absl::StrCat(cursor.empty() ? "" : absl::StrCat("id: ", cursor, "\n"),
                                    "data: {\"result\":", *json, "}\n\n"));
    if (state == http::Stream::State::kClosed) {
      context_.TryCancel();
    } else if (state == http::Stream::State::kFull) {
      absl::MutexLock lock(&mu_);
      if (!room_) {
        waiting_ = true;
        return;
      }
      room_ = false;
    }
    StartRead(&message_);
  }

  void OnDone(const grpc::Status& status) override {
    const absl::Status error = FromService(status, *upstream_.route);
    if (!stream_) {
      std::move(responder_).Send(error.ok() ? http::Response{.status = 200} : ErrorResponse(error));
    } else {
      if (!error.ok()) {
        stream_->Write(absl::StrCat("data: ", transcode::ErrorJson(error), "\n\n"));
      }
      stream_->Finish();
    }
    stream_.reset();
    {
      absl::MutexLock lock(&mu_);
      quiet_.reset();
    }
    self_.reset();  // May free this.
  }

  void Beat(absl::Time now) override {
    absl::MutexLock lock(&mu_);
    // A client that does not read gets nothing on top.
    if (quiet_ && !waiting_ && now - last_ >= upstream_.heartbeats->interval()) {
      last_ = now;
      quiet_->Write(":\n\n");
    }
  }

 private:
  void Open() {
    if (stream_) {
      return;
    }
    http::Response head;
    head.headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}};
    http::StreamEvents events;
    events.writable = [self = self_] { self->Writable(); };
    events.closed = [self = self_] {
      self->context_.TryCancel();
      self->Writable();  // A reader that waits for room learns of the end by its next read.
    };
    stream_.emplace(std::move(responder_).Start(std::move(head), std::move(events)));
    {
      absl::MutexLock lock(&mu_);
      quiet_ = stream_;
    }
    upstream_.heartbeats->Add(self_);
  }

  void Sent() {
    absl::MutexLock lock(&mu_);
    last_ = upstream_.heartbeats->Now();
  }

  // On an io thread.
  void Writable() {
    {
      absl::MutexLock lock(&mu_);
      if (!waiting_) {
        room_ = true;
        return;
      }
      waiting_ = false;
    }
    StartRead(&message_);
  }

  const Upstream upstream_;
  http::Responder responder_;
  // Set while the call runs.
  std::shared_ptr<StreamForward> self_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer message_;
  // Of the reactor's callbacks.
  std::optional<http::Stream> stream_;
  absl::Mutex mu_;
  // The same stream, for Beat, and when it was last written to.
  std::optional<http::Stream> quiet_ ABSL_GUARDED_BY(mu_);
  absl::Time last_ ABSL_GUARDED_BY(mu_);
  bool waiting_ ABSL_GUARDED_BY(mu_) = false;
  bool room_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace

absl::Status FromService(const grpc::Status& status, const transcode::Route& route) {
  absl::Status error = rpc::FromGrpc(status);
  if (error.ok() || !ReasonOf(error).empty()) {
    return error;
  }
  if (absl::IsCancelled(error) && route.policy.idempotency() == options::v1::READ) {
    return rpc::DrainingStatus();
  }
  if (absl::IsCancelled(error)) {
    return Error(absl::StatusCode::kUnavailable, type::v1::ERROR_REASON_COMMIT_OUTCOME_UNKNOWN,
                 "the service went away during the call; retry with the same request_id",
                 "服务在处理中下线，结果未知，请使用相同的 request_id 重试")
        .RetryAfter(absl::Seconds(1));
  }
  if (absl::IsUnavailable(error)) {
    return Error(absl::StatusCode::kUnavailable, type::v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE,
                 "the service can not be reached; retry with the same request_id",
                 "服务暂不可达，请使用相同的 request_id 重试")
        .RetryAfter(absl::Seconds(1));
  }
  return error;
}

http::Response ErrorResponse(const absl::Status& status) {
  transcode::HttpError error = transcode::ToHttpError(status);
  http::Response response;
  response.status = error.code;
  for (auto& [name, value] : error.headers) {
    response.headers.push_back({std::move(name), std::move(value)});
  }
  response.body = std::move(error.body);
  return response;
}

void ForwardUnary(const Upstream& upstream, const http::Request& request, const std::string& wire,
                  http::Responder responder) {
  // Freed by the completion, which runs exactly once.
  auto* call = new UnaryForward{.upstream = upstream,
                                .responder = std::move(responder),
                                .context = {},
                                .request = ToBuffer(wire),
                                .response = {},
                                .if_none_match = IfNoneMatch(request)};
  ForwardHeaders(request, &call->context);
  upstream.stub->UnaryCall(&call->context, upstream.route->method, {}, &call->request,
                           &call->response, [call](const grpc::Status& status) {
                             const std::unique_ptr<UnaryForward> owned(call);
                             owned->Done(status);
                           });
}

void ForwardStream(const Upstream& upstream, const http::Request& request, const std::string& wire,
                   http::Responder responder) {
  std::make_shared<StreamForward>(upstream, request, wire, std::move(responder))->Start();
}

}  // namespace baimi::gateway
