// The ladder of §1.7 on the clock: each level at its instant, not a microsecond before.
#include "services/ticket/domain/ladder.h"

#include <vector>

#include "gmock/gmock.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/group.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/supervision.h"
#include "services/ticket/domain/testing_order.h"
#include "services/ticket/domain/transitions.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kTick = absl::Microseconds(1);

std::vector<int> Levels(const v1::Ticket& ticket) {
  std::vector<int> levels;
  for (const v1::Supervision& supervision : ticket.supervisions()) {
    levels.push_back(supervision.level() - 1);
  }
  return levels;
}

// A Monday order of five working days: due at the end of the Monday after.
Order Signed(absl::string_view at = "2025-09-01 09:00") {
  Order order(at, SupervisedInForce());
  return order.Do({kDispatch, kSign});
}

// Nothing a tick before `time`, `level` at it.
void ExpectLevelAt(Order& order, absl::Time time, v1::SupervisionLevel level) {
  SCOPED_TRACE(v1::SupervisionLevel_Name(level));
  const v1::SupervisionLevel before = order.ticket().supervision_level();
  EXPECT_EQ(order.ticket().supervision_plan().level(), level);
  EXPECT_EQ(FromProto(order.ticket().supervision_plan().time()), time)
      << ZhDue(FromProto(order.ticket().supervision_plan().time()));
  order.Wait(time - kTick - order.now()).Ring();
  EXPECT_EQ(order.ticket().supervision_level(), before) << "a tick too early";
  order.Wait(kTick).Ring();
  ASSERT_EQ(order.ticket().supervision_level(), level);
  const v1::Supervision& raised = *order.ticket().supervisions().rbegin();
  EXPECT_EQ(FromProto(raised.trigger_time()), time);
  EXPECT_EQ(FromProto(raised.raise_time()), time);
  EXPECT_EQ(raised.unit(), UnitName("zhujianju"));
  const size_t facts = order.facts().size();
  order.Ring();
  EXPECT_EQ(order.facts().size(), facts) << "once only";
}

TEST(Ladder, EveryLevel_ComesAtItsTickAndNotBefore) {
  Order order = Signed();
  // 15 h of Monday and five whole days: 135 h, of which 94.5 end on Friday at 07:30.
  ExpectLevelAt(order, At("2025-09-05 07:30"), v1::S0_REMINDER);
  ExpectLevelAt(order, At("2025-09-09 00:00"), v1::S1_PHONE_URGE);
  ExpectLevelAt(order, At("2025-09-10 00:00"), v1::S2_WRITTEN);
  ExpectLevelAt(order, At("2025-09-12 00:00"), v1::S3_LEADER_IN_CHARGE);
  ExpectLevelAt(order, At("2025-09-17 00:00"), v1::S4_LISTED);
  EXPECT_FALSE(order.ticket().has_supervision_plan()) << "the rest is raised by hand";
  EXPECT_THAT(Levels(order.ticket()), ElementsAre(0, 1, 2, 3, 4));
  v1::Ticket replayed;
  for (const v1::TicketFact& fact : order.facts()) {
    replayed = Apply(std::move(replayed), fact);
  }
  EXPECT_EQ(replayed.SerializeAsString(), order.ticket().SerializeAsString());
}

TEST(Ladder, ClockThatStoodStill_RaisesWhatWasMissedEachWithItsOwnTime) {
  Order order = Signed();
  order.WaitUntil("2025-12-01 09:00").Ring();
  EXPECT_THAT(Levels(order.ticket()), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(FromProto(order.ticket().supervisions(4).trigger_time()), At("2025-09-17 00:00"));
  EXPECT_EQ(FromProto(order.ticket().supervisions(4).raise_time()), order.now());
}

TEST(Ladder, HolidaysAndExtensions_MoveTheTimesWithTheClock) {
  Order order = Signed("2025-09-26 09:00");
  EXPECT_EQ(FromProto(OpenClock(order.ticket(), v1::HANDLE)->due_time()), At("2025-10-11 00:00"));
  order.Do({kRequestExtension, kDecideExtension});
  const absl::Time due = FromProto(OpenClock(order.ticket(), v1::HANDLE)->due_time());
  order.Wait(due - kTick - order.now()).Ring();
  EXPECT_THAT(Levels(order.ticket()), ElementsAre(0));
  EXPECT_EQ(FromProto(order.ticket().supervision_plan().time()), due);
}

TEST(Ladder, UnsignedOrder_IsRemindedAndUrgedAtOnce) {
  Order order("2025-09-01 09:00", SupervisedInForce());
  order.Do(kDispatch);
  const absl::Time due = FromProto(OpenClock(order.ticket(), v1::SIGN)->due_time());
  order.Wait(due - kTick - order.now()).Ring();
  EXPECT_THAT(Levels(order.ticket()), IsEmpty());
  order.Wait(kTick).Ring();
  EXPECT_THAT(Levels(order.ticket()), ElementsAre(0, 1));
  for (const v1::Supervision& supervision : order.ticket().supervisions()) {
    EXPECT_EQ(supervision.trigger(), v1::TRIGGER_UNSIGNED);
    EXPECT_EQ(FromProto(supervision.trigger_time()), due);
  }
}

TEST(Ladder, Reply_StopsItAndReworkGoesOnAboveTheLevelReached) {
  Order order = Signed();
  order.WaitUntil("2025-09-09 09:00").Ring().Do(kReply);
  EXPECT_FALSE(order.ticket().has_supervision_plan());
  order.WaitUntil("2025-10-20 09:00").Ring();
  EXPECT_THAT(Levels(order.ticket()), ElementsAre(0, 1));
  order.Do(kSendBack);
  EXPECT_EQ(order.ticket().supervision_plan().level(), v1::S2_WRITTEN);
  const absl::Time due = FromProto(OpenClock(order.ticket(), v1::HANDLE)->due_time());
  EXPECT_EQ(FromProto(order.ticket().supervision_plan().time()), due + absl::Hours(24));
}

TEST(Ladder, ThirdRework_MakesAProblemOrder) {
  Order order = Signed();
  order.Do({kReply, kSendBack, kSign, kReply, kSendBack, kSign, kReply});
  EXPECT_FALSE(order.ticket().problem_order());
  order.Do(kSendBack);
  EXPECT_TRUE(order.ticket().problem_order());
  ASSERT_THAT(Levels(order.ticket()), ElementsAre(4));
  EXPECT_EQ(order.ticket().supervisions(0).trigger(), v1::TRIGGER_PROBLEM_ORDER);
}

TEST(Ladder, ThirdUnitPassed_MakesAProblemOrderOfTheCoordinatingUnit) {
  Order order("2025-09-01 09:00", SupervisedInForce());
  const std::vector<Command> passed = {kDispatch, kRequestReturn, kApproveReturn};
  order.Do(passed).Do(passed).Do({kDispatch, kRequestReturn});
  EXPECT_FALSE(order.ticket().problem_order());
  order.Do(kApproveReturn);
  EXPECT_TRUE(order.ticket().problem_order());
  ASSERT_THAT(Levels(order.ticket()), ElementsAre(4));
  EXPECT_EQ(order.ticket().supervisions(0).unit(), SupervisedPolicy().fallback_unit());
}

TEST(Ladder, MergedAndFinishedOrders_HaveNoOpenLadder) {
  for (const Command end : {kMerge, kTerminate, kWithdraw, kTransfer}) {
    SCOPED_TRACE(Name(end));
    Order order = Signed();
    order.WaitUntil("2025-09-09 09:00").Ring().Do(end);
    EXPECT_FALSE(order.ticket().has_supervision_plan());
    EXPECT_EQ(NextAlarm(order.ticket()), std::nullopt);
    for (const v1::Supervision& supervision : order.ticket().supervisions()) {
      EXPECT_EQ(supervision.state(), v1::SUPERVISION_ENDED);
      EXPECT_EQ(FromProto(supervision.end_time()), order.now());
    }
    order.WaitUntil("2025-12-09 09:00").Ring();
    EXPECT_THAT(Levels(order.ticket()), ElementsAre(0, 1));
  }
}

TEST(Ladder, SplitOrder_ClimbsOnAboveTheLevelReached) {
  Order order = Signed();
  order.WaitUntil("2025-09-09 09:00").Ring().Do(kMerge).Wait(absl::Hours(1)).Do(kSplit);
  EXPECT_EQ(order.ticket().supervision_plan().level(), v1::S2_WRITTEN);
}

TEST(Ladder, AnswerThatDoesNotCome_IsOnRecordOnceAtItsTick) {
  Order order = Signed();
  order.WaitUntil("2025-09-05 07:30").Ring();
  const absl::Time due = FromProto(order.ticket().supervisions(0).answer_due_time());
  EXPECT_EQ(due, At("2025-09-09 00:00"));
  order.Wait(due - kTick - order.now()).Ring();
  EXPECT_FALSE(order.ticket().supervisions(0).has_run_out_time());
  order.Wait(kTick).Ring();
  EXPECT_EQ(FromProto(order.ticket().supervisions(0).run_out_time()), due);
}

TEST(Suspended, PastItsTargetDate_IsTakenUpAgainWithANewClockAndSupervised) {
  Order order = Signed();
  order.Do({kRequestExtension, kDecideExtension});
  v1::SuspendTicketRequest request;
  request.mutable_suspension()->set_reason(v1::NEEDS_FUNDING);
  request.mutable_suspension()->set_measures("已列入预算");
  request.mutable_suspension()->set_target_date("2025-11-20");
  order.Take(Suspend(order.ticket(), request, order.Now()));
  EXPECT_FALSE(order.ticket().has_supervision_plan());
  // Natural days roll over the holiday; each period begins where the one before ended.
  for (const char* review : {"2025-10-10 00:00", "2025-11-11 00:00"}) {
    const absl::Time due = FromProto(OpenClock(order.ticket(), v1::REVIEW)->due_time());
    EXPECT_EQ(due, At(review)) << ZhDue(due);
    order.Wait(due - order.now()).Ring();
    EXPECT_EQ(order.ticket().state(), v1::SUSPENDED);
    EXPECT_GT(FromProto(OpenClock(order.ticket(), v1::REVIEW)->due_time()), due);
  }
  order.WaitUntil("2025-11-21 00:00").Wait(-kTick).Ring();
  EXPECT_EQ(order.ticket().state(), v1::SUSPENDED);
  EXPECT_THAT(Levels(order.ticket()), IsEmpty());
  order.Wait(kTick).Ring();
  EXPECT_EQ(order.ticket().state(), v1::SIGNED);
  EXPECT_FALSE(order.ticket().has_suspension());
  EXPECT_EQ(FromProto(OpenClock(order.ticket(), v1::HANDLE)->start_time()), order.now());
  ASSERT_THAT(Levels(order.ticket()), ElementsAre(2));
  EXPECT_EQ(order.ticket().supervisions(0).trigger(), v1::TRIGGER_TARGET_DATE_PASSED);
  order.Do(kReply);
  EXPECT_EQ(order.ticket().state(), v1::REPLIED);
}

TEST(Suspended, NeverClosedDirectly) {
  for (const Command command : AllowedCommands(v1::SUSPENDED)) {
    EXPECT_NE((*Find(v1::SUSPENDED, command))->to, v1::CLOSED);
  }
}

}  // namespace
}  // namespace baimi::ticket::domain
