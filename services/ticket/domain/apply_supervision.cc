#include "services/ticket/domain/apply_supervision.h"

#include <algorithm>
#include <string>

#include "common/base/clock.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/transitions.h"

namespace baimi::ticket::domain {
namespace {

v1::Supervision* Find(v1::Ticket& row, const std::string& name) {
  for (v1::Supervision& supervision : *row.mutable_supervisions()) {
    if (supervision.name() == name) {
      return &supervision;
    }
  }
  return nullptr;
}

void ApplyRaised(v1::Ticket& row, const v1::Supervision& supervision) {
  *row.add_supervisions() = supervision;
  row.set_supervision_level(std::max(row.supervision_level(), supervision.level()));
}

void ApplyAcknowledged(v1::Supervision& supervision, const google::protobuf::Timestamp& time,
                       const type::v1::Actor& actor) {
  if (!supervision.has_acknowledge_time()) {
    *supervision.mutable_acknowledge_time() = time;
    *supervision.mutable_acknowledged_by() = actor;
  }
  supervision.set_state(v1::SUPERVISION_ACKNOWLEDGED);
}

void ApplyPayload(v1::Ticket& row, const v1::TicketFact& fact) {
  switch (fact.fact_case()) {
    case v1::TicketFact::kSupervisionRaised:
      ApplyRaised(row, fact.supervision_raised().supervision());
      break;
    case v1::TicketFact::kSupervisionAcknowledged:
      if (v1::Supervision* found = Find(row, fact.supervision_acknowledged().supervision())) {
        ApplyAcknowledged(*found, fact.time(), fact.supervision_acknowledged().actor());
      }
      break;
    case v1::TicketFact::kSupervisionReportMade:
      if (v1::Supervision* found = Find(row, fact.supervision_report_made().supervision())) {
        const v1::SupervisionReport& report = fact.supervision_report_made().report();
        ApplyAcknowledged(*found, fact.time(), report.actor());
        *found->mutable_report() = report;
        found->set_state(v1::SUPERVISION_REPORTED);
      }
      break;
    case v1::TicketFact::kSupervisionRanOut:
      if (v1::Supervision* found = Find(row, fact.supervision_ran_out().supervision())) {
        *found->mutable_run_out_time() = fact.time();
      }
      break;
    case v1::TicketFact::kProblemOrderFound:
      row.set_problem_order(true);
      break;
    default:
      break;
  }
}

}  // namespace

void ApplySupervision(v1::Ticket& row, const v1::TicketFact& fact) {
  ApplyPayload(row, fact);
  if (fact.has_supervision_plan()) {
    *row.mutable_supervision_plan() = fact.supervision_plan();
  }
  if (row.supervision_plan().level() == 0 || OpenClock(row, v1::HANDLE) == nullptr) {
    row.clear_supervision_plan();
  }
  if (!IsFinal(row.state()) && row.state() != v1::MERGED) {
    return;
  }
  for (v1::Supervision& supervision : *row.mutable_supervisions()) {
    if (!supervision.has_end_time()) {
      supervision.set_state(v1::SUPERVISION_ENDED);
      *supervision.mutable_end_time() = fact.time();
    }
  }
}

}  // namespace baimi::ticket::domain
