#include "services/gateway/forward.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/transcode/http_error.h"
#include "services/gateway/bytes.h"
#include "services/gateway/request_headers.h"

namespace baimi::gateway {
namespace {

CallRequest RequestOf(const Upstream& upstream, const http::Request& request,
                      const std::string& wire) {
  CallRequest call{
      .method = upstream.method, .metadata = {}, .message = ToBuffer(wire), .deadline = {}};
  for (const absl::string_view name : kHandedOnHeaders) {
    const absl::string_view value = request.header(name);
    if (!value.empty()) {
      call.metadata.emplace_back(name, value);
    }
  }
  const absl::Time deadline = absl::Now() + upstream.method->default_deadline;
  call.deadline = upstream.method->server_streaming ? absl::InfiniteFuture() : deadline;
  return call;
}

struct UnaryForward {
  Upstream upstream;
  http::Responder responder;
  // Of a GET.
  std::string if_none_match;

  absl::StatusOr<http::Response> Answer(const std::string& wire) const {
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

  void Done(const CallEnd& end) {
    absl::Status error = FromService(end.status, upstream.method->read);
    http::Response answer;
    if (error.ok()) {
      absl::StatusOr<http::Response> made = Answer(FromBuffer(end.response));
      error = made.status();
      if (made.ok()) {
        answer = *std::move(made);
      }
    }
    if (!error.ok()) {
      answer = ErrorResponse(error);
    }
    for (const auto& [name, value] : end.trailing) {
      if (name == "baimi-seq") {
        answer.headers.push_back({"Baimi-Seq", value});
      }
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
class StreamForward final : public Beating, public std::enable_shared_from_this<StreamForward> {
 public:
  StreamForward(const Upstream& upstream, http::Responder responder)
      : upstream_(upstream), responder_(std::move(responder)) {}

  void Start(CallRequest request) {
    self_ = shared_from_this();
    call_ = StreamCall::Make(
        upstream_.router, std::move(request),
        {.message = [this](const grpc::ByteBuffer& message) { Got(FromBuffer(message)); },
         .done = [this](const CallEnd& end) { Ended(end.status); }});
    call_->Start();
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
  void Got(const std::string& message) {
    absl::StatusOr<std::string> json =
        upstream_.transcoder->ResponseJson(*upstream_.route, message);
    if (!json.ok()) {
      call_->Cancel();
      call_->Next();
      return;
    }
    Sent();
    Open();
    const std::string cursor = CursorOf(*json);
    const auto state =
        stream_->Write(absl::StrCat(cursor.empty() ? "" : absl::StrCat("id: ", cursor, "\n"),
                                    "data: {\"result\":", *json, "}\n\n"));
    if (state == http::Stream::State::kClosed) {
      call_->Cancel();
    } else if (state == http::Stream::State::kFull) {
      absl::MutexLock lock(&mu_);
      if (!room_) {
        waiting_ = true;
        return;
      }
      room_ = false;
    }
    call_->Next();
  }

  void Ended(const grpc::Status& status) {
    const absl::Status error = FromService(status, upstream_.method->read);
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

  void Open() {
    if (stream_) {
      return;
    }
    http::Response head;
    head.headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}};
    http::StreamEvents events;
    events.writable = [self = self_] { self->Writable(); };
    events.closed = [self = self_] {
      self->call_->Cancel();
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
    call_->Next();
  }

  const Upstream upstream_;
  http::Responder responder_;
  // Set while the call runs.
  std::shared_ptr<StreamForward> self_;
  std::shared_ptr<StreamCall> call_;
  // Of the call's events.
  std::optional<http::Stream> stream_;
  absl::Mutex mu_;
  // The same stream, for Beat, and when it was last written to.
  std::optional<http::Stream> quiet_ ABSL_GUARDED_BY(mu_);
  absl::Time last_ ABSL_GUARDED_BY(mu_);
  bool waiting_ ABSL_GUARDED_BY(mu_) = false;
  bool room_ ABSL_GUARDED_BY(mu_) = false;
};

// Lives until the call is done and the HTTP side calls it no more.
class UploadForward final : public std::enable_shared_from_this<UploadForward> {
 public:
  UploadForward(UnaryForward answer, std::shared_ptr<const http::RequestBody> body)
      : answer_(std::move(answer)), body_(std::move(body)) {}

  void Start(CallRequest request) {
    self_ = shared_from_this();
    call_ = UploadCall::Make(answer_.upstream.router, std::move(request),
                             {.ready = [this] { Read(); },
                              .done =
                                  [this](const CallEnd& end) {
                                    answer_.Done(end);
                                    self_.reset();  // May free this.
                                  }});
    call_->Start();
  }

 private:
  void Read() {
    body_->Read([self = self_](absl::StatusOr<http::RequestBody::Part> part) {
      if (!part.ok()) {
        self->call_->Cancel();
        return;
      }
      if (part->bytes.empty() && part->last) {
        self->call_->WritesDone();
        return;
      }
      self->call_->Write(
          ToBuffer(transcode::Transcoder::ContentWire(*self->answer_.upstream.route, part->bytes)),
          part->last);
    });
  }

  UnaryForward answer_;
  const std::shared_ptr<const http::RequestBody> body_;
  // Set while the call runs.
  std::shared_ptr<UploadForward> self_;
  std::shared_ptr<UploadCall> call_;
};

}  // namespace

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
  auto forward =
      std::make_shared<UnaryForward>(UnaryForward{.upstream = upstream,
                                                  .responder = std::move(responder),
                                                  .if_none_match = IfNoneMatch(request)});
  UnaryCall::Make(upstream.router, RequestOf(upstream, request, wire),
                  [forward](const CallEnd& end) { forward->Done(end); })
      ->Start();
}

void ForwardUpload(const Upstream& upstream, const http::Request& request, const std::string& wire,
                   http::Responder responder) {
  std::make_shared<UploadForward>(UnaryForward{.upstream = upstream,
                                               .responder = std::move(responder),
                                               .if_none_match = IfNoneMatch(request)},
                                  request.parts)
      ->Start(RequestOf(upstream, request, wire));
}

void ForwardStream(const Upstream& upstream, const http::Request& request, const std::string& wire,
                   http::Responder responder) {
  std::make_shared<StreamForward>(upstream, std::move(responder))
      ->Start(RequestOf(upstream, request, wire));
}

}  // namespace baimi::gateway
