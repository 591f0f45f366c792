// 好差评 (domain.md §7.6): who may rate when, and what follows a bad rating.
//
//   rated badly -> OPEN -> VERIFYING -> FIXING    the order goes back to its handler
//                    (asked)        \-> EXPLAINED  the caller may rate once more
//                                    \-> VOIDED     the rating does not count
//   rated again -> CLOSED, and while the policy's max_loops allow OPEN once more when badly
//
// A county whose policy has no `ratings` records the ratings of callbacks and nothing else.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_RATING_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_RATING_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/rating_service.pb.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// 不满意 and 非常不满意.
bool IsBad(v1::Rating rating);

// The rating of a callback that is about to be kept: tags without a rating, unknown ones or ones of
// the other kind are INVALID_ARGUMENT; RATING_NOT_ALLOWED when the round has a rating already, but
// for the one after an explanation.
absl::Status CheckRating(const v1::Ticket& ticket, const v1::Callback& callback,
                         const Context& context);

// Adds to a decision that recorded `callback` what follows from its rating, if anything.
void FollowRating(const v1::Callback& callback, const Context& context, Decision& decision);

// RATING_NOT_ALLOWED unless the caller may rate `ticket` by himself now. `into` is the order that
// it was merged into, else itself.
absl::Status CheckMayRate(const v1::Ticket& ticket, const v1::Ticket& into, const Context& context);

// The caller's own rating, kept as a callback that reached him (R1.12: by web). CheckMayRate first.
absl::StatusOr<Decision> RateByCaller(const v1::Ticket& ticket, const v1::Ticket& into,
                                      v1::Callback callback, const Context& context);

// BAD_RATING_STAGE unless one waits for it; UNDERTAKER_MAY_NOT_RECORD.
absl::StatusOr<Decision> VerifyBadRating(const v1::Ticket& ticket,
                                         const v1::VerifyBadRatingRequest& request,
                                         const Context& context);

// The verdict alone; with VERDICT_FIX the order must be sent back or reopened as well.
// BAD_RATING_STAGE, UNDERTAKER_MAY_NOT_DECIDE, INVALID_ARGUMENT without a verdict.
absl::StatusOr<Decision> DecideBadRating(const v1::Ticket& ticket,
                                         const v1::DecideBadRatingRequest& request,
                                         const Context& context);

// BAD_RATING_STAGE while a bad rating waits for a contact or a verdict: the order may not be closed
// or archived over it.
absl::Status CheckNoBadRating(const v1::Ticket& ticket);

// Adds to a closing that nobody rated after the matter was put right.
void EndFixing(const Context& context, Decision& decision);

// By when the caller of a bad rating must be asked, or the order be answered anew, where that is
// not on record as over yet: the latter only while a handling clock runs, so not of an order that
// was answered since or is hung up. nullopt when nothing waits.
std::optional<absl::Time> BadRatingDue(const v1::Ticket& ticket);
// Puts on record that it was not; false when nothing is due.
bool NoteBadRatingRanOut(const Context& context, Decision& decision);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_RATING_H_
