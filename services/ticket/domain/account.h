// Whose time an order's time was: every minute from filing to the end is charged to the unit that
// held it, so that a verdict about a clock can be checked line by line.
//
// The centre holds an order that waits for dispatch, whose return or reply it looks at, or whose
// caller it has to call; the lead holds it from the dispatch to the reply. A clock that runs while
// the centre decides about a return runs on (T8), but the account shows whose time that was. Nobody
// is charged while an order is hung up or merged.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_ACCOUNT_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_ACCOUNT_H_

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "baimi/ticket/v1/events.pb.h"
#include "baimi/ticket/v1/ticket_service.pb.h"
#include "services/ticket/domain/policy.h"

namespace baimi::ticket::domain {

// The policy in force at a time.
using PolicyAt =
    absl::FunctionRef<absl::StatusOr<std::shared_ptr<const PolicyInForce>>(absl::Time)>;

// `facts` are all facts of `ticket`, in order. Errors of `policy_at` only.
absl::StatusOr<v1::ExplainClockResponse> Account(const v1::Ticket& ticket,
                                                 absl::Span<const v1::TicketFact> facts,
                                                 absl::Time now, PolicyAt policy_at);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_ACCOUNT_H_
