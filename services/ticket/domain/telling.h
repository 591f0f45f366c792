// What the law says a caller must be told, and who has an order on his desk: the parts of an order
// that follow from facts of several kinds (domain.md §1.2, §1.5, §1.6; DeskService, NoticeService).
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_TELLING_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_TELLING_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/events.pb.h"
#include "baimi/ticket/v1/notice_service.pb.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// The share that Apply leaves to this file: duties that `fact` makes or fulfils, desk, bad
// ratings. `row` has everything else of the fact already.
void ApplyTelling(v1::Ticket& row, const v1::TicketFact& fact);

// The caller can and may be told: neither anonymous nor without a wish for an answer (§1.10).
bool WantsToBeTold(const v1::Ticket& ticket);

// The oldest duty of `matter` that is not fulfilled; nullptr when there is none.
const v1::TellingDuty* OpenDuty(const v1::Ticket& ticket, v1::TellingMatter matter);
int OpenDuties(const v1::Ticket& ticket);

// Puts on record that the caller was told; a word of the lead stops the CONTACT clock.
// NOTHING_TO_TELL without an open duty of the matter. TELL_FIRST_CONTACT needs none: it is told by
// the lead (NOT_THE_LEAD), once a round, while the order is with it.
absl::StatusOr<Decision> Tell(const v1::Ticket& ticket, v1::CallerTold told,
                              const Context& context);
// Somebody told him. INVALID_ARGUMENT: no matter or no channel.
absl::StatusOr<Decision> TellByHand(const v1::Ticket& ticket, const v1::TellCallerRequest& request,
                                    const Context& context);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_TELLING_H_
