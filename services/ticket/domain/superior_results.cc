#include "services/ticket/domain/superior_results.h"

#include <algorithm>
#include <string>

#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/proto_time.h"

namespace baimi::ticket::domain {
namespace {

// Of the pause between two attempts.
constexpr int kMostDoublings = 6;

void PutDue(const v1::Ticket& order, v1::SuperiorResult* result) {
  if (const v1::Clock* clock = OpenClock(order, v1::HANDLE)) {
    *result->mutable_due_time() = clock->due_time();
  }
}

void PutRefusal(const v1::Refusal& refusal, v1::SuperiorResult* result) {
  result->set_refusal_code(refusal.code());
  result->set_text(refusal.reason());
  result->set_channel(refusal.channel());
}

void PutCallback(const v1::Callback& callback, v1::SuperiorResult* result) {
  result->set_outcome(callback.outcome());
  result->set_solved(callback.solved());
  result->set_rating(callback.rating());
  result->set_text(callback.note());
}

std::string WhyReopened(const v1::TicketFact& fact) {
  return fact.has_reopened() ? fact.reopened().reason() : fact.sent_back().reason();
}

}  // namespace

v1::SuperiorResultKind ResultKindOf(const v1::TicketFact& fact) {
  switch (fact.fact_case()) {
    case v1::TicketFact::kAccepted:
      return v1::SUPERIOR_ACCEPTED;
    case v1::TicketFact::kRefused:
      return v1::SUPERIOR_REFUSED;
    case v1::TicketFact::kTransferred:
      return v1::SUPERIOR_RETURNED;
    case v1::TicketFact::kDispatched:
      return v1::SUPERIOR_DISPATCHED;
    case v1::TicketFact::kExtensionDecided:
      return v1::SUPERIOR_EXTENSION_DECIDED;
    case v1::TicketFact::kSuspended:
      return v1::SUPERIOR_SUSPENDED;
    case v1::TicketFact::kResumed:
      return v1::SUPERIOR_TAKEN_UP;
    case v1::TicketFact::kAnswered:
    case v1::TicketFact::kSelfSolved:
    case v1::TicketFact::kAuditPassed:
      return v1::SUPERIOR_REPLIED;
    case v1::TicketFact::kCallbackRecorded:
      return v1::SUPERIOR_CALLED_BACK;
    case v1::TicketFact::kClosed:
      return v1::SUPERIOR_CLOSED;
    case v1::TicketFact::kReopened:
      return v1::SUPERIOR_REOPENED;
    case v1::TicketFact::kSentBack:
      // Before the audit nobody outside has seen the reply.
      return fact.state_before() == v1::PENDING_CALLBACK ? v1::SUPERIOR_REOPENED
                                                         : v1::SUPERIOR_RESULT_KIND_UNSPECIFIED;
    case v1::TicketFact::kMerged:
      return v1::SUPERIOR_MERGED;
    case v1::TicketFact::kSplit:
      return v1::SUPERIOR_SPLIT;
    case v1::TicketFact::kTerminated:
      return v1::SUPERIOR_TERMINATED;
    case v1::TicketFact::kWithdrawn:
      return v1::SUPERIOR_WITHDRAWN;
    default:
      return v1::SUPERIOR_RESULT_KIND_UNSPECIFIED;
  }
}

v1::SuperiorResultKind ResultKindOfGroup(const v1::TicketFact& fact) {
  switch (fact.fact_case()) {
    case v1::TicketFact::kDispatched:
    case v1::TicketFact::kExtensionDecided:
    case v1::TicketFact::kSuspended:
    case v1::TicketFact::kResumed:
    case v1::TicketFact::kAuditPassed:
    case v1::TicketFact::kReopened:
    case v1::TicketFact::kSentBack:
      return ResultKindOf(fact);
    default:
      // Callbacks and the end are each order's own; an order that others were merged into does not
      // end without them.
      return v1::SUPERIOR_RESULT_KIND_UNSPECIFIED;
  }
}

v1::SuperiorResult MakeResult(v1::SuperiorResultKind kind, const v1::TicketFact& fact,
                              const v1::Ticket& order) {
  v1::SuperiorResult result;
  result.set_kind(kind);
  *result.mutable_time() = fact.time();
  result.set_state(order.state());
  switch (kind) {
    case v1::SUPERIOR_REFUSED:
    case v1::SUPERIOR_TERMINATED:
      PutRefusal(order.refusal(), &result);
      break;
    case v1::SUPERIOR_RETURNED:
      result.set_out_reference(order.out_reference());
      break;
    case v1::SUPERIOR_DISPATCHED:
      result.set_lead(order.assignment().lead());
      PutDue(order, &result);
      break;
    case v1::SUPERIOR_EXTENSION_DECIDED:
      result.set_approved(fact.extension_decided().approved());
      result.set_text(fact.extension_decided().note());
      PutDue(order, &result);
      break;
    case v1::SUPERIOR_SUSPENDED:
      result.set_text(order.suspension().measures());
      result.set_target_date(order.suspension().target_date());
      break;
    case v1::SUPERIOR_TAKEN_UP:
      result.set_text(fact.resumed().reason());
      PutDue(order, &result);
      break;
    case v1::SUPERIOR_REPLIED:
      result.set_text(order.reply().result());
      break;
    case v1::SUPERIOR_CALLED_BACK:
      PutCallback(fact.callback_recorded().callback(), &result);
      break;
    case v1::SUPERIOR_REOPENED:
      result.set_text(WhyReopened(fact));
      PutDue(order, &result);
      break;
    case v1::SUPERIOR_MERGED:
      result.set_out_reference(fact.merged().into());
      break;
    case v1::SUPERIOR_SPLIT:
      result.set_text(fact.split().reason());
      PutDue(order, &result);
      break;
    case v1::SUPERIOR_WITHDRAWN:
      result.set_text(fact.withdrawn().reason());
      break;
    default:
      break;
  }
  return result;
}

bool Wants(const v1::SuperiorPlatform& platform, v1::SuperiorResultKind kind) {
  return platform.results().empty() ||
         std::find(platform.results().begin(), platform.results().end(), kind) !=
             platform.results().end();
}

void PutOff(absl::string_view failure, absl::Time now, const v1::SuperiorPlatform& platform,
            v1::SuperiorDelivery* delivery) {
  delivery->set_failure(std::string(failure));
  if (delivery->attempts() >= platform.max_attempts()) {
    delivery->set_state(v1::SUPERIOR_GIVEN_UP);
    delivery->clear_try_time();
    return;
  }
  const int doublings = std::clamp(delivery->attempts() - 1, 0, kMostDoublings);
  delivery->set_state(v1::SUPERIOR_WAITING);
  *delivery->mutable_try_time() =
      ToProto(now + absl::Minutes(platform.retry_minutes()) * (1 << doublings));
}

}  // namespace baimi::ticket::domain
