#include "services/ticket/domain/ladder.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/rating.h"
#include "services/ticket/domain/supervision.h"
#include "services/ticket/domain/transitions.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::domain {
namespace {

// More than any order has things due at once: what is left is done at the next look.
constexpr int kMostAtOnce = 200;

absl::Time UpToMicros(absl::Time time) {
  return absl::FromUnixMicros(
      absl::ToUnixMicros(time + absl::Microseconds(1) - absl::Nanoseconds(1)));
}

// The clock of `period` as it runs, without the roundings at the ends of days.
calendar::Period Running(const v1::Period& period, const PolicyInForce& in_force) {
  calendar::Period running = in_force.ToPeriod(period);
  if (running.unit == calendar::PeriodUnit::kWorkingDays) {
    running.unit = calendar::PeriodUnit::kWorkingHours;
    running.business_hours = *calendar::BusinessHours::Parse("", "00:00-24:00");
  } else if (running.unit == calendar::PeriodUnit::kNaturalDays) {
    running.unit = calendar::PeriodUnit::kHours;
  }
  return running;
}

calendar::Deadline ShareOf(const v1::Clock& clock, int percent, const PolicyInForce& in_force) {
  const calendar::Period period = Running(clock.period(), in_force);
  const absl::Time start = FromProto(clock.start_time());
  const calendar::Elapsed whole =
      calendar::ElapsedTime(in_force.calendar(), start, FromProto(clock.due_time()), period);
  calendar::Deadline share =
      calendar::Resume(in_force.calendar(), start, whole.duration * percent / 100, period);
  share.provisional = share.provisional || whole.provisional;
  return share;
}

// The present clock's own supervision of `level`.
const v1::Supervision* RaisedFor(const v1::Ticket& ticket, const v1::Clock& clock,
                                 v1::SupervisionLevel level) {
  for (const v1::Supervision& supervision : ticket.supervisions()) {
    if (supervision.level() == level &&
        FromProto(supervision.trigger_time()) >= FromProto(clock.start_time())) {
      return &supervision;
    }
  }
  return nullptr;
}

std::optional<calendar::Deadline> AfterLevel(const v1::Ticket& ticket, const v1::Clock& clock,
                                             const v1::SupervisionStep& step,
                                             const PolicyInForce& in_force) {
  calendar::Deadline base;
  if (const auto* raised = RaisedFor(ticket, clock, step.after_level())) {
    base.due = FromProto(raised->trigger_time());
  } else {
    const v1::SupervisionStep* before = FindStep(in_force.policy(), step.after_level());
    // A step waits for a lower one only, so that this ends.
    if (before == nullptr || before->level() >= step.level()) {
      return std::nullopt;
    }
    const auto planned = StepTime(ticket, *before, in_force);
    if (!planned) {
      return std::nullopt;
    }
    base = *planned;
  }
  calendar::Deadline deadline = DeadlineAfter(base.due, step.offset(), in_force);
  deadline.provisional = deadline.provisional || base.provisional;
  return deadline;
}

absl::string_view ReasonOf(v1::SupervisionTrigger trigger) {
  switch (trigger) {
    case v1::TRIGGER_SHARE_OF_TIME:
      return "办理时限将至";
    case v1::TRIGGER_OVERDUE:
      return "超过办理时限未反馈";
    case v1::TRIGGER_AFTER_LEVEL:
      return "督办后仍未反馈";
    case v1::TRIGGER_UNSIGNED:
      return "超过签收时限未签收";
    case v1::TRIGGER_PROBLEM_ORDER:
      return "问题工单，提级督办";
    case v1::TRIGGER_TARGET_DATE_PASSED:
      return "挂账承诺日期已过，恢复办理";
    default:
      return "";
  }
}

void Raise(Decision& decision, const v1::SupervisionStep& step, v1::SupervisionTrigger trigger,
           absl::Time trigger_time, const Context& context) {
  v1::TicketFact fact = BeginSideFact(decision.ticket, context);
  v1::Supervision& supervision = *fact.mutable_supervision_raised()->mutable_supervision();
  supervision = MakeSupervision(decision.ticket, step, context);
  supervision.set_trigger(trigger);
  supervision.set_reason(std::string(ReasonOf(trigger)));
  *supervision.mutable_trigger_time() = ToProto(trigger_time);
  Append(decision, std::move(fact));
}

void RaiseForUnsigned(Decision& decision, const Context& context) {
  std::optional<absl::Time> ran_out;
  for (const v1::TicketFact& fact : decision.facts) {
    if (fact.clock_ran_out().kind() == v1::SIGN) {
      ran_out = FromProto(fact.clock_ran_out().due_time());
    }
  }
  if (!ran_out) {
    return;
  }
  for (const v1::SupervisionStep& step : context.policy.policy().supervision_ladder()) {
    if (step.when_unsigned() && step.level() > decision.ticket.supervision_level()) {
      Raise(decision, step, v1::TRIGGER_UNSIGNED, *ran_out, context);
    }
  }
}

void FindProblem(Decision& decision, const Context& context) {
  const v1::Ticket& ticket = decision.ticket;
  const v1::ProblemOrderRule& rule = context.policy.policy().problem_orders();
  const int passed = ticket.dispatch_count() - (ticket.has_assignment() ? 1 : 0);
  const bool reworked = rule.reworks() > 0 && ticket.rework_count() >= rule.reworks();
  const bool passed_on = rule.units_passed() > 0 && passed >= rule.units_passed();
  if (ticket.problem_order() || !MaySupervise(ticket) || (!reworked && !passed_on)) {
    return;
  }
  v1::TicketFact fact = BeginSideFact(ticket, context);
  fact.mutable_problem_order_found()->set_reworks(ticket.rework_count());
  fact.mutable_problem_order_found()->set_units_passed(passed);
  Append(decision, std::move(fact));
  const v1::SupervisionStep* step = FindStep(context.policy.policy(), rule.level());
  if (step != nullptr && step->level() > decision.ticket.supervision_level()) {
    Raise(decision, *step, v1::TRIGGER_PROBLEM_ORDER, context.now, context);
  }
}

// Writes the plan into the last fact, which is what changed it.
void StampPlan(Decision& decision, const Context& context) {
  v1::SupervisionPlan plan = PlanNext(decision.ticket, context.policy);
  if (google::protobuf::util::MessageDifferencer::Equals(plan,
                                                         decision.ticket.supervision_plan())) {
    return;
  }
  if (plan.level() == 0) {
    decision.ticket.clear_supervision_plan();
  } else {
    *decision.ticket.mutable_supervision_plan() = plan;
  }
  *decision.facts.back().mutable_supervision_plan() = std::move(plan);
}

// The level that the policy wants, or the next one above where the order is; nullptr beyond S6.
const v1::SupervisionStep* TargetDateStep(const v1::Ticket& ticket,
                                          const v1::TicketPolicy& policy) {
  const v1::SupervisionStep* best = nullptr;
  for (const v1::SupervisionStep& step : policy.supervision_ladder()) {
    if (step.level() > ticket.supervision_level() && step.level() >= policy.target_date_level() &&
        step.level() < v1::S7_INSPECTION && (best == nullptr || step.level() < best->level())) {
      best = &step;
    }
  }
  return policy.target_date_level() == 0 ? nullptr : best;
}

bool TakeUpAgain(Decision& decision, const Context& context) {
  const std::optional<absl::Time> passed = TargetDatePassed(decision.ticket);
  if (!passed || *passed > context.now) {
    return false;
  }
  absl::StatusOr<v1::TicketFact> fact = BeginFact(decision.ticket, Command::kResume, context);
  if (!fact.ok()) {
    return false;
  }
  fact->mutable_resumed()->set_reason(std::string(ReasonOf(v1::TRIGGER_TARGET_DATE_PASSED)));
  fact->mutable_resumed()->set_automatic(true);
  Append(decision, *std::move(fact));
  if (const auto* step = TargetDateStep(decision.ticket, context.policy.policy())) {
    Raise(decision, *step, v1::TRIGGER_TARGET_DATE_PASSED, *passed, context);
  }
  return true;
}

bool BeginNextReview(Decision& decision, const Context& context) {
  const v1::Clock* review = OpenClock(decision.ticket, v1::REVIEW);
  if (review == nullptr || FromProto(review->due_time()) > context.now) {
    return false;
  }
  const absl::Time due = FromProto(review->due_time());
  // Days that are due at midnight count from the day before.
  absl::StatusOr<v1::Clock> next = StartClock(v1::REVIEW, decision.ticket, review->holder(),
                                              due - absl::Microseconds(1), context.policy);
  if (!next.ok()) {
    return false;
  }
  next->set_round(decision.ticket.rework_count());
  v1::TicketFact fact = BeginSideFact(decision.ticket, context);
  fact.add_stopped_clocks(v1::REVIEW);
  *fact.add_started_clocks() = *std::move(next);
  *fact.mutable_suspension_review_due()->mutable_due_time() = ToProto(due);
  Append(decision, std::move(fact));
  return true;
}

bool ClimbLadder(Decision& decision, const Context& context) {
  const v1::SupervisionPlan plan = decision.ticket.supervision_plan();
  if (plan.level() == 0 || FromProto(plan.time()) > context.now) {
    return false;
  }
  const v1::SupervisionStep* step = FindStep(context.policy.policy(), plan.level());
  if (step == nullptr) {
    // Another policy has another ladder by now.
    v1::TicketFact fact = BeginSideFact(decision.ticket, context);
    fact.mutable_ladder_planned();
    Append(decision, std::move(fact));
  } else {
    Raise(decision, *step, plan.trigger(), FromProto(plan.time()), context);
  }
  return true;
}

bool NoteUnanswered(Decision& decision, const Context& context) {
  const v1::Supervision* late = NextUnanswered(decision.ticket);
  if (late == nullptr || FromProto(late->answer_due_time()) > context.now) {
    return false;
  }
  v1::TicketFact fact = BeginSideFact(decision.ticket, context);
  fact.mutable_supervision_ran_out()->set_supervision(late->name());
  *fact.mutable_supervision_ran_out()->mutable_due_time() = late->answer_due_time();
  Append(decision, std::move(fact));
  return true;
}

}  // namespace

const v1::SupervisionStep* FindStep(const v1::TicketPolicy& policy, v1::SupervisionLevel level) {
  for (const v1::SupervisionStep& step : policy.supervision_ladder()) {
    if (step.level() == level) {
      return &step;
    }
  }
  return nullptr;
}

std::optional<calendar::Deadline> StepTime(const v1::Ticket& ticket,
                                           const v1::SupervisionStep& step,
                                           const PolicyInForce& in_force) {
  const v1::Clock* clock = OpenClock(ticket, v1::HANDLE);
  if (clock == nullptr) {
    return std::nullopt;
  }
  calendar::Deadline due{FromProto(clock->due_time()), clock->provisional(),
                         in_force.calendar().version()};
  std::optional<calendar::Deadline> time;
  switch (step.trigger()) {
    case v1::TRIGGER_SHARE_OF_TIME:
      time = ShareOf(*clock, step.percent(), in_force);
      break;
    case v1::TRIGGER_OVERDUE:
      time = step.has_offset() ? DeadlineAfter(due.due, step.offset(), in_force) : due;
      break;
    case v1::TRIGGER_AFTER_LEVEL:
      time = AfterLevel(ticket, *clock, step, in_force);
      break;
    default:
      return std::nullopt;
  }
  if (time) {
    time->due = UpToMicros(time->due);
    time->provisional = time->provisional || clock->provisional();
  }
  return time;
}

v1::SupervisionPlan PlanNext(const v1::Ticket& ticket, const PolicyInForce& in_force) {
  const v1::SupervisionStep* next = nullptr;
  std::optional<calendar::Deadline> at;
  for (const v1::SupervisionStep& step : in_force.policy().supervision_ladder()) {
    if (step.level() <= ticket.supervision_level()) {
      continue;
    }
    const auto time = StepTime(ticket, step, in_force);
    if (time &&
        (!at || time->due < at->due || (time->due == at->due && step.level() < next->level()))) {
      next = &step;
      at = time;
    }
  }
  v1::SupervisionPlan plan;
  if (next != nullptr) {
    plan.set_level(next->level());
    plan.set_trigger(next->trigger());
    *plan.mutable_time() = ToProto(at->due);
    plan.set_calendar_version(at->calendar_version);
    plan.set_provisional(at->provisional);
  }
  return plan;
}

std::optional<absl::Time> TargetDatePassed(const v1::Ticket& ticket) {
  if (ticket.state() != v1::SUSPENDED) {
    return std::nullopt;
  }
  const auto date = calendar::ParseDate("target_date", ticket.suspension().target_date());
  return date.ok() ? std::optional(calendar::StartOf(*date + 1)) : std::nullopt;
}

const v1::Supervision* NextUnanswered(const v1::Ticket& ticket) {
  const v1::Supervision* next = nullptr;
  for (const v1::Supervision& supervision : ticket.supervisions()) {
    if (supervision.has_run_out_time() || supervision.has_report() || supervision.has_end_time()) {
      continue;
    }
    if (next == nullptr ||
        FromProto(supervision.answer_due_time()) < FromProto(next->answer_due_time())) {
      next = &supervision;
    }
  }
  return next;
}

Decision Supervised(Decision decision, const Context& context) {
  if (decision.facts.empty()) {
    return decision;
  }
  RaiseForUnsigned(decision, context);
  FindProblem(decision, context);
  StampPlan(decision, context);
  return decision;
}

Decision RingDue(const v1::Ticket& ticket, const Context& context) {
  Decision decision = Supervised(NoteRanOut(ticket, context), context);
  for (int i = 0; i < kMostAtOnce; ++i) {
    if (!TakeUpAgain(decision, context) && !BeginNextReview(decision, context) &&
        !ClimbLadder(decision, context) && !NoteUnanswered(decision, context) &&
        !NoteBadRatingRanOut(context, decision)) {
      break;
    }
    StampPlan(decision, context);
  }
  return decision;
}

}  // namespace baimi::ticket::domain
