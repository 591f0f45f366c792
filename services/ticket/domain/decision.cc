#include "services/ticket/domain/decision.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/helping.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {
namespace {

bool IsUndertaker(const v1::Assignment& assignment, absl::string_view unit) {
  return IdOf(assignment.lead()) == unit ||
         std::any_of(assignment.helpers().begin(), assignment.helpers().end(),
                     [&](const std::string& helper) { return IdOf(helper) == unit; });
}

absl::Status NotTheLead(const v1::Ticket& ticket, const std::string& unit) {
  const absl::string_view lead = IdOf(ticket.assignment().lead());
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_NOT_THE_LEAD,
               absl::StrCat("actor.unit: got ", unit, ", want the lead unit ", lead),
               absl::StrCat("只有主办单位（", lead, "）可以操作，您的单位是 ", unit))
      .With("unit", unit)
      .With("lead", lead);
}

absl::Status UndertakerMayNotDecide(const std::string& unit) {
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_UNDERTAKER_MAY_NOT_DECIDE,
               absl::StrCat("actor.unit: got ", unit,
                            ", which handles this order, want a unit that does not"),
               absl::StrCat("承办单位（", unit, "）不能对自己承办的工单作出中心的决定"))
      .With("unit", unit);
}

absl::Status UndertakerMayNotRecord(const std::string& unit) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_UNDERTAKER_MAY_NOT_RECORD,
               absl::StrCat("actor.unit: got ", unit,
                            ", which handled this order, want a unit that did not"),
               absl::StrCat("承办单位（", unit, "）不能登记自己工单的回访"))
      .With("unit", unit);
}

// Others were merged into the order, and nothing would go on for their callers.
absl::Status CheckGroup(const v1::Ticket& ticket, Command command) {
  switch (command) {
    case Command::kAnswer:
    case Command::kReject:
    case Command::kMerge:
    case Command::kTerminate:
    case Command::kWithdraw:
    case Command::kSelfSolve:
    case Command::kTransfer:
      break;
    default:
      return absl::OkStatus();
  }
  if (ticket.merged_count() == 0) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_HAS_MERGED_ORDERS,
               absl::StrCat("merged orders: got ", ticket.merged_count(), ", want none to ",
                            Name(command), "; split them off first"),
               absl::StrCat("已有 ", ticket.merged_count(), " 件工单并入本件，须先拆分才能",
                            Zh(command)))
      .With("merged_count", absl::StrCat(ticket.merged_count()));
}

// Helpers have a part while the lead's clock runs. Whom a dispatch asks, and what a split begins
// again, those say themselves.
void MoveHelp(const v1::Ticket& ticket, const Transition& row, const Context& context,
              v1::TicketFact* fact) {
  if (row.stopped.Contains(v1::HANDLE)) {
    LapseHelp(ticket, fact);
  }
  if (row.command == Command::kDispatch) {
    return;
  }
  for (const v1::Clock& clock : fact->started_clocks()) {
    if (clock.kind() == v1::HANDLE) {
      StartHelp(ticket, ticket.assignment().helpers(), clock.round(), clock, context, fact);
    }
  }
}

bool IsCentresClock(v1::ClockKind kind) { return kind == v1::DISPATCH || kind == v1::CALLBACK; }

}  // namespace

absl::Status CheckEtag(const v1::Ticket& ticket, absl::string_view etag) {
  return etag.empty() || etag == ticket.etag() ? absl::OkStatus()
                                               : EtagMismatch(etag, ticket.etag());
}

absl::Status CheckActor(const v1::Ticket& ticket, ActorRule rule, const Context& context) {
  const std::string& unit = context.actor.unit();
  if (unit.empty()) {
    return absl::OkStatus();
  }
  const v1::Assignment& assignment = ticket.assignment();
  switch (rule) {
    case ActorRule::kAnyone:
      return absl::OkStatus();
    case ActorRule::kLead:
      return IdOf(assignment.lead()) == unit ? absl::OkStatus() : NotTheLead(ticket, unit);
    case ActorRule::kCentre:
      return IsUndertaker(assignment, unit) && IdOf(context.policy.policy().fallback_unit()) != unit
                 ? UndertakerMayNotDecide(unit)
                 : absl::OkStatus();
    case ActorRule::kNotUndertaker:
      return IsUndertaker(assignment, unit) ? UndertakerMayNotRecord(unit) : absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::TicketFact> BeginFact(const v1::Ticket& ticket, Command command,
                                         absl::string_view holder, const Context& context) {
  BAIMI_ASSIGN_OR_RETURN(const Transition* row, Find(ticket.state(), command));
  BAIMI_RETURN_IF_ERROR(CheckActor(ticket, row->actor, context));
  BAIMI_RETURN_IF_ERROR(CheckGroup(ticket, command));
  v1::TicketFact fact;
  fact.set_transition(std::string(row->id));
  fact.set_state_before(ticket.state());
  fact.set_state(row->to);
  for (const v1::ClockKind kind : row->stopped.kinds()) {
    if (kind != v1::CONTACT || OpenClock(ticket, kind) != nullptr) {
      fact.add_stopped_clocks(kind);
    }
  }
  for (const v1::ClockKind kind : row->started.kinds()) {
    if (kind == v1::CONTACT && !WantsContactClock(ticket, context.policy.policy())) {
      continue;
    }
    BAIMI_ASSIGN_OR_RETURN(
        *fact.add_started_clocks(),
        StartClock(kind, ticket, IsCentresClock(kind) ? "" : holder, context.now, context.policy));
    const bool another = command == Command::kSendBack || command == Command::kReopen;
    fact.mutable_started_clocks()->rbegin()->set_round(ticket.rework_count() + (another ? 1 : 0));
  }
  fact.set_policy_version(context.policy.policy().version());
  fact.set_version(VersionOf(ticket) + 1);
  *fact.mutable_time() = ToProto(context.now);
  MoveHelp(ticket, *row, context, &fact);
  return fact;
}

absl::StatusOr<v1::TicketFact> BeginFact(const v1::Ticket& ticket, Command command,
                                         const Context& context) {
  return BeginFact(ticket, command, ticket.assignment().lead(), context);
}

v1::TicketFact BeginSideFact(const v1::Ticket& ticket, const Context& context) {
  v1::TicketFact fact;
  fact.set_state_before(ticket.state());
  fact.set_state(ticket.state());
  fact.set_policy_version(ticket.policy_version());
  fact.set_version(VersionOf(ticket) + 1);
  *fact.mutable_time() = ToProto(context.now);
  return fact;
}

Decision Decide(const v1::Ticket& ticket, v1::TicketFact fact) {
  Decision decision{ticket, {}};
  Append(decision, std::move(fact));
  return decision;
}

void Append(Decision& decision, v1::TicketFact fact) {
  decision.ticket = Apply(std::move(decision.ticket), fact);
  decision.facts.push_back(std::move(fact));
}

}  // namespace baimi::ticket::domain
