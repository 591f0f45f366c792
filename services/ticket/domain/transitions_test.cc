#include "services/ticket/domain/transitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using testing::HasSubstr;
using enum Command;

// domain.md §1.3 and T19-T27 once more, written down independently of the table: state -> command
// -> state. An entry for MERGED's split is UNSPECIFIED: the state before.
using Expected = std::map<v1::TicketState, std::map<Command, v1::TicketState>>;
const Expected& ExpectedTable() {
  static const auto& table = *new Expected{
      {v1::DRAFT, {{kAccept, v1::ACCEPTED}}},
      {v1::ACCEPTED,
       {{kAnswer, v1::ANSWERED},
        {kReject, v1::REJECTED},
        {kMerge, v1::MERGED},
        {kQueue, v1::PENDING_DISPATCH},
        {kWithdraw, v1::WITHDRAWN},
        {kSelfSolve, v1::SELF_SOLVED},
        {kTransfer, v1::TRANSFERRED}}},
      {v1::ANSWERED, {{kArchive, v1::ARCHIVED}}},
      {v1::PENDING_DISPATCH,
       {{kAnswer, v1::ANSWERED},
        {kReject, v1::REJECTED},
        {kMerge, v1::MERGED},
        {kDispatch, v1::DISPATCHED},
        {kWithdraw, v1::WITHDRAWN},
        {kSelfSolve, v1::SELF_SOLVED},
        {kTransfer, v1::TRANSFERRED}}},
      {v1::REJECTED, {{kArchive, v1::ARCHIVED}}},
      {v1::MERGED,
       {{kSplit, v1::TICKET_STATE_UNSPECIFIED},
        {kRecordCallback, v1::MERGED},
        {kCloseMerged, v1::CLOSED}}},
      {v1::DISPATCHED,
       {{kSign, v1::SIGNED},
        {kRequestReturn, v1::RETURN_REVIEW},
        {kMerge, v1::MERGED},
        {kWithdraw, v1::WITHDRAWN},
        {kTransfer, v1::TRANSFERRED}}},
      {v1::RETURN_REVIEW,
       {{kApproveReturn, v1::PENDING_DISPATCH},
        {kRefuseReturn, v1::DISPATCHED},
        {kWithdraw, v1::WITHDRAWN},
        {kTransfer, v1::TRANSFERRED}}},
      {v1::SIGNED,
       {{kRequestExtension, v1::SIGNED},
        {kDecideExtension, v1::SIGNED},
        {kSuspend, v1::SUSPENDED},
        {kReply, v1::REPLIED},
        {kTerminate, v1::TERMINATED},
        {kMerge, v1::MERGED},
        {kWithdraw, v1::WITHDRAWN},
        {kTransfer, v1::TRANSFERRED}}},
      {v1::SUSPENDED, {{kResume, v1::SIGNED}, {kWithdraw, v1::WITHDRAWN}}},
      {v1::REPLIED, {{kPassAudit, v1::PENDING_CALLBACK}, {kSendBack, v1::REWORK}}},
      {v1::PENDING_CALLBACK,
       {{kRecordCallback, v1::PENDING_CALLBACK}, {kClose, v1::CLOSED}, {kSendBack, v1::REWORK}}},
      {v1::CLOSED, {{kArchive, v1::ARCHIVED}, {kReopen, v1::REWORK}, {kRejoin, v1::MERGED}}},
      {v1::REWORK, {{kSign, v1::SIGNED}, {kWithdraw, v1::WITHDRAWN}}},
      {v1::ARCHIVED, {}},
      {v1::TERMINATED, {{kArchive, v1::ARCHIVED}}},
      {v1::WITHDRAWN, {{kArchive, v1::ARCHIVED}}},
      {v1::SELF_SOLVED, {{kArchive, v1::ARCHIVED}}},
      {v1::TRANSFERRED, {{kArchive, v1::ARCHIVED}}},
  };
  return table;
}

std::string Label(v1::TicketState state, Command command) {
  return absl::StrCat(v1::TicketState_Name(state), " ", Name(command));
}

TEST(Transitions, EveryStateAndCommand_IsAsTheRulesSay) {
  ASSERT_EQ(ExpectedTable().size(), AllStates().size());
  for (const v1::TicketState state : AllStates()) {
    const auto& allowed = ExpectedTable().at(state);
    std::vector<Command> want;
    for (int i = 0; i < kCommandCount; ++i) {
      const auto command = static_cast<Command>(i);
      const auto row = Find(state, command);
      const auto expected = allowed.find(command);
      ASSERT_EQ(row.ok(), expected != allowed.end()) << Label(state, command);
      if (row.ok()) {
        EXPECT_EQ((*row)->to, expected->second) << Label(state, command);
        want.push_back(command);
      } else {
        EXPECT_EQ(row.status().code(), absl::StatusCode::kFailedPrecondition);
        EXPECT_EQ(ReasonOf(row.status()), "ILLEGAL_TRANSITION");
      }
    }
    EXPECT_EQ(AllowedCommands(state), want) << v1::TicketState_Name(state);
  }
}

TEST(Transitions, EveryVerbInEveryState_ObeysTheTable) {
  for (const v1::TicketState state : AllStates()) {
    if (PassedThrough(state)) {
      continue;
    }
    Order order = OrderIn(state);
    ASSERT_EQ(order.ticket().state(), state) << v1::TicketState_Name(state);
    for (int i = 0; i < kCommandCount; ++i) {
      const auto command = static_cast<Command>(i);
      if (!HasVerb(command)) {
        continue;
      }
      const auto decision = Perform(command, order.ticket(), order.Now());
      const bool legal = ExpectedTable().at(state).contains(command);
      EXPECT_EQ(ReasonOf(decision.status()) != "ILLEGAL_TRANSITION", legal)
          << Label(state, command) << ": " << decision.status();
      if (decision.ok() && command != kSplit) {
        EXPECT_EQ(decision->ticket.state(), ExpectedTable().at(state).at(command));
      }
    }
  }
}

TEST(Transitions, FromAndCommand_AreUnique) {
  std::set<std::pair<v1::TicketState, Command>> seen;
  for (const Transition& row : Transitions()) {
    EXPECT_TRUE(seen.insert({row.from, row.command}).second) << Label(row.from, row.command);
    EXPECT_FALSE(row.doc.empty());
  }
}

TEST(Transitions, Ids_AreT0ToT27InOrder) {
  int last = 0;
  std::set<int> ids;
  for (const Transition& row : Transitions()) {
    int id = -1;
    ASSERT_TRUE(absl::SimpleAtoi(row.id.substr(1), &id)) << row.id;
    EXPECT_GE(id, last);
    last = id;
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 28U);
  EXPECT_EQ(*ids.rbegin(), 27);
}

TEST(Transitions, Clocks_LeaveExactlyThoseOfTheNextState) {
  for (const Transition& row : Transitions()) {
    if (row.command == kSplit) {
      continue;
    }
    EXPECT_TRUE(OpenClocks(row.from).After(row.stopped, row.started) == OpenClocks(row.to))
        << Label(row.from, row.command);
    for (const v1::ClockKind kind : row.stopped.kinds()) {
      EXPECT_TRUE(OpenClocks(row.from).Contains(kind)) << Label(row.from, row.command);
    }
  }
}

TEST(Transitions, FinalStates_HaveNoClock) {
  for (const v1::TicketState state : AllStates()) {
    if (IsFinal(state) || state == v1::MERGED) {
      EXPECT_TRUE(OpenClocks(state) == ClockSet({})) << v1::TicketState_Name(state);
    }
  }
  EXPECT_TRUE(AllowedCommands(v1::ARCHIVED).empty());
}

TEST(Transitions, IllegalTransition_SaysWhatIsAndWhatShouldBeInBothLanguages) {
  const absl::Status status = Find(v1::CLOSED, kSign).status();
  EXPECT_EQ(status.message(), "state: got CLOSED, want DISPATCHED or REWORK to sign");
  const auto info = ErrorInfoOf(status);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->domain(), "baimi.ticket.v1");
  EXPECT_EQ(info->metadata().at("state"), "CLOSED");
  EXPECT_EQ(info->metadata().at("want"), "DISPATCHED,REWORK");
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.LocalizedMessage");
  ASSERT_TRUE(payload);
  EXPECT_THAT(std::string(*payload),
              HasSubstr("工单状态为“已办结”，不能签收；须为“已派单”或“重办”"));
}

TEST(Names, EveryValue_HasAChineseName) {
  std::set<std::string> seen;
  for (const v1::TicketState state : AllStates()) {
    EXPECT_NE(Zh(state), "未知") << v1::TicketState_Name(state);
    EXPECT_TRUE(seen.insert(std::string(Zh(state))).second) << Zh(state);
  }
  for (int i = 0; i < kCommandCount; ++i) {
    EXPECT_FALSE(Name(static_cast<Command>(i)).empty());
    EXPECT_FALSE(Zh(static_cast<Command>(i)).empty());
  }
  for (int i = 1; i <= v1::TicketType_MAX; ++i) {
    EXPECT_NE(Zh(static_cast<v1::TicketType>(i)), "未知");
  }
  for (int i = 1; i <= v1::ClockKind_MAX; ++i) {
    EXPECT_EQ(Zh(static_cast<v1::ClockKind>(i)) != "未知", v1::ClockKind_IsValid(i)) << i;
  }
  for (int i = 1; i <= v1::Urgency_MAX; ++i) {
    EXPECT_NE(Zh(static_cast<v1::Urgency>(i)), "未知");
  }
  for (int i = 1; i <= v1::RefusalCode_MAX; ++i) {
    EXPECT_NE(Zh(static_cast<v1::RefusalCode>(i)), "未知");
  }
  for (int i = 1; i <= v1::PeriodUnit_MAX; ++i) {
    EXPECT_NE(Zh(MakePeriod(static_cast<v1::PeriodUnit>(i), 1)), "未知");
  }
}

TEST(Names, DueAtMidnight_IsTheEndOfTheDayBefore) {
  EXPECT_EQ(ZhDue(At("2025-10-11 00:00")), "2025-10-10 24:00");
  EXPECT_EQ(ZhDue(At("2025-10-10 17:30")), "2025-10-10 17:30");
}

}  // namespace
}  // namespace baimi::ticket::domain
