#include "services/ticket/domain/rating.h"

#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/figures.h"
#include "services/ticket/domain/testing_order.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;

v1::TicketPolicy RatedPolicy() {
  v1::TicketPolicy policy = SamplePolicy();
  v1::RatingPolicy& ratings = *policy.mutable_ratings();
  for (const auto& [id, bad] : {std::pair{"quick", false}, std::pair{"rude", true}}) {
    v1::RatingTag& tag = *ratings.add_tags();
    tag.set_id(id);
    tag.set_display_name(id);
    tag.set_bad(bad);
  }
  *ratings.mutable_contact_within() = MakePeriod(v1::WORKING_HOURS, 4);
  *ratings.mutable_fix_within() = MakePeriod(v1::WORKING_DAYS, 5);
  ratings.set_max_loops(2);
  ratings.set_rate_days(15);
  return policy;
}

const PolicyInForce& Rated() {
  static const auto& policy = *new PolicyInForce(InForce(RatedPolicy()));
  return policy;
}

Order Waiting() {
  return Order("2025-09-08 09:00", Rated(), SampleRequest())
      .Do({kDispatch, kSign, kReply, kPassAudit});
}

v1::Callback Given(v1::Rating rating) {
  v1::Callback callback;
  callback.set_rating(rating);
  callback.set_channel(v1::WECHAT);
  return callback;
}

absl::StatusOr<Decision> RateNow(Order& order, v1::Rating rating) {
  return RateByCaller(order.ticket(), order.ticket(), Given(rating), order.As(""));
}

v1::VerifyBadRatingRequest Asked() {
  v1::VerifyBadRatingRequest request;
  request.set_note("师傅态度不好");
  request.set_call_record("rec-9");
  return request;
}

v1::DecideBadRatingRequest Decided(v1::BadRatingVerdict verdict) {
  v1::DecideBadRatingRequest request;
  request.set_verdict(verdict);
  request.set_note("已核实");
  return request;
}

// The order goes on to the next callback.
void Redo(Order& order) { order.Do({kSign, kReply, kPassAudit}); }

TEST(Rating, GoodOne_IsACallbackThatReachedTheCaller_OnceARound) {
  Order order = Waiting();
  order.Take(RateNow(order, v1::VERY_SATISFIED));
  ASSERT_EQ(order.ticket().callbacks_size(), 1);
  EXPECT_EQ(order.ticket().callbacks(0).outcome(), v1::REACHED);
  EXPECT_TRUE(order.ticket().callbacks(0).by_caller());
  EXPECT_FALSE(order.ticket().has_bad_rating());
  EXPECT_EQ(ReasonOf(RateNow(order, v1::SATISFIED).status()), "RATING_NOT_ALLOWED");
  order.Do({kClose});
  EXPECT_EQ(order.ticket().state(), v1::CLOSED);
}

TEST(Rating, BadOne_StandsInTheWayUntilItIsAskedAndDecided) {
  Order order = Waiting();
  order.Take(RateNow(order, v1::DISSATISFIED));
  EXPECT_EQ(order.ticket().bad_rating().stage(), v1::BAD_RATING_OPEN);
  EXPECT_EQ(order.ticket().bad_rating().loop(), 1);
  EXPECT_EQ(order.ticket().bad_rating().unit(), UnitName("zhujianju"));
  EXPECT_TRUE(order.ticket().bad_rating().has_contact_due_time());
  EXPECT_EQ(ReasonOf(Close(order.ticket(), {}, order.As("hotline")).status()), "BAD_RATING_STAGE");
  EXPECT_EQ(
      ReasonOf(DecideBadRating(order.ticket(), Decided(v1::VERDICT_EXPLAIN), order.As("hotline"))
                   .status()),
      "BAD_RATING_STAGE");

  EXPECT_EQ(ReasonOf(VerifyBadRating(order.ticket(), Asked(), order.As("zhujianju")).status()),
            "UNDERTAKER_MAY_NOT_RECORD");
  order.Take(VerifyBadRating(order.ticket(), Asked(), order.As("hotline")));
  EXPECT_EQ(order.ticket().bad_rating().stage(), v1::BAD_RATING_VERIFYING);
  EXPECT_EQ(order.ticket().bad_rating().call_record(), "rec-9");
  EXPECT_EQ(
      ReasonOf(DecideBadRating(order.ticket(), Decided(v1::VERDICT_VOID), order.As("zhujianju"))
                   .status()),
      "UNDERTAKER_MAY_NOT_DECIDE");
  order.Take(DecideBadRating(order.ticket(), Decided(v1::VERDICT_EXPLAIN), order.As("hotline")));
  EXPECT_EQ(order.ticket().bad_rating().stage(), v1::BAD_RATING_EXPLAINED);

  // Once more, in the same round, after the explanation.
  order.Take(RateNow(order, v1::SATISFIED));
  EXPECT_EQ(order.ticket().bad_rating().stage(), v1::BAD_RATING_CLOSED);
  EXPECT_EQ(order.ticket().bad_rating().second_rating(), v1::SATISFIED);
  EXPECT_EQ(ReasonOf(RateNow(order, v1::SATISFIED).status()), "RATING_NOT_ALLOWED");
  order.Do({kClose});
}

TEST(Rating, Fix_GoesToTheSameHandler_AndOpensAsOftenAsThePolicyAllows) {
  Order order = Waiting();
  for (int loop = 1; loop <= 2; ++loop) {
    order.Take(RateNow(order, v1::VERY_DISSATISFIED));
    ASSERT_EQ(order.ticket().bad_rating().loop(), loop);
    ASSERT_EQ(order.ticket().bad_rating().stage(), v1::BAD_RATING_OPEN);
    order.Take(VerifyBadRating(order.ticket(), Asked(), order.As("hotline")));
    order.Take(DecideBadRating(order.ticket(), Decided(v1::VERDICT_FIX), order.As("hotline")));
    EXPECT_TRUE(order.ticket().bad_rating().has_fix_due_time());
    order.Do({kSendBack});
    EXPECT_EQ(order.ticket().rework_count(), loop);
    EXPECT_EQ(order.ticket().assignment().lead(), UnitName("zhujianju"));
    Redo(order);
  }
  // A third bad one counts and is followed by nothing.
  order.Take(RateNow(order, v1::VERY_DISSATISFIED));
  EXPECT_EQ(order.ticket().bad_rating().loop(), 2);
  EXPECT_EQ(order.ticket().bad_rating().stage(), v1::BAD_RATING_CLOSED);
  EXPECT_EQ(order.ticket().bad_rating().second_rating(), v1::VERY_DISSATISFIED);
  order.Do({kClose});
  EXPECT_EQ(order.ticket().state(), v1::CLOSED);
}

TEST(Rating, SentBackWithoutAVerdict_IsBeingFixed) {
  Order order = Waiting();
  order.Take(RateNow(order, v1::DISSATISFIED));
  order.Do({kSendBack});
  EXPECT_EQ(order.ticket().bad_rating().stage(), v1::BAD_RATING_FIXING);
  EXPECT_FALSE(order.ticket().bad_rating().has_contact_time()) << "nobody asked him";
}

TEST(Rating, AfterClosing_WithinThePolicysDays) {
  Order order = Waiting();
  v1::RecordCallbackRequest silent;
  silent.mutable_callback()->set_outcome(v1::REFUSED);
  order.Take(RecordCallback(order.ticket(), silent, order.As("hotline")));
  order.Do({kClose});
  Order late = order;
  order.Take(RateNow(order, v1::DISSATISFIED));
  EXPECT_EQ(order.ticket().state(), v1::CLOSED);
  EXPECT_EQ(ReasonOf(Archive(order.ticket(), {}, order.As("")).status()), "BAD_RATING_STAGE");
  late.Wait(absl::Hours(24 * 16));
  EXPECT_EQ(ReasonOf(RateNow(late, v1::SATISFIED).status()), "RATING_NOT_ALLOWED");
}

TEST(Rating, Tags_MustBeThePolicysAndGoWithTheRating) {
  Order order = Waiting();
  v1::Callback callback = Given(v1::SATISFIED);
  callback.add_tags("rude");
  EXPECT_EQ(ReasonOf(RateByCaller(order.ticket(), order.ticket(), callback, order.As("")).status()),
            "INVALID_FIELD");
  callback.set_tags(0, "quick");
  order.Take(RateByCaller(order.ticket(), order.ticket(), callback, order.As("")));
  EXPECT_EQ(order.ticket().callbacks(0).tags(0), "quick");
}

TEST(Rating, Voided_IsTakenOutOfTheFigures) {
  Order order = Waiting();
  order.Take(RateNow(order, v1::DISSATISFIED));
  order.Take(VerifyBadRating(order.ticket(), Asked(), order.As("hotline")));
  order.Take(DecideBadRating(order.ticket(), Decided(v1::VERDICT_VOID), order.As("hotline")));
  v1::FigureCounts counts;
  for (const v1::TicketFact& fact : order.facts()) {
    if (const auto share = ShareOfFact(order.ticket(), fact)) {
      AddCounts(share->counts(), 1, &counts);
    }
  }
  EXPECT_EQ(counts.callbacks(), 1);
  EXPECT_EQ(counts.rated(), 0);
  EXPECT_EQ(counts.satisfied(), 0);
}

// What is taken out is what was counted, no more: the two together leave nothing.
TEST(Rating, VoidedAndExcluded_LeavesNothingToCount) {
  Order order = Waiting();
  order.Take(RateNow(order, v1::DISSATISFIED));
  order.Take(VerifyBadRating(order.ticket(), Asked(), order.As("hotline")));
  order.Take(DecideBadRating(order.ticket(), Decided(v1::VERDICT_VOID), order.As("hotline")));
  EXPECT_TRUE(order.ticket().callbacks(0).rating_voided());
  v1::Ticket excluded = order.ticket();
  excluded.mutable_exclusion()->set_state(v1::EXCLUSION_APPROVED);
  excluded.mutable_exclusion()->add_scopes(v1::CALLBACK_FIGURES);
  v1::FigureCounts counts;
  for (const v1::TicketFact& fact : order.facts()) {
    if (const auto share = ShareOfFact(excluded, fact)) {
      AddCounts(share->counts(), 1, &counts);
    }
  }
  const auto state = ShareOfState(excluded);
  ASSERT_TRUE(state.has_value());
  for (const v1::FigureShare& share : state->excluded()) {
    AddCounts(share.counts(), -1, &counts);
  }
  EXPECT_EQ(counts.rated(), 0);
  EXPECT_EQ(counts.callbacks(), 0);
}

TEST(Rating, WithoutARatingPolicy_NothingFollows) {
  Order order = OrderIn(v1::PENDING_CALLBACK);
  EXPECT_EQ(ReasonOf(RateNow(order, v1::SATISFIED).status()), "RATING_NOT_ALLOWED");
  v1::RecordCallbackRequest request;
  request.mutable_callback()->set_outcome(v1::REACHED);
  request.mutable_callback()->set_rating(v1::VERY_DISSATISFIED);
  order.Take(RecordCallback(order.ticket(), request, order.As("hotline")));
  EXPECT_FALSE(order.ticket().has_bad_rating());
}

TEST(Rating, Loop_ReplaysToTheRow) {
  Order order = Waiting();
  order.Take(RateNow(order, v1::DISSATISFIED));
  order.Take(VerifyBadRating(order.ticket(), Asked(), order.As("hotline")));
  order.Take(DecideBadRating(order.ticket(), Decided(v1::VERDICT_FIX), order.As("hotline")));
  order.Do({kSendBack});
  v1::Ticket row;
  for (const v1::TicketFact& fact : order.facts()) {
    row = Apply(std::move(row), fact);
  }
  EXPECT_EQ(row.SerializeAsString(), order.ticket().SerializeAsString());
}

TEST(BadRating, CallerNotAskedInTime_IsOnRecordOnce) {
  Order order = Waiting();
  order.WaitUntil("2025-09-09 10:00").Take(RateNow(order, v1::DISSATISFIED));
  EXPECT_EQ(*BadRatingDue(order.ticket()), At("2025-09-09 16:30")) << "4 working hours";
  order.WaitUntil("2025-09-09 16:29").Ring();
  EXPECT_FALSE(order.ticket().bad_rating().has_contact_run_out_time());
  order.WaitUntil("2025-09-09 16:30").Ring();
  const v1::BadRatingRanOut& ran_out = order.facts().back().bad_rating_ran_out();
  EXPECT_EQ(ran_out.stage(), v1::BAD_RATING_OPEN);
  EXPECT_EQ(ran_out.loop(), 1);
  EXPECT_EQ(order.ticket().bad_rating().contact_run_out_time().seconds(),
            absl::ToUnixSeconds(order.now()));
  const size_t facts = order.facts().size();
  order.Wait(absl::Hours(1)).Ring();
  EXPECT_EQ(order.facts().size(), facts);
  order.Take(VerifyBadRating(order.ticket(), Asked(), order.As("hotline")));
  EXPECT_TRUE(order.ticket().bad_rating().has_contact_run_out_time()) << "stays on record";
  EXPECT_FALSE(BadRatingDue(order.ticket()));
}

TEST(BadRating, AskedInTime_RingsNothing) {
  Order order = Waiting();
  order.Take(RateNow(order, v1::DISSATISFIED));
  order.Take(VerifyBadRating(order.ticket(), Asked(), order.As("hotline")));
  order.Wait(absl::Hours(100)).Ring();
  EXPECT_FALSE(order.ticket().bad_rating().has_contact_run_out_time());
}

// The handling clock grants as long here, so that only the fact of the rating is looked at.
TEST(BadRating, NotPutRightInTime_IsOnRecordOnceUnlessItWasAnswered) {
  for (const bool answered : {false, true}) {
    Order order = Waiting();
    order.Take(RateNow(order, v1::DISSATISFIED));
    order.Take(VerifyBadRating(order.ticket(), Asked(), order.As("hotline")));
    order.Take(DecideBadRating(order.ticket(), Decided(v1::VERDICT_FIX), order.As("hotline")));
    order.Do({kSendBack, kSign});
    ASSERT_TRUE(BadRatingDue(order.ticket()));
    const absl::Time due = *BadRatingDue(order.ticket());
    if (answered) {
      order.Do(kReply);
      EXPECT_FALSE(BadRatingDue(order.ticket()));
    }
    order.Wait(due - order.now()).Ring();
    EXPECT_EQ(order.ticket().bad_rating().has_fix_run_out_time(), !answered);
    const size_t facts = order.facts().size();
    order.Wait(absl::Hours(1)).Ring();
    EXPECT_EQ(order.facts().size(), facts);
  }
}

TEST(BadRating, FixOfAClosedOrder_IsNoReopeningOfThePolicysCount) {
  v1::TicketPolicy policy = RatedPolicy();
  policy.set_max_reopens(1);
  const PolicyInForce in_force = InForce(policy);
  Order order("2025-09-08 09:00", in_force, SampleRequest());
  order.Do({kDispatch, kSign, kReply, kPassAudit});
  v1::RecordCallbackRequest refused;
  refused.mutable_callback()->set_outcome(v1::REFUSED);
  order.Take(RecordCallback(order.ticket(), refused, order.As(""))).Do(kClose);
  order.Take(RateNow(order, v1::DISSATISFIED));
  order.Take(VerifyBadRating(order.ticket(), Asked(), order.As("hotline")));
  order.Take(DecideBadRating(order.ticket(), Decided(v1::VERDICT_FIX), order.As("hotline")));
  order.Do(kReopen);
  EXPECT_TRUE(order.facts().back().reopened().for_rating());
  EXPECT_EQ(order.ticket().marks().reopen_count(), 0);
  Redo(order);
  order.Do({kRecordCallback, kClose, kReopen});
  EXPECT_FALSE(order.facts().back().reopened().for_rating());
  EXPECT_EQ(order.ticket().marks().reopen_count(), 1);
}

}  // namespace
}  // namespace baimi::ticket::domain
