#include "services/ticket/domain/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "common/base/error.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using testing::HasSubstr;

std::set<std::string> ViolatedFields(const absl::Status& status) {
  std::set<std::string> fields;
  if (const auto bad_request = BadRequestOf(status)) {
    for (const auto& violation : bad_request->field_violations()) {
      fields.insert(violation.field());
    }
  }
  return fields;
}

TEST(Policy, Sample_IsValid) {
  EXPECT_TRUE(ValidatePolicy(SamplePolicy(), "469030").ok())
      << ValidatePolicy(SamplePolicy(), "469030");
}

TEST(Policy, EachContradiction_IsFoundAtItsField) {
  struct Case {
    std::string field;
    std::function<void(v1::TicketPolicy&)> spoil;
  };
  const Case cases[] = {
      {"categories",
       [](auto& p) {
         p.clear_categories();
         p.clear_catalogue();
       }},
      {"categories[1].code", [](auto& p) { p.mutable_categories(1)->set_code("02"); }},
      {"categories[2].code", [](auto& p) { p.mutable_categories(2)->set_code("020"); }},
      {"categories[2].code", [](auto& p) { p.mutable_categories(2)->set_code("070101"); }},
      {"catalogue[1].id", [](auto& p) { p.mutable_catalogue(1)->set_id("elevator"); }},
      {"catalogue[1].id", [](auto& p) { p.mutable_catalogue(1)->set_id("manual"); }},
      {"catalogue[1].category", [](auto& p) { p.mutable_catalogue(1)->set_category("88"); }},
      {"catalogue[1].area_prefix",
       [](auto& p) { p.mutable_catalogue(1)->set_area_prefix("211202001"); }},
      {"catalogue[1].area_prefix",
       [](auto& p) { p.mutable_catalogue(1)->set_area_prefix("469030100000"); }},
      {"catalogue[1].area_prefix",
       [](auto& p) { p.mutable_catalogue(1)->set_area_prefix("469030100003001"); }},
      {"catalogue[1].lead_unit", [](auto& p) { p.mutable_catalogue(1)->clear_lead_unit(); }},
      {"catalogue[1].lead_unit",
       [](auto& p) { p.mutable_catalogue(1)->set_lead_unit("counties/211202/units/x"); }},
      {"catalogue[2].lead_unit",
       [](auto& p) { p.mutable_catalogue(2)->set_lead_unit(UnitName("zhujianju")); }},
      {"catalogue[2].lead_role", [](auto& p) { p.mutable_catalogue(2)->clear_lead_role(); }},
      {"catalogue[1].helper_units[1]",
       [](auto& p) { p.mutable_catalogue(1)->add_helper_units(UnitName("chengguanju")); }},
      {"catalogue[1].helper_units[1]",
       [](auto& p) { p.mutable_catalogue(1)->add_helper_units(UnitName("zhujianju")); }},
      {"clock_rules[0].categories[1]",
       [](auto& p) {
         const v1::ClockRule rule = p.clock_rules(0);
         *p.add_clock_rules() = rule;
         p.mutable_clock_rules(0)->set_id("lifts");
         p.mutable_clock_rules(0)->add_categories("0203");
         p.mutable_clock_rules(0)->add_categories("0299");
       }},
      {"clock_rules[0].categories[1]",
       [](auto& p) {
         const v1::ClockRule rule = p.clock_rules(0);
         *p.add_clock_rules() = rule;
         p.mutable_clock_rules(0)->set_id("lifts");
         p.mutable_clock_rules(0)->add_categories("0203");
         p.mutable_clock_rules(0)->add_categories("0203");
       }},
      // A rule of a category is no default.
      {"clock_rules", [](auto& p) { p.mutable_clock_rules(0)->add_categories("02"); }},
      {"max_reopens", [](auto& p) { p.set_max_reopens(101); }},
      {"clock_rules[1].id", [](auto& p) { p.mutable_clock_rules(1)->set_id("dispatch"); }},
      {"clock_rules[1].kind", [](auto& p) { p.mutable_clock_rules(1)->clear_kind(); }},
      {"clock_rules[1].period.unit",
       [](auto& p) { p.mutable_clock_rules(1)->mutable_period()->clear_unit(); }},
      {"clock_rules[1].period.amount",
       [](auto& p) { p.mutable_clock_rules(1)->mutable_period()->set_amount(0); }},
      {"clock_rules", [](auto& p) { p.mutable_clock_rules(8)->set_urgency(v1::NORMAL); }},
      {"business_hours", [](auto& p) { p.clear_business_hours(); }},
      {"business_hours[1]", [](auto& p) { p.mutable_business_hours(1)->set_start_minute(700); }},
      {"business_hours[1]", [](auto& p) { p.mutable_business_hours(1)->set_end_minute(1441); }},
      {"business_hours[0]", [](auto& p) { p.mutable_business_hours(0)->set_end_minute(510); }},
      {"fallback_unit", [](auto& p) { p.clear_fallback_unit(); }},
      {"return_window.amount", [](auto& p) { p.mutable_return_window()->clear_amount(); }},
      {"max_extension.unit", [](auto& p) { p.mutable_max_extension()->clear_unit(); }},
      {"extension_notice.amount", [](auto& p) { p.mutable_extension_notice()->set_amount(1'001); }},
      {"max_callback_attempts", [](auto& p) { p.set_max_callback_attempts(0); }},
      {"reopen_days", [](auto& p) { p.set_reopen_days(366); }},
      {"calendar_days[0].date",
       [](auto& p) {
         p.add_calendar_days()->set_date("2025-02-30");
         p.mutable_calendar_days(0)->set_document("x");
       }},
      {"calendar_days[0].document", [](auto& p) { p.add_calendar_days()->set_date("2025-03-31"); }},
      {"calendar_days[1].date",
       [](auto& p) {
         for (int i = 0; i < 2; ++i) {
           p.add_calendar_days()->set_date("2025-03-31");
           p.mutable_calendar_days(i)->set_document("x");
         }
       }},
  };
  for (const Case& c : cases) {
    v1::TicketPolicy policy = SamplePolicy();
    c.spoil(policy);
    const absl::Status status = ValidatePolicy(policy, "469030");
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.field;
    EXPECT_EQ(ReasonOf(status), "BAD_POLICY") << c.field;
    EXPECT_TRUE(ViolatedFields(status).contains("ticket_policy." + c.field))
        << c.field << ": " << status;
  }
}

TEST(Policy, EveryContradiction_IsReportedAtOnce) {
  v1::TicketPolicy policy = SamplePolicy();
  policy.clear_fallback_unit();
  policy.mutable_catalogue(0)->set_category("88");
  policy.mutable_clock_rules(0)->set_urgency(v1::EMERGENCY);
  const absl::Status status = ValidatePolicy(policy, "469030");
  EXPECT_EQ(ViolatedFields(status).size(), 3U) << status;
  EXPECT_EQ(ErrorInfoOf(status)->metadata().at("violations"), "3");
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("ticket_policy.catalogue[0].category: got 88, want a code of categories "
                        "(and 2 more)"));
}

TEST(Policy, Empty_IsRefusedAndDoesNotCrash) {
  EXPECT_EQ(ReasonOf(ValidatePolicy({}, "469030")), "BAD_POLICY");
}

TEST(Policy, InForce_LaysTheCountysDaysOverTheNation) {
  v1::TicketPolicy policy = SamplePolicy();
  v1::CalendarDay& day = *policy.add_calendar_days();
  day.set_date("2025-03-31");
  day.set_document("琼中府办〔2025〕示例");
  const PolicyInForce in_force = InForce(policy);
  EXPECT_EQ(in_force.calendar().Lookup(absl::CivilDay(2025, 3, 31)), false);
  EXPECT_NE(in_force.calendar().version(), National().version());
  ASSERT_NE(in_force.FindCategory("020301"), nullptr);
  EXPECT_EQ(in_force.FindCategory("020301")->display_name(), "电梯困人与维修");
  EXPECT_EQ(in_force.FindCategory("88"), nullptr);
}

TEST(ValidatePolicy, Exclusions_NeedGroundsWithScopesEachOnce) {
  const auto violated = [](const std::function<void(v1::ExclusionPolicy&)>& spoil) {
    v1::TicketPolicy policy = SamplePolicy();
    spoil(*policy.mutable_exclusions());
    return ViolatedFields(ValidatePolicy(policy, "469030"));
  };
  using Fields = std::set<std::string>;
  EXPECT_EQ(violated([](auto& exclusions) { exclusions.clear_grounds(); }),
            Fields{"ticket_policy.exclusions.grounds"});
  EXPECT_EQ(violated([](auto& exclusions) {
              const v1::ExclusionGround first = exclusions.grounds(0);
              *exclusions.add_grounds() = first;
            }),
            Fields{"ticket_policy.exclusions.grounds[2].id"});
  EXPECT_EQ(violated([](auto& exclusions) { exclusions.mutable_grounds(1)->clear_scopes(); }),
            Fields{"ticket_policy.exclusions.grounds[1].scopes"});
}

}  // namespace
}  // namespace baimi::ticket::domain
