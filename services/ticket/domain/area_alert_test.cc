#include "services/ticket/domain/area_alert.h"

#include <gmock/gmock.h>

#include <string>

#include "common/base/error.h"
#include "common/testing/protos.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using test::Text;

constexpr char kName[] = "counties/469030/areaAlerts/17";

const PolicyInForce& WithAlerts() {
  static const auto& policy = *new PolicyInForce(InForce([] {
    v1::TicketPolicy made = SamplePolicy();
    *made.mutable_area_alerts() = Text<v1::AreaAlertPolicy>(R"pb(
      kinds { id: "water" display_name: "停水" }
      kinds { id: "power" display_name: "停电" }
      max_days: 3
    )pb");
    return made;
  }()));
  return policy;
}

class AreaAlertTest : public testing::Test {
 protected:
  Context As(const std::string& unit, absl::string_view at = "2025-09-26 09:00",
             const PolicyInForce& policy = WithAlerts()) {
    actor_ = MakeActor("staff", unit);
    return {At(at), actor_, policy};
  }
  static v1::AreaAlert Wanted() {
    v1::AreaAlert alert;
    alert.set_kind("water");
    alert.set_title("停水通知");
    alert.set_text("管道检修，请提前储水。");
    alert.add_areas(AreaName("469030100003"));
    *alert.mutable_start_time() = ToProto(At("2025-09-27 08:00"));
    *alert.mutable_end_time() = ToProto(At("2025-09-27 18:00"));
    return alert;
  }
  v1::AreaAlert Written() {
    const auto step = WriteAreaAlert(nullptr, Wanted(), kName, As("shuiwuju"));
    EXPECT_TRUE(step.ok()) << step.status();
    return step.ok() ? step->alert : v1::AreaAlert();
  }
  template <typename Edit>
  std::string Refused(Edit edit) {
    v1::AreaAlert wanted = Wanted();
    edit(wanted);
    return ReasonOf(WriteAreaAlert(nullptr, wanted, kName, As("shuiwuju")).status());
  }

 private:
  type::v1::Actor actor_;
};

TEST_F(AreaAlertTest, State_FollowsTheTime) {
  const v1::AreaAlert alert = Written();
  EXPECT_EQ(alert.unit(), UnitName("shuiwuju"));
  EXPECT_EQ(StateOf(alert, At("2025-09-27 07:59")), v1::ALERT_AHEAD);
  EXPECT_EQ(StateOf(alert, At("2025-09-27 08:00")), v1::ALERT_IN_FORCE);
  EXPECT_EQ(StateOf(alert, At("2025-09-27 18:00")), v1::ALERT_OVER);
  v1::WithdrawAreaAlertRequest request;
  request.set_rationale("检修改期");
  const auto withdrawn = WithdrawAreaAlert(alert, request, As("", "2025-09-27 09:00"));
  ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  EXPECT_FALSE(IsInForce(withdrawn->alert, At("2025-09-27 10:00")));
  EXPECT_EQ(ReasonOf(WithdrawAreaAlert(withdrawn->alert, request, As("")).status()),
            "ILLEGAL_TRANSITION");
  EXPECT_EQ(ReasonOf(WithdrawAreaAlert(alert, request, As("", "2025-09-28 09:00")).status()),
            "ILLEGAL_TRANSITION");
}

TEST_F(AreaAlertTest, Areas_HoldForAllThatLiesInThem) {
  v1::AreaAlert alert = Written();
  EXPECT_TRUE(IsFor(alert, "469030100003", false));
  EXPECT_FALSE(IsFor(alert, "469030100004", false));
  EXPECT_FALSE(IsFor(alert, "469030100000", false)) << "not for the whole township";
  EXPECT_TRUE(IsFor(alert, "469030100000", true));
  EXPECT_TRUE(IsFor(alert, "469030000000", true));
  EXPECT_FALSE(IsFor(alert, "469030101000", true));
  alert.set_areas(0, AreaName("469030100000"));
  EXPECT_TRUE(IsFor(alert, "469030100004", false)) << "in the township";
  EXPECT_FALSE(IsFor(alert, "469030101001", false));
  alert.set_areas(0, AreaName("469030000000"));
  EXPECT_TRUE(IsFor(alert, "469030101001", false)) << "in the county";
}

TEST_F(AreaAlertTest, Wanted_IsChecked) {
  EXPECT_EQ(Refused([](v1::AreaAlert&) {}), "");
  EXPECT_EQ(Refused([](v1::AreaAlert& alert) { alert.set_kind("gas"); }), "INVALID_FIELD");
  EXPECT_EQ(Refused([](v1::AreaAlert& alert) { alert.clear_areas(); }), "INVALID_FIELD");
  EXPECT_EQ(Refused([](v1::AreaAlert& alert) {
              alert.set_areas(0, "counties/469029/areas/469029100001");
            }),
            "INVALID_FIELD");
  EXPECT_EQ(Refused([](v1::AreaAlert& alert) { alert.set_areas(0, AreaName("469029100001")); }),
            "INVALID_FIELD");
  EXPECT_EQ(Refused([](v1::AreaAlert& alert) { *alert.mutable_end_time() = alert.start_time(); }),
            "INVALID_FIELD");
  EXPECT_EQ(Refused([](v1::AreaAlert& alert) {
              *alert.mutable_end_time() = ToProto(At("2025-09-30 08:01"));
            }),
            "INVALID_FIELD")
      << "more than three days";
  EXPECT_EQ(Refused([](v1::AreaAlert& alert) { alert.set_unit(UnitName("zhujianju")); }),
            "NOT_THE_KEEPER");
  EXPECT_EQ(
      ReasonOf(WriteAreaAlert(nullptr, Wanted(), kName, As("", "2025-09-26 09:00", SampleInForce()))
                   .status()),
      "NOT_APPLICABLE");
}

TEST_F(AreaAlertTest, Changed_ByItsUnitWhileItGoesOn) {
  const v1::AreaAlert alert = Written();
  v1::AreaAlert wanted = alert;
  *wanted.mutable_end_time() = ToProto(At("2025-09-27 22:00"));
  EXPECT_EQ(ReasonOf(WriteAreaAlert(&alert, wanted, kName, As("zhujianju")).status()),
            "NOT_THE_KEEPER");
  EXPECT_EQ(
      ReasonOf(WriteAreaAlert(&alert, wanted, kName, As("shuiwuju", "2025-09-27 18:00")).status()),
      "ILLEGAL_TRANSITION")
      << "over";
  const auto changed = WriteAreaAlert(&alert, wanted, kName, As("shuiwuju", "2025-09-27 10:00"));
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->alert.version(), 2);
  EXPECT_EQ(changed->alert.create_time().seconds(), alert.create_time().seconds());
  EXPECT_EQ(Apply(alert, changed->fact).SerializeAsString(), changed->alert.SerializeAsString());
}

TEST_F(AreaAlertTest, Policy_NamesWhatIsWrong) {
  v1::TicketPolicy policy = WithAlerts().policy();
  EXPECT_TRUE(ValidatePolicy(policy, "469030").ok());
  policy.mutable_area_alerts()->mutable_kinds(1)->set_id("water");
  policy.mutable_area_alerts()->set_max_days(0);
  const auto violations = BadRequestOf(ValidatePolicy(policy, "469030"));
  ASSERT_TRUE(violations.has_value());
  EXPECT_EQ(violations->field_violations_size(), 2);
}

}  // namespace
}  // namespace baimi::ticket::domain
