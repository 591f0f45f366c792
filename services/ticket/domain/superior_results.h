// What a superior platform is told of its orders: which facts, in which words, and what becomes of
// a push that fails.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_SUPERIOR_RESULTS_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_SUPERIOR_RESULTS_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/events.pb.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "baimi/ticket/v1/superior_results.pb.h"

namespace baimi::ticket::domain {

// What `fact` is to the platform that sent the order; UNSPECIFIED when it is not told of it. Asks
// only for what is not personal.
v1::SuperiorResultKind ResultKindOf(const v1::TicketFact& fact);
// The same for a platform whose order was merged into the one that `fact` is about.
v1::SuperiorResultKind ResultKindOfGroup(const v1::TicketFact& fact);

// The result of `kind`, complete but for name, seq, platform, superior_number, ticket and delivery.
// `order` is the order that `fact` is about, as the fact left it. The text is not masked.
v1::SuperiorResult MakeResult(v1::SuperiorResultKind kind, const v1::TicketFact& fact,
                              const v1::Ticket& order);

// The platform wants to be told of it.
bool Wants(const v1::SuperiorPlatform& platform, v1::SuperiorResultKind kind);

// After an attempt that failed at `now`: tried again after a pause that doubles each time, or given
// up after the platform's attempts.
void PutOff(absl::string_view failure, absl::Time now, const v1::SuperiorPlatform& platform,
            v1::SuperiorDelivery* delivery);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_SUPERIOR_RESULTS_H_
