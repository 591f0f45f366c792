#include "services/ticket/domain/desk.h"

#include <gmock/gmock.h>

#include "common/base/error.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

TEST(Desk, OpenVerbs_LeadOfADispatchedOrder_MaySignOrReturn) {
  Order order = OrderIn(v1::DISPATCHED);
  EXPECT_THAT(OpenVerbs(order.ticket(), order.As("zhujianju")),
              ElementsAre("sign", "requestReturn"));
  EXPECT_THAT(OpenVerbs(order.ticket(), order.As("chengguanju")), Not(Contains("sign")))
      << "another unit";
}

TEST(Desk, OpenVerbs_WhatIsUsedUp_IsNotOffered) {
  Order order = OrderIn(v1::SIGNED);
  EXPECT_THAT(OpenVerbs(order.ticket(), order.As("zhujianju")),
              ElementsAre("requestExtension", "reply"));
  order.Do({kRequestExtension});
  EXPECT_THAT(OpenVerbs(order.ticket(), order.As("zhujianju")), ElementsAre("reply"));
  EXPECT_THAT(OpenVerbs(order.ticket(), order.As("hotline")), Contains("decideExtension"));
  order.Do({kDecideExtension});
  EXPECT_THAT(OpenVerbs(order.ticket(), order.As("hotline")), Not(Contains("decideExtension")));
}

// Whatever the state and the caller, an offered verb is one of the table's, and none is offered in
// the archive.
TEST(Desk, OpenVerbs_EveryState_OffersWhatTheTableHas) {
  for (const v1::TicketState state : AllStates()) {
    if (PassedThrough(state)) {
      continue;
    }
    Order order = OrderIn(state);
    for (const char* unit : {"", "zhujianju", "hotline"}) {
      const auto verbs = OpenVerbs(order.ticket(), order.As(unit));
      EXPECT_LE(verbs.size(), AllowedCommands(state).size()) << v1::TicketState_Name(state);
      EXPECT_THAT(verbs, Not(Contains("rejoin")));
    }
  }
  Order archived = OrderIn(v1::ARCHIVED);
  EXPECT_THAT(OpenVerbs(archived.ticket(), archived.As("")), IsEmpty());
}

TEST(Desk, OnDesk_SignClockIsDueFirst_ThenTheHandlingClock) {
  Order order = OrderIn(v1::DISPATCHED);
  const v1::DeskTicket desk = OnDesk(order.ticket(), order.As("zhujianju"));
  EXPECT_EQ(desk.clock(), v1::SIGN);
  EXPECT_GT(desk.time_left().seconds(), 0);
  EXPECT_EQ(desk.overdue_by().seconds(), 0);
  order.Do({kSign});
  const v1::DeskTicket later = OnDesk(order.ticket(), order.As("zhujianju"));
  EXPECT_EQ(later.clock(), v1::HANDLE);
}

TEST(Desk, Assign_ByTheLead_StaysOverAReworkAndEndsWithTheDesignation) {
  Order order = OrderIn(v1::SIGNED);
  order.Take(Assign(order.ticket(), "li.na", "分工", order.As("zhujianju")));
  EXPECT_EQ(order.ticket().assignee(), "li.na");
  order.Do({kReply, kSendBack});
  EXPECT_EQ(order.ticket().assignee(), "li.na") << "rework goes to the same desk";

  Order returned = OrderIn(v1::DISPATCHED);
  returned.Take(Assign(returned.ticket(), "li.na", "分工", returned.As("zhujianju")));
  returned.Do({kRequestReturn, kApproveReturn});
  EXPECT_EQ(returned.ticket().assignee(), "");
}

TEST(Desk, Assign_ByOthersOrToNobodyNew_IsRefused) {
  Order order = OrderIn(v1::SIGNED);
  EXPECT_EQ(ReasonOf(Assign(order.ticket(), "a", "分工", order.As("chengguanju")).status()),
            "NOT_THE_LEAD");
  EXPECT_EQ(ReasonOf(Assign(order.ticket(), "", "分工", order.As("zhujianju")).status()),
            "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(Assign(order.ticket(), "李 娜", "分工", order.As("zhujianju")).status()),
            "INVALID_FIELD");
  Order closed = OrderIn(v1::CLOSED);
  EXPECT_EQ(ReasonOf(Assign(closed.ticket(), "a", "分工", closed.As("zhujianju")).status()),
            "ILLEGAL_TRANSITION");
}

}  // namespace
}  // namespace baimi::ticket::domain
