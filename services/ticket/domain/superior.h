// Orders that a superior 12345 platform sends: who speaks for it, what it may change, and that the
// county's handling time ends before the platform's (SuperiorPlatformService).
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_SUPERIOR_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_SUPERIOR_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/events.pb.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "baimi/ticket/v1/superior_service.pb.h"
#include "common/calendar/deadline.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// nullptr when the policy has no such platform.
const v1::SuperiorPlatform* FindPlatform(const v1::TicketPolicy& policy, absl::string_view id);

// The platform `id`, when `actor` is the key that the policy names for it; else PERMISSION_DENIED,
// NOT_THE_PLATFORM, in the same words whether there is such a platform or not.
absl::StatusOr<const v1::SuperiorPlatform*> SpeaksFor(const v1::TicketPolicy& policy,
                                                      absl::string_view id,
                                                      const type::v1::Actor& actor);

// One part of what the sender of an order said, in a form that is equal for equal content.
struct ContentPart {
  // "ticket.title".
  std::string field;
  std::string value;
};
// Of the fields of an order that a caller may set, in a fixed sequence.
std::vector<ContentPart> ContentOf(const v1::Ticket& ticket);
// The same of a whole message; without what only the county's side of it is: channel, request_id.
std::vector<ContentPart> ContentOf(const v1::ReceiveSuperiorTicketRequest& request);

// ALREADY_EXISTS, SUPERIOR_TICKET_DIFFERS, with a violation for each field: `what` names what was
// used before, e.g. "superior_number", with its value.
absl::Status ContentDiffers(absl::string_view what, absl::string_view value,
                            const std::vector<std::string>& fields);

// Files the order as File does, with its Superior.
absl::StatusOr<Decision> FileSuperior(const v1::ReceiveSuperiorTicketRequest& request,
                                      absl::string_view name, const v1::Place& located,
                                      const v1::SuperiorPlatform& platform, const Context& context);

// The update of this number that came before; nullptr when none did.
const v1::SuperiorUpdate* FindUpdate(const v1::Ticket& ticket, int64_t number);
// OK when `update` says the same as `before` did, else ContentDiffers.
absl::Status CheckSameUpdate(const v1::SuperiorUpdate& update, const v1::SuperiorUpdate& before);

// What the platform adds to its order; not one that came before. A new due time is applied unless
// one of a later update was; then open clocks that are not due yet follow it, the helpers' too. A
// withdrawal ends the order as T23, with its errors.
// INVALID_ARGUMENT: no kind; no text of a supplement or a withdrawal; a due time with another kind,
// or none. NOT_APPLICABLE: the order is over.
absl::StatusOr<Decision> Amend(const v1::Ticket& ticket, const v1::SuperiorUpdate& update,
                               const v1::SuperiorPlatform& platform, const Context& context);

// A push was given up, or goes on. No fact when that is known already.
Decision NotePush(const v1::Ticket& ticket, v1::SuperiorPush push, int64_t seq,
                  absl::string_view failure, const Context& context);

// `deadline` of a clock of `kind` that starts at `start`, or what the superior platform leaves of
// it: a HANDLE clock is due at handle_before at the latest, though never before it starts.
calendar::Deadline WithinSuperior(const v1::Ticket& ticket, v1::ClockKind kind, absl::Time start,
                                  calendar::Deadline deadline);
// The same of a clock that is about to start; its rule tells.
void KeepWithinSuperior(const v1::Ticket& ticket, v1::Clock* clock);
// True when the clock is due because the superior platform's time ends then.
bool IsCut(const v1::Clock& clock);

// The share that Apply leaves to this file.
void ApplySuperior(v1::Ticket& row, const v1::TicketFact& fact);

// What is wrong with the superior platforms of a policy, by violate(path, got, want).
void CheckSuperior(
    const v1::TicketPolicy& policy,
    absl::FunctionRef<void(absl::string_view, absl::string_view, absl::string_view)> violate);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_SUPERIOR_H_
