// What an order remembers for limits, checks and figures (TicketMarks): who filed it, the lead's
// first word with the caller, how often it was reopened.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_MARKS_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_MARKS_H_

#include "absl/status/status.h"
#include "baimi/ticket/v1/events.pb.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// Apply's share. `row` has everything else of the fact already.
void ApplyMarks(v1::Ticket& row, const v1::TicketFact& fact);

// What was told is a word of the lead with the caller: by somebody of the lead unit, or by the
// county platform, and not by a message that the service sent.
bool IsLeadsWord(const v1::Ticket& ticket, const v1::CallerTold& told);

// NOT_THE_FILER unless the actor filed the order, or belongs to the unit that did. Nobody is known
// to have filed an order that is older than the mark.
absl::Status CheckFiler(const v1::Ticket& ticket, const type::v1::Actor& actor);
// The order was filed by the actor or its unit.
bool IsFiler(const v1::Ticket& ticket, const type::v1::Actor& actor);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_MARKS_H_
