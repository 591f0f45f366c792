#include "services/ticket/domain/helping.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {
namespace {

using Names = google::protobuf::RepeatedPtrField<std::string>;

v1::HelperTask* MutableHelp(v1::Ticket& row, absl::string_view unit) {
  for (int i = row.helper_tasks_size() - 1; i >= 0; --i) {
    if (row.helper_tasks(i).unit() == unit) {
      return row.mutable_helper_tasks(i);
    }
  }
  return nullptr;
}

// Not later than `handle`.
void Cap(const v1::Clock& handle, v1::Clock* clock) {
  if (FromProto(handle.due_time()) < FromProto(clock->due_time())) {
    *clock->mutable_due_time() = handle.due_time();
    clock->set_provisional(handle.provisional());
  }
}

void End(v1::HelperTask& task, v1::HelperTaskState state, const v1::TicketFact& fact) {
  task.set_state(state);
  *task.mutable_end_time() = fact.time();
  if (task.has_clock()) {
    *task.mutable_clock()->mutable_stop_time() = fact.time();
  }
}

void ApplyDelay(v1::HelperTask& task, const v1::HelpDelayed& delayed) {
  *task.add_delays() = delayed.delay();
  if (!delayed.delay().has_due_time() || !task.has_clock()) {
    return;
  }
  v1::Clock& clock = *task.mutable_clock();
  *clock.mutable_due_time() = delayed.delay().due_time();
  *clock.mutable_extension() = delayed.extension();
  clock.set_calendar_version(delayed.calendar_version());
  clock.set_provisional(delayed.provisional());
}

void ApplyChange(v1::Ticket& row, const v1::TicketFact& fact) {
  const v1::HelpersChanged& changed = fact.helpers_changed();
  v1::Assignment& assignment = *row.mutable_assignment();
  for (const std::string& unit : changed.removed()) {
    Names& helpers = *assignment.mutable_helpers();
    helpers.erase(std::remove(helpers.begin(), helpers.end(), unit), helpers.end());
    v1::HelperTask* task = MutableHelp(row, unit);
    if (task != nullptr && IsOpen(*task)) {
      End(*task, v1::HELP_REMOVED, fact);
    }
  }
  for (const std::string& unit : changed.added()) {
    assignment.add_helpers(unit);
    Names& copied = *assignment.mutable_copied();
    copied.erase(std::remove(copied.begin(), copied.end(), unit), copied.end());
  }
  for (const std::string& line : changed.explanation()) {
    assignment.add_explanation(line);
  }
  for (const std::string& id : changed.duty_rows()) {
    assignment.add_duty_rows(id);
  }
}

void ApplyRecusal(v1::Ticket& row, const v1::UnitRecused& recused) {
  if (!recused.lifted()) {
    *row.add_recused_units() = recused.recused();
    return;
  }
  auto& units = *row.mutable_recused_units();
  units.erase(std::remove_if(units.begin(), units.end(),
                             [&](const v1::RecusedUnit& unit) {
                               return unit.unit() == recused.recused().unit();
                             }),
              units.end());
}

void ApplyOwnFact(v1::Ticket& row, const v1::TicketFact& fact) {
  v1::HelperTask* task = nullptr;
  switch (fact.fact_case()) {
    case v1::TicketFact::kHelpAcknowledged:
      if ((task = MutableHelp(row, fact.help_acknowledged().unit())) != nullptr) {
        task->set_state(v1::HELP_ACKNOWLEDGED);
        *task->mutable_acknowledge_time() = fact.time();
      }
      break;
    case v1::TicketFact::kHelpGiven:
      if ((task = MutableHelp(row, fact.help_given().unit())) != nullptr) {
        *task->mutable_result() = fact.help_given().result();
        End(*task, v1::HELP_GIVEN, fact);
      }
      break;
    case v1::TicketFact::kHelpDelayed:
      if ((task = MutableHelp(row, fact.help_delayed().unit())) != nullptr) {
        ApplyDelay(*task, fact.help_delayed());
      }
      break;
    case v1::TicketFact::kHelpersChanged:
      ApplyChange(row, fact);
      break;
    case v1::TicketFact::kUnitRecused:
      ApplyRecusal(row, fact.unit_recused());
      break;
    case v1::TicketFact::kArbitrationOpened:
      row.set_arbitration(fact.arbitration_opened().arbitration());
      break;
    case v1::TicketFact::kArbitrationEnded:
      row.clear_arbitration();
      break;
    default:
      break;
  }
}

}  // namespace

bool IsOpen(const v1::HelperTask& task) {
  return task.state() == v1::HELP_ASKED || task.state() == v1::HELP_ACKNOWLEDGED;
}

const v1::HelperTask* HelpOf(const v1::Ticket& ticket, absl::string_view unit) {
  for (int i = ticket.helper_tasks_size() - 1; i >= 0; --i) {
    if (ticket.helper_tasks(i).unit() == unit) {
      return &ticket.helper_tasks(i);
    }
  }
  return nullptr;
}

void StartHelp(const v1::Ticket& ticket, const Names& helpers, int round, const v1::Clock& handle,
               const Context& context, v1::TicketFact* fact) {
  for (const std::string& unit : helpers) {
    const v1::HelperTask* last = HelpOf(ticket, unit);
    const bool given =
        last != nullptr && last->state() == v1::HELP_GIVEN && last->round() == round &&
        FromProto(last->assign_time()) >= FromProto(ticket.assignment().dispatch_time());
    if (ticket.has_assignment() && given) {
      continue;
    }
    v1::HelperTask& task = *fact->add_started_help();
    task.set_unit(unit);
    task.set_state(v1::HELP_ASKED);
    task.set_round(round);
    *task.mutable_assign_time() = ToProto(context.now);
    // Without a rule the helper's time is the lead's.
    if (absl::StatusOr<v1::Clock> clock =
            StartClock(v1::ASSIST, ticket, unit, context.now, context.policy);
        clock.ok()) {
      *task.mutable_clock() = *std::move(clock);
      task.mutable_clock()->set_round(round);
      Cap(handle, task.mutable_clock());
    }
  }
}

void LapseHelp(const v1::Ticket& ticket, v1::TicketFact* fact) {
  for (const v1::HelperTask& task : ticket.helper_tasks()) {
    if (IsOpen(task)) {
      fact->add_lapsed_help(task.unit());
    }
  }
}

void RestartHelp(const v1::Ticket& ticket, const Context& context, v1::TicketFact* fact) {
  for (const std::string& unit : ticket.assignment().helpers()) {
    const v1::HelperTask* last = HelpOf(ticket, unit);
    if (last == nullptr || last->state() != v1::HELP_LAPSED) {
      continue;
    }
    v1::HelperTask& task = *fact->add_started_help();
    task = *last;
    task.clear_end_time();
    task.set_state(task.has_acknowledge_time() ? v1::HELP_ACKNOWLEDGED : v1::HELP_ASKED);
    *task.mutable_assign_time() = ToProto(context.now);
    if (task.has_clock()) {
      *task.mutable_clock() = RestartClock(last->clock(), context.now, context.policy);
    }
  }
}

void ApplyHelp(v1::Ticket& row, const v1::TicketFact& fact) {
  for (const std::string& unit : fact.lapsed_help()) {
    if (v1::HelperTask* task = MutableHelp(row, unit)) {
      End(*task, v1::HELP_LAPSED, fact);
    }
  }
  ApplyOwnFact(row, fact);
  for (const v1::HelperTask& task : fact.started_help()) {
    *row.add_helper_tasks() = task;
  }
  if (fact.has_clock_ran_out() && fact.clock_ran_out().kind() == v1::ASSIST) {
    if (v1::HelperTask* task = MutableHelp(row, fact.clock_ran_out().holder())) {
      *task->mutable_clock()->mutable_run_out_time() = fact.time();
    }
  }
  if (fact.has_deadline_recomputed() && fact.deadline_recomputed().kind() == v1::ASSIST) {
    const v1::DeadlineRecomputed& recomputed = fact.deadline_recomputed();
    if (v1::HelperTask* task = MutableHelp(row, recomputed.holder())) {
      *task->mutable_clock()->mutable_due_time() = recomputed.due_time();
      task->mutable_clock()->set_calendar_version(recomputed.calendar_version());
      task->mutable_clock()->set_provisional(recomputed.provisional());
    }
  }
}

calendar::Deadline RecomputedHelp(const v1::Ticket& ticket, const v1::HelperTask& task,
                                  const PolicyInForce& in_force) {
  calendar::Deadline deadline = RecomputedDeadline(task.clock(), in_force);
  const v1::Clock* handle = OpenClock(ticket, v1::HANDLE);
  if (handle != nullptr && FromProto(handle->due_time()) < deadline.due) {
    deadline.due = FromProto(handle->due_time());
    deadline.provisional = handle->provisional();
  }
  return deadline;
}

std::string ExplainHelp(const v1::HelperTask& task, absl::string_view display_name) {
  if (!task.has_clock()) {
    return absl::StrCat("协办时限：", display_name, "，与主办单位同一时限。");
  }
  return absl::StrCat("协办时限：", display_name, "，", Zh(task.clock().period()), "，",
                      ZhDue(FromProto(task.clock().due_time())), "前（规则 ", task.clock().rule(),
                      "，不晚于主办时限）。");
}

}  // namespace baimi::ticket::domain
