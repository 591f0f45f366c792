// A gRPC service assembled from handlers. Everything else about a method (who may call it, lane,
// deadline, validation, masking, idempotency, audit) is read from its contract at start.
//
//   rpc::Service service(TicketServiceDescriptor(), runtime);
//   service.Unary("DispatchTicket", [api](const Call& c, const DispatchTicketRequest& r) { ... });
//   BAIMI_RETURN_IF_ERROR(service.Check());   // every method of the contract has a handler
#ifndef BAIMI_COMMON_RPC_SERVICE_H_
#define BAIMI_COMMON_RPC_SERVICE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "common/rpc/method.h"
#include "common/rpc/reactors.h"
#include "common/rpc/runtime.h"
#include "common/rpc/stream.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/impl/codegen/service_type.h"

namespace baimi::rpc {

class Service final : public grpc::Service {
 public:
  // `runtime` outlives the service.
  Service(const google::protobuf::ServiceDescriptor* descriptor, Runtime* runtime);

  // The handler runs on the method's lane (or inline) and may answer later. It sees a request that
  // is valid by its contract, and a Call that is allowed.
  template <typename Request, typename Response>
  void Unary(absl::string_view method,
             std::function<Async<Response>(const Call&, const Request&)> handler) {
    const Method* info = Declare(method, Request::descriptor(), Response::descriptor(), false);
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    AddMethod(new grpc::internal::RpcServiceMethod(info->full_name().c_str(),
                                                   grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodCallback(next_index_++,
                       new grpc::internal::CallbackUnaryHandler<Request, Response>(
                           [this, info, shared](grpc::CallbackServerContext* context,
                                                const Request* request, Response* response) {
                             return StartUnary<Request, Response>(runtime_, info, context, request,
                                                                  response, shared.get());
                           }));
  }

  // A server stream. The handler runs on the method's lane, subscribes the stream somewhere and
  // returns; the stream ends when somebody calls Stream::Finish. An error ends it at once.
  template <typename Request, typename Response>
  void ServerStream(
      absl::string_view method,
      std::function<absl::Status(const Call&, const Request&, std::shared_ptr<Stream<Response>>)>
          handler) {
    const Method* info = Declare(method, Request::descriptor(), Response::descriptor(), true);
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    AddMethod(new grpc::internal::RpcServiceMethod(
        info->full_name().c_str(), grpc::internal::RpcMethod::SERVER_STREAMING, nullptr));
    MarkMethodCallback(
        next_index_++,
        new grpc::internal::CallbackServerStreamingHandler<Request, Response>(
            [this, info, shared](grpc::CallbackServerContext* context, const Request* request) {
              return StartStream<Request, Response>(runtime_, info, context, request, shared.get());
            }));
  }

  // FAILED_PRECONDITION naming the methods of the contract that have no handler.
  absl::Status Check() const;

 private:
  // Stops the process when the contract has no such method, its types differ or it has no policy:
  // these are mistakes of the program, found at the first start.
  const Method* Declare(absl::string_view method, const google::protobuf::Descriptor* request,
                        const google::protobuf::Descriptor* response, bool stream);

  const google::protobuf::ServiceDescriptor* descriptor_;
  Runtime* runtime_;
  int next_index_ = 0;
  absl::flat_hash_map<std::string, std::unique_ptr<Method>> methods_;
};

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_SERVICE_H_
