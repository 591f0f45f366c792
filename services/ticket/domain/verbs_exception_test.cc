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

v1::RequestExtensionRequest Asked(v1::PeriodUnit unit, int amount) {
  v1::RequestExtensionRequest request;
  request.set_reason("配件须从外地调运");
  *request.mutable_period() = MakePeriod(unit, amount);
  return request;
}

TEST(Extension, Approved_CountsFromTheOldDueTime) {
  Order order("2025-09-08 09:00");
  order.Do({kDispatch, kSign});
  order.Take(RequestExtension(order.ticket(), Asked(v1::WORKING_DAYS, 1), order.As("zhujianju")));
  order.Do(kDecideExtension);
  const v1::Clock& clock = *OpenClock(order.ticket(), v1::HANDLE);
  EXPECT_EQ(FromProto(clock.due_time()), At("2025-09-17 00:00")) << "was the end of the 15th";
  EXPECT_EQ(clock.extension().amount(), 1);
  EXPECT_TRUE(order.ticket().extension().approved());
}

TEST(Extension, Refused_LeavesTheDueTimeAndIsUsed) {
  Order order("2025-09-08 09:00");
  order.Do({kDispatch, kSign, kRequestExtension});
  v1::DecideExtensionRequest refusal;
  EXPECT_EQ(BadRequestOf(DecideExtension(order.ticket(), refusal, order.Now()).status())
                ->field_violations(0)
                .field(),
            "note");
  refusal.set_note("材料不足");
  order.Take(DecideExtension(order.ticket(), refusal, order.Now()));
  EXPECT_EQ(FromProto(OpenClock(order.ticket(), v1::HANDLE)->due_time()), At("2025-09-16 00:00"));
  EXPECT_EQ(ReasonOf(Perform(kRequestExtension, order.ticket(), order.Now()).status()),
            "EXTENSION_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(Perform(kDecideExtension, order.ticket(), order.Now()).status()),
            "EXTENSION_NOT_ALLOWED");
}

TEST(Extension, Notice_EndsAWorkingDayBeforeTheDueTime) {
  Order order("2025-09-08 09:00");
  order.Do({kDispatch, kSign}).WaitUntil("2025-09-12 23:59");
  EXPECT_TRUE(Perform(kRequestExtension, order.ticket(), order.Now()).ok());
  order.WaitUntil("2025-09-15 00:00");
  EXPECT_EQ(ReasonOf(Perform(kRequestExtension, order.ticket(), order.Now()).status()),
            "EXTENSION_NOT_ALLOWED");
}

TEST(Extension, Period_IsInThePolicysUnitAndNotLonger) {
  Order order("2025-09-08 09:00");
  order.Do({kDispatch, kSign});
  for (const v1::RequestExtensionRequest& request :
       {Asked(v1::WORKING_DAYS, 11), Asked(v1::WORKING_DAYS, 0), Asked(v1::NATURAL_DAYS, 5)}) {
    const absl::Status status = RequestExtension(order.ticket(), request, order.Now()).status();
    EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "period") << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("want 1 to 10 WORKING_DAYS"));
  }
  EXPECT_TRUE(RequestExtension(order.ticket(), Asked(v1::WORKING_DAYS, 10), order.Now()).ok());
}

TEST(Extension, PolicyWithout_GrantsNone) {
  v1::TicketPolicy policy = SamplePolicy();
  policy.clear_max_extension();
  const PolicyInForce in_force = InForce(policy);
  Order order("2025-09-08 09:00", in_force);
  order.Do({kDispatch, kSign});
  EXPECT_EQ(ReasonOf(Perform(kRequestExtension, order.ticket(), order.Now()).status()),
            "EXTENSION_NOT_ALLOWED");
  EXPECT_TRUE(Perform(kSuspend, order.ticket(), order.Now()).ok()) << "no extension to wait for";
}

TEST(Extension, Undecided_LapsesWithTheReply) {
  Order order("2025-09-08 09:00");
  order.Do({kDispatch, kSign, kRequestExtension, kReply});
  EXPECT_FALSE(order.ticket().has_extension());
}

TEST(Suspend, NeedsADecidedExtensionFirst) {
  Order order("2025-09-08 09:00");
  order.Do({kDispatch, kSign, kRequestExtension});
  EXPECT_EQ(ReasonOf(Perform(kSuspend, order.ticket(), order.Now()).status()),
            "SUSPENSION_NOT_ALLOWED");
}

TEST(Suspend, NeedsReasonMeasuresAndADateToCome) {
  Order order("2025-09-08 09:00");
  order.Do({kDispatch, kSign, kRequestExtension, kDecideExtension});
  v1::SuspendTicketRequest good;
  good.mutable_suspension()->set_reason(v1::HISTORICAL);
  good.mutable_suspension()->set_measures("先行安全隔离");
  good.mutable_suspension()->set_target_date("2025-09-09");
  EXPECT_TRUE(Suspend(order.ticket(), good, order.Now()).ok());
  struct Case {
    std::string field;
    std::function<void(v1::Suspension&)> spoil;
  };
  const Case cases[] = {
      {"suspension.reason", [](v1::Suspension& s) { s.clear_reason(); }},
      {"suspension.measures", [](v1::Suspension& s) { s.clear_measures(); }},
      {"suspension.target_date", [](v1::Suspension& s) { s.set_target_date("2025-09-08"); }},
      {"suspension.target_date", [](v1::Suspension& s) { s.set_target_date("明年"); }},
  };
  for (const Case& c : cases) {
    v1::SuspendTicketRequest request = good;
    c.spoil(*request.mutable_suspension());
    const absl::Status status = Suspend(order.ticket(), request, order.Now()).status();
    ASSERT_TRUE(BadRequestOf(status)) << status;
    EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), c.field);
  }
}

TEST(Suspend, StopsHandlingAndResumeStartsItAnew) {
  Order order = OrderIn(v1::SUSPENDED);
  EXPECT_EQ(OpenClock(order.ticket(), v1::HANDLE), nullptr);
  EXPECT_EQ(FromProto(OpenClock(order.ticket(), v1::REVIEW)->due_time()), At("2025-10-10 00:00"))
      << "30 days end on 10-08, a day off";
  order.WaitUntil("2025-09-15 09:00").Do(kResume);
  EXPECT_EQ(OpenClock(order.ticket(), v1::REVIEW), nullptr);
  EXPECT_EQ(FromProto(OpenClock(order.ticket(), v1::HANDLE)->start_time()), order.now());
  EXPECT_FALSE(order.ticket().has_suspension());
}

TEST(NoteRanOut, ClockPastItsDueTime_IsPutOnRecordOnceWithItsHolder) {
  Order order("2025-09-08 09:00");
  order.Do(kDispatch);
  const absl::Time due = FromProto(OpenClock(order.ticket(), v1::SIGN)->due_time());
  EXPECT_EQ(NextAlarm(order.ticket()), due);
  order.Wait(due - order.now() - absl::Microseconds(1));
  EXPECT_TRUE(NoteRanOut(order.ticket(), order.Now()).facts.empty()) << "not due yet";

  order.Wait(absl::Microseconds(1));
  order.Take(NoteRanOut(order.ticket(), order.Now()));
  const v1::TicketFact& fact = order.facts().back();
  EXPECT_EQ(fact.transition(), "");
  EXPECT_EQ(fact.state(), v1::DISPATCHED);
  EXPECT_EQ(fact.clock_ran_out().kind(), v1::SIGN);
  EXPECT_EQ(fact.clock_ran_out().holder(), order.ticket().assignment().lead());
  EXPECT_EQ(FromProto(fact.clock_ran_out().due_time()), due);
  const v1::Clock* sign = OpenClock(order.ticket(), v1::SIGN);
  ASSERT_NE(sign, nullptr) << "a clock that ran out runs on until it is stopped";
  EXPECT_EQ(FromProto(sign->run_out_time()), order.now());
  EXPECT_TRUE(NoteRanOut(order.ticket(), order.Now()).facts.empty()) << "once only";
  const absl::Time helped = FromProto(order.ticket().helper_tasks(0).clock().due_time());
  EXPECT_LT(helped, FromProto(OpenClock(order.ticket(), v1::HANDLE)->due_time()));
  EXPECT_EQ(NextAlarm(order.ticket()), helped) << "the helper's clock is next";
}

TEST(NoteRanOut, ExtensionThatCameLate_GivesTheClockANewAlarm) {
  Order order("2025-09-08 09:00");
  order.Do({kDispatch, kSign, kRequestExtension});
  order.Wait(FromProto(OpenClock(order.ticket(), v1::HANDLE)->due_time()) - order.now());
  order.Take(NoteRanOut(order.ticket(), order.Now()));
  EXPECT_EQ(NextAlarm(order.ticket()), std::nullopt);
  order.Do(kDecideExtension);
  const v1::Clock* handle = OpenClock(order.ticket(), v1::HANDLE);
  EXPECT_FALSE(handle->has_run_out_time());
  EXPECT_EQ(NextAlarm(order.ticket()), FromProto(handle->due_time()));
}

TEST(NoteRanOut, OrderThatIsOver_HasNoAlarm) {
  for (const v1::TicketState state : {v1::CLOSED, v1::ARCHIVED, v1::REJECTED, v1::MERGED}) {
    Order order = OrderIn(state);
    EXPECT_EQ(NextAlarm(order.ticket()), std::nullopt) << v1::TicketState_Name(state);
    order.Wait(absl::Hours(24 * 400));
    EXPECT_TRUE(NoteRanOut(order.ticket(), order.Now()).facts.empty());
  }
}

TEST(Terminate, IsForX8WithAReason) {
  Order order = OrderIn(v1::SIGNED);
  v1::TerminateTicketRequest request;
  v1::Refusal& refusal = *request.mutable_refusal();
  refusal.set_code(v1::UNLAWFUL);
  refusal.set_reason("x");
  absl::Status status = Terminate(order.ticket(), request, order.Now()).status();
  EXPECT_EQ(ReasonOf(status), "REFUSAL_INCOMPLETE");
  EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "refusal.code");
  refusal.set_code(v1::CALLER_NOT_COOPERATING);
  refusal.clear_reason();
  status = Terminate(order.ticket(), request, order.Now()).status();
  EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "refusal.reason");
  order.Do(kTerminate);
  EXPECT_EQ(order.ticket().refusal().code(), v1::CALLER_NOT_COOPERATING);
}

}  // namespace
}  // namespace baimi::ticket::domain
