#include "common/rpc/peer.h"

#include "absl/strings/str_cat.h"
#include "common/auth/identity.h"

namespace baimi::rpc {

void PrepareContext(const Peer& peer, const Call& call, grpc::ClientContext* context) {
  if (call.deadline != absl::InfiniteFuture()) {
    context->set_deadline(absl::ToChronoTime(absl::Now() + (call.deadline - peer.clock->Now())));
  }
  context->AddMetadata("traceparent", absl::StrCat("00-", call.trace_id, "-", call.span_id, "-00"));
  context->AddMetadata("authorization", absl::StrCat("Bearer ", peer.bearer_token));
  context->AddMetadata(auth::kActorMetadata, auth::ActorMetadata(call.actor));
}

}  // namespace baimi::rpc
