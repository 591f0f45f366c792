#include "common/rpc/peer.h"

#include "absl/strings/str_cat.h"
#include "common/auth/identity.h"

namespace baimi::rpc {

LocalContext MakeLocalContext(const Peer& peer, const Call& call) {
  LocalContext context;
  if (call.deadline != absl::InfiniteFuture()) {
    context.deadline = absl::Now() + (call.deadline - peer.clock->Now());
  }
  context.metadata = {{"traceparent", absl::StrCat("00-", call.trace_id, "-", call.span_id, "-00")},
                      {"authorization", absl::StrCat("Bearer ", peer.bearer_token)},
                      {auth::kActorMetadata, auth::ActorMetadata(call.actor)}};
  return context;
}

void PrepareContext(const Peer& peer, const Call& call, grpc::ClientContext* context) {
  const LocalContext wanted = MakeLocalContext(peer, call);
  if (wanted.deadline != absl::InfiniteFuture()) {
    context->set_deadline(absl::ToChronoTime(wanted.deadline));
  }
  for (const auto& [name, value] : wanted.metadata) {
    context->AddMetadata(std::string(name), value);
  }
}

}  // namespace baimi::rpc
