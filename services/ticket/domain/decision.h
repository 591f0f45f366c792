// What every decision about an order takes and gives, and the checks that all of them share.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_DECISION_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_DECISION_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/events.pb.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "baimi/type/v1/types.pb.h"
#include "services/ticket/domain/policy.h"
#include "services/ticket/domain/transitions.h"

namespace baimi::ticket::domain {

struct Context {
  absl::Time now;
  const type::v1::Actor& actor;
  const PolicyInForce& policy;
};

// Save `ticket` and record `facts`, in this order and in one transaction: the ticket is what the
// facts make of the row that the decision was given.
struct Decision {
  v1::Ticket ticket;
  std::vector<v1::TicketFact> facts;
};

// ABORTED with ETAG_MISMATCH unless `etag` is empty or the order's.
absl::Status CheckEtag(const v1::Ticket& ticket, absl::string_view etag);

// The actor rule of a row of the table, on the present designation:
//   kLead           PERMISSION_DENIED, NOT_THE_LEAD
//   kCentre         PERMISSION_DENIED, UNDERTAKER_MAY_NOT_DECIDE
//   kNotUndertaker  FAILED_PRECONDITION, UNDERTAKER_MAY_NOT_RECORD
// An actor without a unit acts for the county platform and is never refused.
absl::Status CheckActor(const v1::Ticket& ticket, ActorRule rule, const Context& context);

// Opens the next fact: ILLEGAL_TRANSITION, the actor's error, or HAS_MERGED_ORDERS where an order
// that others were merged into would end without them; else a fact with everything but its payload:
// row, states, clocks, versions, time. `holder` is charged with the clocks that are not the
// centre's (SIGN, HANDLE, REVIEW).
absl::StatusOr<v1::TicketFact> BeginFact(const v1::Ticket& ticket, Command command,
                                         absl::string_view holder, const Context& context);
// The same, with the clocks charged to the present lead.
absl::StatusOr<v1::TicketFact> BeginFact(const v1::Ticket& ticket, Command command,
                                         const Context& context);

// Opens a fact that moves no state and stands in no row of the table.
v1::TicketFact BeginSideFact(const v1::Ticket& ticket, const Context& context);

// The decision that consists of `fact`; Append adds one more to it.
Decision Decide(const v1::Ticket& ticket, v1::TicketFact fact);
void Append(Decision& decision, v1::TicketFact fact);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_DECISION_H_
