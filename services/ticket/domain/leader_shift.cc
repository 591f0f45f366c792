#include "services/ticket/domain/leader_shift.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/transitions.h"
#include "services/ticket/domain/versions.h"

namespace baimi::ticket::domain {
namespace {

constexpr int kMinutesPerDay = 24 * 60;

absl::Status ShiftState(absl::string_view name, absl::string_view got, absl::string_view want,
                        absl::string_view zh) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_LEADER_SHIFT_STATE,
               absl::StrCat(name, ": got ", got, ", want ", want), zh)
      .With("shift", name);
}

absl::string_view ZhOf(v1::LeaderShiftState state) {
  switch (state) {
    case v1::SHIFT_PLANNED:
      return "未开始";
    case v1::SHIFT_RUNNING:
      return "接听中";
    case v1::SHIFT_ENDED:
      return "已结束";
    case v1::SHIFT_CANCELLED:
      return "已取消";
    default:
      return "未知";
  }
}

std::string AtShanghai(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M", time, ShanghaiZone());
}

absl::Time StartOf(const v1::LeaderShift& shift) { return FromProto(shift.start_time()); }
absl::Time EndOf(const v1::LeaderShift& shift) { return FromProto(shift.end_time()); }

absl::Status CheckWindow(const v1::LeaderShift& shift, const v1::LeaderShiftPolicy& policy) {
  const absl::Time day = calendar::StartOf(calendar::DayOf(StartOf(shift)));
  for (const v1::ShiftWindow& window : policy.windows()) {
    if (StartOf(shift) >= day + absl::Minutes(window.start_minute()) &&
        EndOf(shift) <= day + absl::Minutes(window.end_minute())) {
      return absl::OkStatus();
    }
  }
  return InvalidField("leader_shift.start_time",
                      absl::StrCat(AtShanghai(StartOf(shift)), " to ", AtShanghai(EndOf(shift))),
                      "a time inside one of the policy's leader_shifts.windows",
                      "须在政策规定的接话时段之内");
}

absl::Status CheckWanted(const v1::LeaderShift& wanted, absl::string_view county,
                         const Context& context) {
  if (!context.policy.policy().has_leader_shifts()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_APPLICABLE,
                 "leader_shifts: got a policy without them, want one that has them",
                 "本县政策没有领导接话安排");
  }
  if (EndOf(wanted) <= StartOf(wanted)) {
    return InvalidField("leader_shift.end_time", AtShanghai(EndOf(wanted)),
                        absl::StrCat("later than ", AtShanghai(StartOf(wanted))),
                        "结束时间须晚于开始时间");
  }
  if (!InCollection(wanted.leader().unit(), county, "units")) {
    return InvalidField("leader_shift.leader.unit", wanted.leader().unit(),
                        absl::StrCat("a unit of county ", county), "本县的单位");
  }
  return CheckWindow(wanted, context.policy.policy().leader_shifts());
}

absl::Status CheckFree(const v1::LeaderShift& wanted, absl::string_view name,
                       absl::Span<const v1::LeaderShift> others) {
  for (const v1::LeaderShift& other : others) {
    if (other.name() != name && !other.has_cancel_time() &&
        other.leader().id() == wanted.leader().id() && StartOf(other) < EndOf(wanted) &&
        StartOf(wanted) < EndOf(other)) {
      return ShiftState(other.name(),
                        absl::StrCat("a shift of ", other.leader().id(), " from ",
                                     AtShanghai(StartOf(other)), " to ", AtShanghai(EndOf(other))),
                        "no other one of the same leader then",
                        absl::StrCat("该领导 ", AtShanghai(StartOf(other)), " 至 ",
                                     AtShanghai(EndOf(other)), " 已有接话安排"));
    }
  }
  return absl::OkStatus();
}

// Of one that runs: only what may still change.
absl::Status CheckRunning(const v1::LeaderShift& before, const v1::LeaderShift& wanted,
                          const Context& context) {
  v1::LeaderShift allowed = before;
  allowed.set_seat(wanted.seat());
  *allowed.mutable_end_time() = wanted.end_time();
  v1::LeaderShift asked = wanted;
  asked.set_etag(before.etag());
  if (allowed.SerializeAsString() != asked.SerializeAsString() || EndOf(wanted) < context.now) {
    return ShiftState(before.name(), "another leader, begin, or an end that is over",
                      "of a shift that runs only seat and end to change",
                      "接听中的班次只能调整地点和结束时间");
  }
  return absl::OkStatus();
}

absl::Status CheckChange(const v1::LeaderShift* before, const v1::LeaderShift& wanted,
                         absl::string_view name, const Context& context) {
  const v1::LeaderShiftState state =
      before == nullptr ? v1::SHIFT_PLANNED : StateOf(*before, context.now);
  if (state == v1::SHIFT_RUNNING) {
    return CheckRunning(*before, wanted, context);
  }
  if (state != v1::SHIFT_PLANNED) {
    return ShiftState(name, v1::LeaderShiftState_Name(state), "SHIFT_PLANNED or SHIFT_RUNNING",
                      absl::StrCat("班次", ZhOf(state), "，不能修改"));
  }
  if (StartOf(wanted) < context.now) {
    return ShiftState(before == nullptr ? "leader_shift" : name, AtShanghai(StartOf(wanted)),
                      "a begin that lies ahead", "开始时间已过");
  }
  return absl::OkStatus();
}

bool AnsweredAtOnce(const v1::Ticket& ticket) {
  const bool ends_when_filed = ticket.type() == v1::PRAISE || ticket.type() == v1::OTHER;
  return ticket.state() == v1::ANSWERED ||
         (ticket.state() == v1::ARCHIVED && ticket.dispatch_count() == 0 && !ticket.has_refusal() &&
          (ticket.has_reply() || ends_when_filed));
}

}  // namespace

v1::LeaderShiftState StateOf(const v1::LeaderShift& shift, absl::Time now) {
  if (shift.has_cancel_time()) {
    return v1::SHIFT_CANCELLED;
  }
  if (now < StartOf(shift)) {
    return v1::SHIFT_PLANNED;
  }
  return now < EndOf(shift) ? v1::SHIFT_RUNNING : v1::SHIFT_ENDED;
}

absl::Time DayEndOf(const v1::LeaderShift& shift) {
  return calendar::StartOf(calendar::DayOf(StartOf(shift)) + 1);
}

absl::StatusOr<LeaderShiftStep> WriteLeaderShift(const v1::LeaderShift* before,
                                                 const v1::LeaderShift& wanted,
                                                 absl::string_view name,
                                                 absl::Span<const v1::LeaderShift> others,
                                                 const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckChange(before, wanted, name, context));
  BAIMI_RETURN_IF_ERROR(CheckWanted(wanted, CountyOf(name), context));
  BAIMI_RETURN_IF_ERROR(CheckFree(wanted, name, others));
  LeaderShiftStep step;
  *step.fact.mutable_time() = ToProto(context.now);
  v1::LeaderShift& shift = *step.fact.mutable_written()->mutable_leader_shift();
  shift.set_name(std::string(name));
  *shift.mutable_leader() = wanted.leader();
  *shift.mutable_start_time() = wanted.start_time();
  *shift.mutable_end_time() = wanted.end_time();
  shift.set_seat(wanted.seat());
  *shift.mutable_create_time() = before == nullptr ? step.fact.time() : before->create_time();
  *shift.mutable_update_time() = step.fact.time();
  shift.set_version(before == nullptr ? 1 : before->version() + 1);
  shift.set_etag(EtagOf(shift.version()));
  step.shift = Apply(v1::LeaderShift(), step.fact);
  return step;
}

absl::StatusOr<LeaderShiftStep> CancelLeaderShift(const v1::LeaderShift& shift,
                                                  const v1::CancelLeaderShiftRequest& request,
                                                  const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckVersion(shift.etag(), request.etag()));
  const v1::LeaderShiftState state = StateOf(shift, context.now);
  if (state != v1::SHIFT_PLANNED) {
    return ShiftState(shift.name(), v1::LeaderShiftState_Name(state), "SHIFT_PLANNED",
                      absl::StrCat("班次", ZhOf(state), "，不能取消"));
  }
  LeaderShiftStep step;
  *step.fact.mutable_time() = ToProto(context.now);
  step.fact.mutable_cancelled()->set_rationale(request.rationale());
  step.shift = Apply(shift, step.fact);
  return step;
}

v1::LeaderShift Apply(v1::LeaderShift row, const v1::LeaderShiftFact& fact) {
  if (fact.has_written()) {
    return fact.written().leader_shift();
  }
  if (fact.has_cancelled()) {
    *row.mutable_cancel_time() = fact.time();
    *row.mutable_update_time() = fact.time();
    row.set_rationale(fact.cancelled().rationale());
    row.set_version(row.version() + 1);
    row.set_etag(EtagOf(row.version()));
  }
  return row;
}

absl::Status CheckTaking(const v1::LeaderShift& shift, const v1::Ticket& filed, absl::Time now) {
  const v1::LeaderShiftState state = StateOf(shift, now);
  if (state != v1::SHIFT_RUNNING) {
    return ShiftState(shift.name(), v1::LeaderShiftState_Name(state), "SHIFT_RUNNING",
                      absl::StrCat("班次", ZhOf(state), "，不能登记为该班次接听的工单"));
  }
  if (!filed.subject_unit().empty() && filed.subject_unit() == shift.leader().unit()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_RECUSED,
                 absl::StrCat("leader_shift: got a shift of ", filed.subject_unit(),
                              ", which is complained of, want none"),
                 "举报的是接话领导所在单位，须回避，不能登记为其接听的工单")
        .With("unit", IdOf(filed.subject_unit()));
  }
  return absl::OkStatus();
}

absl::StatusOr<Decision> Coordinate(const v1::Ticket& ticket,
                                    const v1::CoordinateTicketRequest& request,
                                    const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckActor(ticket, ActorRule::kCentre, context));
  if (!ticket.has_leader_shift()) {
    return ShiftState(ticket.name(), "an order that was taken in no shift",
                      "one that a leader took", "该工单不是领导接话时登记的");
  }
  if (IsFinal(ticket.state())) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ILLEGAL_TRANSITION,
                 absl::StrCat("state: got ", v1::TicketState_Name(ticket.state()),
                              ", want an order that is not over"),
                 absl::StrCat("工单状态为“", Zh(ticket.state()), "”，无需协调"))
        .With("state", v1::TicketState_Name(ticket.state()));
  }
  v1::TicketFact fact = BeginSideFact(ticket, context);
  v1::ShiftCoordination& coordination = *fact.mutable_matter_coordinated()->mutable_coordination();
  coordination.set_note(request.coordination().note());
  *coordination.mutable_time() = fact.time();
  *coordination.mutable_actor() = context.actor;
  return Decide(ticket, std::move(fact));
}

void ApplyCoordinated(v1::Ticket& row, const v1::TicketFact& fact) {
  if (fact.has_matter_coordinated()) {
    *row.mutable_leader_shift()->mutable_coordination() = fact.matter_coordinated().coordination();
  }
}

bool IsLeftOpen(const v1::Ticket& ticket, absl::Time end) {
  const bool settled = ticket.has_close_time() && FromProto(ticket.close_time()) < end;
  const v1::TakenInShift& taken = ticket.leader_shift();
  const bool coordinated = taken.has_coordination() && FromProto(taken.coordination().time()) < end;
  return !settled && !coordinated;
}

void CountTaken(const v1::Ticket& ticket, absl::Time end, v1::ShiftCounts* counts) {
  counts->set_taken(counts->taken() + 1);
  const bool dispatched = ticket.dispatch_count() > 0;
  const bool archived = ticket.state() == v1::ARCHIVED;
  counts->set_answered_at_once(counts->answered_at_once() + (AnsweredAtOnce(ticket) ? 1 : 0));
  counts->set_dispatched(counts->dispatched() + (dispatched ? 1 : 0));
  counts->set_closed(counts->closed() +
                     (ticket.state() == v1::CLOSED || (archived && dispatched) ? 1 : 0));
  const v1::Callback* said = nullptr;
  const v1::Callback* rated = nullptr;
  for (const v1::Callback& callback : ticket.callbacks()) {
    said = callback.solved() != v1::SOLVED_UNSPECIFIED ? &callback : said;
    rated = callback.rating() != v1::RATING_UNSPECIFIED && !callback.rating_voided() ? &callback
                                                                                     : rated;
  }
  counts->set_solved(counts->solved() + (said != nullptr && said->solved() == v1::YES ? 1 : 0));
  counts->set_satisfied(counts->satisfied() +
                        (rated != nullptr && rated->rating() <= v1::BASICALLY_SATISFIED ? 1 : 0));
  counts->set_coordinated(counts->coordinated() +
                          (ticket.leader_shift().has_coordination() ? 1 : 0));
  counts->set_left_open(counts->left_open() + (IsLeftOpen(ticket, end) ? 1 : 0));
}

void CheckLeaderShiftPolicy(
    const v1::LeaderShiftPolicy& policy,
    absl::FunctionRef<void(absl::string_view path, absl::string_view got, absl::string_view want)>
        violate) {
  if (policy.windows().empty()) {
    violate("leader_shifts.windows", "", "at least one window");
  }
  int earliest = 0;
  for (int i = 0; i < policy.windows_size(); ++i) {
    const v1::ShiftWindow& window = policy.windows(i);
    if (window.start_minute() < earliest || window.end_minute() <= window.start_minute() ||
        window.end_minute() > kMinutesPerDay) {
      violate(absl::StrCat("leader_shifts.windows[", i, "]"),
              absl::StrCat(window.start_minute(), " to ", window.end_minute()),
              absl::StrCat(earliest, " <= start < end <= ", kMinutesPerDay,
                           ", windows in order and not overlapping"));
    }
    earliest = std::max(earliest, window.end_minute());
  }
}

}  // namespace baimi::ticket::domain
