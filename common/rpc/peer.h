// Calling another service on behalf of a call.
#ifndef BAIMI_COMMON_RPC_PEER_H_
#define BAIMI_COMMON_RPC_PEER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/call.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/rpc/retry.h"
#include "common/rpc/service.h"
#include "common/rpc/status.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

namespace baimi::rpc {

// How a service reaches a peer. Copyable; the channel is shared.
struct Peer {
  std::shared_ptr<grpc::Channel> channel;
  // The service's own key.
  std::string bearer_token;
  const Clock* clock = nullptr;
  // Methods served in this process: called without the channel, through the same pipeline.
  std::shared_ptr<const LocalMethods> local = nullptr;
  // Of all calls to the peer. Null: nothing is tried again, for a peer in this process.
  std::shared_ptr<RetryBudget> budget = nullptr;
  // For the waits between attempts; needed with a budget.
  Rng* rng = nullptr;
};

// The peer at `target`, as Connect reads it.
Peer PeerAt(const std::string& target, std::string bearer_token, const Clock* clock, Rng* rng);

// Sets what is handed on: remaining deadline, trace, own credentials, the original actor.
void PrepareContext(const Peer& peer, const Call& call, grpc::ClientContext* context);

// The same for a method of this process.
LocalContext MakeLocalContext(const Peer& peer, const Call& call);

// True when the call is to be made again; then it has waited.
bool AwaitNextTry(const Peer& peer, const Call& call, const absl::Status& status, int made);

// A blocking unary call from a lane's thread: `method` of a generated stub, whose full name is
// "/package.Service/Method". Peers are read only (DESIGN.md §3.2), so whatever may have been lost
// is asked again, as retry.h says.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> CallPeer(const Peer& peer, const Call& call, Stub* stub,
                                  absl::string_view full_name,
                                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                               Response*),
                                  Request request) {
  const LocalMethods::Local* local = peer.local == nullptr ? nullptr : peer.local->Find(full_name);
  if (local != nullptr) {
    Response response;
    const LocalContext context = MakeLocalContext(peer, call);
    const absl::Status status = local->typed(context, &request, &response);
    if (!status.ok()) {
      return status;
    }
    return response;
  }
  for (int made = 1;; ++made) {
    grpc::ClientContext context;
    PrepareContext(peer, call, &context);
    Response response;
    const grpc::Status status = (stub->*method)(&context, request, &response);
    if (status.ok()) {
      if (peer.budget) {
        peer.budget->Earn();
      }
      return response;
    }
    absl::Status error = FromGrpc(status);
    if (!AwaitNextTry(peer, call, error, made)) {
      return error;
    }
  }
}

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_PEER_H_
