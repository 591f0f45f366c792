// The desk of a unit: what is due first, what may be done now, whose order it is (DeskService).
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_DESK_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_DESK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/desk_service.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// Verbs as in paths ("sign", "requestReturn" ...) that the table has for the order's state and that
// its actor rule gives to the caller, in the order of the table's commands; without those that were
// used up: a second return or extension, a decision about none.
std::vector<std::string> OpenVerbs(const v1::Ticket& ticket, const Context& context);

// The order as its unit's desk shows it: the lead's clock that is due first.
v1::DeskTicket OnDesk(const v1::Ticket& ticket, const Context& context);

// By the lead unit, while the order is not over: NOT_THE_LEAD, ILLEGAL_TRANSITION.
// INVALID_ARGUMENT: a staff id of other characters than [A-Za-z0-9._-], or the one who has it.
absl::StatusOr<Decision> Assign(const v1::Ticket& ticket, absl::string_view assignee,
                                absl::string_view reason, const Context& context);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_DESK_H_
