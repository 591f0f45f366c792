// 剔除: an order leaves the figures of its unit, on request and by review (domain.md §1.9).
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_EXCLUSION_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_EXCLUSION_H_

#include "absl/status/statusor.h"
#include "baimi/ticket/v1/exclusion_service.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// By the lead, of an order that its unit is measured by, before the archive. Errors: those of
// CheckActor; EXCLUSION_NOT_ALLOWED where the policy grants none, a request waits or was approved,
// or the policy's number of requests is used up; INVALID_FIELD for a ground that the policy does
// not have, scopes that the ground does not allow, and no evidence.
absl::StatusOr<Decision> RequestExclusion(const v1::Ticket& ticket,
                                          const v1::RequestExclusionRequest& request,
                                          const Context& context);

// By the centre, neither the undertaker nor whoever asked. A request that waits is approved or
// refused; an approved one can be revoked. The ground must still be the policy's for an approval.
absl::StatusOr<Decision> DecideExclusion(const v1::Ticket& ticket,
                                         const v1::DecideExclusionRequest& request,
                                         const Context& context);

// FAILED_PRECONDITION with EXCLUSION_WAITS while a request is undecided.
absl::Status CheckNoExclusionWaits(const v1::Ticket& ticket);

// Whether the order is out of the figures of `scope`.
bool IsExcluded(const v1::Ticket& ticket, v1::ExclusionScope scope);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_EXCLUSION_H_
