#include "services/ticket/domain/testing_policies.h"

#include <utility>

#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

// With ratings and urging.
PolicyInForce WithRatings(v1::TicketPolicy made) {
  *made.mutable_ratings()->mutable_contact_within() = MakePeriod(v1::HOURS, 4);
  *made.mutable_ratings()->mutable_fix_within() = MakePeriod(v1::WORKING_DAYS, 5);
  made.mutable_ratings()->set_max_loops(2);
  made.mutable_ratings()->set_rate_days(15);
  made.mutable_citizen()->set_urge_every_hours(1);
  made.mutable_citizen()->set_max_urges(5);
  // Asked of every order of 02, and again of those of the lift.
  for (const int category : {0, 2}) {
    v1::Question& question = *made.mutable_categories(category)->add_questions();
    question.set_id(category == 0 ? "began" : "floor");
    question.set_display_name("何时、何层");
    question.set_type(category == 0 ? v1::QUESTION_DATE : v1::QUESTION_NUMBER);
    question.set_max(category == 0 ? 0 : 33);
    question.set_min(category == 0 ? -3 : 1);
  }
  return InForce(std::move(made));
}

}  // namespace

const PolicyInForce& PolicyOfSeed(unsigned seed) {
  static const auto& plain = *new PolicyInForce(WithRatings(SamplePolicy()));
  static const auto& supervised = *new PolicyInForce(WithRatings(SupervisedInForce().policy()));
  static const auto& contacting = *new PolicyInForce(WithRatings([] {
    v1::TicketPolicy policy = ContactPolicy();
    policy.set_max_reopens(2);
    return policy;
  }()));
  return seed % 3 == 0 ? plain : seed % 3 == 1 ? supervised : contacting;
}

}  // namespace baimi::ticket::domain
