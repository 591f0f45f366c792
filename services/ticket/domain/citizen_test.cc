#include "services/ticket/domain/citizen.h"

#include <gmock/gmock.h>

#include "common/base/error.h"
#include "services/ticket/domain/testing_order.h"
#include "services/ticket/domain/transitions.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;
using testing::HasSubstr;
using testing::Not;

v1::CitizenTicket View(Order& order) {
  return CitizenView(order.ticket(), order.ticket(), "县住建局", order.As(""));
}

TEST(Citizen, Durations_AreSaidPlainly) {
  EXPECT_EQ(ZhDuration(absl::Hours(51)), "2天3小时");
  EXPECT_EQ(ZhDuration(absl::Minutes(200)), "3小时20分");
  EXPECT_EQ(ZhDuration(absl::Minutes(48 * 60)), "2天");
  EXPECT_EQ(ZhDuration(absl::Seconds(30)), "不足1分钟");
}

TEST(Citizen, OrderBeingHandled_SaysWhoAndUntilWhen) {
  Order order = OrderIn(v1::SIGNED);
  const v1::CitizenTicket view = View(order);
  EXPECT_EQ(view.stage(), v1::STAGE_HANDLING);
  EXPECT_EQ(view.state_text(), "县住建局正在办理");
  EXPECT_EQ(view.holder_name(), "县住建局");
  EXPECT_EQ(view.category_name(), "电梯困人与维修");
  EXPECT_TRUE(view.has_promised_time());
  EXPECT_FALSE(view.overdue());
  EXPECT_EQ(view.answer(), "") << "nothing is answered yet";
}

TEST(Citizen, OverdueOrder_SaysSo) {
  Order order = OrderIn(v1::SIGNED);
  order.Wait(absl::Hours(24 * 20));
  const v1::CitizenTicket view = View(order);
  EXPECT_TRUE(view.overdue());
  EXPECT_THAT(view.overdue_text(), HasSubstr("已超过承诺时限"));
}

TEST(Citizen, Reply_IsShownOnceItPassedTheAudit) {
  Order order = OrderIn(v1::REPLIED);
  EXPECT_EQ(View(order).answer(), "");
  EXPECT_EQ(View(order).stage(), v1::STAGE_CHECKING);
  order.Do({kPassAudit});
  EXPECT_THAT(View(order).answer(), HasSubstr("钢丝绳"));
}

TEST(Citizen, RefusedOrder_NamesTheChannel) {
  Order order("2025-09-08 09:00");
  v1::RejectTicketRequest request;
  request.mutable_refusal()->set_code(v1::LEGAL_CHANNEL);
  request.mutable_refusal()->set_reason("属诉讼事项");
  request.mutable_refusal()->set_channel("县人民法院");
  order.Take(Reject(order.ticket(), request, order.As("hotline")));
  EXPECT_EQ(View(order).stage(), v1::STAGE_REFUSED);
  EXPECT_THAT(View(order).refusal_text(), HasSubstr("县人民法院"));
}

TEST(Citizen, EveryState_HasWordsAndNoHolderOnceItIsOver) {
  for (const v1::TicketState state : AllStates()) {
    if (PassedThrough(state) || state == v1::MERGED) {
      continue;  // A merged order is shown as the one that goes on.
    }
    Order order = OrderIn(state);
    const v1::CitizenTicket view = View(order);
    EXPECT_NE(view.stage(), v1::CITIZEN_STAGE_UNSPECIFIED) << state;
    EXPECT_THAT(view.state_text(), Not(HasSubstr("未知"))) << state;
    EXPECT_EQ(view.holder_name().empty(), IsFinal(state)) << state;
  }
}

}  // namespace
}  // namespace baimi::ticket::domain
