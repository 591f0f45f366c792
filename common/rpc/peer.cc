#include "common/rpc/peer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/auth/identity.h"
#include "common/rpc/client.h"

namespace baimi::rpc {

Peer PeerAt(const std::string& target, std::string bearer_token, const Clock* clock, Rng* rng) {
  return {.channel = Connect(target),
          .bearer_token = std::move(bearer_token),
          .clock = clock,
          .budget = std::make_shared<RetryBudget>(RetryOptions()),
          .rng = rng};
}

bool AwaitNextTry(const Peer& peer, const Call& call, const absl::Status& status, int made) {
  if (!peer.budget) {
    return false;
  }
  const auto delay = NextTry(*peer.budget, status, /*idempotent=*/true, made,
                             call.deadline - peer.clock->Now(), *peer.rng);
  if (!delay) {
    return false;
  }
  absl::Notification never;
  never.WaitForNotificationWithTimeout(*delay);
  return true;
}

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
