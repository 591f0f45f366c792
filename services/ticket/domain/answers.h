// Questions of categories and the answers that an order carries.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_ANSWERS_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_ANSWERS_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/intake_service.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// Kept in the order of the questions.
using Answers = google::protobuf::RepeatedPtrField<v1::Answer>;

// What an order of `category` is asked: the questions of the categories above it first. They live
// as long as `policy`.
std::vector<const v1::Question*> QuestionsOf(const v1::TicketPolicy& policy,
                                             absl::string_view category);

// INVALID_ARGUMENT at `path`, UNKNOWN_CATEGORY, unless the policy in force has it.
absl::Status CheckCategory(absl::string_view path, absl::string_view category,
                           const Context& context);

// The answers as an order of `category` keeps them. INVALID_ARGUMENT, BAD_ANSWERS, with one
// violation each at "<path>[i]": a question that is not asked, one answered twice, a member of
// another type, out of its bounds, no choice of it; and at "<path>" each required question without
// an answer. An answer without a value, or with an empty text, is none. Says nothing of what a text
// holds.
absl::StatusOr<Answers> CheckAnswers(absl::string_view path, const Answers& answers,
                                     absl::string_view category, const Context& context);

// A side step in PENDING_DISPATCH, by the centre. UNKNOWN_CATEGORY, BAD_ANSWERS; ILLEGAL_TRANSITION
// in other states; ARBITRATION_STATE while one is open.
absl::StatusOr<Decision> Reclassify(const v1::Ticket& ticket,
                                    const v1::ReclassifyTicketRequest& request,
                                    const Context& context);

// Apply's share: answers and category, and what a direct answer was made of.
void ApplyIntake(v1::Ticket& row, const v1::TicketFact& fact);

// Calls `violate` with path, what came and what was wanted for each question that contradicts
// itself or repeats the id of one that holds for the same category.
void CheckQuestions(
    const v1::TicketPolicy& policy,
    absl::FunctionRef<void(absl::string_view, absl::string_view, absl::string_view)> violate);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_ANSWERS_H_
