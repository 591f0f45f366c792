#include "services/ticket/domain/desk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/transitions.h"

namespace baimi::ticket::domain {
namespace {

// The RPC's verb; "" for what no RPC does by itself.
absl::string_view VerbOf(Command command) {
  switch (command) {
    case Command::kFile:
    case Command::kAccept:
    case Command::kQueue:
    case Command::kCloseMerged:
    case Command::kRejoin:
      return "";
    case Command::kApproveReturn:
    case Command::kRefuseReturn:
      return "decideReturn";
    case Command::kPassAudit:
    case Command::kSendBack:
      return "audit";
    default:
      return Name(command);
  }
}

// What the order itself has used up.
bool IsUsedUp(const v1::Ticket& ticket, Command command, const Context& context) {
  const v1::TicketPolicy& policy = context.policy.policy();
  switch (command) {
    case Command::kRequestReturn:
      return ticket.assignment().no_return() || ticket.assignment().return_used() ||
             context.now >=
                 context.policy
                     .Due(FromProto(ticket.assignment().dispatch_time()), policy.return_window())
                     .due;
    case Command::kRequestExtension:
      return ticket.has_extension() || !policy.has_max_extension();
    case Command::kDecideExtension:
      return !ticket.has_extension() || ticket.extension().has_decide_time();
    case Command::kAnswer:
      return ticket.type() != v1::CONSULT;
    case Command::kSelfSolve:
      return ticket.channel() != v1::GRID_WORKER;
    default:
      return false;
  }
}

bool IsStaffId(absl::string_view id) {
  return std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace

std::vector<std::string> OpenVerbs(const v1::Ticket& ticket, const Context& context) {
  std::vector<std::string> verbs;
  for (const Command command : AllowedCommands(ticket.state())) {
    const std::string verb(VerbOf(command));
    const auto row = Find(ticket.state(), command);
    if (verb.empty() || !row.ok() || !CheckActor(ticket, (*row)->actor, context).ok() ||
        IsUsedUp(ticket, command, context) ||
        std::find(verbs.begin(), verbs.end(), verb) != verbs.end()) {
      continue;
    }
    verbs.push_back(verb);
  }
  return verbs;
}

v1::DeskTicket OnDesk(const v1::Ticket& ticket, const Context& context) {
  v1::DeskTicket desk;
  *desk.mutable_ticket() = ticket;
  const v1::Clock* first = OpenClock(ticket, v1::HANDLE);
  const v1::Clock* sign = OpenClock(ticket, v1::SIGN);
  if (first == nullptr ||
      (sign != nullptr && FromProto(sign->due_time()) < FromProto(first->due_time()))) {
    first = sign;
  }
  if (first != nullptr) {
    desk.set_clock(first->kind());
    *desk.mutable_due_time() = first->due_time();
    const absl::Duration left = FromProto(first->due_time()) - context.now;
    *desk.mutable_time_left() = ToProto(std::max(left, absl::ZeroDuration()));
    *desk.mutable_overdue_by() = ToProto(std::max(-left, absl::ZeroDuration()));
  }
  for (std::string& verb : OpenVerbs(ticket, context)) {
    desk.add_verbs(std::move(verb));
  }
  return desk;
}

absl::StatusOr<Decision> Assign(const v1::Ticket& ticket, absl::string_view assignee,
                                absl::string_view reason, const Context& context) {
  if (!ticket.has_assignment() || IsFinal(ticket.state())) {
    const std::string state = v1::TicketState_Name(ticket.state());
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ILLEGAL_TRANSITION,
                 absl::StrCat("state: got ", state, ", want one in which a unit has the order"),
                 "工单不在承办单位手中，不能指定经办人")
        .With("state", state)
        .With("command", "assign");
  }
  BAIMI_RETURN_IF_ERROR(CheckActor(ticket, ActorRule::kLead, context));
  if (!IsStaffId(assignee)) {
    return InvalidField("assignee", assignee, "letters, digits, dots, - and _",
                        "经办人编号只含字母、数字和 . _ -");
  }
  if (assignee == ticket.assignee()) {
    return InvalidField("assignee", assignee.empty() ? "nobody" : assignee,
                        "somebody who has not got it yet", "新的经办人");
  }
  v1::TicketFact fact = BeginSideFact(ticket, context);
  v1::AssigneeChanged& changed = *fact.mutable_assignee_changed();
  changed.set_from(ticket.assignee());
  changed.set_to(std::string(assignee));
  changed.set_reason(std::string(reason));
  return Decide(ticket, std::move(fact));
}

}  // namespace baimi::ticket::domain
