// The reactor of client streams: reading, the steps of a receiver on its lane, and the ways a call
// can end. Used by service.h only.
#ifndef BAIMI_COMMON_RPC_CLIENT_STREAM_CALL_H_
#define BAIMI_COMMON_RPC_CLIENT_STREAM_CALL_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/digest.h"
#include "common/rpc/client_stream.h"
#include "common/rpc/reactors.h"
#include "grpcpp/alarm.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace baimi::rpc {

// What the calls of one method share. Thread-safe.
class ClientStreamGate {
 public:
  explicit ClientStreamGate(const ClientStreamOptions& options) : options_(options) {}
  const ClientStreamOptions& options() const { return options_; }
  // False when max_open receivers are there.
  bool Open() {
    if (open_.fetch_add(1) < options_.max_open) {
      return true;
    }
    Close();
    return false;
  }
  void Close() { open_.fetch_sub(1); }

 private:
  const ClientStreamOptions options_;
  std::atomic<int> open_{0};
};

template <typename Request, typename Response>
struct ClientStreamHandler {
  ClientStreamHandler(ReceiverOpener<Request, Response> o, const ClientStreamOptions& options)
      : opener(std::move(o)), gate(options) {}
  const ReceiverOpener<Request, Response> opener;
  ClientStreamGate gate;
};

// Everything that does not depend on the types. At any time the call is in the hands of one party:
// the library that reads, or a step. Whoever has it passes it on or ends it; others only leave
// word.
class ClientStreamSteps : public ServedCall {
 protected:
  ClientStreamSteps(Runtime* runtime, const Method* method, grpc::CallbackServerContext* context,
                    google::protobuf::Message* message, ClientStreamGate* gate);

  using StepDone = std::function<void(absl::Status)>;
  virtual void StartReading() = 0;
  // What was read; false when it is no message of the type.
  virtual bool ParseMessage() = 0;
  virtual absl::Status OpenReceiver() = 0;
  virtual void TakeMessage(StepDone done) = 0;
  virtual void FinishReceiver(const Received& all, StepDone done) = 0;
  virtual void DropReceiver() = 0;
  // The one to send; counts when the call ended well.
  virtual google::protobuf::Message* response() = 0;
  // The call may be gone afterwards.
  virtual void Send(const grpc::Status& status) = 0;

  // From the reactor.
  void Begin();
  void ReadDone(bool ok);
  void Cancelled();
  // After it nothing of this class runs.
  void Detach();

 private:
  enum class Holder { kReader, kStep, kNobody };

  // Calls Tick from a thread of the library.
  struct Watch : std::enable_shared_from_this<Watch> {
    absl::Mutex mu;
    ClientStreamSteps* owner ABSL_GUARDED_BY(mu) = nullptr;
    std::unique_ptr<grpc::Alarm> alarm ABSL_GUARDED_BY(mu);
    void Arm(absl::Time at) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
  };

  void Invoke() override;
  void Complete(absl::Status status) override { End(std::move(status)); }
  absl::Status Malformed() const;
  // Brings Step onto the lane; waits while the lane is full.
  void Submit();
  void Step();
  absl::Status CheckLater();
  // Counts what has come.
  absl::Status Count();
  void Take();
  void Took(absl::Status status);
  void FinishStep();
  // Ends what waits too long, and says when to look again; InfiniteFuture: never.
  absl::Time Tick();
  // What ended the call from outside while a step had it.
  std::optional<absl::Status> Cut();
  void End(absl::Status status);

  google::protobuf::Message* const message_;
  ClientStreamGate* const gate_;
  const std::shared_ptr<Watch> watch_;

  // Of whoever has the call.
  bool half_closed_ = false;
  bool opened_ = false;
  bool begun_ = false;
  Received received_;
  Sha256Sum sum_;
  std::unique_ptr<grpc::Alarm> lane_alarm_;

  absl::Mutex mu_;
  Holder holder_ ABSL_GUARDED_BY(mu_) = Holder::kReader;
  std::optional<absl::Status> cut_ ABSL_GUARDED_BY(mu_);
  // By the machine's clock.
  absl::Time idle_until_ ABSL_GUARDED_BY(mu_);
  absl::Time deadline_ ABSL_GUARDED_BY(mu_) = absl::InfiniteFuture();
};

template <typename Request, typename Response>
class ClientStreamCall final : public grpc::ServerReadReactor<grpc::ByteBuffer>,
                               public ClientStreamSteps {
 public:
  ClientStreamCall(Runtime* runtime, const Method* method, grpc::CallbackServerContext* context,
                   Response* response, ClientStreamHandler<Request, Response>* handler)
      : ClientStreamSteps(runtime, method, context, &message_, &handler->gate),
        response_(response),
        handler_(handler) {
    Begin();
  }
  void OnReadDone(bool ok) override { ReadDone(ok); }
  void OnCancel() override { Cancelled(); }
  void OnDone() override {
    Detach();
    delete this;
  }

 private:
  void StartReading() override { StartRead(&wire_); }
  bool ParseMessage() override {
    return grpc::SerializationTraits<Request>::Deserialize(&wire_, &message_).ok();
  }
  absl::Status OpenReceiver() override {
    auto opened = handler_->opener(call(), message_);
    absl::Status status = opened.status();
    if (status.ok()) {
      receiver_ = *std::move(opened);
    }
    return status;
  }
  void TakeMessage(StepDone done) override {
    receiver_->Take(std::move(message_))
        .Then(
            [done = std::move(done)](const absl::StatusOr<Taken>& taken) { done(taken.status()); });
  }
  void FinishReceiver(const Received& all, StepDone done) override {
    receiver_->Finish(all).Then([this, done = std::move(done)](absl::StatusOr<Response> answer) {
      const absl::Status status = answer.status();
      if (status.ok()) {
        *response_ = *std::move(answer);
      }
      done(status);
    });
  }
  void DropReceiver() override { receiver_.reset(); }
  google::protobuf::Message* response() override { return response_; }
  void Send(const grpc::Status& status) override { this->Finish(status); }

  // Read as bytes: of a message that it cannot parse, gRPC says the same as of the end.
  grpc::ByteBuffer wire_;
  Request message_;
  Response* const response_;
  ClientStreamHandler<Request, Response>* const handler_;
  std::unique_ptr<Receiver<Request, Response>> receiver_;
};

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_CLIENT_STREAM_CALL_H_
