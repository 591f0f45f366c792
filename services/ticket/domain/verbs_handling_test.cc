#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/error.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using testing::HasSubstr;
using enum Command;

std::string ChineseOf(const absl::Status& status) {
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.LocalizedMessage");
  return payload ? std::string(*payload) : "";
}

TEST(Actor, EachCommand_IsForWhomTheTableSays) {
  struct Case {
    v1::TicketState state;
    Command command;
    absl::string_view unit;
    absl::string_view reason;
  };
  const Case cases[] = {
      {v1::DISPATCHED, kSign, "", ""},
      {v1::DISPATCHED, kSign, "zhujianju", ""},
      {v1::DISPATCHED, kSign, "yingbei", "NOT_THE_LEAD"},
      {v1::DISPATCHED, kSign, "xianfuban", "NOT_THE_LEAD"},
      {v1::DISPATCHED, kRequestReturn, "yingbei", "NOT_THE_LEAD"},
      {v1::SIGNED, kReply, "chengguanju", "NOT_THE_LEAD"},
      {v1::RETURN_REVIEW, kApproveReturn, "zhujianju", "UNDERTAKER_MAY_NOT_DECIDE"},
      {v1::RETURN_REVIEW, kApproveReturn, "xianfuban", ""},
      {v1::RETURN_REVIEW, kRefuseReturn, "centre", ""},
      {v1::REPLIED, kPassAudit, "zhujianju", "UNDERTAKER_MAY_NOT_DECIDE"},
      {v1::REPLIED, kPassAudit, "yingbei", "UNDERTAKER_MAY_NOT_DECIDE"},
      {v1::REPLIED, kSendBack, "xianfuban", ""},
      {v1::PENDING_CALLBACK, kRecordCallback, "zhujianju", "UNDERTAKER_MAY_NOT_RECORD"},
      {v1::PENDING_CALLBACK, kRecordCallback, "yingbei", "UNDERTAKER_MAY_NOT_RECORD"},
      {v1::PENDING_CALLBACK, kRecordCallback, "xianfuban", ""},
      {v1::PENDING_CALLBACK, kRecordCallback, "", ""},
  };
  for (const Case& c : cases) {
    Order order = OrderIn(c.state);
    const auto decision = Perform(c.command, order.ticket(), order.As(c.unit));
    EXPECT_EQ(ReasonOf(decision.status()), c.reason)
        << Name(c.command) << " by " << c.unit << ": " << decision.status();
  }
}

TEST(Actor, FallbackUnitAsLead_StillDecidesButRecordsNoCallback) {
  v1::CreateTicketRequest request = SampleRequest();
  request.mutable_ticket()->set_category("09");
  Order order("2025-09-26 10:00", SampleInForce(), request);
  order.Do({kDispatch, kSign, kReply});
  EXPECT_EQ(order.ticket().assignment().lead(), UnitName("xianfuban"));
  order.Take(Perform(kPassAudit, order.ticket(), order.As("xianfuban")));
  EXPECT_EQ(ReasonOf(Perform(kRecordCallback, order.ticket(), order.As("xianfuban")).status()),
            "UNDERTAKER_MAY_NOT_RECORD");
}

TEST(Actor, NotTheLead_SaysWhoIsInBothLanguages) {
  Order order = OrderIn(v1::DISPATCHED);
  const absl::Status status = Perform(kSign, order.ticket(), order.As("yingbei")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(status.message(), "actor.unit: got yingbei, want the lead unit zhujianju");
  EXPECT_THAT(ChineseOf(status),
              HasSubstr("只有主办单位（zhujianju）可以操作，您的单位是 yingbei"));
}

TEST(Dispatch, Designation_HasTimesAndCounts) {
  Order order("2025-09-26 10:00");
  order.Wait(absl::Minutes(30)).Do(kDispatch);
  EXPECT_EQ(order.ticket().dispatch_count(), 1);
  EXPECT_EQ(FromProto(order.ticket().assignment().dispatch_time()), At("2025-09-26 10:30"));
  EXPECT_EQ(OpenClock(order.ticket(), v1::DISPATCH), nullptr);
  order.Wait(absl::Minutes(5)).Do(kSign);
  EXPECT_EQ(FromProto(order.ticket().assignment().sign_time()), At("2025-09-26 10:35"));
  EXPECT_EQ(OpenClock(order.ticket(), v1::SIGN), nullptr);
}

TEST(Dispatch, WrongState_IsSaidBeforeUnitsAre) {
  Order order = OrderIn(v1::CLOSED);
  v1::DispatchTicketRequest request;
  request.set_lead("counties/469030/units/nobody");
  EXPECT_EQ(ReasonOf(Dispatch(order.ticket(), request, {}, order.Now()).status()),
            "ILLEGAL_TRANSITION");
}

TEST(Return, Approved_EndsTheDesignation) {
  Order order("2025-09-26 10:00");
  order.Do({kDispatch, kRequestReturn});
  EXPECT_NE(OpenClock(order.ticket(), v1::HANDLE), nullptr) << "orders must not fly";
  EXPECT_EQ(order.ticket().return_request().legal_basis(), "三定方案");
  order.Wait(absl::Hours(1)).Do(kApproveReturn);
  EXPECT_FALSE(order.ticket().has_assignment());
  EXPECT_FALSE(order.ticket().has_return_request());
  EXPECT_EQ(FromProto(OpenClock(order.ticket(), v1::DISPATCH)->start_time()), order.now());
  order.Do({kDispatch, kRequestReturn});
  EXPECT_EQ(order.ticket().dispatch_count(), 2) << "another designation, another right to return";
}

TEST(Return, Refused_MayNotBeAskedAgain) {
  Order order("2025-09-26 10:00");
  order.Do({kDispatch, kRequestReturn, kRefuseReturn});
  EXPECT_TRUE(order.ticket().assignment().no_return());
  EXPECT_TRUE(order.ticket().assignment().return_used());
  EXPECT_EQ(order.ticket().state(), v1::DISPATCHED);
  const absl::Status status = Perform(kRequestReturn, order.ticket(), order.Now()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), "RETURN_NOT_ALLOWED");
}

TEST(Return, Window_EndsWithItsLastDay) {
  // One working day from Friday: the make-up Sunday is its last day.
  Order order("2025-09-26 10:00");
  order.Do(kDispatch).WaitUntil("2025-09-28 23:59");
  EXPECT_TRUE(Perform(kRequestReturn, order.ticket(), order.Now()).ok());
  order.WaitUntil("2025-09-29 00:00");
  const absl::Status status = Perform(kRequestReturn, order.ticket(), order.Now()).status();
  EXPECT_EQ(ReasonOf(status), "RETURN_WINDOW_PASSED");
  EXPECT_THAT(std::string(status.message()), HasSubstr("want before 2025-09-28 24:00"));
}

TEST(Reply, CallerWhoWantsAnAnswer_MustHaveBeenContacted) {
  struct Case {
    bool anonymous;
    bool no_reply_wanted;
    bool contacted;
    bool ok;
  };
  for (const Case& c : {Case{false, false, false, false}, Case{false, false, true, true},
                        Case{true, false, false, true}, Case{false, true, false, true}}) {
    v1::CreateTicketRequest filing = SampleRequest();
    v1::Caller& caller = *filing.mutable_ticket()->mutable_caller();
    caller.set_anonymous(c.anonymous);
    caller.set_phone(c.anonymous ? "" : "13800138000");
    caller.set_no_reply_wanted(c.no_reply_wanted);
    Order order("2025-09-26 10:00", SampleInForce(), filing);
    order.Do({kDispatch, kSign});
    v1::ReplyTicketRequest request;
    request.mutable_reply()->set_result("已修复");
    request.mutable_reply()->set_caller_contacted(c.contacted);
    const auto decision = Reply(order.ticket(), request, order.As("zhujianju"));
    EXPECT_EQ(decision.ok(), c.ok) << decision.status();
    if (!c.ok) {
      EXPECT_EQ(ReasonOf(decision.status()), "CALLER_NOT_CONTACTED");
    } else {
      EXPECT_EQ(decision->ticket.reply().actor().unit(), "zhujianju");
      EXPECT_EQ(OpenClock(decision->ticket, v1::HANDLE), nullptr);
    }
  }
}

}  // namespace
}  // namespace baimi::ticket::domain
