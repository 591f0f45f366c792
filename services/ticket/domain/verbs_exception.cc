#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/helping.h"
#include "services/ticket/domain/ladder.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/superior.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::domain {
namespace {

absl::Status ExtensionNotAllowed(absl::string_view message, absl::string_view message_zh) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_EXTENSION_NOT_ALLOWED,
               message, message_zh);
}

absl::Status CheckExtensionPeriod(const v1::Period& asked, const v1::Period& longest) {
  if (asked.unit() != longest.unit() || asked.amount() < 1 || asked.amount() > longest.amount()) {
    return InvalidField(
        "period", absl::StrCat(asked.amount(), " ", v1::PeriodUnit_Name(asked.unit())),
        absl::StrCat("1 to ", longest.amount(), " ", v1::PeriodUnit_Name(longest.unit())),
        absl::StrCat("不超过", Zh(longest)));
  }
  return absl::OkStatus();
}

// With notice when the policy wants some, and before the clock is due in any case.
absl::Status CheckExtensionNotice(const v1::Clock& clock, const Context& context) {
  const v1::TicketPolicy& policy = context.policy.policy();
  const absl::Time due = FromProto(clock.due_time());
  const absl::Time earliest = policy.has_extension_notice()
                                  ? context.policy.Due(context.now, policy.extension_notice()).due
                                  : context.now;
  if (context.now < due && earliest <= due) {
    return absl::OkStatus();
  }
  return ExtensionNotAllowed(
      absl::StrCat("extension: got a request at ", ZhDue(context.now), " for a clock due at ",
                   ZhDue(due), " (+08:00), want it earlier"),
      absl::StrCat("延期须在到期（", ZhDue(due), "）",
                   policy.has_extension_notice() ? Zh(policy.extension_notice()) : "", "之前申请"));
}

absl::Status CheckSuspension(const v1::Suspension& suspension, const Context& context) {
  if (suspension.reason() == v1::SUSPENSION_REASON_UNSPECIFIED) {
    return InvalidField("suspension.reason", "nothing", "NEEDS_FUNDING to ENGINEERING_PERIOD",
                        "挂账原因");
  }
  if (suspension.measures().empty()) {
    return InvalidField("suspension.measures", "nothing", "what is done meanwhile", "应对措施");
  }
  BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay target,
                         calendar::ParseDate("suspension.target_date", suspension.target_date()));
  if (target <= calendar::DayOf(context.now)) {
    return InvalidField("suspension.target_date", suspension.target_date(), "a day after today",
                        "今天之后的日期");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Decision> RequestExtension(const v1::Ticket& ticket,
                                          const v1::RequestExtensionRequest& request,
                                          const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact,
                         BeginFact(ticket, Command::kRequestExtension, context));
  const v1::TicketPolicy& policy = context.policy.policy();
  if (!policy.has_max_extension()) {
    return ExtensionNotAllowed(
        absl::StrCat("extension: got a request, want a policy that grants any; version ",
                     policy.version(), " does not"),
        absl::StrCat("现行政策（第", policy.version(), "版）不允许延期"));
  }
  if (ticket.has_extension()) {
    return ExtensionNotAllowed("extension: got a second request, want one an order",
                               "每件工单只能申请一次延期");
  }
  BAIMI_RETURN_IF_ERROR(CheckExtensionPeriod(request.period(), policy.max_extension()));
  const v1::Clock* clock = OpenClock(ticket, v1::HANDLE);
  if (clock == nullptr) {
    return Internal(absl::StrCat(ticket.name(), " is signed without a handling clock"));
  }
  BAIMI_RETURN_IF_ERROR(CheckExtensionNotice(*clock, context));
  v1::ExtensionRequested& requested = *fact.mutable_extension_requested();
  requested.set_reason(request.reason());
  *requested.mutable_period() = request.period();
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> DecideExtension(const v1::Ticket& ticket,
                                         const v1::DecideExtensionRequest& request,
                                         const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact,
                         BeginFact(ticket, Command::kDecideExtension, context));
  const v1::Clock* clock = OpenClock(ticket, v1::HANDLE);
  if (!ticket.has_extension() || ticket.extension().has_decide_time() || clock == nullptr) {
    return ExtensionNotAllowed("extension: got none that waits, want a request to decide about",
                               "没有待审批的延期申请");
  }
  if (!request.approve() && request.note().empty()) {
    return InvalidField("note", "nothing", "why the extension is refused", "不同意延期的理由");
  }
  v1::ExtensionDecided& decided = *fact.mutable_extension_decided();
  decided.set_approved(request.approve());
  decided.set_note(request.note());
  if (request.approve()) {
    const calendar::Deadline deadline =
        WithinSuperior(ticket, v1::HANDLE, FromProto(clock->start_time()),
                       ExtendedDeadline(*clock, ticket.extension().period(), context.policy));
    if (deadline.due <= FromProto(clock->due_time())) {
      return ExtensionNotAllowed(
          absl::StrCat("extension: got one beyond ", ZhDue(deadline.due),
                       " (+08:00), want a new due time from the superior platform first"),
          absl::StrCat("上级平台的时限为 ", ZhDue(deadline.due), "，须先由其调整时限"));
    }
    *decided.mutable_due_time() = ToProto(deadline.due);
    decided.set_calendar_version(deadline.calendar_version);
    decided.set_provisional(deadline.provisional);
  }
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> Suspend(const v1::Ticket& ticket, const v1::SuspendTicketRequest& request,
                                 const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kSuspend, context));
  if (context.policy.policy().has_max_extension() && !ticket.extension().has_decide_time()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_SUSPENSION_NOT_ALLOWED,
                 "extension: got none, want one used or refused before a suspension",
                 "挂账前须先申请延期（已用或被驳回）");
  }
  BAIMI_RETURN_IF_ERROR(CheckSuspension(request.suspension(), context));
  *fact.mutable_suspended()->mutable_suspension() = request.suspension();
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> Resume(const v1::Ticket& ticket, const v1::ResumeTicketRequest& request,
                                const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kResume, context));
  fact.mutable_resumed()->set_reason(request.reason());
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> Terminate(const v1::Ticket& ticket,
                                   const v1::TerminateTicketRequest& request,
                                   const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  const v1::Refusal& refusal = request.refusal();
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kTerminate, context));
  if (refusal.code() != v1::CALLER_NOT_COOPERATING || refusal.reason().empty()) {
    const bool code_fits = refusal.code() == v1::CALLER_NOT_COOPERATING;
    const std::string got = v1::RefusalCode_Name(refusal.code());
    return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_REFUSAL_INCOMPLETE,
                 absl::StrCat("refusal: got ", got, code_fits ? " without a reason" : "",
                              ", want CALLER_NOT_COOPERATING with a reason"),
                 "终止办理只适用于诉求人不配合，并须说明理由")
        .Field(code_fits ? "refusal.reason" : "refusal.code",
               code_fits ? "want a reason" : "want CALLER_NOT_COOPERATING");
  }
  *fact.mutable_terminated()->mutable_refusal() = refusal;
  return Decide(ticket, std::move(fact));
}

namespace {

// Nor may a notice make anybody late after the fact.
bool IsMoved(const v1::Clock& clock, const calendar::Deadline& deadline, const Context& context) {
  return deadline.calendar_version != clock.calendar_version() && deadline.due > context.now;
}

bool MayMove(const v1::Clock& clock, const Context& context) {
  return !clock.has_stop_time() && clock.provisional() && FromProto(clock.due_time()) > context.now;
}

void RecomputeHelp(const Context& context, Decision& decision) {
  for (int i = 0; i < decision.ticket.helper_tasks_size(); ++i) {
    const v1::HelperTask& task = decision.ticket.helper_tasks(i);
    if (!task.has_clock() || !MayMove(task.clock(), context)) {
      continue;
    }
    const calendar::Deadline deadline = RecomputedHelp(decision.ticket, task, context.policy);
    if (!IsMoved(task.clock(), deadline, context)) {
      continue;
    }
    v1::TicketFact fact = BeginSideFact(decision.ticket, context);
    v1::DeadlineRecomputed& recomputed = *fact.mutable_deadline_recomputed();
    recomputed.set_kind(v1::ASSIST);
    recomputed.set_holder(task.unit());
    *recomputed.mutable_due_time() = ToProto(deadline.due);
    recomputed.set_calendar_version(deadline.calendar_version);
    recomputed.set_provisional(deadline.provisional);
    Append(decision, std::move(fact));
  }
}

void NoteHelpRanOut(const Context& context, Decision& decision) {
  for (int i = 0; i < decision.ticket.helper_tasks_size(); ++i) {
    const v1::HelperTask& task = decision.ticket.helper_tasks(i);
    if (!task.has_clock() || task.clock().has_stop_time() || task.clock().has_run_out_time() ||
        FromProto(task.clock().due_time()) > context.now) {
      continue;
    }
    v1::TicketFact fact = BeginSideFact(decision.ticket, context);
    v1::ClockRanOut& ran_out = *fact.mutable_clock_ran_out();
    ran_out.set_kind(v1::ASSIST);
    ran_out.set_holder(task.unit());
    *ran_out.mutable_due_time() = task.clock().due_time();
    Append(decision, std::move(fact));
  }
}

}  // namespace

Decision RecomputeDeadlines(const v1::Ticket& ticket, const Context& context) {
  Decision decision{ticket, {}};
  for (const v1::ClockKind kind : OpenClocks(ticket.state()).kinds()) {
    const v1::Clock* clock = OpenClock(ticket, kind);
    if (clock == nullptr || !MayMove(*clock, context)) {
      continue;
    }
    const calendar::Deadline deadline = WithinSuperior(ticket, kind, FromProto(clock->start_time()),
                                                       RecomputedDeadline(*clock, context.policy));
    if (!IsMoved(*clock, deadline, context)) {
      continue;
    }
    v1::TicketFact fact = BeginSideFact(decision.ticket, context);
    v1::DeadlineRecomputed& recomputed = *fact.mutable_deadline_recomputed();
    recomputed.set_kind(kind);
    *recomputed.mutable_due_time() = ToProto(deadline.due);
    recomputed.set_calendar_version(deadline.calendar_version);
    recomputed.set_provisional(deadline.provisional);
    Append(decision, std::move(fact));
  }
  RecomputeHelp(context, decision);
  const v1::SupervisionPlan& plan = ticket.supervision_plan();
  if (decision.facts.empty() && plan.provisional() && FromProto(plan.time()) > context.now &&
      plan.calendar_version() != context.policy.calendar().version()) {
    // Supervised puts the new plan into it.
    v1::TicketFact fact = BeginSideFact(ticket, context);
    fact.mutable_ladder_planned();
    Append(decision, std::move(fact));
  }
  return decision;
}

Decision NoteRanOut(const v1::Ticket& ticket, const Context& context) {
  Decision decision{ticket, {}};
  for (const v1::ClockKind kind : OpenClocks(ticket.state()).kinds()) {
    const v1::Clock* clock = OpenClock(ticket, kind);
    if (clock == nullptr || clock->has_run_out_time() ||
        FromProto(clock->due_time()) > context.now) {
      continue;
    }
    v1::TicketFact fact = BeginSideFact(decision.ticket, context);
    v1::ClockRanOut& ran_out = *fact.mutable_clock_ran_out();
    ran_out.set_kind(kind);
    ran_out.set_holder(clock->holder());
    *ran_out.mutable_due_time() = clock->due_time();
    Append(decision, std::move(fact));
  }
  NoteHelpRanOut(context, decision);
  return decision;
}

}  // namespace baimi::ticket::domain
