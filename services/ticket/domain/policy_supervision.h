// What a policy says about 督办 and 催办, checked.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_POLICY_SUPERVISION_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_POLICY_SUPERVISION_H_

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/resources.pb.h"

namespace baimi::ticket::domain {

// Calls `violate` with path, what was got and what is wanted, for every contradiction: levels each
// once and rising; a trigger of a step, with the percent, offset or lower level that it needs and
// nothing else; S7 by hand only; an addressee, with a unit of this county exactly when it is above
// the lead unit; a period to answer; levels named elsewhere that are not in the ladder or are S7.
void CheckSupervision(
    const v1::TicketPolicy& policy, absl::string_view county,
    absl::FunctionRef<void(absl::string_view path, absl::string_view got, absl::string_view want)>
        violate);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_POLICY_SUPERVISION_H_
