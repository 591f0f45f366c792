#include "services/ticket/domain/clocks.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using testing::HasSubstr;
using enum Command;

absl::Time DueOf(const v1::Ticket& ticket, v1::ClockKind kind) {
  const v1::Clock* clock = OpenClock(ticket, kind);
  EXPECT_NE(clock, nullptr) << v1::ClockKind_Name(kind);
  return clock == nullptr ? absl::InfinitePast() : FromProto(clock->due_time());
}

// A policy whose default handling rule grants `period`.
v1::TicketPolicy HandlingIn(const v1::Period& period) {
  v1::TicketPolicy policy = SamplePolicy();
  for (v1::ClockRule& rule : *policy.mutable_clock_rules()) {
    if (rule.id() == "handle") {
      *rule.mutable_period() = period;
    }
  }
  return policy;
}

struct Vector {
  absl::string_view start;
  v1::PeriodUnit unit;
  int amount;
  // The last day of the period.
  absl::string_view last_day;
  bool county_days = false;
};

TEST(Clocks, VectorsOfTheCountingRules_HoldForTheHandlingClock) {
  const Vector vectors[] = {
      {"2025-09-26 10:00", v1::WORKING_DAYS, 5, "2025-10-10"},
      {"2025-09-28 10:00", v1::WORKING_DAYS, 1, "2025-09-29"},
      {"2025-10-01 10:00", v1::WORKING_DAYS, 2, "2025-10-10"},
      {"2025-01-24 23:59", v1::WORKING_DAYS, 5, "2025-02-07"},
      {"2026-02-13 00:00", v1::WORKING_DAYS, 2, "2026-02-24"},
      {"2026-02-13 10:00", v1::WORKING_DAYS, 5, "2026-02-27"},
      {"2024-09-30 10:00", v1::WORKING_DAYS, 3, "2024-10-10"},
      {"2024-04-30 10:00", v1::WORKING_DAYS, 5, "2024-05-10"},
      {"2025-03-28 10:00", v1::WORKING_DAYS, 5, "2025-04-07"},
      {"2025-03-28 10:00", v1::WORKING_DAYS, 5, "2025-04-09", true},
      {"2025-09-16 10:00", v1::NATURAL_DAYS, 15, "2025-10-09"},
      {"2025-09-21 10:00", v1::NATURAL_DAYS, 7, "2025-09-28"},
      {"2026-02-09 10:00", v1::NATURAL_DAYS, 7, "2026-02-24"},
  };
  for (const Vector& vector : vectors) {
    SCOPED_TRACE(absl::StrCat(vector.start, " + ", vector.amount));
    v1::TicketPolicy policy = HandlingIn(MakePeriod(vector.unit, vector.amount));
    for (const absl::string_view day : {"2025-03-31", "2025-04-01"}) {
      if (vector.county_days) {
        v1::CalendarDay& off = *policy.add_calendar_days();
        off.set_date(std::string(day));
        off.set_document("琼中府办〔2025〕示例");
      }
    }
    const PolicyInForce in_force = InForce(policy);
    Order order(vector.start, in_force);
    order.Do(kDispatch);
    EXPECT_EQ(DueOf(order.ticket(), v1::HANDLE),
              At(absl::StrCat(vector.last_day, " 00:00")) + absl::Hours(24));
    EXPECT_FALSE(OpenClock(order.ticket(), v1::HANDLE)->provisional());
  }
}

TEST(Clocks, HoursOfWork_SkipNoonNightAndHoliday) {
  Order order("2025-09-26 16:30");
  EXPECT_EQ(DueOf(order.ticket(), v1::DISPATCH), At("2025-09-28 11:30"))
      << "1 h on Friday, 3 h on the make-up Sunday";
  order.WaitUntil("2025-09-30 16:00").Do(kDispatch);
  EXPECT_EQ(DueOf(order.ticket(), v1::SIGN), At("2025-10-09 11:00"));
}

TEST(Clocks, Rule_UrgencyBeatsTypesBeatsDefault) {
  struct Case {
    v1::ClockKind kind;
    v1::Urgency urgency;
    v1::TicketType type;
    absl::string_view rule;
  };
  const Case cases[] = {
      {v1::HANDLE, v1::NORMAL, v1::HELP, "handle"},
      {v1::HANDLE, v1::URGENCY_UNSPECIFIED, v1::HELP, "handle"},
      {v1::HANDLE, v1::NORMAL, v1::CONSULT, "handle-consult"},
      {v1::HANDLE, v1::UTILITY_OUTAGE, v1::CONSULT, "handle-outage"},
      {v1::HANDLE, v1::EMERGENCY, v1::CONSULT, "handle-consult"},
      {v1::DISPATCH, v1::EMERGENCY, v1::HELP, "dispatch-emergency"},
      {v1::SIGN, v1::UTILITY_OUTAGE, v1::HELP, "sign"},
  };
  const v1::TicketPolicy policy = SamplePolicy();
  for (const Case& c : cases) {
    const v1::ClockRule* rule = ChooseClockRule(policy, c.kind, c.urgency, c.type, "020301");
    ASSERT_NE(rule, nullptr);
    EXPECT_EQ(rule->id(), c.rule) << v1::TicketType_Name(c.type) << v1::Urgency_Name(c.urgency);
  }
}

TEST(Clocks, Rule_OfALeafBeatsThatOfItsBranchAndNeverAnUrgency) {
  v1::TicketPolicy policy = SamplePolicy();
  const auto add = [&](const char* id, std::initializer_list<const char*> categories,
                       v1::Urgency urgency = v1::URGENCY_UNSPECIFIED,
                       v1::TicketType type = v1::TICKET_TYPE_UNSPECIFIED) {
    v1::ClockRule& rule = *policy.add_clock_rules();
    rule.set_id(id);
    rule.set_kind(v1::HANDLE);
    *rule.mutable_period() = MakePeriod(v1::HOURS, 8);
    rule.set_urgency(urgency);
    for (const char* category : categories) {
      rule.add_categories(category);
    }
    if (type != v1::TICKET_TYPE_UNSPECIFIED) {
      rule.add_types(type);
    }
  };
  add("housing", {"02", "09"});
  add("lifts", {"0203"});
  add("trapped", {"04", "020301"});
  add("trapped-emergency", {"020301"}, v1::EMERGENCY);
  add("lifts-complaint", {"0203"}, v1::URGENCY_UNSPECIFIED, v1::COMPLAINT);
  add("emergency", {}, v1::EMERGENCY);
  add("lifts-again", {"0203"});
  struct Case {
    const char* category;
    v1::Urgency urgency;
    v1::TicketType type;
    absl::string_view rule;
  };
  const Case cases[] = {
      {"02", v1::NORMAL, v1::HELP, "housing"},
      {"0204", v1::NORMAL, v1::HELP, "housing"},
      {"0203", v1::NORMAL, v1::HELP, "lifts"},
      {"020302", v1::NORMAL, v1::HELP, "lifts"},
      {"020301", v1::NORMAL, v1::HELP, "trapped"},
      {"0203", v1::NORMAL, v1::COMPLAINT, "lifts-complaint"},
      {"020301", v1::NORMAL, v1::COMPLAINT, "trapped"},
      {"0203", v1::NORMAL, v1::CONSULT, "lifts"},
      {"020301", v1::EMERGENCY, v1::HELP, "trapped-emergency"},
      {"0203", v1::EMERGENCY, v1::HELP, "emergency"},
      {"0204", v1::UTILITY_OUTAGE, v1::HELP, "handle-outage"},
      {"0402", v1::NORMAL, v1::HELP, "trapped"},
      {"01", v1::NORMAL, v1::CONSULT, "handle-consult"},
      {"01", v1::NORMAL, v1::HELP, "handle"},
  };
  for (const Case& c : cases) {
    const v1::ClockRule* rule = ChooseClockRule(policy, v1::HANDLE, c.urgency, c.type, c.category);
    ASSERT_NE(rule, nullptr);
    EXPECT_EQ(rule->id(), c.rule) << c.category << " " << v1::Urgency_Name(c.urgency) << " "
                                  << v1::TicketType_Name(c.type);
  }
  const PolicyInForce in_force = InForce(policy);
  Order order("2025-09-26 10:00", in_force);
  order.Do(kDispatch);
  EXPECT_EQ(OpenClock(order.ticket(), v1::HANDLE)->rule(), "trapped");
  EXPECT_EQ(DueOf(order.ticket(), v1::HANDLE), At("2025-09-26 18:00"));
}

TEST(Clocks, TwoRulesThatFitAlike_TheFirstWins) {
  v1::TicketPolicy policy = SamplePolicy();
  v1::ClockRule& second = *policy.add_clock_rules();
  second.set_id("handle-2");
  second.set_kind(v1::HANDLE);
  EXPECT_EQ(ChooseClockRule(policy, v1::HANDLE, v1::NORMAL, v1::HELP, "020301")->id(), "handle");
}

TEST(Clocks, Started_CarriesRulePeriodAndVersions) {
  Order order("2025-09-26 10:00");
  order.Do(kDispatch);
  const v1::Clock& clock = *OpenClock(order.ticket(), v1::HANDLE);
  EXPECT_EQ(clock.rule(), "handle");
  EXPECT_EQ(clock.policy_version(), 3);
  EXPECT_EQ(clock.calendar_version(), SampleInForce().calendar().version());
  EXPECT_EQ(clock.period().amount(), 5);
  EXPECT_EQ(clock.holder(), UnitName("zhujianju"));
  EXPECT_EQ(order.ticket().clocks(0).holder(), "") << "dispatching is the centre's time";
  EXPECT_EQ(FromProto(clock.start_time()), At("2025-09-26 10:00"));
}

TEST(Clocks, NoRule_IsSaidSo) {
  v1::TicketPolicy policy = SamplePolicy();
  auto& rules = *policy.mutable_clock_rules();
  rules.erase(std::remove_if(rules.begin(), rules.end(),
                             [](const v1::ClockRule& rule) { return rule.kind() == v1::REVIEW; }),
              rules.end());
  const PolicyInForce in_force = InForce(policy);
  Order order("2025-09-08 09:00", in_force);
  order.Do({kDispatch, kSign, kRequestExtension, kDecideExtension});
  const absl::Status status = Perform(kSuspend, order.ticket(), order.Now()).status();
  EXPECT_EQ(ReasonOf(status), "NO_CLOCK_RULE");
  EXPECT_THAT(std::string(status.message()), HasSubstr("REVIEW in policy version 3"));
}

TEST(Clocks, Split_KeepsTheTimeSpent) {
  // 5 working days from Monday: due at the end of the next Monday, the 15th.
  Order order("2025-09-08 09:00");
  order.Do({kDispatch, kSign}).WaitUntil("2025-09-10 12:00").Do(kMerge);
  EXPECT_EQ(OpenClock(order.ticket(), v1::HANDLE), nullptr);
  order.WaitUntil("2025-09-15 12:00").Do(kSplit);
  EXPECT_EQ(order.ticket().state(), v1::SIGNED);
  EXPECT_EQ(order.ticket().merged_into(), "");
  EXPECT_EQ(DueOf(order.ticket(), v1::HANDLE), At("2025-09-19 00:00"))
      << "three and a half working days were left";
  EXPECT_EQ(OpenClock(order.ticket(), v1::HANDLE)->holder(), UnitName("zhujianju"));
}

TEST(Clocks, Split_KeepsWhatWasLeftOfEachKind) {
  v1::CreateTicketRequest request = SampleRequest();
  request.mutable_ticket()->set_urgency(v1::EMERGENCY);
  Order order("2025-09-08 09:00", SampleInForce(), request);
  order.Do(kDispatch).Wait(absl::Minutes(20)).Do(kMerge).Wait(absl::Hours(50)).Do(kSplit);
  EXPECT_EQ(order.ticket().state(), v1::DISPATCHED);
  EXPECT_EQ(DueOf(order.ticket(), v1::SIGN), order.now() + absl::Minutes(10));
  EXPECT_EQ(DueOf(order.ticket(), v1::HANDLE), At("2025-09-19 00:00"))
      << "5 days and 14:40 h were left, and the day they run out ends at 24:00";
}

TEST(Clocks, SplitOfAnOverdueOrder_StaysDueWhenItWas) {
  Order order("2025-09-08 09:00");
  order.Do({kDispatch, kSign}).WaitUntil("2025-09-17 09:00").Do(kMerge);
  order.WaitUntil("2025-09-18 09:00").Do(kSplit);
  EXPECT_EQ(DueOf(order.ticket(), v1::HANDLE), At("2025-09-16 00:00"));
}

TEST(Clocks, SplitOfAnExtendedOrder_KeepsWhatWasLeftOfTheExtension) {
  Order order("2025-09-08 09:00");
  order.Do({kDispatch, kSign, kRequestExtension, kDecideExtension});
  EXPECT_EQ(DueOf(order.ticket(), v1::HANDLE), At("2025-09-23 00:00")) << "5 + 5 working days";
  order.WaitUntil("2025-09-22 10:00").Do(kMerge).Do(kSplit);
  EXPECT_EQ(DueOf(order.ticket(), v1::HANDLE), At("2025-09-23 00:00"));
}

TEST(Clocks, BeyondTheNotice_IsProvisionalUntilRecomputed) {
  Order order("2026-12-29 10:00");
  order.Do({kDispatch, kSign});
  EXPECT_TRUE(OpenClock(order.ticket(), v1::HANDLE)->provisional());
  EXPECT_EQ(DueOf(order.ticket(), v1::HANDLE), At("2027-01-06 00:00"));

  v1::TicketPolicy policy = SamplePolicy();
  for (const char* settled : {"2026-12-30", "2026-12-31"}) {
    v1::CalendarDay& row = *policy.add_calendar_days();
    row.set_date(settled);
    row.set_workday(true);
    row.set_document("国办发明电〔2026〕示例");
  }
  for (int day = 1; day <= 20; ++day) {
    v1::CalendarDay& row = *policy.add_calendar_days();
    row.set_date(absl::StrCat("2027-01-", day < 10 ? "0" : "", day));
    row.set_workday(day >= 4 && day != 9 && day != 10 && day != 16 && day != 17);
    row.set_document("国办发明电〔2026〕示例");
  }
  const PolicyInForce in_force = InForce(policy);
  const type::v1::Actor actor = MakeActor("timer", "");
  const Context context{order.now(), actor, in_force};
  const Decision decision = RecomputeDeadlines(order.ticket(), context);
  ASSERT_EQ(decision.facts.size(), 2U);
  EXPECT_EQ(decision.facts[0].transition(), "");
  EXPECT_EQ(decision.facts[1].deadline_recomputed().kind(), v1::ASSIST) << "the helper's too";
  EXPECT_EQ(DueOf(decision.ticket, v1::HANDLE), At("2027-01-07 00:00"));
  EXPECT_FALSE(OpenClock(decision.ticket, v1::HANDLE)->provisional());
  EXPECT_EQ(VersionOf(decision.ticket), VersionOf(order.ticket()) + 2);
  EXPECT_TRUE(RecomputeDeadlines(decision.ticket, context).facts.empty());

  const Context late{At("2027-01-06 00:00"), actor, in_force};
  EXPECT_TRUE(RecomputeDeadlines(order.ticket(), late).facts.empty()) << "passed already";
}

TEST(Clocks, NoticeThatWouldMakeItLate_DoesNotMoveADueTime) {
  const PolicyInForce two_days = InForce(HandlingIn(MakePeriod(v1::WORKING_DAYS, 2)));
  Order order("2026-12-24 10:00", two_days);
  order.Do(kDispatch);
  EXPECT_TRUE(OpenClock(order.ticket(), v1::HANDLE)->provisional());
  ASSERT_EQ(DueOf(order.ticket(), v1::HANDLE), At("2026-12-29 00:00"));
  // A Saturday becomes a working day: the two days would have ended before the Monday.
  v1::TicketPolicy policy = HandlingIn(MakePeriod(v1::WORKING_DAYS, 2));
  v1::CalendarDay& makeup = *policy.add_calendar_days();
  makeup.set_date("2026-12-26");
  makeup.set_workday(true);
  makeup.set_document("示例");
  const PolicyInForce in_force = InForce(policy);
  const type::v1::Actor actor = MakeActor("timer", "");
  const auto at = [&](const char* now) {
    return RecomputeDeadlines(order.ticket(), {At(now), actor, in_force});
  };
  EXPECT_EQ(DueOf(at("2026-12-26 12:00").ticket, v1::HANDLE), At("2026-12-27 00:00"));
  const Decision after = at("2026-12-27 00:00");
  EXPECT_EQ(DueOf(after.ticket, v1::HANDLE), At("2026-12-29 00:00"));
  for (const v1::TicketFact& fact : after.facts) {
    EXPECT_EQ(fact.deadline_recomputed().kind(), v1::ASSIST) << "its own time is not late";
  }
}

TEST(Clocks, FirmDueTime_StaysWhenTheCalendarChanges) {
  Order order("2025-09-08 09:00");
  order.Do({kDispatch, kSign});
  v1::TicketPolicy policy = SamplePolicy();
  v1::CalendarDay& off = *policy.add_calendar_days();
  off.set_date("2025-09-10");
  off.set_document("示例");
  const PolicyInForce in_force = InForce(policy);
  const type::v1::Actor actor = MakeActor("timer", "");
  EXPECT_TRUE(RecomputeDeadlines(order.ticket(), {order.now(), actor, in_force}).facts.empty());
}

TEST(Clocks, HoursOnTopOfAProvisionalDueTime_AreProvisional) {
  v1::Clock clock;
  *clock.mutable_start_time() = ToProto(At("2026-12-29 10:00"));
  *clock.mutable_period() = MakePeriod(v1::WORKING_DAYS, 5);
  *clock.mutable_extension() = MakePeriod(v1::HOURS, 2);
  const calendar::Deadline deadline = RecomputedDeadline(clock, SampleInForce());
  EXPECT_TRUE(deadline.provisional);
  EXPECT_EQ(deadline.due, At("2027-01-06 02:00"));
}

TEST(Clocks, Recomputed_KeepsTheExtension) {
  Order order("2026-12-21 10:00");
  order.Do({kDispatch, kSign, kRequestExtension, kDecideExtension});
  const v1::Clock& clock = *OpenClock(order.ticket(), v1::HANDLE);
  EXPECT_TRUE(clock.provisional());
  EXPECT_EQ(RecomputedDeadline(clock, SampleInForce()).due, FromProto(clock.due_time()));
}

TEST(Clocks, Explained_ForAClerk) {
  Order order("2025-09-26 10:00");
  order.Do(kDispatch);
  EXPECT_EQ(ExplainClock(*OpenClock(order.ticket(), v1::HANDLE)),
            "时限：办理5个工作日，2025-10-10 24:00前（规则 handle）。");
}

}  // namespace
}  // namespace baimi::ticket::domain
