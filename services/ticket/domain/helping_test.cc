#include "services/ticket/domain/helping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ticket/domain/account.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/figures.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using enum Command;

// The elevator of 营北: 县住建局 leads, 营北社区 helps; the helper's three working days end with
// 2025-09-30, the lead's five with 2025-10-10.
class HelpingTest : public testing::Test {
 protected:
  Order& Dispatched() { return order_.Do(kDispatch); }
  const v1::HelperTask& Help(absl::string_view unit = "yingbei") {
    const v1::HelperTask* task = HelpOf(order_.ticket(), UnitName(unit));
    EXPECT_NE(task, nullptr) << unit;
    return *task;
  }
  absl::Status Submit(absl::string_view unit, absl::string_view result = "已疏散被困人员") {
    v1::SubmitHelpRequest request;
    request.mutable_result()->set_result(std::string(result));
    const auto decision = SubmitHelp(order_.ticket(), request, order_.As(unit));
    if (decision.ok()) {
      order_.Take(decision);
    }
    return decision.status();
  }
  absl::Status Explain(absl::string_view unit) {
    v1::ExplainHelpDelayRequest request;
    request.mutable_delay()->set_reason("等待产权单位到场");
    request.mutable_delay()->set_progress("已联系两户");
    const auto decision = ExplainHelpDelay(order_.ticket(), request, order_.As(unit));
    if (decision.ok()) {
      order_.Take(decision);
    }
    return decision.status();
  }
  absl::Status Change(const std::vector<std::string>& add, const std::vector<std::string>& remove,
                      absl::string_view by = "") {
    v1::ChangeHelpersRequest request;
    for (const std::string& unit : add) request.add_add(UnitName(unit));
    for (const std::string& unit : remove) request.add_remove(UnitName(unit));
    request.set_reason("现场需要");
    const auto decision = ChangeHelpers(order_.ticket(), request, SampleUnits(), order_.As(by));
    if (decision.ok()) {
      order_.Take(decision);
    }
    return decision.status();
  }

  Order order_{"2025-09-26 10:00"};
};

TEST_F(HelpingTest, Dispatch_GivesAHelperADeadlineOfItsOwn) {
  Dispatched();
  EXPECT_EQ(Help().state(), v1::HELP_ASKED);
  EXPECT_EQ(Help().clock().kind(), v1::ASSIST);
  EXPECT_EQ(Help().clock().holder(), UnitName("yingbei"));
  EXPECT_EQ(FromProto(Help().clock().due_time()), At("2025-10-01 00:00"));
  EXPECT_EQ(FromProto(OpenClock(order_.ticket(), v1::HANDLE)->due_time()), At("2025-10-11 00:00"))
      << "one clock for the order";
}

TEST_F(HelpingTest, HelperDeadline_IsNeverLaterThanTheLeads) {
  v1::CreateTicketRequest request = SampleRequest();
  request.mutable_ticket()->set_urgency(v1::UTILITY_OUTAGE);
  Order order("2025-09-26 10:00", SampleInForce(), request);
  order.Do(kDispatch);
  EXPECT_EQ(FromProto(order.ticket().helper_tasks(0).clock().due_time()), At("2025-09-27 10:00"));
}

TEST_F(HelpingTest, WithoutARule_TheHelpersTimeIsTheLeads) {
  v1::TicketPolicy policy = SamplePolicy();
  policy.mutable_clock_rules()->RemoveLast();
  const PolicyInForce in_force = InForce(policy);
  Order order("2025-09-26 10:00", in_force);
  order.Do(kDispatch);
  ASSERT_EQ(order.ticket().helper_tasks_size(), 1);
  EXPECT_FALSE(order.ticket().helper_tasks(0).has_clock());
}

TEST_F(HelpingTest, Helper_SignsAndGivesItsResult) {
  Dispatched();
  v1::AcknowledgeHelpRequest sign;
  order_.Take(AcknowledgeHelp(order_.ticket(), sign, order_.As("yingbei")));
  EXPECT_EQ(Help().state(), v1::HELP_ACKNOWLEDGED);
  EXPECT_EQ(ReasonOf(AcknowledgeHelp(order_.ticket(), sign, order_.As("yingbei")).status()),
            "HELP_NOT_OPEN");
  EXPECT_EQ(ReasonOf(Submit("chengguanju")), "NOT_A_HELPER");
  EXPECT_EQ(ReasonOf(Submit("zhujianju")), "NOT_A_HELPER") << "the lead is none";
  EXPECT_EQ(Submit("").code(), absl::StatusCode::kInvalidArgument) << "the platform names the unit";
  order_.Wait(absl::Hours(1));
  ASSERT_TRUE(Submit("yingbei").ok());
  EXPECT_EQ(Help().state(), v1::HELP_GIVEN);
  EXPECT_EQ(Help().result().result(), "已疏散被困人员");
  EXPECT_TRUE(Help().clock().has_stop_time());
  EXPECT_EQ(ReasonOf(Submit("yingbei")), "HELP_NOT_OPEN");
  EXPECT_EQ(order_.ticket().state(), v1::DISPATCHED) << "the order's state is the lead's";
}

TEST_F(HelpingTest, Explanation_InTimeMovesTheHelpersDeadlineOnce) {
  Dispatched();
  ASSERT_TRUE(Explain("yingbei").ok());
  EXPECT_EQ(FromProto(Help().clock().due_time()), At("2025-10-10 00:00"))
      << "one working day after the holidays";
  ASSERT_TRUE(Explain("yingbei").ok());
  EXPECT_EQ(FromProto(Help().clock().due_time()), At("2025-10-10 00:00"));
  EXPECT_EQ(Help().delays_size(), 2);
  EXPECT_TRUE(Help().delays(0).has_due_time());
  EXPECT_FALSE(Help().delays(1).has_due_time());
}

TEST_F(HelpingTest, Explanation_TooLateMovesNothing) {
  Dispatched().Do(kSign).WaitUntil("2025-10-09 09:00");
  ASSERT_TRUE(Explain("yingbei").ok());
  EXPECT_EQ(FromProto(Help().clock().due_time()), At("2025-10-01 00:00"));
}

TEST_F(HelpingTest, Lateness_IsTheHelpersInTheAccountAndTheFigures) {
  Dispatched().Do(kSign).WaitUntil("2025-10-01 00:00");
  EXPECT_EQ(NextAlarm(order_.ticket()), At("2025-10-01 00:00"));
  const Decision noted = NoteRanOut(order_.ticket(), order_.Now());
  ASSERT_EQ(noted.facts.size(), 1U);
  EXPECT_EQ(noted.facts[0].clock_ran_out().kind(), v1::ASSIST);
  EXPECT_EQ(noted.facts[0].clock_ran_out().holder(), UnitName("yingbei"));
  order_.Take(noted);
  EXPECT_TRUE(NoteRanOut(order_.ticket(), order_.Now()).facts.empty()) << "once";
  const auto late = HelpSharesOfFact(order_.ticket(), noted.facts[0]);
  ASSERT_EQ(late.size(), 1U);
  EXPECT_EQ(late[0].unit(), UnitName("yingbei"));
  EXPECT_EQ(late[0].counts().help_late(), 1);
  EXPECT_EQ(late[0].day(), 20251001);

  order_.WaitUntil("2025-10-02 00:00");
  ASSERT_TRUE(Submit("yingbei").ok());
  order_.WaitUntil("2025-10-09 10:00").Do(kReply);
  const auto account = Account(order_.ticket(), order_.facts(), order_.now(), [](absl::Time) {
    return absl::StatusOr<std::shared_ptr<const PolicyInForce>>(
        std::make_shared<const PolicyInForce>(SampleInForce()));
  });
  ASSERT_TRUE(account.ok()) << account.status();
  ASSERT_EQ(account->helpers_size(), 1);
  EXPECT_EQ(account->helpers(0).clock().holder(), UnitName("yingbei"));
  EXPECT_EQ(FromProto(account->helpers(0).late_by()), absl::Hours(24));
  EXPECT_THAT(account->helpers(0).explanation(), HasSubstr("不计入主办单位"));
  for (const v1::ClockVerdict& verdict : account->clocks()) {
    EXPECT_EQ(FromProto(verdict.late_by()), absl::ZeroDuration())
        << "the lead was in time: " << verdict.clock().ShortDebugString();
  }
  const auto lead = ShareOfState(order_.ticket());
  ASSERT_TRUE(lead.has_value());
  EXPECT_EQ(lead->counts().responded(), 1);
  EXPECT_EQ(lead->counts().help_late(), 0);
}

TEST_F(HelpingTest, Figures_CountPartsGivenAndResults) {
  Dispatched();
  const auto asked = HelpSharesOfFact(order_.ticket(), order_.facts().back());
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].counts().help_asked(), 1);
  ASSERT_TRUE(Submit("yingbei").ok());
  const auto given = HelpSharesOfFact(order_.ticket(), order_.facts().back());
  ASSERT_EQ(given.size(), 1U);
  EXPECT_EQ(given[0].counts().help_given(), 1);
  v1::FigureCounts counts;
  counts.set_help_asked(4);
  counts.set_help_late(1);
  EXPECT_EQ(MakeFigures("", counts, {}, WeightsOf(SamplePolicy())).helping_late().percent(), 25);
}

TEST_F(HelpingTest, Reply_TellsOfEachHelper) {
  Dispatched().Do(kSign);
  ASSERT_TRUE(Change({"chengguanju"}, {}).ok());
  ASSERT_TRUE(Submit("yingbei").ok());
  v1::ReplyTicketRequest request;
  request.mutable_reply()->set_result("已恢复");
  request.mutable_reply()->set_caller_contacted(true);
  request.mutable_reply()->add_helpers()->set_unit(UnitName("xianfuban"));
  EXPECT_EQ(Reply(order_.ticket(), request, order_.Now()).status().code(),
            absl::StatusCode::kInvalidArgument)
      << "not a helper";
  request.mutable_reply()->mutable_helpers(0)->set_unit(UnitName("yingbei"));
  request.mutable_reply()->mutable_helpers(0)->set_done("协助疏散");
  order_.WaitUntil("2025-10-09 12:00");
  order_.Take(Reply(order_.ticket(), request, order_.Now()));
  const v1::Reply& reply = order_.ticket().reply();
  ASSERT_EQ(reply.helpers_size(), 2);
  EXPECT_EQ(reply.helpers(0).done(), "协助疏散");
  EXPECT_EQ(reply.helpers(0).state(), v1::HELP_GIVEN);
  EXPECT_EQ(FromProto(reply.helpers(0).late_by()), absl::ZeroDuration());
  EXPECT_EQ(reply.helpers(1).unit(), UnitName("chengguanju"));
  EXPECT_EQ(reply.helpers(1).done(), "未反馈协办结果");
  EXPECT_EQ(reply.helpers(1).state(), v1::HELP_LAPSED);
  EXPECT_EQ(FromProto(reply.helpers(1).late_by()), absl::Hours(8 * 24 + 12));
  EXPECT_EQ(Help("chengguanju").state(), v1::HELP_LAPSED) << "the reply ends what is open";
  EXPECT_EQ(Help("yingbei").state(), v1::HELP_GIVEN);
}

TEST_F(HelpingTest, Centre_TakesHelpersInAndOut) {
  Dispatched();
  EXPECT_EQ(ReasonOf(Change({"chengguanju"}, {}, "zhujianju")), "UNDERTAKER_MAY_NOT_DECIDE");
  EXPECT_EQ(Change({}, {}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Change({"yingbei"}, {}).code(), absl::StatusCode::kInvalidArgument) << "has a part";
  EXPECT_EQ(Change({}, {"chengguanju"}).code(), absl::StatusCode::kInvalidArgument) << "has none";
  EXPECT_EQ(ReasonOf(Change({"nobody"}, {})), "UNKNOWN_UNIT");
  EXPECT_EQ(ReasonOf(Change({"yinggen"}, {})), "UNKNOWN_UNIT") << "not among the units asked for";
  ASSERT_TRUE(Change({"chengguanju"}, {"yingbei"}).ok());
  EXPECT_THAT(order_.ticket().assignment().helpers(), ElementsAre(UnitName("chengguanju")));
  EXPECT_EQ(Help("yingbei").state(), v1::HELP_REMOVED);
  EXPECT_TRUE(Help("yingbei").clock().has_stop_time());
  EXPECT_EQ(Help("chengguanju").state(), v1::HELP_ASKED);
  EXPECT_THAT(order_.ticket().assignment().explanation(), Contains("协办：县城管局——由中心增派。"));
  EXPECT_EQ(ReasonOf(Submit("yingbei")), "HELP_NOT_OPEN");
  order_.Do({kSign, kReply});
  EXPECT_EQ(ReasonOf(Change({"yingbei"}, {})), "HELP_NOT_OPEN") << "no handling clock runs";
}

TEST_F(HelpingTest, Rework_AsksTheHelpersAgain) {
  Dispatched().Do(kSign);
  ASSERT_TRUE(Submit("yingbei").ok());
  order_.Do({kReply, kSendBack});
  ASSERT_EQ(order_.ticket().helper_tasks_size(), 2);
  EXPECT_EQ(Help().state(), v1::HELP_ASKED);
  EXPECT_EQ(Help().round(), 1);
}

TEST_F(HelpingTest, Suspension_EndsWhatIsOpenAndResumeAsksOnlyWhoGaveNothing) {
  Dispatched().Do(kSign);
  ASSERT_TRUE(Change({"chengguanju"}, {}).ok());
  ASSERT_TRUE(Submit("yingbei").ok());
  order_.Do({kRequestExtension, kDecideExtension, kSuspend});
  EXPECT_EQ(Help("chengguanju").state(), v1::HELP_LAPSED);
  order_.Do(kResume);
  EXPECT_EQ(Help("chengguanju").state(), v1::HELP_ASKED);
  EXPECT_EQ(Help("yingbei").state(), v1::HELP_GIVEN);
}

TEST_F(HelpingTest, MergeAndSplit_KeepTheHelpersTimeSpent) {
  Dispatched().Do(kSign).WaitUntil("2025-09-29 12:00");
  order_.Do(kMerge);
  EXPECT_EQ(Help().state(), v1::HELP_LAPSED);
  EXPECT_FALSE(Help().clock().has_stop_time() && IsOpen(Help()));
  order_.WaitUntil("2025-10-13 12:00").Do(kSplit);
  EXPECT_EQ(Help().state(), v1::HELP_ASKED);
  EXPECT_EQ(FromProto(Help().clock().due_time()), At("2025-10-15 00:00"));
}

}  // namespace
}  // namespace baimi::ticket::domain
