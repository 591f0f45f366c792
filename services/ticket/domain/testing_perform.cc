#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

v1::Reply SampleReply() {
  v1::Reply reply;
  reply.set_result("已更换钢丝绳，恢复运行");
  reply.add_evidence("blobs/1");
  reply.set_caller_contacted(true);
  return reply;
}

v1::Refusal MakeRefusal(v1::RefusalCode code) {
  v1::Refusal refusal;
  refusal.set_code(code);
  refusal.set_reason("已向来电人说明");
  return refusal;
}

v1::Ticket OtherOrder() {
  v1::Ticket other;
  other.set_name("counties/469030/tickets/20250926-000002");
  other.set_state(v1::SIGNED);
  return other;
}

absl::StatusOr<Decision> PerformReject(const v1::Ticket& ticket, const Context& context) {
  v1::RejectTicketRequest request;
  *request.mutable_refusal() = MakeRefusal(v1::BEYOND_PUBLIC_DUTY);
  return Reject(ticket, request, context);
}

absl::StatusOr<Decision> PerformAnswer(const v1::Ticket& ticket, const Context& context) {
  v1::AnswerTicketRequest request;
  *request.mutable_reply() = SampleReply();
  return Answer(ticket, request, context);
}

absl::StatusOr<Decision> PerformReply(const v1::Ticket& ticket, const Context& context) {
  v1::ReplyTicketRequest request;
  *request.mutable_reply() = SampleReply();
  return Reply(ticket, request, context);
}

absl::StatusOr<Decision> PerformRequestReturn(const v1::Ticket& ticket, const Context& context) {
  v1::RequestReturnRequest request;
  request.set_reason("不属本单位职责");
  request.set_legal_basis("三定方案");
  return RequestReturn(ticket, request, context);
}

absl::StatusOr<Decision> PerformDecideReturn(const v1::Ticket& ticket, bool approve,
                                             const Context& context) {
  v1::DecideReturnRequest request;
  request.set_approve(approve);
  return DecideReturn(ticket, request, context);
}

absl::StatusOr<Decision> PerformAudit(const v1::Ticket& ticket, bool pass, const Context& context) {
  v1::AuditTicketRequest request;
  request.set_pass(pass);
  request.set_reason(pass ? "" : "没有解决");
  return Audit(ticket, request, context);
}

absl::StatusOr<Decision> PerformCallback(const v1::Ticket& ticket, const Context& context) {
  v1::RecordCallbackRequest request;
  request.mutable_callback()->set_outcome(v1::REACHED);
  request.mutable_callback()->set_solved(v1::YES);
  request.mutable_callback()->set_rating(v1::SATISFIED);
  return RecordCallback(ticket, request, context);
}

absl::StatusOr<Decision> PerformRequestExtension(const v1::Ticket& ticket, const Context& context) {
  v1::ExtensionRequested request;
  request.set_reason("配件须从外地调运");
  *request.mutable_period() = MakePeriod(v1::WORKING_DAYS, 5);
  return RequestExtension(ticket, request, context);
}

absl::StatusOr<Decision> PerformSuspend(const v1::Ticket& ticket, const Context& context) {
  v1::Suspension suspension;
  suspension.set_reason(v1::NEEDS_FUNDING);
  suspension.set_measures("已列入下年度预算");
  suspension.set_target_date("2099-12-31");
  return Suspend(ticket, suspension, context);
}

absl::StatusOr<Decision> PerformReopen(const v1::Ticket& ticket, const Context& context) {
  v1::ReopenTicketRequest request;
  request.set_reason("又坏了");
  return Reopen(ticket, request, context);
}

// The commands that the contract has no RPC for yet.
absl::StatusOr<Decision> PerformOther(Command command, const v1::Ticket& ticket,
                                      const Context& context) {
  switch (command) {
    case Command::kMerge:
      return Merge(ticket, OtherOrder(), context);
    case Command::kSplit:
      return Split(ticket, context);
    case Command::kRequestExtension:
      return PerformRequestExtension(ticket, context);
    case Command::kDecideExtension:
      return DecideExtension(ticket, true, context);
    case Command::kSuspend:
      return PerformSuspend(ticket, context);
    case Command::kResume:
      return Resume(ticket, context);
    case Command::kTerminate:
      return Terminate(ticket, MakeRefusal(v1::CALLER_NOT_COOPERATING), context);
    case Command::kWithdraw:
      return Withdraw(ticket, "已自行解决", context);
    case Command::kSelfSolve:
      return SelfSolve(ticket, SampleReply(), context);
    case Command::kTransfer:
      return Transfer(ticket, "460100-20250926-7", context);
    default:
      return absl::UnimplementedError(Name(command));
  }
}

}  // namespace

bool HasVerb(Command command) {
  return command != Command::kFile && command != Command::kAccept && command != Command::kQueue;
}

absl::StatusOr<Decision> Perform(Command command, const v1::Ticket& ticket,
                                 const Context& context) {
  switch (command) {
    case Command::kAnswer:
      return PerformAnswer(ticket, context);
    case Command::kReject:
      return PerformReject(ticket, context);
    case Command::kDispatch:
      return Dispatch(ticket, {}, SampleUnits(), context);
    case Command::kSign:
      return Sign(ticket, {}, context);
    case Command::kRequestReturn:
      return PerformRequestReturn(ticket, context);
    case Command::kApproveReturn:
      return PerformDecideReturn(ticket, true, context);
    case Command::kRefuseReturn:
      return PerformDecideReturn(ticket, false, context);
    case Command::kReply:
      return PerformReply(ticket, context);
    case Command::kPassAudit:
      return PerformAudit(ticket, true, context);
    case Command::kSendBack:
      return PerformAudit(ticket, false, context);
    case Command::kRecordCallback:
      return PerformCallback(ticket, context);
    case Command::kClose:
      return Close(ticket, {}, context);
    case Command::kReopen:
      return PerformReopen(ticket, context);
    case Command::kArchive:
      return Archive(ticket, {}, context);
    default:
      return PerformOther(command, ticket, context);
  }
}

std::vector<v1::TicketState> AllStates() {
  std::vector<v1::TicketState> states;
  for (int i = v1::TicketState_MIN + 1; i <= v1::TicketState_MAX; ++i) {
    states.push_back(static_cast<v1::TicketState>(i));
  }
  return states;
}

bool PassedThrough(v1::TicketState state) { return state == v1::DRAFT || state == v1::ACCEPTED; }

Order OrderIn(v1::TicketState state) {
  using enum Command;
  v1::CreateTicketRequest request = SampleRequest();
  request.mutable_ticket()->set_type(v1::CONSULT);
  request.mutable_ticket()->set_channel(v1::GRID_WORKER);
  Order order("2025-09-08 09:00", SampleInForce(), request);
  const std::vector<Command> signed_ = {kDispatch, kSign};
  switch (state) {
    case v1::ANSWERED:
      return order.Do(kAnswer);
    case v1::REJECTED:
      return order.Do(kReject);
    case v1::MERGED:
      return order.Do(kMerge);
    case v1::DISPATCHED:
      return order.Do(kDispatch);
    case v1::RETURN_REVIEW:
      return order.Do({kDispatch, kRequestReturn});
    case v1::SIGNED:
      return order.Do(signed_);
    case v1::SUSPENDED:
      return order.Do(signed_).Do({kRequestExtension, kDecideExtension, kSuspend});
    case v1::REPLIED:
      return order.Do(signed_).Do(kReply);
    case v1::PENDING_CALLBACK:
      return order.Do(signed_).Do({kReply, kPassAudit});
    case v1::CLOSED:
      return order.Do(signed_).Do({kReply, kPassAudit, kRecordCallback, kClose});
    case v1::REWORK:
      return order.Do(signed_).Do({kReply, kSendBack});
    case v1::ARCHIVED:
      return order.Do({kReject, kArchive});
    case v1::TERMINATED:
      return order.Do(signed_).Do(kTerminate);
    case v1::WITHDRAWN:
      return order.Do(kWithdraw);
    case v1::SELF_SOLVED:
      return order.Do(kSelfSolve);
    case v1::TRANSFERRED:
      return order.Do(kTransfer);
    default:
      return order;
  }
}

}  // namespace baimi::ticket::domain
