#include "services/gateway/call.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/observe/log.h"
#include "common/rpc/runtime.h"
#include "common/rpc/status.h"

namespace baimi::gateway {
namespace {

constexpr char kAuthorization[] = "authorization";
constexpr char kMinSeq[] = "baimi-min-seq";
constexpr char kSeq[] = "baimi-seq";

const std::string* Find(const Metadata& metadata, absl::string_view name) {
  const auto found = std::find_if(metadata.begin(), metadata.end(),
                                  [name](const auto& entry) { return entry.first == name; });
  return found == metadata.end() ? nullptr : &found->second;
}

}  // namespace

bool IsHandedOn(absl::string_view name) {
  for (const absl::string_view known : {"authorization", "traceparent", "tracestate", "baimi-actor",
                                        "baimi-purpose", "baimi-min-seq"}) {
    if (name == known) {
      return true;
    }
  }
  return false;
}

bool IsMetadataText(absl::string_view value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); });
}

bool IsHandedBack(absl::string_view name) { return absl::StartsWith(name, "baimi-"); }

Router::Router(std::unique_ptr<const Methods> methods, Rng* rng, observe::Registry* metrics)
    : methods_(std::move(methods)),
      rng_(rng),
      retries_(&metrics->Counters("baimi_gateway_retries_total",
                                  "Calls made again, by the code that they got before.",
                                  {"code"})) {}

absl::StatusOr<std::unique_ptr<Router>> Router::Create(
    const transcode::Contract& contract,
    const std::map<std::string, std::shared_ptr<grpc::Channel>>& channels, Rng* rng,
    observe::Registry* metrics, const rpc::RetryOptions& retry,
    std::shared_ptr<const rpc::LocalMethods> local) {
  BAIMI_ASSIGN_OR_RETURN(auto methods, Methods::Build(contract, channels, retry, std::move(local)));
  return std::unique_ptr<Router>(new Router(std::move(methods), rng, metrics));
}

void Router::Made(Call* call) {
  absl::MutexLock lock(&mu_);
  calls_.insert(call);
}

void Router::Gone(Call* call) {
  absl::MutexLock lock(&mu_);
  calls_.erase(call);
}

void Router::Quiesce() {
  EndStreams();
  absl::MutexLock lock(&mu_);
  // Under the lock: one that ends meanwhile waits in Gone.
  for (Call* call : calls_) {
    call->Cancel();
  }
  const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return calls_.empty(); };
  mu_.Await(absl::Condition(&none));
}

bool Router::Begin(StreamCall* stream) {
  absl::MutexLock lock(&mu_);
  return !ended_ && streams_.insert(stream).second;
}

void Router::Ended(StreamCall* stream) {
  absl::MutexLock lock(&mu_);
  streams_.erase(stream);
}

void Router::EndStreams() {
  absl::MutexLock lock(&mu_);
  ended_ = true;
  // Under the lock: a stream that ends meanwhile waits in Ended.
  for (StreamCall* stream : streams_) {
    stream->drained_ = true;
    stream->Cancel();
  }
}

absl::Status FromService(const grpc::Status& status, bool read) {
  absl::Status error = rpc::FromGrpc(status);
  if (error.ok() || !ReasonOf(error).empty()) {
    return error;
  }
  if (absl::IsCancelled(error) && read) {
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
  if (absl::IsDeadlineExceeded(error)) {
    return Error(absl::StatusCode::kDeadlineExceeded, type::v1::ERROR_REASON_DEADLINE_PASSED,
                 "deadline: passed before the service answered; retry with the same request_id",
                 "服务未在期限内答复，请使用相同的 request_id 重试");
  }
  return error;
}

Call::Call(Router* router, CallRequest request) : router_(router), request_(std::move(request)) {
  router_->Made(this);
  grpc::Slice slice;
  if (!request_.message.TrySingleSlice(&slice).ok() &&
      !request_.message.DumpToSingleSlice(&slice).ok()) {
    return;
  }
  const absl::string_view wire(reinterpret_cast<const char*>(slice.begin()), slice.size());
  const Method& method = *request_.method;
  county_ = method.CountyOf(wire);
  idempotent_ = method.IsIdempotent(wire);
  if (const std::string* sent = Find(request_.metadata, kAuthorization)) {
    credentials_ = *sent;
  }
  if (!method.read || county_.empty() || credentials_.empty() ||
      Find(request_.metadata, kMinSeq) != nullptr) {
    return;
  }
  if (const int64_t seq = router_->seqs_.Last(KeyOf()); seq > 0) {
    request_.metadata.emplace_back(kMinSeq, absl::StrCat(seq));
  }
}

Call::~Call() {
  {
    absl::MutexLock lock(&mu_);
    // They hold the channel, whose last owner must not be the library's thread this may run on.
    context_.reset();
    alarm_.reset();
  }
  router_->Gone(this);
}

SeqMemory::Key Call::KeyOf() const {
  return {
      .credentials = credentials_, .service = request_.method->backend->prefix, .county = county_};
}

void Call::Cancel() {
  absl::MutexLock lock(&mu_);
  cancelled_ = true;
  if (context_) {
    context_->TryCancel();
  }
  if (alarm_) {
    alarm_->Cancel();
  }
}

grpc::ClientContext* Call::NewContext() {
  absl::MutexLock lock(&mu_);
  if (cancelled_) {
    return nullptr;
  }
  ++made_;
  context_ = std::make_unique<grpc::ClientContext>();
  for (const auto& [name, value] : request_.metadata) {
    context_->AddMetadata(name, value);
  }
  if (request_.deadline != absl::InfiniteFuture()) {
    context_->set_deadline(absl::ToChronoTime(request_.deadline));
  }
  return context_.get();
}

bool Call::TryAgain(const grpc::Status& status) {
  if (status.ok()) {
    request_.method->backend->budget.Earn();
    return false;
  }
  const absl::Status error = rpc::FromGrpc(status);
  absl::MutexLock lock(&mu_);
  if (cancelled_) {
    return false;
  }
  const auto delay = rpc::NextTry(request_.method->backend->budget, error, idempotent_, made_,
                                  request_.deadline - absl::Now(), *router_->rng_);
  if (!delay) {
    if (ReasonOf(error).empty()) {
      // No service says so: what stands between has failed.
      observe::Log(observe::LogLevel::kWarning, "a service did not answer",
                   {{"method", request_.method->path}, {"attempts", made_}, {"status", error}});
    }
    return false;
  }
  router_->retries_->With({absl::StatusCodeToString(error.code())}).Add();
  const auto deadline = absl::ToChronoTime(absl::Now() + *delay);
  alarm_ = std::make_unique<grpc::Alarm>();
  // Runs on another thread, also when the time has come already.
  alarm_->Set(deadline, [self = shared_from_this()](bool) {
    // The alarm keeps this callback, and so the call, for as long as the call keeps the alarm.
    const std::unique_ptr<grpc::Alarm> rung = self->TakeAlarm();
    self->Attempt();
  });
  return true;
}

std::unique_ptr<grpc::Alarm> Call::TakeAlarm() {
  absl::MutexLock lock(&mu_);
  return std::move(alarm_);
}

CallEnd Call::EndOf(const grpc::Status& status) {
  CallEnd end{.status = status, .response = {}, .trailing = {}};
  {
    absl::MutexLock lock(&mu_);
    if (!context_ || made_ == 0) {
      return end;
    }
    for (const auto& [name, value] : context_->GetServerTrailingMetadata()) {
      const absl::string_view key(name.data(), name.size());
      if (IsHandedBack(key)) {
        end.trailing.emplace_back(key, std::string(value.data(), value.size()));
      }
    }
  }
  int64_t seq = 0;
  const std::string* sent = Find(end.trailing, kSeq);
  if (sent != nullptr && absl::SimpleAtoi(*sent, &seq)) {
    Changed(seq);
  }
  return end;
}

void Call::Changed(int64_t seq) {
  if (!county_.empty() && !credentials_.empty()) {
    router_->seqs_.Changed(KeyOf(), seq);
  }
}

bool Call::BeginLocal() {
  absl::MutexLock lock(&mu_);
  if (!cancelled_) {
    ++made_;
  }
  return !cancelled_;
}

std::shared_ptr<UnaryCall> UnaryCall::Make(Router* router, CallRequest request,
                                           std::function<void(CallEnd)> done) {
  return std::shared_ptr<UnaryCall>(new UnaryCall(router, std::move(request), std::move(done)));
}

void UnaryCall::Attempt() {
  if (const rpc::LocalMethods::Local* local = request_.method->local) {
    AttemptHere(local->wire);
    return;
  }
  grpc::ClientContext* context = NewContext();
  if (context == nullptr) {
    done_({.status = grpc::Status::CANCELLED, .response = {}, .trailing = {}});
    return;
  }
  response_.Clear();
  request_.method->backend->stub.UnaryCall(
      context, request_.method->path, {}, &request_.message, &response_,
      [self = Self()](const grpc::Status& status) { self->Ended(status); });
}

void UnaryCall::AttemptHere(const rpc::LocalMethods::InvokeWire& invoke) {
  if (!BeginLocal()) {
    done_({.status = grpc::Status::CANCELLED, .response = {}, .trailing = {}});
    return;
  }
  rpc::LocalContext context{.deadline = request_.deadline};
  for (const auto& [name, value] : request_.metadata) {
    context.metadata.emplace_back(name, value);
  }
  invoke(std::move(context), request_.message,
         [self = Self()](rpc::LocalMethods::WireAnswer answer) {
           self->EndedHere(std::move(answer));
         });
}

void UnaryCall::EndedHere(rpc::LocalMethods::WireAnswer answer) {
  CallEnd end{.status = rpc::ToGrpc(answer.status), .response = {}, .trailing = {}};
  if (TryAgain(end.status)) {
    return;
  }
  end.response.Swap(&answer.response);
  if (answer.committed_seq > 0) {
    end.trailing.emplace_back(kSeq, absl::StrCat(answer.committed_seq));
    Changed(answer.committed_seq);
  }
  done_(std::move(end));
}

void UnaryCall::Ended(const grpc::Status& status) {
  if (TryAgain(status)) {
    return;
  }
  CallEnd end = EndOf(status);
  if (status.ok()) {
    end.response.Swap(&response_);
  }
  done_(std::move(end));
}

// One attempt at a stream.
class StreamCall::Reactor final
    : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Reactor(std::shared_ptr<StreamCall> call, grpc::ClientContext* context) : call_(std::move(call)) {
    const Method& method = *call_->request_.method;
    method.backend->stub.PrepareBidiStreamingCall(context, method.path, {}, this);
    // Reads are asked for from outside of the reactor's callbacks.
    AddHold();
    StartWriteLast(&call_->request_.message, grpc::WriteOptions());
    StartRead(&message_);
  }
  void Next() { StartRead(&message_); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      RemoveHold();
      return;
    }
    grpc::ByteBuffer message;
    message.Swap(&message_);
    call_->Got(message);
  }
  void OnDone(const grpc::Status& status) override {
    const std::shared_ptr<StreamCall> call = std::move(call_);
    delete this;
    call->Ended(status);
  }

 private:
  std::shared_ptr<StreamCall> call_;
  grpc::ByteBuffer message_;
};

std::shared_ptr<StreamCall> StreamCall::Make(Router* router, CallRequest request, Events events) {
  return std::shared_ptr<StreamCall>(new StreamCall(router, std::move(request), std::move(events)));
}

void StreamCall::Start() {
  if (router_->Begin(this)) {
    Attempt();
  } else {
    events_.done({.status = rpc::ToGrpc(rpc::DrainingStatus()), .response = {}, .trailing = {}});
  }
}

void StreamCall::Attempt() {
  grpc::ClientContext* context = NewContext();
  if (context == nullptr) {
    Ended(grpc::Status::CANCELLED);
    return;
  }
  reactor_ = new Reactor(Self(), context);
  reactor_->StartCall();
}

void StreamCall::Next() { reactor_->Next(); }

void StreamCall::Got(const grpc::ByteBuffer& message) {
  any_ = true;
  events_.message(message);
}

void StreamCall::Ended(const grpc::Status& status) {
  if (!any_ && TryAgain(status)) {
    return;
  }
  router_->Ended(this);
  CallEnd end = EndOf(status);
  if (drained_ && !status.ok()) {
    end.status = rpc::ToGrpc(rpc::DrainingStatus());
  }
  events_.done(std::move(end));
}

}  // namespace baimi::gateway
