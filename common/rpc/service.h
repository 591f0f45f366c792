// A gRPC service assembled from handlers. Everything else about a method (who may call it, lane,
// deadline, validation, masking, idempotency, audit) is read from its contract at start.
//
//   rpc::Service service("baimi.ticket.v1.TicketService", runtime);
//   service.Unary<SignTicketRequest, Ticket>("SignTicket", std::bind_front(&TicketApi::Sign, api));
//   BAIMI_RETURN_IF_ERROR(service.Check());   // every method of the contract has a handler
#ifndef BAIMI_COMMON_RPC_SERVICE_H_
#define BAIMI_COMMON_RPC_SERVICE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "common/rpc/client_stream.h"
#include "common/rpc/client_stream_call.h"
#include "common/rpc/local_methods.h"
#include "common/rpc/method.h"
#include "common/rpc/reactors.h"
#include "common/rpc/runtime.h"
#include "common/rpc/stream.h"
#include "common/rpc/unary_call.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/impl/codegen/service_type.h"

namespace baimi::rpc {

class Service final : public grpc::Service {
 public:
  // A service of the linked contracts. `runtime` outlives the service.
  Service(absl::string_view full_name, Runtime* runtime);

  // The handler runs on the method's lane (or inline) and may answer later. It sees a request that
  // is valid by its contract, and a Call that is allowed.
  // `fast`, when given, is asked first, on the library's thread, and must only look into memory; an
  // answer of it spares the way through the lane.
  template <typename Request, typename Response>
  void Unary(absl::string_view method, UnaryHandler<Request, Response> handler,
             FastHandler<Request, Response> fast = nullptr) {
    Add<UnaryCall<Request, Response>, Response>(
        method, UnaryHandlers<Request, Response>{std::move(handler), std::move(fast)});
  }

  // Likewise with answers that may be kept in wire form; `fast` may be null.
  template <typename Request, typename Response>
  void UnaryFromBytes(absl::string_view method, UnaryHandler<Request, Response> handler,
                      BytesHandler<Request> fast) {
    Add<BytesCall<Request, Response>, grpc::ByteBuffer>(
        method, UnaryHandlers<Request, Response>{std::move(handler), nullptr, std::move(fast)});
  }

  // A server stream. The handler runs on the method's lane, subscribes the stream somewhere and
  // returns; the stream ends when somebody calls Stream::Finish. An error ends it at once.
  template <typename Request, typename Response>
  void ServerStream(absl::string_view method, StreamHandler<Request, Response> handler) {
    const Method* info =
        Declare(method, Request::descriptor(), Response::descriptor(), Shape::kServerStream);
    auto shared = std::make_shared<StreamHandler<Request, Response>>(std::move(handler));
    AddMethod(new grpc::internal::RpcServiceMethod(
        info->full_name().c_str(), grpc::internal::RpcMethod::SERVER_STREAMING, nullptr));
    MarkMethodCallback(
        next_index_++,
        new grpc::internal::CallbackServerStreamingHandler<Request, Response>(
            [this, info, shared](grpc::CallbackServerContext* context, const Request* request) {
              return new StreamCall<Request, Response>(runtime_, info, context, request,
                                                       shared.get());
            }));
  }

  // A client stream: client_stream.h says how it runs. The method's lane must not be INLINE.
  template <typename Request, typename Response>
  void ClientStream(absl::string_view method, ReceiverOpener<Request, Response> opener,
                    const ClientStreamOptions& options = {}) {
    const Method* info =
        Declare(method, Request::descriptor(), Response::descriptor(), Shape::kClientStream);
    const auto shared =
        std::make_shared<ClientStreamHandler<Request, Response>>(std::move(opener), options);
    AddMethod(new grpc::internal::RpcServiceMethod(
        info->full_name().c_str(), grpc::internal::RpcMethod::CLIENT_STREAMING, nullptr));
    MarkMethodCallback(
        next_index_++,
        new grpc::internal::CallbackClientStreamingHandler<grpc::ByteBuffer, Response>(
            [this, info, shared](grpc::CallbackServerContext* context, Response* response) {
              return new ClientStreamCall<Request, Response>(runtime_, info, context, response,
                                                             shared.get());
            }));
  }

  // Adds the unary methods, which live as long as the service.
  void AddLocalMethods(LocalMethods* methods) const {
    for (const auto& [method, local] : locals_) {
      methods->Add(method, local);
    }
  }

  // FAILED_PRECONDITION naming the methods of the contract that have no handler.
  absl::Status Check() const;

  const std::string& full_name() const { return descriptor_->full_name(); }

 private:
  enum class Shape { kUnary, kServerStream, kClientStream };

  // `OverGrpc` answers a call with an `Answer`.
  template <typename OverGrpc, typename Answer, typename Request, typename Response>
  void Add(absl::string_view method, UnaryHandlers<Request, Response> given) {
    const Method* info =
        Declare(method, Request::descriptor(), Response::descriptor(), Shape::kUnary);
    const auto handlers =
        std::make_shared<const UnaryHandlers<Request, Response>>(std::move(given));
    AddMethod(new grpc::internal::RpcServiceMethod(info->full_name().c_str(),
                                                   grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodCallback(next_index_++,
                       new grpc::internal::CallbackUnaryHandler<Request, Answer>(
                           [this, info, handlers](grpc::CallbackServerContext* context,
                                                  const Request* request, Answer* answer) {
                             return new OverGrpc(runtime_, info, context, request, answer,
                                                 handlers.get());
                           }));
    locals_.emplace_back(
        info->full_name(),
        LocalMethods::Local{
            .typed =
                [this, info, handlers](const LocalContext& context,
                                       google::protobuf::Message* request,
                                       google::protobuf::Message* response) {
                  return LocalCall<Request, Response>(
                             runtime_, info, &context, static_cast<Request*>(request),
                             static_cast<Response*>(response), handlers.get())
                      .Run();
                },
            .wire =
                [this, info, handlers](LocalContext context, const grpc::ByteBuffer& request,
                                       LocalMethods::WireDone done) {
                  LocalWireCall<Request, Response>::Make(runtime_, info, std::move(context),
                                                         request, handlers.get(), std::move(done));
                }});
  }

  // Stops the process when the contract has no such method, its types differ or it has no policy:
  // these are mistakes of the program, found at the first start.
  const Method* Declare(absl::string_view method, const google::protobuf::Descriptor* request,
                        const google::protobuf::Descriptor* response, Shape shape);

  const google::protobuf::ServiceDescriptor* descriptor_;
  Runtime* runtime_;
  int next_index_ = 0;
  absl::flat_hash_map<std::string, std::unique_ptr<Method>> methods_;
  std::vector<std::pair<std::string, LocalMethods::Local>> locals_;
};

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_SERVICE_H_
