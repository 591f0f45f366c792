#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/helping.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {
namespace {

using Names = google::protobuf::RepeatedPtrField<std::string>;

bool Holds(const Names& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

absl::Status NotAHelper(const v1::Ticket& ticket, absl::string_view unit) {
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_NOT_A_HELPER,
               absl::StrCat("unit: got ", unit, ", want a helper of ", ticket.name()),
               absl::StrCat("“", IdOf(unit), "”不是本件的协办单位"))
      .With("unit", unit);
}

absl::Status HelpNotOpen(absl::string_view got, absl::string_view want, absl::string_view zh) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_HELP_NOT_OPEN,
               absl::StrCat("help: got ", got, ", want ", want), zh);
}

// The open part that `asked` or the actor's own unit has.
absl::StatusOr<const v1::HelperTask*> OpenHelp(const v1::Ticket& ticket, const std::string& asked,
                                               const Context& context) {
  const std::string& own = context.actor.unit();
  if (own.empty() && asked.empty()) {
    return InvalidField("unit", "nothing", "the helper's unit, by an actor who has none",
                        "协办单位（操作人没有所属单位时必填）");
  }
  const std::string unit =
      own.empty() ? asked : absl::StrCat("counties/", CountyOf(ticket.name()), "/units/", own);
  const v1::HelperTask* task = HelpOf(ticket, unit);
  if ((!asked.empty() && asked != unit) || task == nullptr) {
    return NotAHelper(ticket, asked.empty() ? unit : asked);
  }
  if (!IsOpen(*task)) {
    return HelpNotOpen(v1::HelperTaskState_Name(task->state()), "HELP_ASKED or HELP_ACKNOWLEDGED",
                       "协办任务已结束，不能再操作");
  }
  return task;
}

absl::Status CheckChange(const v1::Ticket& ticket, const v1::ChangeHelpersRequest& request) {
  if (request.add().empty() && request.remove().empty()) {
    return InvalidField("add", "nothing", "a helper to add or to remove", "须增加或撤出协办单位");
  }
  const v1::Assignment& assignment = ticket.assignment();
  std::vector<absl::string_view> seen;
  for (int i = 0; i < request.add_size(); ++i) {
    const std::string& unit = request.add(i);
    const bool twice = std::find(seen.begin(), seen.end(), unit) != seen.end();
    if (twice || unit == assignment.lead() || Holds(assignment.helpers(), unit) ||
        CountyOf(unit) != CountyOf(ticket.name())) {
      return InvalidField(absl::StrCat("add[", i, "]"), unit,
                          "a unit of the county that has no part yet, each once",
                          "本县尚未承办本件的单位，且只出现一次");
    }
    seen.push_back(unit);
  }
  for (int i = 0; i < request.remove_size(); ++i) {
    const std::string& unit = request.remove(i);
    if (!Holds(assignment.helpers(), unit) ||
        std::find(seen.begin(), seen.end(), unit) != seen.end()) {
      return InvalidField(absl::StrCat("remove[", i, "]"), unit, "a helper of the order, each once",
                          "本件的协办单位，且只出现一次");
    }
    seen.push_back(unit);
  }
  return absl::OkStatus();
}

v1::HelperPart PartOf(const v1::Ticket& ticket, const std::string& unit, const Context& context) {
  v1::HelperPart part;
  part.set_unit(unit);
  const v1::HelperTask* task = HelpOf(ticket, unit);
  if (task == nullptr) {
    return part;
  }
  part.set_state(IsOpen(*task) ? v1::HELP_LAPSED : task->state());
  if (task->has_clock()) {
    const v1::Clock& clock = task->clock();
    const absl::Time end = clock.has_stop_time() ? FromProto(clock.stop_time()) : context.now;
    *part.mutable_late_by() =
        ToProto(std::max(absl::ZeroDuration(), end - FromProto(clock.due_time())));
  }
  part.set_done(task->has_result()
                    ? task->result().result()
                    : (task->delays().empty() ? "未反馈协办结果"
                                              : absl::StrCat("未反馈协办结果；阶段性进展：",
                                                             task->delays().rbegin()->progress())));
  return part;
}

}  // namespace

absl::StatusOr<Decision> AcknowledgeHelp(const v1::Ticket& ticket,
                                         const v1::AcknowledgeHelpRequest& request,
                                         const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(const v1::HelperTask* task, OpenHelp(ticket, request.unit(), context));
  if (task->has_acknowledge_time()) {
    return HelpNotOpen("HELP_ACKNOWLEDGED", "HELP_ASKED", "协办任务已签收");
  }
  v1::TicketFact fact = BeginSideFact(ticket, context);
  fact.mutable_help_acknowledged()->set_unit(task->unit());
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> SubmitHelp(const v1::Ticket& ticket, const v1::SubmitHelpRequest& request,
                                    const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(const v1::HelperTask* task, OpenHelp(ticket, request.unit(), context));
  Decision decision{ticket, {}};
  const std::string unit = task->unit();
  if (!task->has_acknowledge_time()) {
    v1::TicketFact signed_for = BeginSideFact(ticket, context);
    signed_for.mutable_help_acknowledged()->set_unit(unit);
    Append(decision, std::move(signed_for));
  }
  v1::TicketFact fact = BeginSideFact(decision.ticket, context);
  v1::HelpGiven& given = *fact.mutable_help_given();
  given.set_unit(unit);
  *given.mutable_result() = request.result();
  *given.mutable_result()->mutable_result_time() = ToProto(context.now);
  *given.mutable_result()->mutable_actor() = context.actor;
  Append(decision, std::move(fact));
  return decision;
}

absl::StatusOr<Decision> ExplainHelpDelay(const v1::Ticket& ticket,
                                          const v1::ExplainHelpDelayRequest& request,
                                          const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(const v1::HelperTask* task, OpenHelp(ticket, request.unit(), context));
  v1::TicketFact fact = BeginSideFact(ticket, context);
  v1::HelpDelayed& delayed = *fact.mutable_help_delayed();
  delayed.set_unit(task->unit());
  *delayed.mutable_delay() = request.delay();
  delayed.mutable_delay()->clear_due_time();
  *delayed.mutable_delay()->mutable_delay_time() = ToProto(context.now);
  *delayed.mutable_delay()->mutable_actor() = context.actor;
  const v1::TicketPolicy& policy = context.policy.policy();
  const v1::Clock* handle = OpenClock(ticket, v1::HANDLE);
  const bool moves = policy.has_helper_delay() && task->has_clock() &&
                     !task->clock().has_extension() && handle != nullptr &&
                     context.now < FromProto(task->clock().due_time());
  if (moves) {
    calendar::Deadline deadline =
        ExtendedDeadline(task->clock(), policy.helper_delay(), context.policy);
    if (FromProto(handle->due_time()) < deadline.due) {
      deadline.due = FromProto(handle->due_time());
      deadline.provisional = handle->provisional();
    }
    *delayed.mutable_delay()->mutable_due_time() = ToProto(deadline.due);
    delayed.set_calendar_version(deadline.calendar_version);
    delayed.set_provisional(deadline.provisional);
    *delayed.mutable_extension() = policy.helper_delay();
  }
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> ChangeHelpers(const v1::Ticket& ticket,
                                       const v1::ChangeHelpersRequest& request,
                                       const UnitsAtHand& units, const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckActor(ticket, ActorRule::kCentre, context));
  const v1::Clock* handle = OpenClock(ticket, v1::HANDLE);
  if (handle == nullptr) {
    return HelpNotOpen(v1::TicketState_Name(ticket.state()), "an order whose handling clock runs",
                       "本件当前不在办理时限内，不能调整协办单位");
  }
  BAIMI_RETURN_IF_ERROR(CheckChange(ticket, request));
  v1::TicketFact fact = BeginSideFact(ticket, context);
  v1::HelpersChanged& changed = *fact.mutable_helpers_changed();
  BAIMI_ASSIGN_OR_RETURN(const v1::Assignment added,
                         ChooseHelpers(context.policy.policy(), ticket, request.add(), units));
  *changed.mutable_added() = request.add();
  *changed.mutable_removed() = request.remove();
  changed.set_reason(request.reason());
  *changed.mutable_explanation() = added.explanation();
  *changed.mutable_duty_rows() = added.duty_rows();
  for (const std::string& unit : request.remove()) {
    changed.add_explanation(absl::StrCat("撤出协办：", IdOf(unit), "——由中心撤出，理由见记录。"));
  }
  StartHelp(ticket, request.add(), handle->round(), *handle, context, &fact);
  return Decide(ticket, std::move(fact));
}

v1::TicketFact RemoveHelperFact(const v1::Ticket& ticket, absl::string_view unit,
                                absl::string_view reason, const Context& context) {
  v1::TicketFact fact = BeginSideFact(ticket, context);
  fact.mutable_helpers_changed()->add_removed(std::string(unit));
  fact.mutable_helpers_changed()->set_reason(std::string(reason));
  fact.mutable_helpers_changed()->add_explanation(
      absl::StrCat("撤出协办：", IdOf(unit), "——须回避。"));
  return fact;
}

absl::StatusOr<std::vector<v1::HelperPart>> PartsOfReply(const v1::Ticket& ticket,
                                                         const v1::Reply& told,
                                                         const Context& context) {
  std::vector<v1::HelperPart> parts;
  for (const std::string& unit : ticket.assignment().helpers()) {
    parts.push_back(PartOf(ticket, unit, context));
  }
  std::vector<absl::string_view> seen;
  for (int i = 0; i < told.helpers_size(); ++i) {
    const v1::HelperPart& words = told.helpers(i);
    const auto part = std::find_if(
        parts.begin(), parts.end(),
        [&](const v1::HelperPart& candidate) { return candidate.unit() == words.unit(); });
    if (part == parts.end() || std::find(seen.begin(), seen.end(), words.unit()) != seen.end()) {
      return InvalidField(absl::StrCat("reply.helpers[", i, "].unit"), words.unit(),
                          "a helper of the order, each once", "本件的协办单位，且只出现一次");
    }
    seen.push_back(words.unit());
    if (!words.done().empty()) {
      part->set_done(words.done());
    }
  }
  return parts;
}

}  // namespace baimi::ticket::domain
