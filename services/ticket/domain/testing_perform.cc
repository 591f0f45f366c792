#include "common/base/status_macros.h"
#include "services/ticket/domain/group.h"
#include "services/ticket/domain/proto_time.h"
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

// What `ticket` is merged into, in `state`.
v1::Ticket OtherOrder(const v1::Ticket& ticket, v1::TicketState state, const Context& context) {
  v1::Ticket other;
  other.set_name("counties/469030/tickets/20250926-000002");
  other.set_type(ticket.type());
  other.set_state(state);
  other.mutable_caller()->set_anonymous(true);
  *other.mutable_close_time() = ToProto(context.now);
  other.mutable_assignment()->set_lead(UnitName("zhujianju"));
  return other;
}

absl::StatusOr<Decision> PerformMerge(const v1::Ticket& ticket, const Context& context) {
  BAIMI_ASSIGN_OR_RETURN(PairDecision pair,
                         Merge(ticket, {}, OtherOrder(ticket, v1::SIGNED, context), context));
  return std::move(pair.merged);
}

absl::StatusOr<Decision> PerformSplit(const v1::Ticket& ticket, const Context& context) {
  BAIMI_ASSIGN_OR_RETURN(PairDecision pair,
                         Split(ticket, {}, OtherOrder(ticket, v1::SIGNED, context), context));
  return std::move(pair.merged);
}

// What the group's decision is for `ticket`, which it leaves alone in the archive.
absl::StatusOr<Decision> OfMerged(const v1::Ticket& ticket, Command command,
                                  std::vector<Decision> decisions) {
  BAIMI_RETURN_IF_ERROR(Find(ticket.state(), command).status());
  return std::move(decisions.back());
}

absl::StatusOr<Decision> PerformCloseMerged(const v1::Ticket& ticket, const Context& context) {
  BAIMI_ASSIGN_OR_RETURN(
      std::vector<Decision> decisions,
      CloseGroup(OtherOrder(ticket, v1::PENDING_CALLBACK, context), {ticket}, {}, context));
  return OfMerged(ticket, Command::kCloseMerged, std::move(decisions));
}

absl::StatusOr<Decision> PerformRejoin(const v1::Ticket& ticket, const Context& context) {
  v1::ReopenTicketRequest request;
  request.set_reason("又坏了");
  BAIMI_ASSIGN_OR_RETURN(
      std::vector<Decision> decisions,
      ReopenGroup(OtherOrder(ticket, v1::CLOSED, context), {ticket}, request, context));
  return OfMerged(ticket, Command::kRejoin, std::move(decisions));
}

absl::StatusOr<Decision> PerformReject(const v1::Ticket& ticket, const Context& context) {
  v1::RejectTicketRequest request;
  *request.mutable_refusal() = MakeRefusal(v1::BEYOND_PUBLIC_DUTY);
  return Reject(ticket, request, context);
}

absl::StatusOr<Decision> PerformAnswer(const v1::Ticket& ticket, const Context& context) {
  v1::AnswerTicketRequest request;
  *request.mutable_reply() = SampleReply();
  return Answer(ticket, request, nullptr, context);
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
  if (ticket.state() == v1::MERGED) {
    return RecordMergedCallback(ticket, request, OtherOrder(ticket, v1::PENDING_CALLBACK, context),
                                context);
  }
  return RecordCallback(ticket, request, context);
}

absl::StatusOr<Decision> PerformRequestExtension(const v1::Ticket& ticket, const Context& context) {
  v1::RequestExtensionRequest request;
  request.set_reason("配件须从外地调运");
  *request.mutable_period() = MakePeriod(v1::WORKING_DAYS, 5);
  return RequestExtension(ticket, request, context);
}

absl::StatusOr<Decision> PerformSuspend(const v1::Ticket& ticket, const Context& context) {
  v1::SuspendTicketRequest request;
  request.mutable_suspension()->set_reason(v1::NEEDS_FUNDING);
  request.mutable_suspension()->set_measures("已列入下年度预算");
  request.mutable_suspension()->set_target_date("2099-12-31");
  return Suspend(ticket, request, context);
}

absl::StatusOr<Decision> PerformReopen(const v1::Ticket& ticket, const Context& context) {
  v1::ReopenTicketRequest request;
  request.set_reason("又坏了");
  return Reopen(ticket, request, context);
}

absl::StatusOr<Decision> PerformDecideExtension(const v1::Ticket& ticket, const Context& context) {
  v1::DecideExtensionRequest request;
  request.set_approve(true);
  return DecideExtension(ticket, request, context);
}

absl::StatusOr<Decision> PerformTerminate(const v1::Ticket& ticket, const Context& context) {
  v1::TerminateTicketRequest request;
  *request.mutable_refusal() = MakeRefusal(v1::CALLER_NOT_COOPERATING);
  return Terminate(ticket, request, context);
}

absl::StatusOr<Decision> PerformWithdraw(const v1::Ticket& ticket, const Context& context) {
  v1::WithdrawTicketRequest request;
  request.set_reason("已自行解决");
  return Withdraw(ticket, request, context);
}

absl::StatusOr<Decision> PerformSelfSolve(const v1::Ticket& ticket, const Context& context) {
  v1::SelfSolveTicketRequest request;
  *request.mutable_reply() = SampleReply();
  return SelfSolve(ticket, request, context);
}

absl::StatusOr<Decision> PerformTransfer(const v1::Ticket& ticket, const Context& context) {
  v1::TransferTicketRequest request;
  request.set_out_reference("460100-20250926-7");
  return Transfer(ticket, request, context);
}

// What leaves the main line.
absl::StatusOr<Decision> PerformException(Command command, const v1::Ticket& ticket,
                                          const Context& context) {
  switch (command) {
    case Command::kMerge:
      return PerformMerge(ticket, context);
    case Command::kSplit:
      return PerformSplit(ticket, context);
    case Command::kRequestExtension:
      return PerformRequestExtension(ticket, context);
    case Command::kDecideExtension:
      return PerformDecideExtension(ticket, context);
    case Command::kSuspend:
      return PerformSuspend(ticket, context);
    case Command::kResume:
      return Resume(ticket, {}, context);
    case Command::kTerminate:
      return PerformTerminate(ticket, context);
    case Command::kWithdraw:
      return PerformWithdraw(ticket, context);
    case Command::kSelfSolve:
      return PerformSelfSolve(ticket, context);
    case Command::kTransfer:
      return PerformTransfer(ticket, context);
    case Command::kCloseMerged:
      return PerformCloseMerged(ticket, context);
    case Command::kRejoin:
      return PerformRejoin(ticket, context);
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
      return PerformException(command, ticket, context);
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
