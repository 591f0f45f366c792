// Answers that are kept in wire form, so that giving one again costs neither opening nor masking
// nor serialising it. Used by service.h.
#ifndef BAIMI_COMMON_RPC_BYTES_CALL_H_
#define BAIMI_COMMON_RPC_BYTES_CALL_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "common/privacy/mask.h"
#include "common/rpc/reactors.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/byte_buffer.h"

namespace baimi::rpc {

// A response in wire form as callers of one view may see it. Immutable.
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

// An answer from memory for call.pii_view, or null to go the long way.
template <typename Request>
using BytesHandler = std::function<std::shared_ptr<const MaskedBytes>(const Call&, const Request&)>;

// UnaryCall with such answers; those of the handler are serialised here.
template <typename Request, typename Response>
class BytesCall final : public grpc::ServerUnaryReactor, public ServedCall {
 public:
  BytesCall(Runtime* runtime, const Method* method, grpc::CallbackServerContext* context,
            const Request* request, grpc::ByteBuffer* wire,
            const UnaryHandler<Request, Response>* handler, const BytesHandler<Request>* fast)
      : ServedCall(runtime, method, context, const_cast<Request*>(request)),
        request_(request),
        wire_(wire),
        handler_(handler),
        fast_(fast) {
    Start();
  }
  void OnDone() override { delete this; }

 private:
  void Invoke() override {
    (*handler_)(call(), *request_).Then([this](absl::StatusOr<Response> answer) {
      absl::Status status = answer.status();
      if (answer.ok()) {
        response_ = *std::move(answer);
      }
      Complete(std::move(status));
    });
  }
  bool has_fast() const override { return *fast_ != nullptr; }
  bool TryFast() override {
    const std::shared_ptr<const MaskedBytes> answer = (*fast_)(call(), *request_);
    if (answer == nullptr || answer->view() != call().pii_view) {
      return false;
    }
    const absl::Status status = Conclude(nullptr, absl::OkStatus());
    if (status.ok()) {
      const grpc::Slice slice(answer->bytes());
      *wire_ = grpc::ByteBuffer(&slice, 1);
    }
    Finish(ToGrpc(status));
    return true;
  }
  void Complete(absl::Status status) override {
    status = Conclude(&response_, std::move(status));
    grpc::Status told = ToGrpc(status);
    if (told.ok()) {
      bool own = false;
      told = grpc::SerializationTraits<Response>::Serialize(response_, wire_, &own);
    }
    Finish(std::move(told));
  }

  const Request* request_;
  grpc::ByteBuffer* wire_;
  Response response_;
  const UnaryHandler<Request, Response>* handler_;
  const BytesHandler<Request>* fast_;
};

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_BYTES_CALL_H_
