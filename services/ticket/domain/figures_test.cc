#include "services/ticket/domain/figures.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;

v1::FigureCounts StateCounts(const Order& order) {
  const auto share = ShareOfState(order.ticket());
  return share ? share->counts() : v1::FigureCounts();
}

// All facts of an order and its state.
v1::FigureCounts AllCounts(const Order& order) {
  v1::FigureCounts sum = StateCounts(order);
  for (const v1::TicketFact& fact : order.facts()) {
    if (const auto share = ShareOfFact(order.ticket(), fact)) {
      AddCounts(share->counts(), 1, &sum);
    }
  }
  return sum;
}

TEST(Figures, GoldenVector_IsThatOfTheRules) {
  // domain.md §1.9.
  v1::FigureCounts counts;
  counts.set_due(200);
  counts.set_responded(188);
  counts.set_answered_callbacks(160);
  counts.set_solved(138);
  counts.set_rated(150);
  counts.set_satisfied(141);
  const v1::Figures figures = MakeFigures("", counts, {}, WeightsOf({}));
  EXPECT_EQ(figures.response().percent(), 94.00);
  EXPECT_EQ(figures.resolution().percent(), 86.25);
  EXPECT_EQ(figures.satisfaction().percent(), 94.00);
  EXPECT_EQ(figures.score(), 91.29);
}

TEST(Figures, TianmenDecember2016_IsRecomputed) {
  v1::FigureCounts counts;
  counts.set_due(972);
  counts.set_closed(911);
  counts.set_closed_in_time(737);
  const v1::Figures figures = MakeFigures("", counts, {}, WeightsOf({}));
  EXPECT_EQ(figures.closing().percent(), 93.72);
  EXPECT_EQ(figures.closing_in_time().percent(), 75.82);
}

TEST(Figures, WithoutADenominator_ThereIsNoPercentageAndNoScore) {
  v1::FigureCounts counts;
  counts.set_due(10);
  counts.set_responded(10);
  const v1::Figures figures = MakeFigures("", counts, {}, WeightsOf({}));
  EXPECT_EQ(figures.response().percent(), 100.00);
  EXPECT_FALSE(figures.resolution().has_percent());
  EXPECT_FALSE(figures.satisfaction().has_low());
  EXPECT_FALSE(figures.has_score());
}

TEST(Figures, PartlySolved_CountsAsThePolicySays) {
  v1::FigureCounts counts;
  counts.set_answered_callbacks(8);
  counts.set_solved(5);
  counts.set_partly_solved(2);
  v1::FigurePolicy weights = WeightsOf({});
  EXPECT_EQ(MakeFigures("", counts, {}, weights).resolution().percent(), 62.50);
  weights.set_partly_solved_percent(50);
  EXPECT_EQ(MakeFigures("", counts, {}, weights).resolution().percent(), 75.00);
}

TEST(Figures, Percent_RoundsHalfUpExactly) {
  EXPECT_EQ(MakeRate(1, 3).percent(), 33.33);
  EXPECT_EQ(MakeRate(2, 3).percent(), 66.67);
  EXPECT_EQ(MakeRate(1, 800).percent(), 0.13) << "0.125";
  EXPECT_EQ(MakeRate(999'999, 1'000'000).percent(), 100.00);
}

TEST(Figures, Interval_IsWidestWhereTheOrdersAreFew) {
  // Wilson, 95 %: 9 of 9 is no better than 880 of 900.
  const v1::Rate few = MakeRate(9, 9);
  const v1::Rate many = MakeRate(880, 900);
  EXPECT_EQ(few.percent(), 100.0);
  EXPECT_EQ(few.high(), 100.0);
  EXPECT_NEAR(few.low(), 70.09, 0.005);
  EXPECT_NEAR(many.low(), 96.60, 0.02);
  EXPECT_NEAR(many.high(), 98.55, 0.02);
  EXPECT_LT(few.low(), many.low());
  EXPECT_EQ(MakeRate(0, 50).low(), 0.0);
}

TEST(Share, OrderThatWentWell_CountsOnceForEverything) {
  Order order = OrderIn(v1::CLOSED);
  const v1::FigureCounts counts = AllCounts(order);
  EXPECT_EQ(counts.ShortDebugString(),
            "filed: 1 dispatched: 1 due: 1 responded: 1 replied: 1 closed: 1 closed_in_time: 1 "
            "callbacks: 1 answered_callbacks: 1 solved: 1 rated: 1 satisfied: 1");
  const auto share = ShareOfState(order.ticket());
  EXPECT_EQ(share->unit(), UnitName("zhujianju"));
  EXPECT_EQ(share->area(), "469030100003");
  EXPECT_EQ(share->category(), order.ticket().category());
}

TEST(Share, Due_IsTheLastDayOfTheHandlingClock) {
  Order order("2025-09-08 09:00");
  order.Do(kDispatch);
  ASSERT_EQ(FromProto(OpenClock(order.ticket(), v1::HANDLE)->due_time()), At("2025-09-16 00:00"));
  EXPECT_EQ(ShareOfState(order.ticket())->day(), 20250915);
  order.Do({kSign, kRequestExtension, kDecideExtension});
  EXPECT_GT(ShareOfState(order.ticket())->day(), 20250915) << "the final deadline counts";
}

TEST(Share, LateSign_LateReplyOrNoContact_IsNoResponse) {
  Order late_sign("2025-09-08 09:00");
  late_sign.Do(kDispatch).Wait(absl::Hours(30)).Do({kSign, kReply});
  EXPECT_EQ(StateCounts(late_sign).responded(), 0);
  EXPECT_EQ(StateCounts(late_sign).replied(), 1);

  Order late_reply("2025-09-08 09:00");
  late_reply.Do({kDispatch, kSign}).WaitUntil("2025-09-16 00:00").Do(kReply);
  EXPECT_EQ(StateCounts(late_reply).responded(), 0) << "the first instant that is too late";

  Order open("2025-09-08 09:00");
  open.Do({kDispatch, kSign}).WaitUntil("2025-12-01 00:00");
  EXPECT_EQ(StateCounts(open).due(), 1) << "an open overdue order is not hidden";
  EXPECT_EQ(StateCounts(open).responded(), 0);
}

TEST(Share, Rework_IsMeasuredByItsFirstRoundAndAsRework) {
  Order order("2025-09-08 09:00");
  order.Do({kDispatch, kSign, kReply, kSendBack});
  order.WaitUntil("2025-11-03 09:00").Do({kSign, kReply, kPassAudit, kRecordCallback, kClose});
  const auto share = ShareOfState(order.ticket());
  EXPECT_EQ(share->day(), 20250915);
  EXPECT_EQ(share->counts().responded(), 1);
  EXPECT_EQ(share->counts().reworked(), 1);
  EXPECT_EQ(share->counts().closed_in_time(), 1);
}

TEST(Share, WhatItsUnitIsNotMeasuredBy_CountsForNothing) {
  for (const v1::TicketState state :
       {v1::PENDING_DISPATCH, v1::MERGED, v1::WITHDRAWN, v1::TRANSFERRED, v1::TERMINATED,
        v1::ANSWERED, v1::REJECTED, v1::SELF_SOLVED}) {
    EXPECT_FALSE(ShareOfState(OrderIn(state).ticket())) << v1::TicketState_Name(state);
  }
  Order merged = OrderIn(v1::MERGED);
  merged.Do({kRecordCallback, kCloseMerged});
  EXPECT_FALSE(ShareOfState(merged.ticket())) << "the group counts once";
}

// Of all shares, up to the end of a day.
int64_t HungUpAt(const v1::Ticket& ticket, int32_t day, absl::string_view unit = "") {
  const v1::FigureShare share = ShareOfState(ticket).value_or(v1::FigureShare());
  int64_t hung_up = 0;
  for (const v1::FigureShare& change : share.hung_up()) {
    EXPECT_EQ(change.category(), ticket.category());
    hung_up += change.day() <= day && (unit.empty() || change.unit() == UnitName(unit))
                   ? change.counts().suspended()
                   : 0;
  }
  return hung_up;
}

TEST(HungUp, Order_CountsAtTheEndOfEachDayThatItWasSo) {
  Order order("2025-09-08 09:00");
  order.Do({kDispatch, kSign, kRequestExtension, kDecideExtension});
  EXPECT_EQ(HungUpAt(order.ticket(), 20991231), 0);
  order.WaitUntil("2025-09-09 10:00").Do(kSuspend);
  EXPECT_EQ(ShareOfState(order.ticket())->counts().ShortDebugString(), "") << "is not due";
  // Reviews follow one another without a gap, however late they are rung.
  order.WaitUntil("2025-10-12 08:00").Ring().WaitUntil("2025-12-01 08:00").Ring();
  EXPECT_EQ(order.ticket().clocks(order.ticket().clocks_size() - 1).kind(), v1::REVIEW);
  EXPECT_EQ(HungUpAt(order.ticket(), 20991231), 1) << "still";
  order.WaitUntil("2025-12-20 23:59").Do(kResume);
  struct Case {
    int32_t day;
    int64_t hung_up;
  };
  for (const Case& c : {Case{20250908, 0}, Case{20250909, 1}, Case{20251007, 1}, Case{20251008, 1},
                        Case{20251012, 1}, Case{20251130, 1}, Case{20251219, 1}, Case{20251220, 0},
                        Case{20991231, 0}}) {
    EXPECT_EQ(HungUpAt(order.ticket(), c.day, "zhujianju"), c.hung_up) << c.day;
  }
  order.WaitUntil("2026-01-05 09:00").Do(kSuspend).Do(kWithdraw);
  EXPECT_EQ(HungUpAt(order.ticket(), 20251201), 1) << "the past stays";
  EXPECT_EQ(HungUpAt(order.ticket(), 20260105), 0) << "ended on the day that it began";
}

TEST(HungUp, OfAnExcludedOrder_IsTakenOutToo) {
  Order order = OrderIn(v1::SUSPENDED);
  v1::Ticket excluded = order.ticket();
  excluded.mutable_exclusion()->set_state(v1::EXCLUSION_APPROVED);
  excluded.mutable_exclusion()->add_scopes(v1::DEADLINE_FIGURES);
  const auto share = ShareOfState(excluded);
  ASSERT_EQ(share->excluded_size(), 1);
  EXPECT_EQ(share->excluded(0).hung_up(0).SerializeAsString(),
            share->hung_up(0).SerializeAsString());
}

TEST(Share, Points_AreThoseRaisedSinceTheUnitHasTheOrder) {
  Order order("2025-09-08 09:00", SupervisedInForce());
  order.Do(kDispatch).WaitUntil("2025-09-09 08:40").Ring();
  ASSERT_EQ(order.ticket().supervisions_size(), 2) << "S0 and S1, not signed in time";
  EXPECT_EQ(StateCounts(order).supervision_points(), 1);
  order.Do({kRequestReturn, kApproveReturn}).Wait(absl::Minutes(1)).Do({kDispatch, kSign});
  EXPECT_EQ(StateCounts(order).supervision_points(), 0) << "another lead's";
  order.WaitUntil("2025-12-01 08:00").Ring();
  EXPECT_EQ(order.ticket().supervision_level(), v1::S4_LISTED);
  EXPECT_EQ(StateCounts(order).supervision_points(), 2 + 3 + 4);
  order.Do({kReply, kPassAudit, kRecordCallback, kClose});
  EXPECT_EQ(StateCounts(order).supervision_points(), 9) << "closing takes nothing back";
}

TEST(Figures, Points_LowerTheScoreByTheirMeanAndNeverBelowZero) {
  v1::FigureCounts counts;
  counts.set_due(200);
  counts.set_responded(188);
  counts.set_answered_callbacks(160);
  counts.set_solved(138);
  counts.set_rated(150);
  counts.set_satisfied(141);
  EXPECT_EQ(MakeFigures("", counts, {}, WeightsOf({})).supervision_points(), 0);
  EXPECT_EQ(MakeFigures("", counts, {}, WeightsOf({})).score_after_supervision(), 91.29);
  counts.set_supervision_points(267);
  v1::FigureCounts excluded;
  excluded.set_due(8);
  excluded.set_supervision_points(267);
  const v1::Figures figures = MakeFigures("", counts, excluded, WeightsOf({}));
  EXPECT_EQ(figures.supervision_points(), 1.34) << "1.335";
  EXPECT_EQ(figures.score(), 91.29) << "as without";
  EXPECT_EQ(figures.score_after_supervision(), 89.95);
  EXPECT_EQ(figures.adjusted().supervision_points(), 0);
  EXPECT_EQ(figures.adjusted().score_after_supervision(), figures.adjusted().score());
  counts.set_supervision_points(200 * 100);
  EXPECT_EQ(MakeFigures("", counts, {}, WeightsOf({})).score_after_supervision(), 0);
  counts.clear_rated();
  const v1::Figures unscored = MakeFigures("", counts, {}, WeightsOf({}));
  EXPECT_EQ(unscored.supervision_points(), 100);
  EXPECT_FALSE(unscored.has_score_after_supervision());
  EXPECT_FALSE(MakeFigures("", {}, {}, WeightsOf({})).has_supervision_points());
}

TEST(Figures, Hanging_IsNoPartOfWhatIsDue) {
  v1::FigureCounts counts;
  counts.set_due(8);
  counts.set_suspended(12);
  v1::FigureCounts excluded;
  excluded.set_suspended(10);
  const v1::Figures figures = MakeFigures("", counts, excluded, WeightsOf({}));
  EXPECT_EQ(figures.hanging().percent(), 150.0);
  EXPECT_FALSE(figures.hanging().has_low());
  EXPECT_EQ(figures.adjusted().hanging().percent(), 25.0);
  counts.clear_due();
  EXPECT_FALSE(MakeFigures("", counts, {}, WeightsOf({})).hanging().has_percent());
}

TEST(Share, MergedCallersAnswer_IsAboutTheUnitThatGoesOn) {
  Order merged = OrderIn(v1::MERGED);
  merged.Do(kRecordCallback);
  const auto share = ShareOfFact(merged.ticket(), merged.facts().back());
  ASSERT_TRUE(share);
  EXPECT_EQ(share->unit(), UnitName("zhujianju"));
  EXPECT_EQ(share->counts().solved(), 1);
}

TEST(Share, Return_CountsForTheUnitEvenWhenItIsRelieved) {
  Order order("2025-09-08 09:00");
  order.Do({kDispatch, kRequestReturn, kApproveReturn});
  EXPECT_FALSE(ShareOfState(order.ticket()));
  v1::FigureCounts returned;
  for (const v1::TicketFact& fact : order.facts()) {
    const auto share = ShareOfFact(order.ticket(), fact);
    if (share && share->unit() == UnitName("zhujianju")) {
      AddCounts(share->counts(), 1, &returned);
    }
  }
  EXPECT_EQ(returned.ShortDebugString(), "dispatched: 1 returned: 1");
}

TEST(Share, AnsweredAtOnce_CountsOnTheDayOfFiling) {
  Order order = OrderIn(v1::ANSWERED);
  EXPECT_EQ(AllCounts(order).ShortDebugString(), "filed: 1 answered_at_once: 1");
}

}  // namespace
}  // namespace baimi::ticket::domain
