// The ladder of 督办 (domain.md §1.7) as the policy's rows say: which level comes next and when,
// and what is due about an order although nobody calls.
//
// Levels move forward only, each once an order: a step at or below the level that was reached does
// nothing, whatever its time. The clock raises levels only while a handling clock runs, so never
// while an order is answered, hung up, merged or over. Times are exact to the microsecond, rounded
// up, so that nothing comes before its time.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_LADDER_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_LADDER_H_

#include <optional>

#include "absl/time/time.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// nullptr when the ladder has no such level.
const v1::SupervisionStep* FindStep(const v1::TicketPolicy& policy, v1::SupervisionLevel level);

// When `step` comes for the handling clock that runs; nullopt when none runs or the step is raised
// by hand only.
std::optional<calendar::Deadline> StepTime(const v1::Ticket& ticket,
                                           const v1::SupervisionStep& step,
                                           const PolicyInForce& in_force);

// The next level that the clock raises: of the steps above the level reached the earliest, of those
// the lowest. Without a level when there is none.
v1::SupervisionPlan PlanNext(const v1::Ticket& ticket, const PolicyInForce& in_force);

// The first instant at which a suspended order is past its target date; nullopt in other states.
std::optional<absl::Time> TargetDatePassed(const v1::Ticket& ticket);

// The earliest open supervision without a report whose time to answer is not on record as over;
// nullptr when there is none.
const v1::Supervision* NextUnanswered(const v1::Ticket& ticket);

// `decision` with what follows from it for supervision: S0 and S1 at once for an order that was not
// signed in time (R1.13), a problem order found, and the ladder planned. Every decision goes
// through it before it is saved; twice is as once.
Decision Supervised(Decision decision, const Context& context);

// Everything that is due at context.now: clocks that ran out, levels of the ladder, answers that
// did not come, bad ratings whose caller was not asked or whose matter was not put right in time,
// the next review of a suspended order, and its being taken up again with a new handling clock
// (T19) when its target date has passed. No fact, and the same row, when nothing is due. NextAlarm
// (clocks.h) says when to call it.
Decision RingDue(const v1::Ticket& ticket, const Context& context);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_LADDER_H_
