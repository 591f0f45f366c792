#include "services/ticket/domain/account.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using enum Command;

v1::ExplainClockResponse AccountOf(const Order& order) {
  const auto policy = std::make_shared<const PolicyInForce>(SampleInForce());
  auto account = Account(order.ticket(), order.facts(), order.now(),
                         [&](absl::Time) { return absl::StatusOr<decltype(policy)>(policy); });
  EXPECT_TRUE(account.ok()) << account.status();
  return *account;
}

// "STATE holder minutes working-minutes".
std::vector<std::string> LinesOf(const v1::ExplainClockResponse& account) {
  std::vector<std::string> lines;
  for (const v1::ClockLine& line : account.lines()) {
    lines.push_back(absl::StrCat(v1::TicketState_Name(line.state()), " ",
                                 line.paused()           ? "nobody"
                                 : line.holder().empty() ? "centre"
                                                         : IdOf(line.holder()),
                                 " ", line.elapsed().seconds() / 60, " ",
                                 line.working_time().seconds() / 60));
  }
  return lines;
}

TEST(Account, WholeLife_IsChargedToWhoHeldIt) {
  // A Monday; business hours 08:30-12:00 and 14:30-17:30.
  Order order("2025-09-08 09:00");
  order.WaitUntil("2025-09-08 09:30").Do(kDispatch);
  order.WaitUntil("2025-09-08 11:00").Do(kSign);
  order.WaitUntil("2025-09-09 09:00").Do(kReply);
  order.WaitUntil("2025-09-09 15:00").Do(kPassAudit);
  order.WaitUntil("2025-09-09 16:00").Do({kRecordCallback, kClose});
  order.WaitUntil("2025-09-20 09:00");
  const v1::ExplainClockResponse account = AccountOf(order);
  EXPECT_THAT(LinesOf(account),
              ElementsAre("PENDING_DISPATCH centre 30 30", "DISPATCHED zhujianju 90 90",
                          "SIGNED zhujianju 1320 270", "REPLIED centre 360 210",
                          "PENDING_CALLBACK centre 60 60"));
  ASSERT_EQ(account.holders_size(), 2);
  EXPECT_EQ(account.holders(0).holder(), "");
  EXPECT_EQ(account.holders(0).elapsed().seconds(), 450 * 60);
  EXPECT_EQ(account.holders(1).holder(), UnitName("zhujianju"));
  EXPECT_EQ(account.holders(1).working_time().seconds(), 360 * 60);
  EXPECT_EQ(account.lines(1).transition(), "T6");
  EXPECT_THAT(account.lines(1).explanation(), HasSubstr("历时1小时30分，其中工作时间1小时30分"));
}

TEST(Account, ReviewOfAReturn_IsTheCentresTimeThoughTheClockRuns) {
  Order order("2025-09-08 09:00");
  order.Do(kDispatch);
  order.WaitUntil("2025-09-08 10:00").Do(kRequestReturn);
  order.WaitUntil("2025-09-08 11:00").Do(kRefuseReturn);
  order.WaitUntil("2025-09-08 11:30");
  const v1::ExplainClockResponse account = AccountOf(order);
  EXPECT_THAT(LinesOf(account),
              ElementsAre("DISPATCHED zhujianju 60 60", "RETURN_REVIEW centre 60 60",
                          "DISPATCHED zhujianju 30 30"));
  EXPECT_FALSE(account.lines(2).has_end_time()) << "it still lasts";
}

TEST(Account, HungUpAndMerged_ChargeNobody) {
  Order hung = OrderIn(v1::SUSPENDED);
  hung.Wait(absl::Hours(48)).Do(kResume).Wait(absl::Hours(1));
  EXPECT_THAT(LinesOf(AccountOf(hung)), testing::Contains(HasSubstr("SUSPENDED nobody 2880")));
  Order merged = OrderIn(v1::MERGED);
  merged.Wait(absl::Hours(48));
  const v1::ExplainClockResponse account = AccountOf(merged);
  EXPECT_EQ(account.lines(account.lines_size() - 1).holder(), "");
  EXPECT_TRUE(account.lines(account.lines_size() - 1).paused());
}

TEST(Account, Lines_FollowEachOtherWithoutGaps) {
  for (const v1::TicketState state : AllStates()) {
    if (PassedThrough(state)) {
      continue;
    }
    Order order = OrderIn(state);
    order.Wait(absl::Hours(5));
    const v1::ExplainClockResponse account = AccountOf(order);
    for (int i = 1; i < account.lines_size(); ++i) {
      EXPECT_EQ(FromProto(account.lines(i - 1).end_time()),
                FromProto(account.lines(i).start_time()))
          << v1::TicketState_Name(state);
    }
  }
}

TEST(Account, Verdicts_SayByHowMuchAPromiseWasMissed) {
  Order order("2025-09-08 09:00");
  order.Do(kDispatch);
  const absl::Time sign_due = FromProto(order.ticket().clocks(1).due_time());
  order.Wait(sign_due - order.now() + absl::Minutes(95));
  v1::ExplainClockResponse account = AccountOf(order);
  ASSERT_EQ(account.clocks_size(), 3);
  EXPECT_EQ(account.clocks(0).late_by().seconds(), 0);
  EXPECT_THAT(account.clocks(0).explanation(), HasSubstr("按时完成"));
  EXPECT_EQ(account.clocks(1).late_by().seconds(), 95 * 60);
  EXPECT_THAT(account.clocks(1).explanation(), HasSubstr("计时中，已超1小时35分"));
  order.Do(kSign).Wait(absl::Hours(3));
  account = AccountOf(order);
  EXPECT_EQ(account.clocks(1).late_by().seconds(), 95 * 60) << "stopped";
  EXPECT_THAT(account.clocks(1).explanation(), HasSubstr("超时完成，超1小时35分"));
  EXPECT_THAT(account.clocks(2).explanation(), HasSubstr("计时中，未超时"));
}

}  // namespace
}  // namespace baimi::ticket::domain
