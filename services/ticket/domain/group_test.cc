#include "services/ticket/domain/group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/error.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;

constexpr char kInto[] = "counties/469030/tickets/20250926-000002";

// An order that goes on, `merged` of which were merged into.
v1::Ticket Into(v1::TicketState state, int merged = 0) {
  v1::Ticket into = OrderIn(state).ticket();
  into.set_name(kInto);
  into.set_merged_count(merged);
  return into;
}

v1::RecordCallbackRequest Reached() {
  v1::RecordCallbackRequest request;
  request.mutable_callback()->set_outcome(v1::REACHED);
  request.mutable_callback()->set_solved(v1::YES);
  return request;
}

TEST(Merge, IntoWhatCannotGoOn_IsRefused) {
  Order order("2025-09-26 10:00");
  struct Case {
    std::string name;
    v1::TicketState state;
    int merged = 0;
    bool ok = false;
  };
  const Case cases[] = {
      {kInto, v1::SIGNED, 0, true},
      {kInto, v1::SIGNED, kMostMerged - 1, true},
      {kInto, v1::SIGNED, kMostMerged},
      {kInto, v1::MERGED},
      {kInto, v1::CLOSED},
      {"counties/211202/tickets/20250926-000002", v1::SIGNED},
      {kTicketName, v1::PENDING_DISPATCH},
  };
  for (const Case& c : cases) {
    v1::Ticket into;
    into.set_name(c.name);
    into.set_type(v1::HELP);
    into.set_state(c.state);
    into.set_merged_count(c.merged);
    const auto decision = Merge(order.ticket(), {}, into, order.Now());
    EXPECT_EQ(decision.ok(), c.ok) << decision.status();
    if (!c.ok) {
      EXPECT_EQ(ReasonOf(decision.status()), "MERGE_NOT_ALLOWED");
    }
  }
}

TEST(Merge, Report_GoesOnlyWithReportsAboutTheSameUnit) {
  v1::CreateTicketRequest request = SampleRequest();
  request.mutable_ticket()->set_type(v1::REPORT);
  request.mutable_ticket()->set_subject_unit(UnitName("yingbei"));
  Order order("2025-09-26 10:00", SampleInForce(), request);
  v1::Ticket into = Into(v1::SIGNED);
  EXPECT_EQ(ReasonOf(Merge(order.ticket(), {}, into, order.Now()).status()), "MERGE_NOT_ALLOWED");
  into.set_type(v1::REPORT);
  into.set_subject_unit(UnitName("zhujianju"));
  EXPECT_EQ(ReasonOf(Merge(order.ticket(), {}, into, order.Now()).status()), "MERGE_NOT_ALLOWED");
  into.set_subject_unit(UnitName("yingbei"));
  EXPECT_TRUE(Merge(order.ticket(), {}, into, order.Now()).ok());
}

TEST(Merge, MergedOrder_RemembersWhereItCameFrom) {
  for (const v1::TicketState state : {v1::PENDING_DISPATCH, v1::DISPATCHED, v1::SIGNED}) {
    Order order = OrderIn(state);
    order.Do(kMerge);
    EXPECT_EQ(order.ticket().state(), v1::MERGED);
    EXPECT_EQ(order.ticket().state_before_merge(), state);
    EXPECT_EQ(order.ticket().merged_into(), kInto);
    order.Do(kSplit);
    EXPECT_EQ(order.ticket().state(), state);
    EXPECT_EQ(order.ticket().state_before_merge(), v1::TICKET_STATE_UNSPECIFIED);
  }
}

TEST(Merge, BothOrders_HaveItOnRecordAndTheOneThatGoesOnCounts) {
  Order order("2025-09-26 10:00");
  const v1::Ticket into = Into(v1::SIGNED);
  const auto merged = Merge(order.ticket(), {}, into, order.Now());
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_EQ(merged->into.facts.at(0).order_joined().ticket(), kTicketName);
  EXPECT_EQ(merged->into.ticket.merged_count(), 1);
  EXPECT_EQ(merged->into.ticket.state(), v1::SIGNED);
  EXPECT_EQ(merged->into.ticket.clocks_size(), into.clocks_size());
  const auto split = Split(merged->merged.ticket, {}, merged->into.ticket, order.Now());
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->into.ticket.merged_count(), 0);
  EXPECT_EQ(split->into.facts.at(0).order_left().ticket(), kTicketName);
}

TEST(Merge, OrderThatOthersWereMergedInto_DoesNotEndWithoutThem) {
  for (const Command command : {kReject, kAnswer, kWithdraw, kTransfer, kMerge, kSelfSolve}) {
    v1::Ticket into = Into(v1::PENDING_DISPATCH, 2);
    Order order("2025-09-26 10:00");
    EXPECT_EQ(ReasonOf(Perform(command, into, order.Now()).status()), "HAS_MERGED_ORDERS")
        << Name(command);
  }
  Order order("2025-09-26 10:00");
  EXPECT_EQ(ReasonOf(Perform(kTerminate, Into(v1::SIGNED, 1), order.Now()).status()),
            "HAS_MERGED_ORDERS");
  EXPECT_TRUE(Perform(kReply, Into(v1::SIGNED, 1), order.Now()).ok());
}

class GroupTest : public testing::Test {
 protected:
  GroupTest() { merged_.Do(kMerge); }

  Order merged_ = OrderIn(v1::SIGNED);
  Order clerk_{"2025-09-26 10:00"};
};

TEST_F(GroupTest, Callback_WaitsForTheOrderThatGoesOn) {
  for (const v1::TicketState state : {v1::SIGNED, v1::REPLIED, v1::CLOSED}) {
    EXPECT_EQ(
        ReasonOf(RecordMergedCallback(merged_.ticket(), Reached(), Into(state, 1), clerk_.Now())
                     .status()),
        "ILLEGAL_TRANSITION")
        << v1::TicketState_Name(state);
  }
  v1::Ticket into = Into(v1::PENDING_CALLBACK, 1);
  into.set_rework_count(2);
  const auto decision = RecordMergedCallback(merged_.ticket(), Reached(), into, clerk_.Now());
  ASSERT_TRUE(decision.ok()) << decision.status();
  EXPECT_EQ(decision->ticket.state(), v1::MERGED);
  EXPECT_EQ(decision->ticket.callbacks(0).round(), 2);
}

TEST_F(GroupTest, Callback_IsNotRecordedByWhoHandlesTheMatter) {
  const v1::Ticket into = Into(v1::PENDING_CALLBACK, 1);
  ASSERT_EQ(into.assignment().lead(), UnitName("zhujianju"));
  EXPECT_EQ(
      ReasonOf(
          RecordMergedCallback(merged_.ticket(), Reached(), into, clerk_.As("zhujianju")).status()),
      "UNDERTAKER_MAY_NOT_RECORD");
}

TEST_F(GroupTest, Close_NeedsAnOutcomeForEveryCallerOfThisRound) {
  Order going = OrderIn(v1::PENDING_CALLBACK);
  going.Do(kRecordCallback);
  v1::Ticket into = going.ticket();
  into.set_name(kInto);
  into.set_merged_count(1);
  const auto early = CloseGroup(into, {merged_.ticket()}, {}, clerk_.Now());
  EXPECT_EQ(ReasonOf(early.status()), "NO_FINAL_OUTCOME");
  EXPECT_EQ(ErrorInfoOf(early.status())->metadata().at("ticket"), kTicketName);

  merged_.Take(RecordMergedCallback(merged_.ticket(), Reached(), into, clerk_.Now()));
  const auto closed = CloseGroup(into, {merged_.ticket()}, {}, clerk_.Now());
  ASSERT_TRUE(closed.ok()) << closed.status();
  ASSERT_EQ(closed->size(), 2U);
  EXPECT_EQ(closed->at(0).ticket.state(), v1::CLOSED);
  EXPECT_EQ(closed->at(1).ticket.state(), v1::CLOSED);
  EXPECT_EQ(closed->at(1).facts.at(0).transition(), "T26");
  EXPECT_EQ(closed->at(1).ticket.merged_into(), kInto);

  // An outcome of an earlier round does not count.
  into.set_rework_count(1);
  into.mutable_callbacks(0)->set_round(1);
  EXPECT_EQ(ReasonOf(CloseGroup(into, {merged_.ticket()}, {}, clerk_.Now()).status()),
            "NO_FINAL_OUTCOME");
}

TEST_F(GroupTest, Reopen_BringsBackAllButTheArchived) {
  merged_.Do({kRecordCallback, kCloseMerged});
  v1::Ticket archived = merged_.ticket();
  archived.set_state(v1::ARCHIVED);
  v1::Ticket into = OrderIn(v1::CLOSED).ticket();
  into.set_name(kInto);
  into.set_merged_count(2);
  *into.mutable_close_time() = ToProto(clerk_.now());
  v1::ReopenTicketRequest request;
  request.set_reason("又坏了");
  const auto reopened = ReopenGroup(into, {merged_.ticket(), archived}, request, clerk_.Now());
  ASSERT_TRUE(reopened.ok()) << reopened.status();
  ASSERT_EQ(reopened->size(), 2U);
  EXPECT_EQ(reopened->at(0).ticket.state(), v1::REWORK);
  EXPECT_EQ(reopened->at(1).ticket.state(), v1::MERGED);
  EXPECT_FALSE(reopened->at(1).ticket.has_close_time());
  EXPECT_EQ(reopened->at(1).ticket.rework_count(), 0);
}

TEST_F(GroupTest, Reopen_OfAMergedOrder_NamesTheOneThatWentOn) {
  merged_.Do({kRecordCallback, kCloseMerged});
  const absl::Status status = Perform(kReopen, merged_.ticket(), merged_.Now()).status();
  EXPECT_EQ(ReasonOf(status), "NOT_APPLICABLE");
  EXPECT_EQ(ErrorInfoOf(status)->metadata().at("merged_into"), kInto);
}

}  // namespace
}  // namespace baimi::ticket::domain
