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

v1::RecordCallbackRequest Attempt(v1::CallbackOutcome outcome) {
  v1::RecordCallbackRequest request;
  request.mutable_callback()->set_outcome(outcome);
  return request;
}

void Record(Order& order, v1::CallbackOutcome outcome) {
  order.Take(RecordCallback(order.ticket(), Attempt(outcome), order.Now()));
}

absl::Status TryToClose(Order& order) {
  return Perform(kClose, order.ticket(), order.Now()).status();
}

TEST(Audit, SendBack_NeedsAReasonAndStartsANewHandlingClock) {
  Order order = OrderIn(v1::REPLIED);
  EXPECT_EQ(
      BadRequestOf(Audit(order.ticket(), {}, order.Now()).status())->field_violations(0).field(),
      "reason");
  order.Wait(absl::Hours(3)).Do(kSendBack);
  EXPECT_EQ(order.ticket().state(), v1::REWORK);
  EXPECT_EQ(order.ticket().rework_count(), 1);
  EXPECT_EQ(FromProto(OpenClock(order.ticket(), v1::HANDLE)->start_time()), order.now());
  order.Do({kSign, kReply, kSendBack});
  EXPECT_EQ(order.ticket().rework_count(), 2);
}

TEST(Audit, Passed_StartsTheCallbackClockOfTheCentre) {
  Order order = OrderIn(v1::PENDING_CALLBACK);
  EXPECT_EQ(OpenClock(order.ticket(), v1::CALLBACK)->holder(), "");
  EXPECT_EQ(FromProto(OpenClock(order.ticket(), v1::CALLBACK)->due_time()), At("2025-09-10 00:00"));
}

TEST(Callback, SolvedAndRating_GoWithReachedOnly) {
  Order order = OrderIn(v1::PENDING_CALLBACK);
  for (const v1::CallbackOutcome outcome :
       {v1::NO_ANSWER, v1::WRONG_NUMBER, v1::REFUSED, v1::NOT_WANTED}) {
    v1::RecordCallbackRequest request = Attempt(outcome);
    EXPECT_TRUE(RecordCallback(order.ticket(), request, order.Now()).ok());
    request.mutable_callback()->set_solved(v1::YES);
    absl::Status status = RecordCallback(order.ticket(), request, order.Now()).status();
    EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "callback.solved");
    request.mutable_callback()->clear_solved();
    request.mutable_callback()->set_rating(v1::SATISFIED);
    status = RecordCallback(order.ticket(), request, order.Now()).status();
    EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "callback.rating");
  }
  EXPECT_TRUE(RecordCallback(order.ticket(), Attempt(v1::REACHED), order.Now()).ok())
      << "reached, but gave neither";
  const absl::Status none =
      RecordCallback(order.ticket(), Attempt(v1::CALLBACK_OUTCOME_UNSPECIFIED), order.Now())
          .status();
  EXPECT_EQ(BadRequestOf(none)->field_violations(0).field(), "callback.outcome");
}

TEST(Callback, Attempt_IsStampedByTheService) {
  Order order = OrderIn(v1::PENDING_CALLBACK);
  v1::RecordCallbackRequest request = Attempt(v1::REACHED);
  request.mutable_callback()->set_round(9);
  request.mutable_callback()->mutable_actor()->set_id("forged");
  order.Take(RecordCallback(order.ticket(), request, order.As("centre")));
  EXPECT_EQ(order.ticket().callbacks(0).actor().id(), "staff-1");
  EXPECT_EQ(order.ticket().callbacks(0).round(), 0);
  EXPECT_EQ(order.ticket().state(), v1::PENDING_CALLBACK);
  EXPECT_NE(OpenClock(order.ticket(), v1::CALLBACK), nullptr);
}

TEST(Close, EachFinalOutcome_Closes) {
  for (const v1::CallbackOutcome outcome :
       {v1::REACHED, v1::WRONG_NUMBER, v1::REFUSED, v1::NOT_WANTED}) {
    Order order = OrderIn(v1::PENDING_CALLBACK);
    EXPECT_EQ(ReasonOf(TryToClose(order)), "NO_FINAL_OUTCOME");
    Record(order, outcome);
    EXPECT_TRUE(TryToClose(order).ok()) << v1::CallbackOutcome_Name(outcome);
  }
}

TEST(Close, Unreached_OnlyAfterThePolicysAttempts) {
  Order order = OrderIn(v1::PENDING_CALLBACK);
  order.WaitUntil("2025-10-10 11:59");
  Record(order, v1::NO_ANSWER);
  order.WaitUntil("2025-10-10 12:00");
  Record(order, v1::NO_ANSWER);
  const absl::Status status = TryToClose(order);
  EXPECT_EQ(ReasonOf(status), "NO_FINAL_OUTCOME");
  EXPECT_EQ(status.message(),
            "callbacks: got 2 without an answer on different half-days, want 3 or one REACHED, "
            "REFUSED, NOT_WANTED or WRONG_NUMBER");
  EXPECT_EQ(ErrorInfoOf(status)->metadata().at("max_attempts"), "3");
  order.WaitUntil("2025-10-10 23:59");
  Record(order, v1::NO_ANSWER);
  EXPECT_EQ(ErrorInfoOf(TryToClose(order))->metadata().at("attempts"), "2") << "the same half-day";
  order.WaitUntil("2025-10-11 00:00");
  Record(order, v1::NO_ANSWER);
  EXPECT_TRUE(TryToClose(order).ok());
}

TEST(Close, Unreached_HalfDaysDoNotMatterWhereThePolicySaysSo) {
  v1::TicketPolicy policy = SamplePolicy();
  policy.set_same_half_day_attempts(true);
  const PolicyInForce in_force = InForce(policy);
  Order order("2025-09-26 10:00", in_force);
  order.Do({kDispatch, kSign, kReply, kPassAudit});
  Record(order, v1::NO_ANSWER);
  Record(order, v1::NO_ANSWER);
  EXPECT_THAT(std::string(TryToClose(order).message()), HasSubstr("got 2 without an answer, want"));
  Record(order, v1::NO_ANSWER);
  EXPECT_TRUE(TryToClose(order).ok());
}

TEST(Close, WhoLeftNoContactOrWantsNone_NeedsNoCall) {
  for (const bool anonymous : {true, false}) {
    v1::CreateTicketRequest request = SampleRequest();
    v1::Caller& caller = *request.mutable_ticket()->mutable_caller();
    caller.set_anonymous(anonymous);
    caller.set_no_reply_wanted(!anonymous);
    caller.set_phone(anonymous ? "" : "13800138000");
    Order order("2025-09-26 10:00", SampleInForce(), request);
    order.Do({kDispatch, kSign, kReply, kPassAudit, kClose});
    EXPECT_EQ(order.ticket().state(), v1::CLOSED);
    EXPECT_EQ(FromProto(order.ticket().close_time()), order.now());
  }
}

TEST(Close, CallsOfAnEarlierRound_DoNotCount) {
  Order order = OrderIn(v1::PENDING_CALLBACK);
  order.Do({kRecordCallback, kSendBack, kSign, kReply, kPassAudit});
  EXPECT_EQ(ReasonOf(TryToClose(order)), "NO_FINAL_OUTCOME");
  order.Do({kRecordCallback, kClose});
  EXPECT_EQ(order.ticket().callbacks_size(), 2);
}

TEST(Reopen, Window_EndsWithItsLastDay) {
  Order order = OrderIn(v1::CLOSED);
  order.WaitUntil("2025-09-23 23:59");
  EXPECT_TRUE(Perform(kReopen, order.ticket(), order.Now()).ok());
  order.WaitUntil("2025-09-24 00:00");
  const absl::Status status = Perform(kReopen, order.ticket(), order.Now()).status();
  EXPECT_EQ(ReasonOf(status), "REOPEN_WINDOW_PASSED");
  EXPECT_THAT(std::string(status.message()), HasSubstr("want 2025-09-23 at the latest"));
}

TEST(Reopen, Order_GoesToReworkWithTheSameLead) {
  Order order = OrderIn(v1::CLOSED);
  order.Do(kReopen);
  EXPECT_EQ(order.ticket().state(), v1::REWORK);
  EXPECT_EQ(order.ticket().rework_count(), 1);
  EXPECT_FALSE(order.ticket().has_close_time());
  EXPECT_EQ(OpenClock(order.ticket(), v1::HANDLE)->holder(), UnitName("zhujianju"));
}

TEST(Archive, KeepsTheCloseTime) {
  Order order = OrderIn(v1::CLOSED);
  const absl::Time closed = FromProto(order.ticket().close_time());
  order.Wait(absl::Hours(100)).Do(kArchive);
  EXPECT_EQ(FromProto(order.ticket().close_time()), closed);
}

}  // namespace
}  // namespace baimi::ticket::domain
