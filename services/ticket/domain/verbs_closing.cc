#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/exclusion.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/rating.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::domain {
namespace {

absl::Status CheckCallback(const v1::Callback& callback) {
  if (callback.outcome() == v1::CALLBACK_OUTCOME_UNSPECIFIED) {
    return InvalidField("callback.outcome", "nothing", "one of REACHED to NOT_WANTED", "回访结果");
  }
  if (callback.outcome() == v1::REACHED) {
    return absl::OkStatus();
  }
  const std::string outcome = v1::CallbackOutcome_Name(callback.outcome());
  if (callback.solved() != v1::SOLVED_UNSPECIFIED) {
    return InvalidField(
        "callback.solved", absl::StrCat(v1::Solved_Name(callback.solved()), " with ", outcome),
        "nothing unless the caller was REACHED", "只有联系上诉求人时才填写是否解决");
  }
  if (callback.rating() != v1::RATING_UNSPECIFIED) {
    return InvalidField("callback.rating",
                        absl::StrCat(v1::Rating_Name(callback.rating()), " with ", outcome),
                        "nothing unless the caller was REACHED", "只有联系上诉求人时才填写满意度");
  }
  return absl::OkStatus();
}

bool IsFinalOutcome(v1::CallbackOutcome outcome) {
  return outcome == v1::REACHED || outcome == v1::REFUSED || outcome == v1::NOT_WANTED ||
         outcome == v1::WRONG_NUMBER;
}

// Morning and afternoon of one day are two.
std::pair<absl::CivilDay, bool> HalfDayOf(const v1::Callback& callback) {
  const absl::Time time = FromProto(callback.callback_time());
  const absl::CivilDay day = calendar::DayOf(time);
  return {day, time >= calendar::StartOf(day) + absl::Hours(12)};
}

absl::Status CheckReopenWindow(const v1::Ticket& ticket, const Context& context) {
  const int days = context.policy.policy().reopen_days();
  const absl::CivilDay last = calendar::DayOf(FromProto(ticket.close_time())) + days;
  if (calendar::DayOf(context.now) <= last) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_REOPEN_WINDOW_PASSED,
               absl::StrCat("reopen: got ", calendar::FormatDate(calendar::DayOf(context.now)),
                            ", want ", calendar::FormatDate(last), " at the latest"),
               absl::StrCat("办结后 ", days, " 日内（", calendar::FormatDate(last),
                            " 前）可以重新办理，现已超期，请另行登记"))
      .With("until", calendar::FormatDate(last));
}

absl::Status CheckReopenLimit(const v1::Ticket& ticket, const Context& context) {
  const int most = context.policy.policy().max_reopens();
  if (most == 0 || ticket.marks().reopen_count() < most) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_REOPEN_LIMIT,
               absl::StrCat("reopen: got ", ticket.marks().reopen_count(),
                            " before and one more, want at most ", most),
               absl::StrCat("每件工单最多重新办理", most, "次，已达上限，请另行登记"))
      .With("max_reopens", absl::StrCat(most));
}

}  // namespace

absl::Status CheckFinalOutcome(const v1::Ticket& ticket, int round,
                               const v1::TicketPolicy& policy) {
  const int max_attempts = policy.max_callback_attempts();
  if (ticket.caller().anonymous() || ticket.caller().no_reply_wanted()) {
    return absl::OkStatus();
  }
  int attempts = 0;
  std::set<std::pair<absl::CivilDay, bool>> half_days;
  for (const v1::Callback& callback : ticket.callbacks()) {
    if (callback.round() != round) {
      continue;
    }
    if (IsFinalOutcome(callback.outcome())) {
      return absl::OkStatus();
    }
    ++attempts;
    half_days.insert(HalfDayOf(callback));
  }
  const int unanswered =
      policy.same_half_day_attempts() ? attempts : static_cast<int>(half_days.size());
  if (unanswered >= max_attempts) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_FINAL_OUTCOME,
               absl::StrCat("callbacks: got ", unanswered, " without an answer",
                            policy.same_half_day_attempts() ? "" : " on different half-days",
                            ", want ", max_attempts,
                            " or one REACHED, REFUSED, NOT_WANTED or WRONG_NUMBER"),
               absl::StrCat("尚无最终回访结果：已有 ", unanswered, " 次无人接听",
                            policy.same_half_day_attempts() ? "" : "（同一半天只计一次）", "，满 ",
                            max_attempts, " 次或有明确结果后方可办结"))
      .With("ticket", ticket.name())
      .With("attempts", absl::StrCat(unanswered))
      .With("max_attempts", absl::StrCat(max_attempts));
}

absl::StatusOr<v1::Callback> KeptCallback(const v1::Callback& callback, absl::string_view unit,
                                          int round, const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckCallback(callback));
  v1::Callback kept = callback;
  kept.clear_by_caller();
  kept.clear_rating_voided();
  *kept.mutable_callback_time() = ToProto(context.now);
  *kept.mutable_actor() = context.actor;
  kept.set_round(round);
  kept.set_unit(std::string(unit));
  return kept;
}

absl::StatusOr<Decision> DecideRated(const v1::Ticket& ticket, v1::TicketFact fact,
                                     const Context& context) {
  const v1::Callback callback = fact.callback_recorded().callback();
  BAIMI_RETURN_IF_ERROR(CheckRating(ticket, callback, context));
  Decision decision = Decide(ticket, std::move(fact));
  FollowRating(callback, context, decision);
  return decision;
}

absl::StatusOr<Decision> Audit(const v1::Ticket& ticket, const v1::AuditTicketRequest& request,
                               const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  const Command command = request.pass() ? Command::kPassAudit : Command::kSendBack;
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, command, context));
  if (request.pass()) {
    fact.mutable_audit_passed();
    return Decide(ticket, std::move(fact));
  }
  if (request.reason().empty()) {
    return InvalidField("reason", "nothing", "why the order goes back", "退回重办的理由");
  }
  fact.mutable_sent_back()->set_reason(request.reason());
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> RecordCallback(const v1::Ticket& ticket,
                                        const v1::RecordCallbackRequest& request,
                                        const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kRecordCallback, context));
  BAIMI_ASSIGN_OR_RETURN(
      *fact.mutable_callback_recorded()->mutable_callback(),
      KeptCallback(request.callback(), ticket.assignment().lead(), ticket.rework_count(), context));
  return DecideRated(ticket, std::move(fact), context);
}

absl::StatusOr<Decision> Close(const v1::Ticket& ticket, const v1::CloseTicketRequest& request,
                               const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kClose, context));
  BAIMI_RETURN_IF_ERROR(CheckFinalOutcome(ticket, ticket.rework_count(), context.policy.policy()));
  BAIMI_RETURN_IF_ERROR(CheckNoBadRating(ticket));
  fact.mutable_closed();
  Decision decision = Decide(ticket, std::move(fact));
  EndFixing(context, decision);
  return decision;
}

absl::StatusOr<Decision> Reopen(const v1::Ticket& ticket, const v1::ReopenTicketRequest& request,
                                const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kReopen, context));
  if (!ticket.merged_into().empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_APPLICABLE,
                 absl::StrCat("merged_into: got ", ticket.merged_into(),
                              ", want an order of its own; reopen that one"),
                 "本件已并入其他工单，请对主单重新办理")
        .With("merged_into", ticket.merged_into());
  }
  // A bad rating that was given in time is put right however long its verification took (§7.6), and
  // however often the order was reopened.
  const bool for_rating = ticket.bad_rating().stage() == v1::BAD_RATING_FIXING;
  if (!for_rating) {
    BAIMI_RETURN_IF_ERROR(CheckReopenWindow(ticket, context));
    BAIMI_RETURN_IF_ERROR(CheckReopenLimit(ticket, context));
  }
  fact.mutable_reopened()->set_reason(request.reason());
  fact.mutable_reopened()->set_for_rating(for_rating);
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> Archive(const v1::Ticket& ticket, const v1::ArchiveTicketRequest& request,
                                 const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kArchive, context));
  BAIMI_RETURN_IF_ERROR(CheckNoExclusionWaits(ticket));
  BAIMI_RETURN_IF_ERROR(CheckNoBadRating(ticket));
  fact.mutable_archived();
  return Decide(ticket, std::move(fact));
}

}  // namespace baimi::ticket::domain
