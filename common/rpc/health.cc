#include "common/rpc/health.h"

#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/support/server_callback.h"

namespace baimi::rpc {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// One Watch call; sends the latest status whenever the last message has gone out. The reactor and
// the service share it, whichever lives longer.
class HealthWatch {
 public:
  explicit HealthWatch(std::string service) : service_(std::move(service)) {}

  class Reactor final : public grpc::ServerWriteReactor<HealthCheckResponse> {
   public:
    explicit Reactor(std::shared_ptr<HealthWatch> watch) : watch_(std::move(watch)) {}
    void OnWriteDone(bool ok) override { watch_->WriteDone(ok); }
    void OnCancel() override { watch_->End(); }
    void OnDone() override {
      watch_->Detach();
      delete this;
    }

   private:
    std::shared_ptr<HealthWatch> watch_;
  };

  const std::string& service() const { return service_; }
  void Attach(Reactor* reactor) {
    absl::MutexLock lock(&mu_);
    reactor_ = reactor;
    Pump();
  }
  void Detach() {
    absl::MutexLock lock(&mu_);
    reactor_ = nullptr;
    ended_ = true;
  }
  void Set(HealthCheckResponse::ServingStatus status) {
    absl::MutexLock lock(&mu_);
    wanted_ = status;
    Pump();
  }
  void End() {
    absl::MutexLock lock(&mu_);
    ended_ = true;
    Pump();
  }
  bool ended() {
    absl::MutexLock lock(&mu_);
    return ended_;
  }

 private:
  void WriteDone(bool ok) {
    absl::MutexLock lock(&mu_);
    writing_ = false;
    ended_ = ended_ || !ok;
    Pump();
  }
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (reactor_ == nullptr || writing_ || finished_) {
      return;
    }
    if (ended_) {
      finished_ = true;
      reactor_->Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the watch ended"));
    } else if (wanted_ != sent_) {
      writing_ = true;
      sent_ = wanted_;
      message_.set_status(sent_);
      reactor_->StartWrite(&message_);
    }
  }

  const std::string service_;
  absl::Mutex mu_;
  Reactor* reactor_ ABSL_GUARDED_BY(mu_) = nullptr;
  HealthCheckResponse::ServingStatus wanted_ ABSL_GUARDED_BY(mu_) = HealthCheckResponse::UNKNOWN;
  HealthCheckResponse::ServingStatus sent_ ABSL_GUARDED_BY(mu_) = HealthCheckResponse::UNKNOWN;
  HealthCheckResponse message_;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
};

HealthService::HealthService() {
  serving_[""] = false;
  AddMethod(new grpc::internal::RpcServiceMethod("/grpc.health.v1.Health/Check",
                                                 grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
  MarkMethodCallback(
      0, new grpc::internal::CallbackUnaryHandler<HealthCheckRequest, HealthCheckResponse>(
             [this](grpc::CallbackServerContext* context, const HealthCheckRequest* request,
                    HealthCheckResponse* response) {
               auto* reactor = context->DefaultReactor();
               Status status;
               {
                 absl::MutexLock lock(&mu_);
                 status = Find(request->service());
               }
               response->set_status(status);
               reactor->Finish(status == HealthCheckResponse::SERVICE_UNKNOWN
                                   ? grpc::Status(grpc::StatusCode::NOT_FOUND,
                                                  "service: got one that is not served here")
                                   : grpc::Status::OK);
               return reactor;
             }));
  AddMethod(new grpc::internal::RpcServiceMethod(
      "/grpc.health.v1.Health/Watch", grpc::internal::RpcMethod::SERVER_STREAMING, nullptr));
  MarkMethodCallback(
      1,
      new grpc::internal::CallbackServerStreamingHandler<HealthCheckRequest, HealthCheckResponse>(
          [this](grpc::CallbackServerContext*, const HealthCheckRequest* request) {
            auto watch = std::make_shared<HealthWatch>(request->service());
            auto* reactor = new HealthWatch::Reactor(watch);
            {
              // Found and listed at once: no change falls between.
              absl::MutexLock lock(&mu_);
              watch->Set(Find(request->service()));
              std::erase_if(watches_, [](const auto& old) { return old->ended(); });
              watches_.push_back(watch);
              if (stopped_) {
                watch->End();
              }
            }
            watch->Attach(reactor);
            return reactor;
          }));
}

HealthService::~HealthService() = default;

void HealthService::Add(absl::string_view service) {
  absl::MutexLock lock(&mu_);
  serving_.emplace(std::string(service), false);
}

void HealthService::SetAll(bool serving) {
  absl::MutexLock lock(&mu_);
  for (auto& [name, state] : serving_) {
    state = serving;
  }
  for (const auto& watch : watches_) {
    if (serving_.contains(watch->service())) {
      watch->Set(serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING);
    }
  }
}

void HealthService::Stop() {
  absl::MutexLock lock(&mu_);
  stopped_ = true;
  for (const auto& watch : watches_) {
    watch->End();
  }
  watches_.clear();
}

HealthService::Status HealthService::Find(const std::string& service) const {
  const auto found = serving_.find(service);
  if (found == serving_.end()) {
    return HealthCheckResponse::SERVICE_UNKNOWN;
  }
  return found->second ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

}  // namespace baimi::rpc
