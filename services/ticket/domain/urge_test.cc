#include "services/ticket/domain/urge.h"

#include "common/base/error.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/citizen.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;

const PolicyInForce& Urged() {
  static const auto& policy = *new PolicyInForce(InForce([] {
    v1::TicketPolicy made = SamplePolicy();
    made.mutable_citizen()->set_urge_after_hours(24);
    made.mutable_citizen()->set_urge_every_hours(48);
    made.mutable_citizen()->set_max_urges(2);
    return made;
  }()));
  return policy;
}

v1::CitizenTicket View(Order& order) {
  return CitizenView(order.ticket(), order.ticket(), "县住建局", order.As(""));
}

TEST(UrgeByCaller, IsAsThePolicyAllows) {
  Order order("2025-09-08 09:00", Urged());
  order.Do({kDispatch, kSign});
  EXPECT_EQ(ReasonOf(UrgeByCaller(order.ticket(), v1::APP, order.As("")).status()),
            "URGE_NOT_ALLOWED");
  EXPECT_FALSE(View(order).may_urge());
  order.Wait(absl::Hours(24));
  EXPECT_TRUE(View(order).may_urge());
  order.Take(UrgeByCaller(order.ticket(), v1::APP, order.As("")));
  EXPECT_EQ(View(order).urge_count(), 1);
  EXPECT_EQ(ReasonOf(UrgeByCaller(order.ticket(), v1::APP, order.As("")).status()),
            "URGE_NOT_ALLOWED");
  order.Wait(absl::Hours(48));
  order.Take(UrgeByCaller(order.ticket(), v1::APP, order.As("")));
  order.Wait(absl::Hours(48));
  EXPECT_EQ(ReasonOf(UrgeByCaller(order.ticket(), v1::APP, order.As("")).status()),
            "URGE_NOT_ALLOWED")
      << "twice is the most";
}

TEST(UrgeByCaller, WithoutPolicyOrAfterTheReply_IsRefused) {
  Order none = OrderIn(v1::SIGNED);
  EXPECT_EQ(ReasonOf(UrgeByCaller(none.ticket(), v1::APP, none.As("")).status()),
            "URGE_NOT_ALLOWED");
  Order replied("2025-09-08 09:00", Urged());
  replied.Do({kDispatch, kSign, kReply}).Wait(absl::Hours(100));
  EXPECT_EQ(ReasonOf(UrgeByCaller(replied.ticket(), v1::APP, replied.As("")).status()),
            "URGE_NOT_ALLOWED");
}

TEST(UrgeByCentre, IsCountedAndHeldToTheLimitsOfADay) {
  Order order("2025-09-01 09:00", SupervisedInForce());
  order.Do({kDispatch, kSign});
  const auto urge = [&](absl::string_view from = "") {
    return UrgeByCentre(order.ticket(), {}, from, order.As("hotline"));
  };
  order.Take(urge());
  order.Wait(absl::Hours(1) - absl::Microseconds(1));
  EXPECT_EQ(ReasonOf(urge().status()), "URGE_NOT_ALLOWED") << "an hour apart";
  order.Wait(absl::Microseconds(1)).Take(urge());
  order.Wait(absl::Hours(2));
  EXPECT_EQ(ReasonOf(urge().status()), "URGE_NOT_ALLOWED") << "two a day";
  order.Take(urge("counties/469030/tickets/20250926-000009"));
  EXPECT_EQ(order.ticket().urges().count(), 3) << "another caller";
  order.WaitUntil("2025-09-02 00:00").Take(urge());
  EXPECT_EQ(order.ticket().urges().count(), 4);
  EXPECT_EQ(order.ticket().urges().count_of_day(), 1);
  EXPECT_EQ(ReasonOf(UrgeByCentre(order.ticket(), {}, "", order.As("zhujianju")).status()),
            "UNDERTAKER_MAY_NOT_DECIDE");
  order.Do(kReply).WaitUntil("2025-09-03 09:00");
  EXPECT_EQ(ReasonOf(urge().status()), "URGE_NOT_ALLOWED");
}

}  // namespace
}  // namespace baimi::ticket::domain
