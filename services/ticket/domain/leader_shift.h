// 接话日 (domain.md §1.11): when a leader takes calls, and what became of the orders taken. Pure
// functions.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_LEADER_SHIFT_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_LEADER_SHIFT_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "baimi/ticket/v1/leader_shift_service.pb.h"
#include "baimi/ticket/v1/publish_events.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

v1::LeaderShiftState StateOf(const v1::LeaderShift& shift, absl::Time now);
// When the day of the shift ends, in Shanghai.
absl::Time DayEndOf(const v1::LeaderShift& shift);

// Save the row and record the fact, in one transaction.
struct LeaderShiftStep {
  v1::LeaderShift shift;
  v1::LeaderShiftFact fact;
};

// The shift as it is wanted, in place of `before` or, where that is null, new under `name`. What is
// OUTPUT_ONLY in `wanted` counts for nothing. `others`: shifts of the same leader. NOT_APPLICABLE:
// the policy has none. INVALID_ARGUMENT: an end that is not after the start, two days, a time
// outside every window, a unit of another county. LEADER_SHIFT_STATE: it begins in the past,
// overlaps one of `others` that is not cancelled, is over or cancelled, or runs and more than its
// seat or its end would change.
absl::StatusOr<LeaderShiftStep> WriteLeaderShift(const v1::LeaderShift* before,
                                                 const v1::LeaderShift& wanted,
                                                 absl::string_view name,
                                                 absl::Span<const v1::LeaderShift> others,
                                                 const Context& context);
// ABORTED by etag; LEADER_SHIFT_STATE unless it is planned.
absl::StatusOr<LeaderShiftStep> CancelLeaderShift(const v1::LeaderShift& shift,
                                                  const v1::CancelLeaderShiftRequest& request,
                                                  const Context& context);
v1::LeaderShift Apply(v1::LeaderShift row, const v1::LeaderShiftFact& fact);

// Whether an order may be filed as taken in the shift: LEADER_SHIFT_STATE unless it runs; RECUSED
// of a report about the leader's own unit.
absl::Status CheckTaking(const v1::LeaderShift& shift, const v1::Ticket& filed, absl::Time now);

// Puts on the order what the leader coordinated. ABORTED by etag; UNDERTAKER_MAY_NOT_DECIDE (centre
// only); LEADER_SHIFT_STATE of an order that was taken in none; ILLEGAL_TRANSITION of one that is
// over.
absl::StatusOr<Decision> Coordinate(const v1::Ticket& ticket,
                                    const v1::CoordinateTicketRequest& request,
                                    const Context& context);
void ApplyCoordinated(v1::Ticket& row, const v1::TicketFact& fact);

// Neither settled nor coordinated before `end` (of the day). Nothing is left open of an order that
// was answered at once.
bool IsLeftOpen(const v1::Ticket& ticket, absl::Time end);
// Adds what the order counts for.
void CountTaken(const v1::Ticket& ticket, absl::Time end, v1::ShiftCounts* counts);

// Calls `violate` with path, what was got and what is wanted: at least one window; windows in order
// and not overlapping.
void CheckLeaderShiftPolicy(
    const v1::LeaderShiftPolicy& policy,
    absl::FunctionRef<void(absl::string_view path, absl::string_view got, absl::string_view want)>
        violate);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_LEADER_SHIFT_H_
