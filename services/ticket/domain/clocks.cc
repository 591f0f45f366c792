#include "services/ticket/domain/clocks.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ticket/domain/ladder.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/rating.h"
#include "services/ticket/domain/superior.h"
#include "services/ticket/domain/telling.h"

namespace baimi::ticket::domain {
namespace {

bool Fits(const v1::ClockRule& rule, v1::ClockKind kind, v1::Urgency urgency, v1::TicketType type) {
  if (rule.kind() != kind) {
    return false;
  }
  if (rule.urgency() != v1::URGENCY_UNSPECIFIED && rule.urgency() != urgency) {
    return false;
  }
  return rule.types().empty() ||
         std::find(rule.types().begin(), rule.types().end(), type) != rule.types().end();
}

// How many digits of `category` the rule names; 0 when it is for all, nullopt when for others.
std::optional<size_t> CategoryFit(const v1::ClockRule& rule, absl::string_view category) {
  if (rule.categories().empty()) {
    return 0;
  }
  std::optional<size_t> longest;
  for (const std::string& prefix : rule.categories()) {
    if (absl::StartsWith(category, prefix)) {
      longest = std::max(longest.value_or(0), prefix.size());
    }
  }
  return longest;
}

bool CountsDays(const v1::Period& period) {
  return period.unit() == v1::WORKING_DAYS || period.unit() == v1::NATURAL_DAYS;
}

void SetDeadline(v1::Clock& clock, const calendar::Deadline& deadline) {
  *clock.mutable_due_time() = ToProto(deadline.due);
  clock.set_provisional(deadline.provisional);
  clock.set_calendar_version(deadline.calendar_version);
}

}  // namespace

calendar::Deadline DeadlineAfter(absl::Time time, const v1::Period& period,
                                 const PolicyInForce& in_force) {
  // A period of days is due at midnight behind its last day; counting from the instant before it
  // keeps that last day the one that is not counted.
  const absl::Time from = CountsDays(period) ? time - absl::Microseconds(1) : time;
  return in_force.Due(from, period);
}

const v1::ClockRule* ChooseClockRule(const v1::TicketPolicy& policy, v1::ClockKind kind,
                                     v1::Urgency urgency, v1::TicketType type,
                                     absl::string_view category) {
  if (urgency == v1::URGENCY_UNSPECIFIED) {
    urgency = v1::NORMAL;
  }
  using Rank = std::tuple<bool, size_t, bool>;
  const v1::ClockRule* best = nullptr;
  Rank best_rank;
  for (const v1::ClockRule& rule : policy.clock_rules()) {
    const std::optional<size_t> digits = CategoryFit(rule, category);
    if (!digits || !Fits(rule, kind, urgency, type)) {
      continue;
    }
    const Rank rank = {rule.urgency() != v1::URGENCY_UNSPECIFIED, *digits, !rule.types().empty()};
    if (best == nullptr || rank > best_rank) {
      best = &rule;
      best_rank = rank;
    }
  }
  return best;
}

bool WantsContactClock(const v1::Ticket& ticket, const v1::TicketPolicy& policy) {
  return WantsToBeTold(ticket) && !ticket.marks().has_first_contact_time() &&
         ChooseClockRule(policy, v1::CONTACT, ticket.urgency(), ticket.type(), ticket.category()) !=
             nullptr;
}

absl::StatusOr<v1::Clock> StartClock(v1::ClockKind kind, const v1::Ticket& ticket,
                                     absl::string_view holder, absl::Time at,
                                     const PolicyInForce& in_force) {
  const v1::TicketPolicy& policy = in_force.policy();
  const v1::ClockRule* rule =
      ChooseClockRule(policy, kind, ticket.urgency(), ticket.type(), ticket.category());
  if (rule == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_CLOCK_RULE,
                 absl::StrCat("clock_rules: got no rule for ", v1::ClockKind_Name(kind),
                              " in policy version ", policy.version(), ", want one"),
                 absl::StrCat("现行政策（第", policy.version(), "版）没有规定“", Zh(kind),
                              "”的时限，请先补充"))
        .With("clock", v1::ClockKind_Name(kind))
        .With("policy_version", absl::StrCat(policy.version()));
  }
  v1::Clock clock;
  clock.set_kind(kind);
  clock.set_holder(std::string(holder));
  *clock.mutable_start_time() = ToProto(at);
  clock.set_rule(rule->id());
  clock.set_policy_version(policy.version());
  *clock.mutable_period() = rule->period();
  SetDeadline(clock, in_force.Due(at, rule->period()));
  KeepWithinSuperior(ticket, &clock);
  return clock;
}

v1::Clock RestartClock(const v1::Clock& stopped, absl::Time at, const PolicyInForce& in_force) {
  v1::Clock clock = stopped;
  clock.clear_stop_time();
  clock.clear_remaining();
  *clock.mutable_start_time() = ToProto(at);
  const absl::Time due = FromProto(stopped.due_time());
  const absl::Time paused = FromProto(stopped.stop_time());
  if (due <= paused) {
    clock.set_provisional(false);
    return clock;
  }
  // What is left of an extended clock is left of its extension.
  if (stopped.has_extension()) {
    *clock.mutable_period() = stopped.extension();
    clock.clear_extension();
  }
  const calendar::Period period = in_force.ToPeriod(clock.period());
  const absl::Duration remaining =
      calendar::ElapsedTime(in_force.calendar(), paused, due, period).duration;
  *clock.mutable_remaining() = ToProto(remaining);
  SetDeadline(clock, calendar::Resume(in_force.calendar(), at, remaining, period));
  return clock;
}

calendar::Deadline ExtendedDeadline(const v1::Clock& clock, const v1::Period& extension,
                                    const PolicyInForce& in_force) {
  calendar::Deadline deadline = DeadlineAfter(FromProto(clock.due_time()), extension, in_force);
  deadline.provisional = deadline.provisional || clock.provisional();
  return deadline;
}

calendar::Deadline RecomputedDeadline(const v1::Clock& clock, const PolicyInForce& in_force) {
  const absl::Time start = FromProto(clock.start_time());
  calendar::Deadline base =
      clock.has_remaining()
          ? calendar::Resume(in_force.calendar(), start, FromProto(clock.remaining()),
                             in_force.ToPeriod(clock.period()))
          : in_force.Due(start, clock.period());
  if (!clock.has_extension()) {
    return base;
  }
  calendar::Deadline extended = DeadlineAfter(base.due, clock.extension(), in_force);
  extended.provisional = extended.provisional || base.provisional;
  return extended;
}

const v1::Clock* OpenClock(const v1::Ticket& ticket, v1::ClockKind kind) {
  const v1::Clock* last = LastClock(ticket, kind);
  return last != nullptr && !last->has_stop_time() ? last : nullptr;
}

v1::Clock* MutableOpenClock(v1::Ticket& ticket, v1::ClockKind kind) {
  for (int i = ticket.clocks_size() - 1; i >= 0; --i) {
    v1::Clock* clock = ticket.mutable_clocks(i);
    if (clock->kind() == kind) {
      return clock->has_stop_time() ? nullptr : clock;
    }
  }
  return nullptr;
}

const v1::Clock* LastClock(const v1::Ticket& ticket, v1::ClockKind kind) {
  for (int i = ticket.clocks_size() - 1; i >= 0; --i) {
    if (ticket.clocks(i).kind() == kind) {
      return &ticket.clocks(i);
    }
  }
  return nullptr;
}

std::optional<absl::Time> NextAlarm(const v1::Ticket& ticket) {
  std::optional<absl::Time> next;
  const auto sooner = [&next](absl::Time time) { next = next ? std::min(*next, time) : time; };
  for (const v1::Clock& clock : ticket.clocks()) {
    if (clock.has_stop_time() || clock.has_run_out_time()) {
      continue;
    }
    sooner(FromProto(clock.due_time()));
  }
  if (ticket.has_supervision_plan()) {
    sooner(FromProto(ticket.supervision_plan().time()));
  }
  if (const v1::Supervision* supervision = NextUnanswered(ticket)) {
    sooner(FromProto(supervision->answer_due_time()));
  }
  if (const std::optional<absl::Time> passed = TargetDatePassed(ticket)) {
    sooner(*passed);
  }
  if (const std::optional<absl::Time> due = BadRatingDue(ticket)) {
    sooner(*due);
  }
  for (const v1::HelperTask& task : ticket.helper_tasks()) {
    if (task.has_clock() && !task.clock().has_stop_time() && !task.clock().has_run_out_time()) {
      const absl::Time due = FromProto(task.clock().due_time());
      next = next ? std::min(*next, due) : due;
    }
  }
  return next;
}

std::string ExplainClock(const v1::Clock& clock) {
  return absl::StrCat("时限：", Zh(clock.kind()), Zh(clock.period()), "，",
                      ZhDue(FromProto(clock.due_time())), "前（规则 ", clock.rule(),
                      IsCut(clock) ? "，不晚于上级平台时限" : "",
                      clock.provisional() ? "，节假日安排公布后重算）。" : "）。");
}

}  // namespace baimi::ticket::domain
