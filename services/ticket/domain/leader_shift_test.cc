#include "services/ticket/domain/leader_shift.h"

#include <gmock/gmock.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/testing/protos.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using test::Text;

constexpr char kName[] = "counties/469030/leaderShifts/17";

const PolicyInForce& WithShifts() {
  static const auto& policy = *new PolicyInForce(InForce([] {
    v1::TicketPolicy made = SamplePolicy();
    *made.mutable_leader_shifts() = Text<v1::LeaderShiftPolicy>(R"pb(
      windows { start_minute: 510 end_minute: 720 }
      windows { start_minute: 840 end_minute: 1440 }
      settle_same_day: true
    )pb");
    return made;
  }()));
  return policy;
}

class LeaderShiftTest : public testing::Test {
 protected:
  Context Now(absl::string_view at, const PolicyInForce& policy = WithShifts()) {
    actor_ = MakeActor("clerk", "");
    return {At(at), actor_, policy};
  }
  static v1::LeaderShift Wanted(absl::string_view start, absl::string_view end,
                                const std::string& leader = "wang") {
    v1::LeaderShift shift;
    shift.mutable_leader()->set_id(leader);
    shift.mutable_leader()->set_display_name("王局长");
    shift.mutable_leader()->set_post("住建局局长");
    shift.mutable_leader()->set_unit(UnitName("zhujianju"));
    *shift.mutable_start_time() = ToProto(At(start));
    *shift.mutable_end_time() = ToProto(At(end));
    shift.set_seat("3号席");
    return shift;
  }
  v1::LeaderShift Planned(absl::string_view start = "2025-09-26 09:00",
                          absl::string_view end = "2025-09-26 11:00") {
    const auto step =
        WriteLeaderShift(nullptr, Wanted(start, end), kName, {}, Now("2025-09-20 09:00"));
    EXPECT_TRUE(step.ok()) << step.status();
    return step.ok() ? step->shift : v1::LeaderShift();
  }
  std::string Refused(const v1::LeaderShift& wanted, absl::Span<const v1::LeaderShift> others = {},
                      absl::string_view at = "2025-09-20 09:00") {
    return ReasonOf(
        WriteLeaderShift(nullptr, wanted, "counties/469030/leaderShifts/18", others, Now(at))
            .status());
  }

 private:
  type::v1::Actor actor_;
};

TEST_F(LeaderShiftTest, State_FollowsTheTime) {
  const v1::LeaderShift shift = Planned();
  EXPECT_EQ(StateOf(shift, At("2025-09-26 08:59")), v1::SHIFT_PLANNED);
  EXPECT_EQ(StateOf(shift, At("2025-09-26 09:00")), v1::SHIFT_RUNNING);
  EXPECT_EQ(StateOf(shift, At("2025-09-26 10:59")), v1::SHIFT_RUNNING);
  EXPECT_EQ(StateOf(shift, At("2025-09-26 11:00")), v1::SHIFT_ENDED);
  v1::CancelLeaderShiftRequest cancel;
  cancel.set_rationale("出差");
  const auto cancelled = CancelLeaderShift(shift, cancel, Now("2025-09-25 09:00"));
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_EQ(StateOf(cancelled->shift, At("2025-09-26 10:00")), v1::SHIFT_CANCELLED);
  EXPECT_EQ(cancelled->shift.rationale(), "出差");
  EXPECT_EQ(cancelled->shift.etag(), "v2");
  for (const char* late : {"2025-09-26 09:00", "2025-09-26 12:00"}) {
    EXPECT_EQ(ReasonOf(CancelLeaderShift(shift, cancel, Now(late)).status()), "LEADER_SHIFT_STATE")
        << late;
  }
}

TEST_F(LeaderShiftTest, Times_AreInsideOneWindowOfOneDay) {
  const struct {
    const char* start;
    const char* end;
    const char* reason;
  } cases[] = {
      {"2025-09-26 08:30", "2025-09-26 12:00", ""},
      {"2025-09-26 14:00", "2025-09-27 00:00", ""},
      {"2025-09-26 08:29", "2025-09-26 10:00", "INVALID_FIELD"},
      {"2025-09-26 11:00", "2025-09-26 12:01", "INVALID_FIELD"},
      {"2025-09-26 11:00", "2025-09-26 15:00", "INVALID_FIELD"},
      {"2025-09-26 15:00", "2025-09-27 09:00", "INVALID_FIELD"},
      {"2025-09-26 11:00", "2025-09-26 11:00", "INVALID_FIELD"},
      {"2025-09-19 09:00", "2025-09-19 10:00", "LEADER_SHIFT_STATE"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Refused(Wanted(c.start, c.end)), c.reason) << c.start << " to " << c.end;
  }
  v1::LeaderShift elsewhere = Wanted("2025-09-26 09:00", "2025-09-26 10:00");
  elsewhere.mutable_leader()->set_unit("counties/469029/units/zhujianju");
  EXPECT_EQ(Refused(elsewhere), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(WriteLeaderShift(nullptr, Wanted("2025-09-26 09:00", "2025-09-26 10:00"),
                                      kName, {}, Now("2025-09-20 09:00", SampleInForce()))
                         .status()),
            "NOT_APPLICABLE");
}

TEST_F(LeaderShiftTest, OneLeader_HasNoTwoShiftsAtATime) {
  v1::LeaderShift other = Planned();
  const auto refused = [&](absl::string_view start, absl::string_view end,
                           const std::string& leader = "wang") {
    return Refused(Wanted(start, end, leader), {other});
  };
  EXPECT_EQ(refused("2025-09-26 10:59", "2025-09-26 11:30"), "LEADER_SHIFT_STATE");
  EXPECT_EQ(refused("2025-09-26 08:30", "2025-09-26 09:01"), "LEADER_SHIFT_STATE");
  EXPECT_EQ(refused("2025-09-26 08:30", "2025-09-26 12:00"), "LEADER_SHIFT_STATE");
  EXPECT_EQ(refused("2025-09-26 11:00", "2025-09-26 12:00"), "") << "one after the other";
  EXPECT_EQ(refused("2025-09-26 10:00", "2025-09-26 12:00", "li"), "") << "another leader";
  *other.mutable_cancel_time() = ToProto(At("2025-09-20 08:00"));
  EXPECT_EQ(refused("2025-09-26 09:00", "2025-09-26 11:00"), "") << "that one was cancelled";
}

TEST_F(LeaderShiftTest, Running_ChangesSeatAndEndOnly) {
  const v1::LeaderShift shift = Planned();
  const auto change = [&](absl::string_view at, auto edit) {
    v1::LeaderShift wanted = shift;
    edit(wanted);
    return WriteLeaderShift(&shift, wanted, kName, {shift}, Now(at));
  };
  const auto longer = [](v1::LeaderShift& wanted) {
    wanted.set_seat("1号席");
    *wanted.mutable_end_time() = ToProto(At("2025-09-26 11:30"));
  };
  const auto changed = change("2025-09-26 10:00", longer);
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->shift.seat(), "1号席");
  EXPECT_EQ(changed->shift.version(), 2);
  EXPECT_EQ(ReasonOf(change("2025-09-26 11:00", longer).status()), "LEADER_SHIFT_STATE") << "over";
  const auto other_leader = [](v1::LeaderShift& wanted) { wanted.mutable_leader()->set_id("li"); };
  EXPECT_TRUE(change("2025-09-26 08:00", other_leader).ok()) << "planned";
  EXPECT_EQ(ReasonOf(change("2025-09-26 10:00", other_leader).status()), "LEADER_SHIFT_STATE");
  EXPECT_EQ(ReasonOf(change("2025-09-26 10:00",
                            [](v1::LeaderShift& wanted) {
                              *wanted.mutable_end_time() = ToProto(At("2025-09-26 09:30"));
                            })
                         .status()),
            "LEADER_SHIFT_STATE");
}

TEST_F(LeaderShiftTest, Taking_NeedsARunningShiftOfAnotherUnit) {
  const v1::LeaderShift shift = Planned();
  v1::Ticket filed;
  EXPECT_TRUE(CheckTaking(shift, filed, At("2025-09-26 09:00")).ok());
  for (const char* at : {"2025-09-26 08:59", "2025-09-26 11:00"}) {
    EXPECT_EQ(ReasonOf(CheckTaking(shift, filed, At(at))), "LEADER_SHIFT_STATE") << at;
  }
  filed.set_type(v1::REPORT);
  filed.set_subject_unit(UnitName("yinggen"));
  EXPECT_TRUE(CheckTaking(shift, filed, At("2025-09-26 09:00")).ok());
  filed.set_subject_unit(UnitName("zhujianju"));
  EXPECT_EQ(ReasonOf(CheckTaking(shift, filed, At("2025-09-26 09:00"))), "RECUSED");
}

v1::CreateTicketRequest TakenRequest() {
  v1::CreateTicketRequest request = SampleRequest();
  request.set_leader_shift(kName);
  return request;
}

TEST_F(LeaderShiftTest, Coordinated_StandsOnTheOrder) {
  Order order("2025-09-26 09:30", WithShifts(), TakenRequest());
  EXPECT_EQ(order.ticket().leader_shift().shift(), kName);
  const absl::Time day_end = At("2025-09-27 00:00");
  EXPECT_TRUE(IsLeftOpen(order.ticket(), day_end));
  v1::CoordinateTicketRequest request;
  request.mutable_coordination()->set_note("与物业商定周五修复");
  order.Do(Command::kDispatch);
  EXPECT_EQ(ReasonOf(Coordinate(order.ticket(), request, order.As("zhujianju")).status()),
            "UNDERTAKER_MAY_NOT_DECIDE");
  order.Take(Coordinate(order.ticket(), request, order.Now()));
  EXPECT_EQ(order.ticket().leader_shift().coordination().note(), "与物业商定周五修复");
  EXPECT_FALSE(IsLeftOpen(order.ticket(), day_end));
  EXPECT_TRUE(IsLeftOpen(order.ticket(), FromProto(order.ticket().create_time())))
      << "not before it was coordinated";

  Order other("2025-09-26 09:30", WithShifts());
  EXPECT_EQ(ReasonOf(Coordinate(other.ticket(), request, other.Now()).status()),
            "LEADER_SHIFT_STATE");
  order.Do({Command::kSign, Command::kReply, Command::kPassAudit, Command::kRecordCallback,
            Command::kClose});
  EXPECT_EQ(ReasonOf(Coordinate(order.ticket(), request, order.Now()).status()),
            "ILLEGAL_TRANSITION");
}

TEST_F(LeaderShiftTest, Counts_TellWhatBecameOfTheOrders) {
  const absl::Time end = At("2025-09-27 00:00");
  v1::ShiftCounts counts;
  Order open("2025-09-26 09:30", WithShifts(), TakenRequest());
  CountTaken(open.ticket(), end, &counts);
  EXPECT_THAT(counts.ShortDebugString(), "taken: 1 left_open: 1");

  v1::CreateTicketRequest praise = TakenRequest();
  praise.mutable_ticket()->set_type(v1::PRAISE);
  CountTaken(Order("2025-09-26 09:30", WithShifts(), praise).ticket(), end, &counts);
  EXPECT_THAT(counts.ShortDebugString(), "taken: 2 answered_at_once: 1 left_open: 1");

  Order done("2025-09-26 09:30", WithShifts(), TakenRequest());
  done.Do({Command::kDispatch, Command::kSign, Command::kReply, Command::kPassAudit,
           Command::kRecordCallback, Command::kClose});
  const v1::Callback& callback = done.ticket().callbacks(0);
  ASSERT_EQ(callback.solved(), v1::YES);
  ASSERT_LE(callback.rating(), v1::BASICALLY_SATISFIED);
  CountTaken(done.ticket(), end, &counts);
  EXPECT_EQ(counts.taken(), 3);
  EXPECT_EQ(counts.dispatched(), 1);
  EXPECT_EQ(counts.closed(), 1);
  EXPECT_EQ(counts.solved(), 1);
  EXPECT_EQ(counts.satisfied(), 1);
}

TEST_F(LeaderShiftTest, Policy_NamesWhatIsWrong) {
  v1::TicketPolicy policy = WithShifts().policy();
  EXPECT_TRUE(ValidatePolicy(policy, "469030").ok());
  policy.mutable_leader_shifts()->mutable_windows(1)->set_start_minute(700);
  EXPECT_EQ(ReasonOf(ValidatePolicy(policy, "469030")), "BAD_POLICY") << "overlapping";
  policy.mutable_leader_shifts()->clear_windows();
  EXPECT_EQ(ReasonOf(ValidatePolicy(policy, "469030")), "BAD_POLICY");
}

}  // namespace
}  // namespace baimi::ticket::domain
