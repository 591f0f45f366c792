// The clocks of an order: which rule promises what, until when, to whom it is charged (domain.md
// §1.5, §8.3). A clock carries the rule's id and period and the versions of policy and calendar, so
// that its due time can be explained and computed anew for ever.
//
// Invariants: at most one open clock of a kind; the open clocks are those of OpenClocks(state),
// but CONTACT only where it is wanted; so a merged order and one that is over have none.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_CLOCKS_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_CLOCKS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "services/ticket/domain/policy.h"

namespace baimi::ticket::domain {

// Of the rules that fit kind and order: those with an urgency before those without, then those with
// the longest category, then those with types, then the first. URGENCY_UNSPECIFIED counts as
// NORMAL. nullptr when none fits.
const v1::ClockRule* ChooseClockRule(const v1::TicketPolicy& policy, v1::ClockKind kind,
                                     v1::Urgency urgency, v1::TicketType type,
                                     absl::string_view category);

// Whether the lead of a signed order has a CONTACT clock: the policy has a rule for it, the caller
// can and may be spoken to, and the lead has not done so in this round.
bool WantsContactClock(const v1::Ticket& ticket, const v1::TicketPolicy& policy);

// `holder` is the unit whose time it is, "" the centre. A HANDLE clock of a superior platform's
// order ends within that one's time (superior.h). FAILED_PRECONDITION with NO_CLOCK_RULE when the
// policy has no rule (only possible for REVIEW in a policy that was validated).
absl::StatusOr<v1::Clock> StartClock(v1::ClockKind kind, const v1::Ticket& ticket,
                                     absl::string_view holder, absl::Time at,
                                     const PolicyInForce& in_force);

// A clock that stood still from its stop_time on runs again from `at`: what was left then, in the
// unit of its period, is left now (R1.14). One that was overdue when it stopped stays due when it
// was.
v1::Clock RestartClock(const v1::Clock& stopped, absl::Time at, const PolicyInForce& in_force);

// When `period` has passed since `time`, which may be a due time: a period of days is counted from
// the day that ends at a midnight, and not from the one that begins then.
calendar::Deadline DeadlineAfter(absl::Time time, const v1::Period& period,
                                 const PolicyInForce& in_force);

// When `clock` is due with `extension` on top, counted from its due time. The last day of the old
// period is not counted again.
calendar::Deadline ExtendedDeadline(const v1::Clock& clock, const v1::Period& extension,
                                    const PolicyInForce& in_force);

// When `clock` is due by the present calendar, from its own start, period, remaining and extension.
calendar::Deadline RecomputedDeadline(const v1::Clock& clock, const PolicyInForce& in_force);

// nullptr when no clock of this kind runs.
const v1::Clock* OpenClock(const v1::Ticket& ticket, v1::ClockKind kind);
v1::Clock* MutableOpenClock(v1::Ticket& ticket, v1::ClockKind kind);
// The newest clock of this kind, open or not; nullptr when there never was one.
const v1::Clock* LastClock(const v1::Ticket& ticket, v1::ClockKind kind);

// When the order next wants to be looked at although nobody calls: the earliest due time of an open
// clock, of the order or of a helper, that is not on record as run out, of the ladder's next level,
// of an answer to a supervision, of what a bad rating asks for, or the end of a suspended order's
// target date. nullopt when there is none.
std::optional<absl::Time> NextAlarm(const v1::Ticket& ticket);

// For a clerk: "时限：办理5个工作日，2025-10-10 24:00前（规则 handle-default）。"
std::string ExplainClock(const v1::Clock& clock);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_CLOCKS_H_
