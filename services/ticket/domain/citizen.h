// An order as its caller sees it: plain words, no personal data of anybody else, nothing that only
// the office understands (CitizenService).
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_CITIZEN_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_CITIZEN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/citizen_service.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// "2天3小时", "3小时20分", "不足1分钟".
std::string ZhDuration(absl::Duration duration);

// `into` is the order that `ticket` was merged into, else itself; `holder_name` is what the unit
// that leads `into` is called, "" when it is not known.
v1::CitizenTicket CitizenView(const v1::Ticket& ticket, const v1::Ticket& into,
                              absl::string_view holder_name, const Context& context);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_CITIZEN_H_
