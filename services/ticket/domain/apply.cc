#include "services/ticket/domain/apply.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/ticket/domain/answers.h"
#include "services/ticket/domain/apply_supervision.h"
#include "services/ticket/domain/attachments.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/helping.h"
#include "services/ticket/domain/leader_shift.h"
#include "services/ticket/domain/marks.h"
#include "services/ticket/domain/police_link.h"
#include "services/ticket/domain/superior.h"
#include "services/ticket/domain/telling.h"
#include "services/ticket/domain/transitions.h"
#include "services/ticket/domain/urge.h"

namespace baimi::ticket::domain {
namespace {

void ApplyExtension(v1::Ticket& row, const v1::TicketFact& fact) {
  const v1::ExtensionDecided& decided = fact.extension_decided();
  *row.mutable_extension()->mutable_decide_time() = fact.time();
  row.mutable_extension()->set_approved(decided.approved());
  v1::Clock* clock = MutableOpenClock(row, v1::HANDLE);
  if (!decided.approved() || clock == nullptr) {
    return;
  }
  *clock->mutable_due_time() = decided.due_time();
  clock->set_calendar_version(decided.calendar_version());
  clock->set_provisional(decided.provisional());
  clock->clear_run_out_time();
  *clock->mutable_extension() = row.extension().period();
}

void ApplyRecomputed(v1::Ticket& row, const v1::DeadlineRecomputed& recomputed) {
  v1::Clock* clock = MutableOpenClock(row, recomputed.kind());
  if (clock == nullptr) {
    return;
  }
  *clock->mutable_due_time() = recomputed.due_time();
  clock->set_calendar_version(recomputed.calendar_version());
  clock->set_provisional(recomputed.provisional());
}

void ApplyRanOut(v1::Ticket& row, const v1::TicketFact& fact) {
  if (v1::Clock* clock = MutableOpenClock(row, fact.clock_ran_out().kind())) {
    *clock->mutable_run_out_time() = fact.time();
  }
}

void ApplyReturnDecided(v1::Ticket& row, bool approved) {
  row.clear_return_request();
  if (approved) {
    row.clear_assignment();
  } else {
    row.mutable_assignment()->set_no_return(true);
  }
}

void ApplyReplied(v1::Ticket& row, const v1::Reply& reply) {
  *row.mutable_reply() = reply;
  if (!row.extension().has_decide_time()) {
    row.clear_extension();
  }
}

void ApplyExtensionRequested(v1::Ticket& row, const v1::TicketFact& fact) {
  row.mutable_extension()->set_reason(fact.extension_requested().reason());
  *row.mutable_extension()->mutable_period() = fact.extension_requested().period();
  *row.mutable_extension()->mutable_request_time() = fact.time();
}

void ApplyRework(v1::Ticket& row) {
  row.set_rework_count(row.rework_count() + 1);
  row.clear_close_time();
}

void ApplyExclusionDecided(v1::Ticket& row, const v1::TicketFact& fact) {
  v1::Exclusion& exclusion = *row.mutable_exclusion();
  exclusion.set_state(fact.exclusion_decided().state());
  exclusion.set_note(fact.exclusion_decided().note());
  *exclusion.mutable_decide_time() = fact.time();
  *exclusion.mutable_decider() = fact.exclusion_decided().decider();
}

// The facts that take an order out of the ordinary way.
void ApplyDeparture(v1::Ticket& row, const v1::TicketFact& fact) {
  switch (fact.fact_case()) {
    case v1::TicketFact::kAnswered:
      if (fact.answered().has_reply()) {
        *row.mutable_reply() = fact.answered().reply();
      }
      break;
    case v1::TicketFact::kRefused:
      *row.mutable_refusal() = fact.refused().refusal();
      break;
    case v1::TicketFact::kTerminated:
      *row.mutable_refusal() = fact.terminated().refusal();
      break;
    case v1::TicketFact::kMerged:
      row.set_merged_into(fact.merged().into());
      row.set_state_before_merge(fact.state_before());
      break;
    case v1::TicketFact::kSplit:
      row.clear_merged_into();
      row.clear_state_before_merge();
      break;
    case v1::TicketFact::kOrderJoined:
      row.set_merged_count(row.merged_count() + 1);
      break;
    case v1::TicketFact::kOrderLeft:
      row.set_merged_count(row.merged_count() - 1);
      break;
    case v1::TicketFact::kRejoined:
      row.clear_close_time();
      break;
    case v1::TicketFact::kSelfSolved:
      *row.mutable_reply() = fact.self_solved().reply();
      break;
    case v1::TicketFact::kExclusionRequested:
      *row.mutable_exclusion() = fact.exclusion_requested().exclusion();
      break;
    case v1::TicketFact::kExclusionDecided:
      ApplyExclusionDecided(row, fact);
      break;
    case v1::TicketFact::kTransferred:
      row.set_out_reference(fact.transferred().out_reference());
      break;
    default:
      break;
  }
}

// What is special about the kind of fact; kinds that only move the state have no case.
void ApplyPayload(v1::Ticket& row, const v1::TicketFact& fact) {
  switch (fact.fact_case()) {
    case v1::TicketFact::kDispatched:
      *row.mutable_assignment() = fact.dispatched().assignment();
      row.set_dispatch_count(row.dispatch_count() + 1);
      break;
    case v1::TicketFact::kSigned:
      *row.mutable_assignment()->mutable_sign_time() = fact.time();
      break;
    case v1::TicketFact::kReturnRequested:
      *row.mutable_return_request() = fact.return_requested().request();
      row.mutable_assignment()->set_return_used(true);
      break;
    case v1::TicketFact::kReturnDecided:
      ApplyReturnDecided(row, fact.return_decided().approved());
      break;
    case v1::TicketFact::kExtensionRequested:
      ApplyExtensionRequested(row, fact);
      break;
    case v1::TicketFact::kExtensionDecided:
      ApplyExtension(row, fact);
      break;
    case v1::TicketFact::kSuspended:
      *row.mutable_suspension() = fact.suspended().suspension();
      break;
    case v1::TicketFact::kResumed:
      row.clear_suspension();
      break;
    case v1::TicketFact::kReplied:
      ApplyReplied(row, fact.replied().reply());
      break;
    case v1::TicketFact::kSentBack:
    case v1::TicketFact::kReopened:
      ApplyRework(row);
      break;
    case v1::TicketFact::kCallbackRecorded:
      *row.add_callbacks() = fact.callback_recorded().callback();
      break;
    case v1::TicketFact::kDeadlineRecomputed:
      ApplyRecomputed(row, fact.deadline_recomputed());
      break;
    case v1::TicketFact::kClockRanOut:
      ApplyRanOut(row, fact);
      break;
    default:
      ApplyDeparture(row, fact);
      break;
  }
}

}  // namespace

v1::Ticket Apply(v1::Ticket row, const v1::TicketFact& fact) {
  if (fact.has_filed()) {
    row = fact.filed().ticket();
  }
  for (const int kind : fact.stopped_clocks()) {
    if (v1::Clock* clock = MutableOpenClock(row, static_cast<v1::ClockKind>(kind))) {
      *clock->mutable_stop_time() = fact.time();
    }
  }
  for (const v1::Clock& clock : fact.started_clocks()) {
    *row.add_clocks() = clock;
  }
  row.set_state(fact.state());
  row.set_policy_version(fact.policy_version());
  *row.mutable_update_time() = fact.time();
  row.set_etag(EtagOf(fact.version()));
  if (IsFinal(fact.state()) && !IsFinal(fact.state_before())) {
    *row.mutable_close_time() = fact.time();
  }
  ApplyPayload(row, fact);
  ApplyIntake(row, fact);
  ApplyAttachments(row, fact);
  ApplyHelp(row, fact);
  ApplyTelling(row, fact);
  ApplyUrged(row, fact);
  ApplySuperior(row, fact);
  ApplyPoliceLinked(row, fact);
  ApplySupervision(row, fact);
  ApplyCoordinated(row, fact);
  ApplyMarks(row, fact);
  return row;
}

int64_t VersionOf(const v1::Ticket& ticket) {
  int64_t version = 0;
  if (!absl::SimpleAtoi(absl::StripPrefix(ticket.etag(), "v"), &version)) {
    return 0;
  }
  return version;
}

std::string EtagOf(int64_t version) { return absl::StrCat("v", version); }

}  // namespace baimi::ticket::domain
