#include "tests/bench/echo.h"

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "baimi/ticket/v1/ticket_service.grpc.pb.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace baimi::bench {
namespace {

// The raw form of a generated method: the least that the library does for a unary call.
class Echo final : public ticket::v1::TicketService::WithRawCallbackMethod_GetTicket<
                       ticket::v1::TicketService::Service> {
 public:
  explicit Echo(int answer_bytes) : answer_(static_cast<size_t>(answer_bytes)) {}

 private:
  grpc::ServerUnaryReactor* GetTicket(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* /*request*/,
                                      grpc::ByteBuffer* response) override {
    *response = grpc::ByteBuffer(&answer_, 1);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  const grpc::Slice answer_;
};

}  // namespace

int ServeEcho(int answer_bytes) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  Echo echo(answer_bytes);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&echo);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    return 1;
  }
  std::printf("ready grpc=127.0.0.1:%d\n", port);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

}  // namespace baimi::bench
