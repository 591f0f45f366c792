#include "services/ticket/domain/number_block.h"

#include <functional>
#include <random>

#include "common/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using ::testing::HasSubstr;

constexpr char kBlock[] = "counties/469030/numberBlocks/20250908-000000007";

const PolicyInForce& Blocking() {
  static const auto& policy = *new PolicyInForce(InForce([] {
    v1::TicketPolicy made = SamplePolicy();
    made.mutable_line()->set_max_block_days(30);
    *made.mutable_line()->mutable_decide_appeal_within() = MakePeriod(v1::WORKING_DAYS, 5);
    return made;
  }()));
  return policy;
}

// Somebody at a time.
struct Someone {
  type::v1::Actor actor;
  absl::Time now;
  Context context(const PolicyInForce& policy = Blocking()) const { return {now, actor, policy}; }
};
Someone SomeoneAt(absl::string_view who, absl::string_view time) {
  return {MakeActor(who, "hotline"), domain::At(time)};
}

v1::CreateNumberBlockRequest Request(absl::string_view until = "2025-09-30") {
  v1::CreateNumberBlockRequest request;
  request.set_parent("counties/469030");
  v1::NumberBlock& block = *request.mutable_number_block();
  block.set_phone("138 0013 8000");
  block.set_ground(v1::MALICIOUS_DIALLING);
  block.set_reason("一日拨打两百次");
  block.add_call_records("R-1");
  block.set_until_date(std::string(until));
  return request;
}

v1::NumberBlock Asked() {
  const Someone clerk = SomeoneAt("clerk-1", "2025-09-08 09:00");
  return AskForBlock(Request(), kBlock, clerk.context())->block;
}

v1::DecideNumberBlockRequest Approve(absl::string_view until = "") {
  v1::DecideNumberBlockRequest request;
  request.set_approve(true);
  request.set_until_date(std::string(until));
  return request;
}

v1::NumberBlock InForceBlock() {
  return DecideBlock(Asked(), Approve(), SomeoneAt("clerk-2", "2025-09-08 10:00").context())->block;
}

std::string FieldOf(const absl::Status& status) {
  const auto bad = BadRequestOf(status);
  return bad ? bad->field_violations(0).field() : std::string(status.message());
}

TEST(AskForBlock, WantsGroundEvidenceAndALastDayWithinThePolicy) {
  const Someone clerk = SomeoneAt("clerk-1", "2025-09-08 09:00");
  const auto ask = [&](const std::function<void(v1::NumberBlock&)>& change) {
    v1::CreateNumberBlockRequest request = Request();
    change(*request.mutable_number_block());
    return FieldOf(AskForBlock(request, kBlock, clerk.context()).status());
  };
  EXPECT_EQ(ask([](auto& b) { b.clear_ground(); }), "number_block.ground");
  EXPECT_EQ(ask([](auto& b) { b.clear_call_records(); }), "number_block.tickets");
  EXPECT_EQ(ask([](auto& b) { b.add_tickets("counties/469029/tickets/20250901-000001"); }),
            "number_block.tickets");
  EXPECT_EQ(ask([](auto& b) { b.set_until_date("2025-09-07"); }), "number_block.until_date");
  EXPECT_EQ(ask([](auto& b) { b.set_until_date("2025-10-08"); }), "number_block.until_date")
      << "thirty days, the first one counted";
  EXPECT_EQ(ask([](auto& b) { b.set_until_date("2025-10-07"); }), "");
  EXPECT_EQ(ask([](auto& b) { b.set_until_date("2025-09-08"); }), "");
  EXPECT_EQ(Asked().phone(), "13800138000");
  EXPECT_EQ(Asked().state(), v1::BLOCK_ASKED);
  EXPECT_EQ(ReasonOf(AskForBlock(Request(), kBlock, clerk.context(SampleInForce())).status()),
            "NOT_APPLICABLE");
}

TEST(DecideBlock, IsAnotherPersonsAndOnce) {
  const v1::NumberBlock asked = Asked();
  EXPECT_EQ(
      ReasonOf(DecideBlock(asked, Approve(), SomeoneAt("clerk-1", "2025-09-08 10:00").context())
                   .status()),
      "SAME_PERSON");
  const Someone other = SomeoneAt("clerk-2", "2025-09-08 10:00");
  EXPECT_EQ(FieldOf(DecideBlock(asked, {}, other.context()).status()), "note");
  EXPECT_EQ(FieldOf(DecideBlock(asked, Approve("2025-11-30"), other.context()).status()),
            "until_date");
  const v1::NumberBlock block = DecideBlock(asked, Approve("2025-09-10"), other.context())->block;
  EXPECT_EQ(block.state(), v1::BLOCK_IN_FORCE);
  EXPECT_EQ(block.until_date(), "2025-09-10");
  EXPECT_EQ(ReasonOf(DecideBlock(block, Approve(), other.context()).status()), "STAGE_PASSED");
  EXPECT_EQ(
      FieldOf(DecideBlock(asked, Approve(), SomeoneAt("clerk-2", "2025-10-01 09:00").context())
                  .status()),
      "until_date")
      << "its last day has passed while it waited";
}

TEST(AsOf, LastDayEndsAtMidnight) {
  const v1::NumberBlock block = InForceBlock();
  EXPECT_EQ(AsOf(block, domain::At("2025-09-30 23:59")).state(), v1::BLOCK_IN_FORCE);
  EXPECT_EQ(AsOf(block, domain::At("2025-10-01 00:00")).state(), v1::BLOCK_EXPIRED);
  EXPECT_TRUE(IsOpen(block, domain::At("2025-09-30 23:59")));
  EXPECT_FALSE(IsOpen(block, domain::At("2025-10-01 00:00")));
}

TEST(Appeal, IsDecidedByAThirdPerson_AndMayLift) {
  v1::AppealNumberBlockRequest request;
  request.set_text("误会");
  const v1::NumberBlock block = InForceBlock();
  EXPECT_EQ(
      ReasonOf(
          AppealBlock(Asked(), request, SomeoneAt("c", "2025-09-09 09:00").context()).status()),
      "STAGE_PASSED");
  const v1::NumberBlock appealed =
      AppealBlock(block, request, SomeoneAt("clerk-1", "2025-09-09 09:00").context())->block;
  EXPECT_EQ(FromProto(appealed.appeal().decide_before()), domain::At("2025-09-17 00:00"));
  EXPECT_EQ(appealed.state(), v1::BLOCK_IN_FORCE) << "an appeal suspends nothing";
  EXPECT_EQ(
      ReasonOf(
          AppealBlock(appealed, request, SomeoneAt("c", "2025-09-09 10:00").context()).status()),
      "STAGE_PASSED")
      << "one waits";
  v1::DecideNumberBlockAppealRequest decide;
  decide.set_note("证据不足");
  decide.set_uphold(true);
  for (const char* involved : {"clerk-1", "clerk-2"}) {
    EXPECT_EQ(ReasonOf(DecideBlockAppeal(appealed, decide,
                                         SomeoneAt(involved, "2025-09-10 09:00").context())
                           .status()),
              "SAME_PERSON");
  }
  const Someone third = SomeoneAt("leader", "2025-09-10 09:00");
  const v1::NumberBlock lifted = DecideBlockAppeal(appealed, decide, third.context())->block;
  EXPECT_EQ(lifted.state(), v1::BLOCK_LIFTED);
  EXPECT_EQ(lifted.lifted_by().id(), "leader");
  decide.set_uphold(false);
  const v1::NumberBlock kept = DecideBlockAppeal(appealed, decide, third.context())->block;
  EXPECT_EQ(kept.state(), v1::BLOCK_IN_FORCE);
  EXPECT_TRUE(AppealBlock(kept, request, SomeoneAt("c", "2025-09-11 09:00").context()).ok())
      << "he may appeal again";
}

TEST(CheckCall, BlockedOnlyWhileInForce_AndEmergenciesAlwaysPass) {
  const v1::NumberBlock block = InForceBlock();
  const absl::Time during = domain::At("2025-09-20 09:00");
  EXPECT_FALSE(CheckCall(nullptr, during).blocked());
  const v1::NumberBlock asked = Asked();
  EXPECT_FALSE(CheckCall(&asked, during).blocked());
  const v1::CheckNumberResponse answer = CheckCall(&block, during);
  EXPECT_TRUE(answer.blocked());
  EXPECT_TRUE(answer.emergencies_pass());
  EXPECT_THAT(answer.announcement(), HasSubstr("紧急情况仍可反映"));
  EXPECT_THAT(answer.announcement(), HasSubstr("2025-09-30"));
  EXPECT_FALSE(CheckCall(&block, domain::At("2025-10-01 00:00")).blocked());
  EXPECT_TRUE(CheckCall(nullptr, during).emergencies_pass());
}

// Whatever is tried by whomever in whatever sequence: no one decides what he asked for, nothing is
// in force past the policy's days, and the facts replay to the row.
TEST(NumberBlockProperty, NobodyIsJudgeOfHisOwnRequest) {
  int in_force = 0;
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::mt19937 random(seed);
    const auto draw = [&](int most) { return static_cast<int>(random() % most); };
    v1::NumberBlock block = Asked();
    v1::NumberBlock replayed = block;
    absl::Time now = domain::At("2025-09-08 09:00");
    for (int step = 0; step < 12; ++step) {
      now += absl::Hours(draw(60));
      const Someone actor{MakeActor(absl::StrCat("clerk-", draw(3)), "hotline"), now};
      const Context context = actor.context();
      absl::StatusOr<BlockStep> done = absl::UnknownError("");
      switch (draw(5)) {
        case 0:
          done = DecideBlock(block, Approve(), context);
          break;
        case 1:
          done = AppealBlock(block, {}, context);
          break;
        case 2: {
          v1::DecideNumberBlockAppealRequest decide;
          decide.set_uphold(draw(2) == 0);
          done = DecideBlockAppeal(block, decide, context);
          break;
        }
        case 3:
          done = LiftBlock(block, {}, context);
          break;
        default:
          break;
      }
      if (!done.ok()) {
        continue;
      }
      block = done->block;
      replayed = Apply(std::move(replayed), done->fact);
      ASSERT_EQ(replayed.SerializeAsString(), block.SerializeAsString());
      if (block.has_decider()) {
        ASSERT_NE(block.decider().id(), block.requester().id());
        ++in_force;
      }
      if (block.appeal().has_decide_time()) {
        ASSERT_NE(block.appeal().decider().id(), block.decider().id());
        ASSERT_NE(block.appeal().decider().id(), block.requester().id());
      }
      ASSERT_FALSE(CheckCall(&block, domain::At("2025-10-08 00:00")).blocked());
    }
  }
  EXPECT_GT(in_force, 100) << "or nothing was tried";
}

}  // namespace
}  // namespace baimi::ticket::domain
