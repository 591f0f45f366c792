// What the gateway knows of each RPC: all of it from the contract.
#ifndef BAIMI_SERVICES_GATEWAY_METHODS_H_
#define BAIMI_SERVICES_GATEWAY_METHODS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/local_methods.h"
#include "common/rpc/retry.h"
#include "common/transcode/contract.h"
#include "grpcpp/channel.h"
#include "grpcpp/generic/generic_stub.h"

namespace baimi::gateway {

// The replicas of one service. Thread-safe.
struct Backend {
  Backend(std::string prefix_of_methods, std::shared_ptr<grpc::Channel> channel,
          const rpc::RetryOptions& retry)
      : prefix(std::move(prefix_of_methods)), stub(std::move(channel)), budget(retry) {}

  // Of the methods' full names, e.g. "baimi.ticket.".
  const std::string prefix;
  grpc::GenericStub stub;
  rpc::RetryBudget budget;
};

struct Method {
  // "/baimi.ticket.v1.TicketService/GetTicket".
  std::string path;
  Backend* backend = nullptr;
  // When it is served in this process.
  const rpc::LocalMethods::Local* local = nullptr;
  bool server_streaming = false;
  bool client_streaming = false;
  // Changes nothing.
  bool read = false;
  absl::Duration default_deadline;
  // Field numbers from the request to the string that names the resource; empty without a scope.
  std::vector<int> scope;
  // Field number; 0 when the request has none.
  int request_id = 0;

  // "469030" of the resource that the request names; "" when there is none or `wire` is no message.
  std::string CountyOf(absl::string_view wire) const;
  // Whether the same request may be sent twice.
  bool IsIdempotent(absl::string_view wire) const;
};

// Immutable and thread-safe; lives no longer than its contract.
class Methods {
 public:
  // The PUBLIC methods, but no two-way streams. `channels`: by the longest prefix of the full
  // name, e.g. "baimi.ticket.". Unary methods of `local` are called there and not through a
  // channel. INVALID_ARGUMENT for a method without a channel or with a scope_field that its request
  // has not.
  static absl::StatusOr<std::unique_ptr<const Methods>> Build(
      const transcode::Contract& contract,
      const std::map<std::string, std::shared_ptr<grpc::Channel>>& channels,
      const rpc::RetryOptions& retry, std::shared_ptr<const rpc::LocalMethods> local = nullptr);

  // Null for what is not there, INTERNAL or a two-way stream.
  const Method* Find(absl::string_view path) const;

 private:
  Methods() = default;
  absl::Status Add(const google::protobuf::MethodDescriptor& descriptor);
  Backend* BackendOf(absl::string_view full_name) const;

  std::map<std::string, std::unique_ptr<Backend>> backends_;
  std::shared_ptr<const rpc::LocalMethods> local_;
  absl::flat_hash_map<std::string, std::unique_ptr<const Method>> methods_;
};

}  // namespace baimi::gateway

#endif  // BAIMI_SERVICES_GATEWAY_METHODS_H_
