// The only function that changes an order (DESIGN.md §3.2): applying the facts of an order in their
// sequence to an empty ticket gives its row, byte for byte.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_APPLY_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_APPLY_H_

#include <string>

#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/events.pb.h"
#include "baimi/ticket/v1/resources.pb.h"

namespace baimi::ticket::domain {

// Total and deterministic: facts are what happened, so nothing is checked again. Sets state,
// clocks, policy_version, update_time and etag from the fact, then what the kind of fact says;
// close_time is set when the order gets over and cleared when it is reopened.
v1::Ticket Apply(v1::Ticket row, const v1::TicketFact& fact);

// 12 of "v12"; 0 for a new order.
int64_t VersionOf(const v1::Ticket& ticket);
std::string EtagOf(int64_t version);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_APPLY_H_
