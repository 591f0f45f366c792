#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/arbitration.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/helping.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::domain {
namespace {

absl::Status CheckReturn(const v1::Ticket& ticket, const Context& context) {
  const v1::Assignment& assignment = ticket.assignment();
  if (assignment.no_return() || assignment.return_used()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_RETURN_NOT_ALLOWED,
                 absl::StrCat("assignment: got ",
                              assignment.no_return() ? "a designation of the centre"
                                                     : "a designation returned once already",
                              ", want one that may be returned"),
                 assignment.no_return() ? "本单已由中心指定承办，不得再退单"
                                        : "本次派单已申请过退单，不得再次申请")
        .With("dispatch_count", absl::StrCat(ticket.dispatch_count()));
  }
  const v1::Period& window = context.policy.policy().return_window();
  const absl::Time end = context.policy.Due(FromProto(assignment.dispatch_time()), window).due;
  if (context.now >= end) {
    return Error(
               absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_RETURN_WINDOW_PASSED,
               absl::StrCat("return: got ", ZhDue(context.now), ", want before ", ZhDue(end),
                            " (+08:00)"),
               absl::StrCat("退单须在派单后", Zh(window), "内（", ZhDue(end), "前）申请，现已超期"))
        .With("until", ZhDue(end));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Decision> Dispatch(const v1::Ticket& ticket,
                                  const v1::DispatchTicketRequest& request,
                                  const UnitsAtHand& units, const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  // The table is asked before the units are: a wrong state is the plainer mistake.
  BAIMI_RETURN_IF_ERROR(Find(ticket.state(), Command::kDispatch).status());
  BAIMI_RETURN_IF_ERROR(CheckNoArbitration(ticket));
  BAIMI_ASSIGN_OR_RETURN(v1::Assignment assignment,
                         ChooseAssignment(context.policy.policy(), ticket, request, units));
  return Designate(ticket, std::move(assignment), units, context);
}

absl::StatusOr<Decision> Designate(const v1::Ticket& ticket, v1::Assignment assignment,
                                   const UnitsAtHand& units, const Context& context) {
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact,
                         BeginFact(ticket, Command::kDispatch, assignment.lead(), context));
  for (const v1::Clock& clock : fact.started_clocks()) {
    assignment.add_explanation(ExplainClock(clock));
    if (clock.kind() == v1::HANDLE) {
      StartHelp(ticket, assignment.helpers(), clock.round(), clock, context, &fact);
    }
  }
  for (const v1::HelperTask& task : fact.started_help()) {
    const registry::v1::Unit* unit = units.Find(task.unit());
    if (task.has_clock()) {
      assignment.add_explanation(
          ExplainHelp(task, unit == nullptr ? IdOf(task.unit()) : unit->display_name()));
    }
  }
  *assignment.mutable_dispatch_time() = ToProto(context.now);
  *fact.mutable_dispatched()->mutable_assignment() = std::move(assignment);
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> Sign(const v1::Ticket& ticket, const v1::SignTicketRequest& request,
                              const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kSign, context));
  fact.mutable_signed_();
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> RequestReturn(const v1::Ticket& ticket,
                                       const v1::RequestReturnRequest& request,
                                       const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kRequestReturn, context));
  BAIMI_RETURN_IF_ERROR(CheckReturn(ticket, context));
  v1::ReturnRequest& asked = *fact.mutable_return_requested()->mutable_request();
  asked.set_reason(request.reason());
  asked.set_legal_basis(request.legal_basis());
  *asked.mutable_request_time() = ToProto(context.now);
  *asked.mutable_actor() = context.actor;
  fact.mutable_return_requested()->set_lead(ticket.assignment().lead());
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> DecideReturn(const v1::Ticket& ticket,
                                      const v1::DecideReturnRequest& request,
                                      const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckNoArbitration(ticket));
  const Command command = request.approve() ? Command::kApproveReturn : Command::kRefuseReturn;
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, command, context));
  fact.mutable_return_decided()->set_approved(request.approve());
  fact.mutable_return_decided()->set_note(request.note());
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> Reply(const v1::Ticket& ticket, const v1::ReplyTicketRequest& request,
                               const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kReply, context));
  const bool wants_contact = !ticket.caller().anonymous() && !ticket.caller().no_reply_wanted();
  if (wants_contact && !request.reply().caller_contacted()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CALLER_NOT_CONTACTED,
                 "reply.caller_contacted: got false, want true: the caller wants an answer",
                 "反馈前须先联系诉求人（匿名或注明不需回复的除外）");
  }
  v1::Reply& reply = *fact.mutable_replied()->mutable_reply();
  reply = request.reply();
  BAIMI_ASSIGN_OR_RETURN(const std::vector<v1::HelperPart> parts,
                         PartsOfReply(ticket, request.reply(), context));
  reply.mutable_helpers()->Assign(parts.begin(), parts.end());
  *reply.mutable_reply_time() = ToProto(context.now);
  *reply.mutable_actor() = context.actor;
  return Decide(ticket, std::move(fact));
}

}  // namespace baimi::ticket::domain
