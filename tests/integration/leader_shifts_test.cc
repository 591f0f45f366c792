// 接话日 through the doors: a shift is planned, runs, takes orders, and is summed up.
#include <gmock/gmock.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/leader_shift_service.grpc.pb.h"
#include "common/base/error.h"
#include "services/ticket/domain/proto_time.h"
#include "tests/integration/publishing_fixture.h"

namespace baimi::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using ticket::v1::LeaderShift;
using ticket::v1::LeaderShiftService;
using ticket::v1::Ticket;

class LeaderShiftsTest : public PublishingTest {
 protected:
  // Begins at nine of the next day.
  void SetUp() override {
    PublishingTest::SetUp();
    const absl::CivilDay tomorrow = absl::ToCivilDay(clock().Now(), ShanghaiZone()) + 1;
    nine_ = absl::FromCivil(tomorrow, ShanghaiZone()) + absl::Hours(9);
  }
  absl::StatusOr<LeaderShift> TryPlan(absl::Duration from, absl::Duration until,
                                      const std::string& leader = "wang") {
    ticket::v1::CreateLeaderShiftRequest request;
    request.set_parent(kCounty);
    LeaderShift& shift = *request.mutable_leader_shift();
    shift.mutable_leader()->set_id(leader);
    shift.mutable_leader()->set_display_name("王建国");
    shift.mutable_leader()->set_post("住建局局长");
    shift.mutable_leader()->set_unit(kLead);
    *shift.mutable_start_time() = ticket::domain::ToProto(nine_ + from);
    *shift.mutable_end_time() = ticket::domain::ToProto(nine_ + until);
    shift.set_seat("3号席");
    return As("clerk")(&LeaderShiftService::Stub::CreateLeaderShift, request);
  }
  std::string Plan(absl::Duration from, absl::Duration until, const std::string& leader = "wang") {
    const auto shift = TryPlan(from, until, leader);
    EXPECT_TRUE(shift.ok()) << shift.status();
    return shift.ok() ? shift->name() : "";
  }
  absl::StatusOr<Ticket> Take(const std::string& shift, ticket::v1::CreateTicketRequest request) {
    request.set_leader_shift(shift);
    return As("clerk")(&ticket::v1::TicketService::Stub::CreateTicket, request);
  }
  void WaitUntil(absl::Duration after_nine) { clock().Advance(nine_ + after_nine - clock().Now()); }
  ticket::v1::LeaderShiftSummary Summary(const std::string& shift,
                                         const std::string& key = "clerk") {
    const auto answer = Read(shift + ":summary", key);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return FromJson<ticket::v1::LeaderShiftSummary>(answer.body);
  }

  absl::Time nine_;
};

TEST_F(LeaderShiftsTest, Shift_IsPlannedShownAndNeverTwiceAtATime) {
  const std::string shift = Plan(absl::Hours(0), absl::Hours(2));
  const auto overlap = TryPlan(absl::Hours(1), absl::Hours(3));
  EXPECT_EQ(ReasonOf(overlap.status()), "LEADER_SHIFT_STATE") << overlap.status();
  const std::string other = Plan(absl::Hours(1), absl::Hours(3), "li");
  const auto calendar = Read("counties/469030/leaderShifts", "webpage");
  ASSERT_EQ(calendar.status, 200) << calendar.body;
  EXPECT_THAT(calendar.body, HasSubstr("王建国"));
  EXPECT_THAT(calendar.body, HasSubstr("SHIFT_PLANNED"));
  EXPECT_LT(calendar.body.find(shift + "\""), calendar.body.find(other + "\""));
  EXPECT_EQ(Post(other + ":cancel", R"({"rationale":"临时外出"})", "webpage").status, 403);
  const auto cancelled = Post(other + ":cancel", R"({"rationale":"临时外出"})");
  ASSERT_EQ(cancelled.status, 200) << cancelled.body;
  EXPECT_THAT(Read(other, "webpage").body, HasSubstr("临时外出"));
  EXPECT_THAT(Post(other + ":cancel", R"({"rationale":"临时外出"})").body,
              HasSubstr("LEADER_SHIFT_STATE"));
  const auto moved = Http("PATCH", absl::StrCat("/v1/", shift), R"({"seat":"1号席"})", "clerk");
  ASSERT_EQ(moved.status, 200) << moved.body;
  EXPECT_EQ(FromJson<LeaderShift>(moved.body).version(), 2);
  WaitUntil(absl::Hours(2));
  EXPECT_THAT(Read("counties/469030/leaderShifts", "webpage").body, Not(HasSubstr(shift + "\"")))
      << "it is over";
  EXPECT_THAT(Read("counties/469030/leaderShifts").body, HasSubstr(shift + "\""));
}

TEST_F(LeaderShiftsTest, OrdersTaken_AreSummedUpAndWhatIsLeftOpenIsNamed) {
  const std::string shift = Plan(absl::Hours(0), absl::Hours(2));
  EXPECT_EQ(ReasonOf(Take(shift, LiftRequest("")).status()), "LEADER_SHIFT_STATE")
      << "it does not run yet";
  EXPECT_TRUE(
      absl::IsNotFound(Take("counties/469030/leaderShifts/999999", LiftRequest("")).status()));
  WaitUntil(absl::Hours(1));
  const auto open = Take(shift, LiftRequest(""));
  ASSERT_TRUE(open.ok()) << open.status();
  EXPECT_EQ(Get(open->name()).leader_shift().shift(), shift);
  const auto coordinated = Take(shift, LiftRequest(""));
  ASSERT_TRUE(coordinated.ok()) << coordinated.status();
  const auto done = Take(shift, LiftRequest(""));
  ASSERT_TRUE(done.ok()) << done.status();
  Ticket closing = *done;
  for (int step = 0; step < 6; ++step) {
    closing = Advance(closing);
  }
  ASSERT_EQ(closing.state(), ticket::v1::CLOSED);

  const std::string agreed = R"({"coordination":{"note":"与物业商定周五前修复"}})";
  EXPECT_EQ(Post(coordinated->name() + ":coordinate", agreed, "unit-zhujianju").status, 403);
  const auto answer = Post(coordinated->name() + ":coordinate", agreed);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(Get(coordinated->name()).leader_shift().coordination().note(), "与物业商定周五前修复");
  EXPECT_EQ(Get(coordinated->name(), "resident").leader_shift().coordination().note(), "")
      << "the public sees no words about an order";
  EXPECT_THAT(Post(File(LiftRequest("")).name() + ":coordinate", agreed).body,
              HasSubstr("LEADER_SHIFT_STATE"));

  const ticket::v1::LeaderShiftSummary now = Summary(shift);
  EXPECT_EQ(now.counts().taken(), 3);
  EXPECT_EQ(now.counts().dispatched(), 1);
  EXPECT_EQ(now.counts().closed(), 1);
  EXPECT_EQ(now.counts().solved(), 1);
  EXPECT_EQ(now.counts().satisfied(), 1);
  EXPECT_EQ(now.counts().coordinated(), 1);
  EXPECT_THAT(now.left_open(), ElementsAre(open->name()));
  EXPECT_FALSE(now.day_over());
  const auto body = Read(shift + ":summary").body;
  EXPECT_THAT(body, Not(HasSubstr("电梯"))) << "names of orders, and nothing else of them";
  EXPECT_EQ(Read(shift + ":summary", "webpage").status, 403);

  WaitUntil(absl::Hours(15));
  EXPECT_TRUE(Summary(shift).day_over());
  closing = *open;
  for (int step = 0; step < 6; ++step) {
    closing = Advance(closing);
  }
  EXPECT_THAT(Summary(shift).left_open(), ElementsAre(open->name())) << "it was, that day";
  EXPECT_EQ(Summary(shift).counts().closed(), 2);
  const auto month = Read(absl::StrCat("counties/469030/leaderShifts:month?month=",
                                       absl::FormatTime("%Y-%m", nine_, ShanghaiZone())));
  ASSERT_EQ(month.status, 200) << month.body;
  const auto leaders = FromJson<ticket::v1::LeaderShiftMonth>(month.body);
  ASSERT_EQ(leaders.leaders_size(), 1);
  EXPECT_EQ(leaders.leaders(0).leader().display_name(), "王建国");
  EXPECT_EQ(leaders.leaders(0).held(), 1);
  EXPECT_EQ(leaders.leaders(0).counts().taken(), 3);
  EXPECT_THAT(leaders.leaders(0).left_open(), ElementsAre(open->name()));
}

TEST_F(LeaderShiftsTest, Reports_AreCountedForNobodyTheyAreAbout) {
  const std::string shift = Plan(absl::Hours(0), absl::Hours(2));
  WaitUntil(absl::Hours(1));
  ticket::v1::CreateTicketRequest report = LiftRequest("");
  report.mutable_ticket()->set_type(ticket::v1::REPORT);
  report.mutable_ticket()->set_subject_unit(kLead);
  EXPECT_EQ(ReasonOf(Take(shift, report).status()), "RECUSED") << "about the leader's own unit";
  report.mutable_ticket()->set_subject_unit("counties/469030/units/yinggen");
  const auto taken = Take(shift, report);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(Summary(shift).counts().taken(), 1);
  EXPECT_THAT(Summary(shift).left_open(), ElementsAre(taken->name()));
  const ticket::v1::LeaderShiftSummary seen = Summary(shift, "curious");
  EXPECT_EQ(seen.counts().taken(), 0) << "who works for the unit complained of";
  EXPECT_TRUE(seen.left_open().empty());
}

}  // namespace
}  // namespace baimi::integration
