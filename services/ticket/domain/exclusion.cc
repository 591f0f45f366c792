#include "services/ticket/domain/exclusion.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/figures.h"
#include "services/ticket/domain/proto_time.h"

namespace baimi::ticket::domain {
namespace {

absl::Status NotAllowed(absl::string_view message, absl::string_view message_zh) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_EXCLUSION_NOT_ALLOWED,
               message, message_zh);
}

const v1::ExclusionGround* FindGround(const v1::ExclusionPolicy& policy, absl::string_view id) {
  for (const v1::ExclusionGround& ground : policy.grounds()) {
    if (ground.id() == id) {
      return &ground;
    }
  }
  return nullptr;
}

absl::Status CheckGround(const v1::Exclusion& exclusion, const v1::ExclusionPolicy& policy) {
  const v1::ExclusionGround* ground = FindGround(policy, exclusion.ground());
  if (ground == nullptr) {
    return InvalidField("exclusion.ground", exclusion.ground(), "a ground of the policy in force",
                        "现行政策中的剔除事由");
  }
  absl::flat_hash_set<int> seen;
  for (const int scope : exclusion.scopes()) {
    const bool allowed = std::find(ground->scopes().begin(), ground->scopes().end(), scope) !=
                         ground->scopes().end();
    if (!allowed || !seen.insert(scope).second) {
      return InvalidField("exclusion.scopes",
                          v1::ExclusionScope_Name(static_cast<v1::ExclusionScope>(scope)),
                          absl::StrCat("each once, of those that ", ground->id(), " allows"),
                          "该事由允许的剔除范围，每项一次");
    }
  }
  if (exclusion.evidence().empty()) {
    return InvalidField("exclusion.evidence", "nothing", "at least one reference", "佐证材料");
  }
  return absl::OkStatus();
}

absl::Status CheckOpenToRequest(const v1::Ticket& ticket, const Context& context) {
  const v1::TicketPolicy& policy = context.policy.policy();
  if (!policy.has_exclusions()) {
    return NotAllowed(
        absl::StrCat("exclusion: got a request, want a policy that grants any; version ",
                     policy.version(), " does not"),
        absl::StrCat("现行政策（第", policy.version(), "版）没有剔除规定"));
  }
  const v1::FigureShare share = ShareOfState(ticket).value_or(v1::FigureShare());
  if (ticket.state() == v1::ARCHIVED || share.counts().due() == 0) {
    return NotAllowed(absl::StrCat("state: got ", v1::TicketState_Name(ticket.state()),
                                   ", want an order that counts for its unit and is not archived"),
                      "只有已派单、计入考核且未归档的工单可以申请剔除");
  }
  const v1::Exclusion& before = ticket.exclusion();
  if (before.state() == v1::EXCLUSION_PENDING || before.state() == v1::EXCLUSION_APPROVED) {
    return NotAllowed(absl::StrCat("exclusion: got another request, want none while one is ",
                                   v1::ExclusionState_Name(before.state())),
                      "该工单已有待审核或已通过的剔除申请");
  }
  if (before.requests() >= policy.exclusions().max_requests()) {
    return NotAllowed(
        absl::StrCat("exclusion: got request ", before.requests() + 1, ", want at most ",
                     policy.exclusions().max_requests()),
        absl::StrCat("每件工单最多申请剔除", policy.exclusions().max_requests(), "次"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Decision> RequestExclusion(const v1::Ticket& ticket,
                                          const v1::RequestExclusionRequest& request,
                                          const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckActor(ticket, ActorRule::kLead, context));
  BAIMI_RETURN_IF_ERROR(CheckOpenToRequest(ticket, context));
  BAIMI_RETURN_IF_ERROR(CheckGround(request.exclusion(), context.policy.policy().exclusions()));
  v1::TicketFact fact = BeginSideFact(ticket, context);
  fact.set_policy_version(context.policy.policy().version());
  v1::Exclusion& exclusion = *fact.mutable_exclusion_requested()->mutable_exclusion();
  exclusion = request.exclusion();
  exclusion.set_state(v1::EXCLUSION_PENDING);
  exclusion.set_unit(ticket.assignment().lead());
  *exclusion.mutable_request_time() = ToProto(context.now);
  *exclusion.mutable_actor() = context.actor;
  exclusion.set_requests(ticket.exclusion().requests() + 1);
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> DecideExclusion(const v1::Ticket& ticket,
                                         const v1::DecideExclusionRequest& request,
                                         const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckActor(ticket, ActorRule::kCentre, context));
  const v1::Exclusion& exclusion = ticket.exclusion();
  const bool waits = exclusion.state() == v1::EXCLUSION_PENDING;
  const bool revokes = exclusion.state() == v1::EXCLUSION_APPROVED && !request.approve();
  if (ticket.state() == v1::ARCHIVED || (!waits && !revokes)) {
    return NotAllowed(
        "exclusion: got nothing to decide, want a request that waits, or one that was "
        "approved and is to be revoked, of an order that is not archived",
        "没有待审核的剔除申请，或工单已归档");
  }
  if (exclusion.actor().id() == context.actor.id()) {
    return NotAllowed("actor: got the one who asked, want another one to decide",
                      "申请人不能审核自己的剔除申请");
  }
  if (!request.approve() && request.note().empty()) {
    return InvalidField("note", "nothing", "why it is refused or revoked", "不予剔除的理由");
  }
  if (request.approve()) {
    BAIMI_RETURN_IF_ERROR(CheckGround(exclusion, context.policy.policy().exclusions()));
  }
  v1::TicketFact fact = BeginSideFact(ticket, context);
  fact.set_policy_version(context.policy.policy().version());
  v1::ExclusionDecided& decided = *fact.mutable_exclusion_decided();
  decided.set_state(request.approve() ? v1::EXCLUSION_APPROVED
                    : revokes         ? v1::EXCLUSION_REVOKED
                                      : v1::EXCLUSION_REFUSED);
  decided.set_note(request.note());
  *decided.mutable_decider() = context.actor;
  return Decide(ticket, std::move(fact));
}

absl::Status CheckNoExclusionWaits(const v1::Ticket& ticket) {
  if (ticket.exclusion().state() != v1::EXCLUSION_PENDING) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_EXCLUSION_WAITS,
               "exclusion: got a request that waits, want it decided before the archive",
               "剔除申请尚未审核，不能归档");
}

bool IsExcluded(const v1::Ticket& ticket, v1::ExclusionScope scope) {
  const v1::Exclusion& exclusion = ticket.exclusion();
  return exclusion.state() == v1::EXCLUSION_APPROVED &&
         std::find(exclusion.scopes().begin(), exclusion.scopes().end(), scope) !=
             exclusion.scopes().end();
}

}  // namespace baimi::ticket::domain
