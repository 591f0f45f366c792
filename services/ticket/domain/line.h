// What a policy says about the telephone line: the link with 110, blocked numbers.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_LINE_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_LINE_H_

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/resources.pb.h"

namespace baimi::ticket::domain {

// What is wrong with it, by violate(path, got, want).
void CheckLine(
    const v1::TicketPolicy& policy, absl::string_view county,
    absl::FunctionRef<void(absl::string_view, absl::string_view, absl::string_view)> violate);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_LINE_H_
