// Unary calls by where they come from and in which form their answers go: all of them through the
// same pipeline, lanes and handlers. Used by service.h.
//
//   UnaryCall      over gRPC
//   BytesCall      over gRPC; answers may be kept in wire form
//   LocalCall      from this process, blocking
//   LocalWireCall  from the gateway in this process, in wire form and without blocking
#ifndef BAIMI_COMMON_RPC_UNARY_CALL_H_
#define BAIMI_COMMON_RPC_UNARY_CALL_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "common/base/async.h"
#include "common/privacy/mask.h"
#include "common/rpc/local_methods.h"
#include "common/rpc/reactors.h"
#include "common/rpc/status.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace baimi::rpc {

// A response in wire form as callers of one view may see it: giving it again costs neither opening
// nor masking nor serialising it. Immutable.
class MaskedBytes {
 public:
  // Masks `message` in place.
  static std::shared_ptr<const MaskedBytes> Make(google::protobuf::Message* message, PiiView view) {
    privacy::Mask(message, view);
    return std::shared_ptr<const MaskedBytes>(new MaskedBytes(message->SerializeAsString(), view));
  }
  const std::string& bytes() const { return bytes_; }
  PiiView view() const { return view_; }

 private:
  MaskedBytes(std::string bytes, PiiView view) : bytes_(std::move(bytes)), view_(view) {}

  const std::string bytes_;
  const PiiView view_;
};

template <typename Request, typename Response>
using UnaryHandler = std::function<Async<Response>(const Call&, const Request&)>;
// An answer or a refusal from memory, or nullopt to go the long way.
template <typename Request, typename Response>
using FastHandler =
    std::function<std::optional<absl::StatusOr<Response>>(const Call&, const Request&)>;
// An answer from memory for call.pii_view, or null to go the long way.
template <typename Request>
using BytesHandler = std::function<std::shared_ptr<const MaskedBytes>(const Call&, const Request&)>;

// What answers a method. At most one of the two fast ones is set; a caller that wants a message
// does not ask the second.
template <typename Request, typename Response>
struct UnaryHandlers {
  UnaryHandler<Request, Response> handler;
  FastHandler<Request, Response> fast = nullptr;
  BytesHandler<Request> fast_bytes = nullptr;
};

// Runs the handlers and keeps the answer.
template <typename Request, typename Response>
class AnsweredCall : public ServedCall {
 protected:
  using Handlers = UnaryHandlers<Request, Response>;

  // `request` belongs to this call alone: the pipeline may clear output-only fields in it.
  // `context` is a gRPC or a local one.
  template <typename Context>
  AnsweredCall(Runtime* runtime, const Method* method, Context* context, Request* request,
               Response* response, const Handlers* handlers)
      : ServedCall(runtime, method, context, request),
        request_(request),
        response_(response),
        handlers_(handlers) {}

  // Ends the call; the response counts when `status` is OK.
  virtual void Reply(absl::Status status) = 0;

  void Invoke() override {
    handlers_->handler(call(), *request_).Then([this](absl::StatusOr<Response> answer) {
      Take(std::move(answer));
    });
  }
  bool has_fast() const override { return handlers_->fast != nullptr; }
  bool TryFast() override {
    std::optional<absl::StatusOr<Response>> answer = handlers_->fast(call(), *request_);
    if (!answer) {
      return false;
    }
    Take(*std::move(answer));
    return true;
  }
  void Complete(absl::Status status) override { Reply(Conclude(response_, std::move(status))); }

  const Request* const request_;
  Response* const response_;
  const Handlers* const handlers_;

 private:
  void Take(absl::StatusOr<Response> answer) {
    absl::Status status = answer.status();
    if (status.ok()) {
      *response_ = *std::move(answer);
    }
    Complete(std::move(status));
  }
};

template <typename Request, typename Response>
class UnaryCall final : public grpc::ServerUnaryReactor, public AnsweredCall<Request, Response> {
 public:
  UnaryCall(Runtime* runtime, const Method* method, grpc::CallbackServerContext* context,
            const Request* request, Response* response,
            const UnaryHandlers<Request, Response>* handlers)
      : AnsweredCall<Request, Response>(runtime, method, context, const_cast<Request*>(request),
                                        response, handlers) {
    this->Start();
  }
  void OnDone() override { delete this; }

 private:
  void Reply(absl::Status status) override { Finish(ToGrpc(status)); }
};

template <typename Request, typename Response>
class LocalCall final : public AnsweredCall<Request, Response> {
 public:
  LocalCall(Runtime* runtime, const Method* method, const LocalContext* context, Request* request,
            Response* response, const UnaryHandlers<Request, Response>* handlers)
      : AnsweredCall<Request, Response>(runtime, method, context, request, response, handlers) {}

  // Blocks until the call has ended, which a fast answer does on this thread.
  absl::Status Run() {
    this->Start();
    done_.WaitForNotification();
    return std::move(status_);
  }

 private:
  void Reply(absl::Status status) override {
    status_ = std::move(status);
    done_.Notify();
  }

  absl::Status status_;
  absl::Notification done_;
};

template <typename Request, typename Response>
class WireCall : public AnsweredCall<Request, Response> {
 protected:
  using Base = AnsweredCall<Request, Response>;

  template <typename Context>
  WireCall(Runtime* runtime, const Method* method, Context* context, Request* request,
           const UnaryHandlers<Request, Response>* handlers)
      : Base(runtime, method, context, request, &message_, handlers) {}

  // Ends the call; `answer` is empty on errors.
  virtual void ReplyWire(absl::Status status, const grpc::ByteBuffer& answer) = 0;

 private:
  bool has_fast() const override {
    return this->handlers_->fast_bytes != nullptr || Base::has_fast();
  }
  bool TryFast() override {
    if (this->handlers_->fast_bytes == nullptr) {
      return Base::TryFast();
    }
    const std::shared_ptr<const MaskedBytes> kept =
        this->handlers_->fast_bytes(this->call(), *this->request_);
    if (kept == nullptr || kept->view() != this->call().pii_view) {
      return false;
    }
    absl::Status status = this->Conclude(nullptr, absl::OkStatus());
    grpc::ByteBuffer answer;
    if (status.ok()) {
      const grpc::Slice slice(kept->bytes());
      answer = grpc::ByteBuffer(&slice, 1);
    }
    ReplyWire(std::move(status), answer);
    return true;
  }
  void Reply(absl::Status status) override {
    grpc::ByteBuffer answer;
    if (status.ok()) {
      bool own = false;
      status = FromGrpc(grpc::SerializationTraits<Response>::Serialize(message_, &answer, &own));
    }
    ReplyWire(std::move(status), answer);
  }

  Response message_;
};

template <typename Request, typename Response>
class BytesCall final : public grpc::ServerUnaryReactor, public WireCall<Request, Response> {
 public:
  BytesCall(Runtime* runtime, const Method* method, grpc::CallbackServerContext* context,
            const Request* request, grpc::ByteBuffer* wire,
            const UnaryHandlers<Request, Response>* handlers)
      : WireCall<Request, Response>(runtime, method, context, const_cast<Request*>(request),
                                    handlers),
        wire_(wire) {
    this->Start();
  }
  void OnDone() override { delete this; }

 private:
  void ReplyWire(absl::Status status, const grpc::ByteBuffer& answer) override {
    *wire_ = answer;
    Finish(ToGrpc(status));
  }

  grpc::ByteBuffer* const wire_;
};

// Deletes itself.
template <typename Request, typename Response>
class LocalWireCall final : public WireCall<Request, Response> {
 public:
  static void Make(Runtime* runtime, const Method* method, LocalContext context,
                   grpc::ByteBuffer wire, const UnaryHandlers<Request, Response>* handlers,
                   LocalMethods::WireDone done) {
    auto* call = new LocalWireCall(runtime, method, std::move(context), handlers, std::move(done));
    const grpc::Status parsed =
        grpc::SerializationTraits<Request>::Deserialize(&wire, &call->request_message_);
    if (parsed.ok()) {
      call->Start();
    } else {
      call->ReplyWire(FromGrpc(parsed), {});
    }
  }

 private:
  LocalWireCall(Runtime* runtime, const Method* method, LocalContext context,
                const UnaryHandlers<Request, Response>* handlers, LocalMethods::WireDone done)
      : WireCall<Request, Response>(runtime, method, &context_, &request_message_, handlers),
        context_(std::move(context)),
        done_(std::move(done)) {}

  void ReplyWire(absl::Status status, const grpc::ByteBuffer& answer) override {
    const std::unique_ptr<LocalWireCall> self(this);
    const int64_t seq = status.ok() ? this->call().committed_seq->load() : 0;
    done_({.status = std::move(status), .response = answer, .committed_seq = seq});
  }

  // The base takes their addresses before they are made, and uses them after.
  const LocalContext context_;
  Request request_message_;
  const LocalMethods::WireDone done_;
};

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_UNARY_CALL_H_
