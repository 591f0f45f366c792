// A closed loop of unary calls over gRPC, serialised bytes in and out, so that every bench pays the
// same for its client.
#ifndef BAIMI_TESTS_BENCH_GRPC_LOAD_H_
#define BAIMI_TESTS_BENCH_GRPC_LOAD_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "tests/bench/load.h"

namespace baimi::bench {

// Connections to one server, each a connection of its own.
std::vector<std::shared_ptr<grpc::Channel>> Connect(int port, int connections);

struct GrpcLoad {
  // "/package.Service/Method".
  std::string method;
  // Sent as bearer token; empty sends none.
  std::string token;
  // The serialised request of the n-th call, n from 0. Called from many threads.
  std::function<std::string(int64_t n)> request;
  int in_flight = 128;
  absl::Duration duration = absl::Seconds(3);
};

// Keeps `in_flight` calls under way for `duration`, then waits for the last ones. The first status
// that is not OK ends the run and is returned.
absl::StatusOr<LoadResult> RunGrpc(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                                   const GrpcLoad& load);

// One call.
absl::Status CallOnce(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                      const std::string& token, const google::protobuf::Message& request,
                      google::protobuf::Message* response);

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_GRPC_LOAD_H_
