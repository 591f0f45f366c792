#include "services/gateway/grpc_door.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/rpc/runtime.h"
#include "common/rpc/status.h"
#include "grpcpp/generic/async_generic_service.h"
#include "services/gateway/reflection.h"

namespace baimi::gateway {
namespace {

constexpr absl::Duration kComeBack = absl::Milliseconds(100);

absl::Status CheckHandedOn(const grpc::CallbackServerContext& context) {
  for (const auto& [name, value] : context.client_metadata()) {
    const absl::string_view key(name.data(), name.size());
    if (IsHandedOn(key) && !IsMetadataText(absl::string_view(value.data(), value.size()))) {
      return InvalidField(key, "other bytes", "printable ASCII", "可打印的 ASCII 字符");
    }
  }
  return absl::OkStatus();
}

// What reactors need of their door.
class Gate {
 public:
  explicit Gate(const GrpcDoorOptions& options)
      : options_(options),
        served_(&options.metrics->Counters("baimi_rpc_served_total", "Calls that ended, by code.",
                                           {"method", "code"})),
        latency_(&options.metrics->Histograms("baimi_rpc_seconds", "From arrival to answer.",
                                              {"method"}, observe::LatencyBuckets())) {}

  Router* router() const { return options_.router; }
  const transcode::Contract* contract() const { return options_.contract; }
  absl::Time Now() const { return options_.clock->Now(); }

  // On the library's thread, from memory.
  absl::Status Admit(const grpc::CallbackServerContext& context, const Method* method) const {
    BAIMI_RETURN_IF_ERROR(CheckHandedOn(context));
    if (options_.authenticator != nullptr) {
      const auto& metadata = context.client_metadata();
      const auto found = metadata.find("authorization");
      const absl::string_view header =
          found == metadata.end() ? absl::string_view()
                                  : absl::string_view(found->second.data(), found->second.size());
      BAIMI_RETURN_IF_ERROR(
          options_.authenticator->Authenticate(auth::BearerToken(header)).status());
    }
    if (method == nullptr) {
      return Error(absl::StatusCode::kUnimplemented, type::v1::ERROR_REASON_NO_SUCH_METHOD,
                   "no such public method", "没有这个公开方法");
    }
    return absl::OkStatus();
  }

  // OK when the call was counted; then Leave is owed.
  absl::Status Enter() {
    absl::MutexLock lock(&mu_);
    if (draining_) {
      ++refused_;
      return rpc::DrainingStatus();
    }
    if (calls_ >= options_.max_calls) {
      return rpc::LaneFullStatus("gateway", kComeBack);
    }
    ++calls_;
    return absl::OkStatus();
  }
  void Leave() {
    absl::MutexLock lock(&mu_);
    --calls_;
  }

  int64_t refused() const {
    absl::MutexLock lock(&mu_);
    return refused_;
  }

  bool Drain(absl::Duration grace) {
    {
      absl::MutexLock lock(&mu_);
      draining_ = true;
    }
    options_.router->EndStreams();
    absl::MutexLock lock(&mu_);
    const auto empty = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return calls_ == 0; };
    return mu_.AwaitWithTimeout(absl::Condition(&empty), grace);
  }

  void Count(const Method* method, const grpc::Status& status, absl::Time since) {
    const std::string path = method == nullptr ? "unknown" : method->path;
    served_
        ->With({path, absl::StatusCodeToString(static_cast<absl::StatusCode>(status.error_code()))})
        .Add();
    if (method != nullptr) {
      latency_->With({path}).Observe(Now() - since);
    }
  }

 private:
  const GrpcDoorOptions options_;
  observe::Family<observe::Counter>* const served_;
  observe::Family<observe::Histogram>* const latency_;
  mutable absl::Mutex mu_;
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
  int64_t refused_ ABSL_GUARDED_BY(mu_) = 0;
  int calls_ ABSL_GUARDED_BY(mu_) = 0;
};

Metadata HandedOn(const grpc::CallbackServerContext& context) {
  Metadata metadata;
  for (const auto& [name, value] : context.client_metadata()) {
    const absl::string_view key(name.data(), name.size());
    if (IsHandedOn(key)) {
      metadata.emplace_back(key, std::string(value.data(), value.size()));
    }
  }
  return metadata;
}

absl::Time DeadlineOf(const grpc::CallbackServerContext& context, const Method& method) {
  const auto wanted = context.deadline();
  if (wanted != std::chrono::system_clock::time_point::max()) {
    return absl::FromChrono(wanted);
  }
  const absl::Time deadline = absl::Now() + method.default_deadline;
  return method.server_streaming ? absl::InfiniteFuture() : deadline;
}

// What all kinds of call share. A request is one message, or begins with one.
class Passing : public grpc::ServerGenericBidiReactor {
 public:
  Passing(Gate* gate, grpc::CallbackServerContext* context, const Method* method)
      : gate_(gate), context_(context), method_(method), since_(gate->Now()) {}
  ~Passing() override {
    if (entered_) {
      gate_->Leave();
    }
  }

  absl::Status Begin() {
    BAIMI_RETURN_IF_ERROR(gate_->Enter());
    entered_ = true;
    StartRead(&message_);
    return absl::OkStatus();
  }
  void OnReadDone(bool ok) override {
    if (ok) {
      Pass(Take());
    } else {
      Finish(Close(
          {.status = {grpc::StatusCode::INVALID_ARGUMENT, "request: got none, want one message"},
           .response = {},
           .trailing = {}}));
    }
  }
  void OnCancel() override {
    absl::MutexLock lock(&mu_);
    cancelled_ = true;
    if (call_) {
      call_->Cancel();
    }
  }
  void OnDone() override { delete this; }

 protected:
  bool cancelled() const { return context_->IsCancelled(); }
  // Makes the call to the service.
  virtual void Pass(CallRequest request) = 0;
  // Lets OnCancel reach it, then starts it.
  template <typename Kind>
  void Launch(const std::shared_ptr<Kind>& call) {
    {
      absl::MutexLock lock(&mu_);
      call_ = call;
      if (cancelled_) {
        call->Cancel();
      }
    }
    call->Start();
  }
  // Everything about the end but Finish: what the caller is told.
  grpc::Status Close(const CallEnd& end) {
    grpc::Status status = rpc::ToGrpc(FromService(end.status, method_->read));
    for (const auto& [name, value] : end.trailing) {
      context_->AddTrailingMetadata(name, value);
    }
    gate_->Count(method_, status, since_);
    // Whoever has its answer finds room for the next call.
    if (std::exchange(entered_, false)) {
      gate_->Leave();
    }
    return status;
  }

  Gate* const gate_;
  grpc::ByteBuffer message_;

 private:
  CallRequest Take() {
    CallRequest request{.method = method_,
                        .metadata = HandedOn(*context_),
                        .message = {},
                        .deadline = DeadlineOf(*context_, *method_)};
    request.message.Swap(&message_);
    return request;
  }

  grpc::CallbackServerContext* const context_;
  const Method* const method_;
  const absl::Time since_;
  bool entered_ = false;
  absl::Mutex mu_;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  std::shared_ptr<Call> call_ ABSL_GUARDED_BY(mu_);
};

class Refusal final : public grpc::ServerGenericBidiReactor {
 public:
  Refusal(Gate* gate, const Method* method, const absl::Status& status) {
    const grpc::Status refused = rpc::ToGrpc(status);
    gate->Count(method, refused, gate->Now());
    Finish(refused);
  }
  void OnDone() override { delete this; }
};

class PassingUnary final : public Passing {
 public:
  using Passing::Passing;

 private:
  void Pass(CallRequest request) override {
    Launch(UnaryCall::Make(gate_->router(), std::move(request), [this](CallEnd end) {
      const grpc::Status status = Close(end);
      if (status.ok()) {
        message_.Swap(&end.response);
        StartWriteAndFinish(&message_, grpc::WriteOptions(), status);
      } else {
        Finish(status);
      }
    }));
  }
};

class PassingStream final : public Passing {
 public:
  using Passing::Passing;

  void OnWriteDone(bool ok) override {
    if (!ok) {
      stream_->Cancel();
    }
    stream_->Next();
  }

 private:
  void Pass(CallRequest request) override {
    stream_ = StreamCall::Make(gate_->router(), std::move(request),
                               {.message =
                                    [this](const grpc::ByteBuffer& message) {
                                      message_ = message;
                                      StartWrite(&message_);
                                    },
                                .done = [this](const CallEnd& end) { Finish(Close(end)); }});
    Launch(stream_);
  }

  // Set before the first write.
  std::shared_ptr<StreamCall> stream_;
};

class PassingUpload final : public Passing {
 public:
  using Passing::Passing;

  void OnReadDone(bool ok) override {
    if (!upload_) {
      Passing::OnReadDone(ok);
    } else if (ok) {
      grpc::ByteBuffer message;
      message.Swap(&message_);
      upload_->Write(std::move(message));
    } else if (!cancelled()) {
      upload_->WritesDone();
    }
  }

 private:
  void Pass(CallRequest request) override {
    upload_ = UploadCall::Make(gate_->router(), std::move(request),
                               {.ready = [this] { StartRead(&message_); },
                                .done = [this](CallEnd end) { Ended(std::move(end)); }});
    Launch(upload_);
  }
  void Ended(CallEnd end) {
    const grpc::Status status = Close(end);
    if (status.ok()) {
      answer_.Swap(&end.response);
      StartWriteAndFinish(&answer_, grpc::WriteOptions(), status);
    } else {
      Finish(status);
    }
  }

  // A read may still be under way in message_ when the answer comes.
  grpc::ByteBuffer answer_;
  std::shared_ptr<UploadCall> upload_;
};

class PassThrough final : public grpc::CallbackGenericService {
 public:
  explicit PassThrough(Gate* gate) : gate_(gate) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    if (IsReflection(context->method())) {
      return NewReflectionReactor(gate_->contract());
    }
    const Method* method = gate_->router()->methods().Find(context->method());
    const absl::Status admitted = gate_->Admit(*context, method);
    if (!admitted.ok()) {
      return new Refusal(gate_, method, admitted);
    }
    if (method->client_streaming) {
      return Pass<PassingUpload>(context, method);
    }
    return method->server_streaming ? Pass<PassingStream>(context, method)
                                    : Pass<PassingUnary>(context, method);
  }

 private:
  template <typename Reactor>
  grpc::ServerGenericBidiReactor* Pass(grpc::CallbackServerContext* context, const Method* method) {
    auto reactor = std::make_unique<Reactor>(gate_, context, method);
    const absl::Status entered = reactor->Begin();
    if (!entered.ok()) {
      return new Refusal(gate_, method, entered);
    }
    return reactor.release();
  }

  Gate* const gate_;
};

}  // namespace

class GrpcDoor::Impl {
 public:
  explicit Impl(const GrpcDoorOptions& options) : gate(options), service(&gate) {}

  Gate gate;
  PassThrough service;
  std::unique_ptr<rpc::Server> server;
};

GrpcDoor::GrpcDoor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GrpcDoor::~GrpcDoor() = default;

absl::StatusOr<std::unique_ptr<GrpcDoor>> GrpcDoor::Start(const GrpcDoorOptions& options) {
  auto door = std::unique_ptr<GrpcDoor>(new GrpcDoor(std::make_unique<Impl>(options)));
  Impl& impl = *door->impl_;
  rpc::ServerOptions server;
  server.address = options.address;
  server.reflection = false;
  server.generic.service = &impl.service;
  server.generic.drain = [&impl](absl::Duration grace) { return impl.gate.Drain(grace); };
  server.generic.refused = [&impl] { return impl.gate.refused(); };
  for (const auto* service : options.contract->services()) {
    server.generic.names.push_back(service->full_name());
  }
  BAIMI_ASSIGN_OR_RETURN(impl.server, rpc::Server::Start(server, {}));
  return door;
}

int GrpcDoor::port() const { return impl_->server->port(); }
void GrpcDoor::SetServing(bool serving) { impl_->server->health().SetAll(serving); }
bool GrpcDoor::Drain(absl::Duration grace) { return impl_->server->Drain(grace); }

}  // namespace baimi::gateway
