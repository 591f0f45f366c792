#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/codes/phone.h"
#include "services/ticket/domain/answers.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/marks.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::domain {
namespace {

constexpr absl::string_view kEmergencyLines[] = {"110", "119", "120", "122"};

absl::Status CheckCaller(const v1::Caller& caller) {
  if (caller.anonymous()) {
    return caller.phone().empty()
               ? absl::OkStatus()
               : InvalidField("ticket.caller.phone", "a number of an anonymous caller",
                              "no phone, or caller.confidential instead of anonymous",
                              "匿名件不留电话；要求保密请用 confidential");
  }
  return caller.phone().empty()
             ? InvalidField("ticket.caller.phone", "nothing", "a contact, or caller.anonymous",
                            "联系电话（匿名件除外）")
             : absl::OkStatus();
}

absl::Status CheckSubject(const v1::CreateTicketRequest& request) {
  const std::string& subject = request.ticket().subject_unit();
  if (subject.empty()) {
    return absl::OkStatus();
  }
  if (request.ticket().type() != v1::REPORT) {
    return InvalidField(
        "ticket.subject_unit",
        absl::StrCat(subject, " with ", v1::TicketType_Name(request.ticket().type())),
        "nothing unless the type is REPORT", "只有举报件才填写被举报单位");
  }
  return CountyOf(subject) == CountyOf(request.parent())
             ? absl::OkStatus()
             : InvalidField("ticket.subject_unit", subject,
                            absl::StrCat("a unit of county ", CountyOf(request.parent())),
                            "本县的单位");
}

absl::Status CheckFiled(const v1::CreateTicketRequest& request, const Context& context) {
  const v1::Ticket& ticket = request.ticket();
  if (ticket.type() == v1::TICKET_TYPE_UNSPECIFIED) {
    return InvalidField("ticket.type", "nothing", "one of CONSULT to OTHER", "诉求类型");
  }
  if (ticket.channel() == v1::CHANNEL_UNSPECIFIED) {
    return InvalidField("ticket.channel", "nothing", "one of PHONE to MEETING", "来源渠道");
  }
  BAIMI_RETURN_IF_ERROR(CheckCategory("ticket.category", ticket.category(), context));
  BAIMI_RETURN_IF_ERROR(CheckCaller(ticket.caller()));
  BAIMI_RETURN_IF_ERROR(CheckSubject(request));
  if (ticket.has_occurred_time() && FromProto(ticket.occurred_time()) > context.now) {
    return InvalidField("ticket.occurred_time",
                        absl::FormatTime(FromProto(ticket.occurred_time()), absl::UTCTimeZone()),
                        "a time that is not in the future", "不晚于现在的时间");
  }
  return absl::OkStatus();
}

// What the caller may set, and nothing else.
v1::Ticket Sanitized(const v1::Ticket& from, absl::string_view name, const v1::Place& located,
                     const Context& context) {
  v1::Ticket ticket;
  ticket.set_name(std::string(name));
  ticket.set_type(from.type());
  ticket.set_channel(from.channel());
  ticket.set_category(from.category());
  ticket.set_title(from.title());
  ticket.set_description(from.description());
  ticket.set_subject_unit(from.subject_unit());
  if (from.has_caller()) {
    *ticket.mutable_caller() = from.caller();
  }
  if (from.type() == v1::REPORT) {
    ticket.mutable_caller()->set_confidential(true);
  }
  if (from.has_place()) {
    *ticket.mutable_place() = from.place();
    ticket.mutable_place()->set_grid(located.grid());
    ticket.mutable_place()->set_area(located.area());
    ticket.mutable_place()->set_explanation(located.explanation());
    ticket.mutable_place()->set_score(located.score());
  }
  ticket.set_urgency(from.urgency() == v1::URGENCY_UNSPECIFIED ? v1::NORMAL : from.urgency());
  if (from.has_occurred_time()) {
    *ticket.mutable_occurred_time() = from.occurred_time();
  }
  *ticket.mutable_create_time() = ToProto(context.now);
  *ticket.mutable_marks()->mutable_filer() = context.actor;
  return ticket;
}

// Collects what a refusal lacks.
class RefusalCheck {
 public:
  void Lacks(absl::string_view field, absl::string_view want, absl::string_view want_zh) {
    violations_.emplace_back(absl::StrCat("refusal.", field), absl::StrCat("want ", want));
    absl::StrAppend(&text_, text_.empty() ? "" : "; ", "refusal.", field, ": want ", want);
    absl::StrAppend(&text_zh_, text_zh_.empty() ? "" : "；", want_zh);
  }

  absl::Status Result(v1::RefusalCode code) const {
    if (text_.empty()) {
      return absl::OkStatus();
    }
    const std::string got = v1::RefusalCode_Name(code);
    Error error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_REFUSAL_INCOMPLETE,
                absl::StrCat("refusal: got ", got, ", ", text_),
                absl::StrCat("“", Zh(code), "”的处理要素不全：", text_zh_));
    for (const auto& [field, description] : violations_) {
      error.Field(field, description);
    }
    return error.With("code", got).Build();
  }

 private:
  std::string text_;
  std::string text_zh_;
  std::vector<std::pair<std::string, std::string>> violations_;
};

absl::Status CheckRefusal(const v1::Ticket& ticket, const v1::Refusal& refusal) {
  RefusalCheck check;
  if (refusal.code() == v1::REFUSAL_CODE_UNSPECIFIED) {
    check.Lacks("code", "EMERGENCY_LINE to ALREADY_CONCLUDED", "须选择不予受理的情形");
  }
  if (refusal.code() == v1::CALLER_NOT_COOPERATING) {
    check.Lacks("code", "EMERGENCY_LINE to ALREADY_CONCLUDED, for X8 ends a signed order",
                "诉求人不配合只适用于办理中的工单（终止办理）");
  }
  if (refusal.reason().empty()) {
    check.Lacks("reason", "a reason", "须说明理由");
  }
  if (refusal.code() == v1::EMERGENCY_LINE &&
      std::none_of(
          std::begin(kEmergencyLines), std::end(kEmergencyLines),
          [&](absl::string_view line) { return absl::StrContains(refusal.channel(), line); })) {
    check.Lacks("channel", "the line it was handed to: 110, 119, 120 or 122",
                "须写明已转接的热线（110、119、120、122）");
  }
  if (refusal.code() == v1::LEGAL_CHANNEL && refusal.channel().empty()) {
    check.Lacks("channel", "the legal channel told to the caller", "须告知法定途径");
  }
  if (refusal.code() == v1::REPEAT_WITHOUT_NEW_FACTS &&
      (!InCollection(refusal.earlier_ticket(), CountyOf(ticket.name()), "tickets") ||
       refusal.earlier_ticket() == ticket.name())) {
    check.Lacks("earlier_ticket", "the earlier order of this county", "须关联本县先前的工单");
  }
  return check.Result(refusal.code());
}

absl::Status NotApplicable(absl::string_view field, absl::string_view got, absl::string_view want,
                           absl::string_view zh) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_APPLICABLE,
               absl::StrCat(field, ": got ", got, ", want ", want), zh)
      .With(field, got);
}

v1::Reply Stamped(const v1::Reply& reply, const Context& context) {
  v1::Reply stamped = reply;
  stamped.clear_helpers();
  *stamped.mutable_reply_time() = ToProto(context.now);
  *stamped.mutable_actor() = context.actor;
  return stamped;
}

}  // namespace

absl::StatusOr<Decision> File(const v1::CreateTicketRequest& request, absl::string_view name,
                              const v1::Place& located, const Context& context,
                              const Origin& origin) {
  BAIMI_RETURN_IF_ERROR(CheckFiled(request, context));
  v1::Ticket filed = Sanitized(request.ticket(), name, located, context);
  if (!request.leader_shift().empty()) {
    filed.mutable_leader_shift()->set_shift(request.leader_shift());
  }
  if (origin.written) {
    *filed.mutable_marks()->mutable_draft_time() = ToProto(*origin.written);
  }
  BAIMI_ASSIGN_OR_RETURN(
      *filed.mutable_answers(),
      CheckAnswers("ticket.answers", request.ticket().answers(), filed.category(), context));
  if (!filed.caller().phone().empty()) {
    BAIMI_ASSIGN_OR_RETURN(const codes::Phone phone,
                           codes::ParsePhone("ticket.caller.phone", filed.caller().phone()));
    filed.mutable_caller()->set_phone(phone.digits);
  }
  if (origin.superior) {
    *filed.mutable_superior() = *origin.superior;
  }
  const bool dispatched = filed.type() != v1::PRAISE && filed.type() != v1::OTHER;

  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(v1::Ticket(), Command::kFile, context));
  *fact.mutable_filed()->mutable_ticket() = std::move(filed);
  Decision decision = Decide(v1::Ticket(), std::move(fact));

  BAIMI_ASSIGN_OR_RETURN(fact, BeginFact(decision.ticket, Command::kAccept, context));
  fact.mutable_accepted();
  Append(decision, std::move(fact));

  if (dispatched) {
    BAIMI_ASSIGN_OR_RETURN(fact, BeginFact(decision.ticket, Command::kQueue, context));
    fact.mutable_queued();
  } else {
    BAIMI_ASSIGN_OR_RETURN(fact, BeginFact(decision.ticket, Command::kAnswer, context));
    fact.mutable_answered();
  }
  Append(decision, std::move(fact));
  return decision;
}

absl::StatusOr<Decision> Answer(const v1::Ticket& ticket, const v1::AnswerTicketRequest& request,
                                const v1::AnswerSource* source, const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kAnswer, context));
  if (ticket.type() != v1::CONSULT) {
    return NotApplicable("type", v1::TicketType_Name(ticket.type()), "CONSULT",
                         absl::StrCat("只有咨询件可以直接答复，本件是", Zh(ticket.type()), "件"));
  }
  *fact.mutable_answered()->mutable_reply() = Stamped(request.reply(), context);
  if (source != nullptr) {
    *fact.mutable_answered()->mutable_source() = *source;
  }
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> Reject(const v1::Ticket& ticket, const v1::RejectTicketRequest& request,
                                const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kReject, context));
  BAIMI_RETURN_IF_ERROR(CheckRefusal(ticket, request.refusal()));
  *fact.mutable_refused()->mutable_refusal() = request.refusal();
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> Withdraw(const v1::Ticket& ticket,
                                  const v1::WithdrawTicketRequest& request,
                                  const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kWithdraw, context));
  fact.mutable_withdrawn()->set_reason(request.reason());
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> SelfSolve(const v1::Ticket& ticket,
                                   const v1::SelfSolveTicketRequest& request,
                                   const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kSelfSolve, context));
  if (ticket.channel() != v1::GRID_WORKER) {
    return NotApplicable("channel", v1::Channel_Name(ticket.channel()), "GRID_WORKER",
                         "只有网格员上报的工单可以网格自办");
  }
  BAIMI_RETURN_IF_ERROR(CheckFiler(ticket, context.actor));
  *fact.mutable_self_solved()->mutable_reply() = Stamped(request.reply(), context);
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> Transfer(const v1::Ticket& ticket,
                                  const v1::TransferTicketRequest& request,
                                  const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kTransfer, context));
  fact.mutable_transferred()->set_out_reference(request.out_reference());
  return Decide(ticket, std::move(fact));
}

}  // namespace baimi::ticket::domain
