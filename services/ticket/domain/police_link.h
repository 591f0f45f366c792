// 12345 <-> 110 (domain.md §1.2 X1, §1.11; PoliceLinkService).
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_POLICE_LINK_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_POLICE_LINK_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/events.pb.h"
#include "baimi/ticket/v1/police_link_service.pb.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "services/ticket/domain/decision.h"
#include "services/ticket/domain/superior.h"

namespace baimi::ticket::domain {

// Save `link` and record `fact`: the link is what the fact makes of the row before.
struct LinkStep {
  v1::PoliceLink link;
  v1::PoliceLinkFact fact;
};
v1::PoliceLink Apply(v1::PoliceLink link, const v1::PoliceLinkFact& fact);

// An order that goes to 110, and the link that it goes by.
struct Handover {
  Decision decision;
  LinkStep step;
};
// An emergency ends an order that was not dispatched yet (T3, X1); one that is handled, over, or
// that others were merged into stays as it is beside the link, for nothing may hold up an
// emergency. Else T25 with its errors, and CALLER_NOT_CONTACTED unless the caller was told, is
// anonymous or wants no answer. RECUSED: the police unit is complained of, or set aside.
absl::StatusOr<Handover> HandToPolice(const v1::Ticket& ticket,
                                      const v1::TransferToPoliceRequest& request,
                                      absl::string_view name, const Context& context);

// What 110 sends, about the order `ticket` that was filed for it, or "". INVALID_ARGUMENT: no kind;
// an order with a kind that has none, or none with LINK_TRANSFER. NOT_INVOLVED: the caller acts for
// another unit than the police unit and the centre.
absl::StatusOr<LinkStep> TakeFromPolice(const v1::ReceiveFromPoliceRequest& request,
                                        absl::string_view name, absl::string_view ticket,
                                        const Context& context);
// Everything that 110 says with it, to find the same again (superior.h).
std::vector<ContentPart> ContentOf(const v1::ReceiveFromPoliceRequest& request);

// To 110, about `ticket` unless null. INVALID_ARGUMENT: no kind, or LINK_TRANSFER, which is
// TransferToPolice; RECUSED as above; NOT_INVOLVED unless the centre asks.
absl::StatusOr<LinkStep> AskPolice(const v1::PoliceLink& asked, absl::string_view name,
                                   const v1::Ticket* ticket, const Context& context);

// NOT_INVOLVED: not the side that it was sent to. nullopt: it has its receipt already.
absl::StatusOr<std::optional<LinkStep>> AcknowledgeLink(
    const v1::PoliceLink& link, const v1::AcknowledgePoliceLinkRequest& request,
    const Context& context);
// NOT_INVOLVED as above; NOT_APPLICABLE: neither a consultation nor a daily link; STAGE_PASSED: it
// has its answer.
absl::StatusOr<LinkStep> AnswerLink(const v1::PoliceLink& link,
                                    const v1::AnswerPoliceLinkRequest& request,
                                    const Context& context);

// When somebody must look whether the receipt came; nullopt: it did, or that it did not is known.
std::optional<absl::Time> NextAlarm(const v1::PoliceLink& link);
// Puts on record that the receipt did not come in time; nullopt when there is nothing to say.
std::optional<LinkStep> NoteLinkRanOut(const v1::PoliceLink& link, const Context& context);

// The centre, the county platform and the police unit see links.
bool MaySeeLinks(const v1::TicketPolicy& policy, const type::v1::Actor& actor);

// What the order says of a link about it.
v1::TicketFact LinkedFact(const v1::Ticket& ticket, const v1::PoliceLink& link,
                          const Context& context);
// The share that Apply leaves to this file.
void ApplyPoliceLinked(v1::Ticket& row, const v1::TicketFact& fact);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_POLICE_LINK_H_
