// gRPC calls of a test, with one key.
#ifndef BAIMI_COMMON_TESTING_CALLER_H_
#define BAIMI_COMMON_TESTING_CALLER_H_

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/status.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

namespace baimi::test {

// Copyable, thread-safe.
class Caller {
 public:
  // An empty token calls without a key.
  Caller(std::shared_ptr<grpc::Channel> channel, std::string token)
      : channel_(std::move(channel)), token_(std::move(token)) {}

  void Prepare(grpc::ClientContext* context) const {
    if (!token_.empty()) {
      context->AddMetadata("authorization", "Bearer " + token_);
    }
    // A broken server fails the test instead of hanging it.
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  const std::string& token() const { return token_; }

  // caller(&TicketService::Stub::GetTicket, request)
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> operator()(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                   const Request&, Response*),
                                      const Request& request) const {
    Stub stub(channel_);
    grpc::ClientContext context;
    Prepare(&context);
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (!status.ok()) {
      return rpc::FromGrpc(status);
    }
    return response;
  }

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::string token_;
};

}  // namespace baimi::test

#endif  // BAIMI_COMMON_TESTING_CALLER_H_
