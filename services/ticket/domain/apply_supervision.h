// The part of Apply (apply.h) that is about 督办 and 催办.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_APPLY_SUPERVISION_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_APPLY_SUPERVISION_H_

#include "baimi/ticket/v1/events.pb.h"
#include "baimi/ticket/v1/resources.pb.h"

namespace baimi::ticket::domain {

// What `fact` says about supervision; then what follows from the state that the row has by now: an
// order that is over or merged has no open supervision, and a ladder only climbs while a handling
// clock runs.
void ApplySupervision(v1::Ticket& row, const v1::TicketFact& fact);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_APPLY_SUPERVISION_H_
