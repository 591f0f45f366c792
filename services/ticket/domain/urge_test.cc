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

absl::StatusOr<Decision> ByCaller(Order& order) {
  absl::StatusOr<UrgeDecision> urged =
      UrgeByCaller(order.ticket(), order.ticket(), v1::APP, order.As(""));
  if (!urged.ok()) {
    return urged.status();
  }
  EXPECT_FALSE(urged->into);
  return std::move(urged->own);
}

TEST(UrgeByCaller, IsAsThePolicyAllows) {
  Order order("2025-09-08 09:00", Urged());
  order.Do({kDispatch, kSign});
  EXPECT_EQ(ReasonOf(ByCaller(order).status()), "URGE_NOT_ALLOWED");
  EXPECT_FALSE(View(order).may_urge());
  order.Wait(absl::Hours(24));
  EXPECT_TRUE(View(order).may_urge());
  order.Take(ByCaller(order));
  EXPECT_EQ(View(order).urge_count(), 1);
  EXPECT_EQ(ReasonOf(ByCaller(order).status()), "URGE_NOT_ALLOWED");
  order.Wait(absl::Hours(48));
  order.Take(ByCaller(order));
  order.Wait(absl::Hours(48));
  EXPECT_EQ(ReasonOf(ByCaller(order).status()), "URGE_NOT_ALLOWED") << "twice is the most";
}

TEST(UrgeByCaller, WithoutPolicyOrAfterTheReply_IsRefused) {
  Order none = OrderIn(v1::SIGNED);
  EXPECT_EQ(ReasonOf(ByCaller(none).status()), "URGE_NOT_ALLOWED");
  Order replied("2025-09-08 09:00", Urged());
  replied.Do({kDispatch, kSign, kReply}).Wait(absl::Hours(100));
  EXPECT_EQ(ReasonOf(ByCaller(replied).status()), "URGE_NOT_ALLOWED");
}

TEST(UrgeByCaller, OfAMergedOrder_CountsForTheOneThatGoesOnWithinItsOwnLimits) {
  Order into("2025-09-08 09:00", Urged());
  into.Do({kDispatch, kSign}).Wait(absl::Hours(24));
  Order merged("2025-09-08 09:00", Urged());
  merged.Do(kMerge).Wait(absl::Hours(24));
  const auto urge = [&] {
    return UrgeByCaller(merged.ticket(), into.ticket(), v1::APP, merged.As(""));
  };
  for (int times = 1; times <= 2; ++times) {
    const auto urged = urge();
    ASSERT_TRUE(urged.ok()) << urged.status();
    ASSERT_TRUE(urged->into);
    EXPECT_EQ(urged->into->facts.back().caller_urged().from(), merged.ticket().name());
    EXPECT_EQ(urged->own.facts.back().caller_urged().from(), "");
    merged.Take(urged->own).Wait(absl::Hours(48));
    into.Take(*urged->into).Wait(absl::Hours(48));
    EXPECT_EQ(into.ticket().urges().count(), times);
    EXPECT_EQ(into.ticket().urges().own_count(), 0);
  }
  EXPECT_EQ(ReasonOf(urge().status()), "URGE_NOT_ALLOWED") << "twice is the most of one caller";
  EXPECT_FALSE(CitizenView(merged.ticket(), into.ticket(), "县住建局", merged.As("")).may_urge());
  into.Take(ByCaller(into));
  EXPECT_EQ(into.ticket().urges().count(), 3) << "the other caller has his own";
  EXPECT_EQ(into.ticket().urges().own_count(), 1);
  into.Do(kReply);
  EXPECT_EQ(ReasonOf(urge().status()), "URGE_NOT_ALLOWED") << "answered";
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
