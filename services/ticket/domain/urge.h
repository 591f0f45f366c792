// Urging (催办): callers ask to speed up, by themselves or through the centre. It counts on the
// order, where its unit sees it.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_URGE_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_URGE_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "baimi/ticket/v1/supervision_service.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// URGE_NOT_ALLOWED, with the reason, unless the policy's `citizen` lets the caller urge by himself
// now. `into` is the order that goes on for a merged one, else the order itself. Each caller is
// held to his own urges only.
absl::Status CheckMayUrge(const v1::Ticket& ticket, const v1::Ticket& into, const Context& context);

struct UrgeDecision {
  Decision own;
  // Of a merged order: that it counts for the one that goes on, too.
  std::optional<Decision> into;
};
absl::StatusOr<UrgeDecision> UrgeByCaller(const v1::Ticket& ticket, const v1::Ticket& into,
                                          v1::Channel channel, const Context& context);

// Through the centre, within the policy's `urge_limit` for the order's own caller: of an order that
// waits or is being handled; of a merged one with `from` unset, or of the one that goes on for it
// with the merged one's name as `from`, which no limit holds for. ABORTED by etag;
// UNDERTAKER_MAY_NOT_DECIDE; URGE_NOT_ALLOWED.
absl::StatusOr<Decision> UrgeByCentre(const v1::Ticket& ticket,
                                      const v1::UrgeTicketRequest& request, absl::string_view from,
                                      const Context& context);

// Apply's share.
void ApplyUrged(v1::Ticket& row, const v1::TicketFact& fact);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_URGE_H_
