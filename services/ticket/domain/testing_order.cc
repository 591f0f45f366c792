#include "services/ticket/domain/testing_order.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "services/ticket/domain/ladder.h"

namespace baimi::ticket::domain {
namespace {

template <typename T>
T OrDie(absl::StatusOr<T> value, absl::string_view what) {
  if (!value.ok()) {
    std::cerr << what << ": " << value.status() << std::endl;
    std::abort();
  }
  return *std::move(value);
}

void AddCategory(v1::TicketPolicy& policy, absl::string_view code, absl::string_view name) {
  v1::Category& category = *policy.add_categories();
  category.set_code(std::string(code));
  category.set_display_name(std::string(name));
}

v1::CatalogueRow& AddRow(v1::TicketPolicy& policy, absl::string_view id, absl::string_view category,
                         v1::LeadRole role) {
  v1::CatalogueRow& row = *policy.add_catalogue();
  row.set_id(std::string(id));
  row.set_category(std::string(category));
  row.set_lead_role(role);
  return row;
}

v1::ClockRule& AddRule(v1::TicketPolicy& policy, absl::string_view id, v1::ClockKind kind,
                       v1::PeriodUnit unit, int amount) {
  v1::ClockRule& rule = *policy.add_clock_rules();
  rule.set_id(std::string(id));
  rule.set_kind(kind);
  *rule.mutable_period() = MakePeriod(unit, amount);
  return rule;
}

void AddCatalogue(v1::TicketPolicy& policy) {
  v1::CatalogueRow& elevator = AddRow(policy, "elevator", "020301", v1::NAMED_UNIT);
  elevator.set_lead_unit(UnitName("zhujianju"));
  elevator.set_community_helps(true);
  elevator.set_direct(true);
  elevator.set_legal_basis("特种设备安全法");
  v1::CatalogueRow& housing = AddRow(policy, "housing", "02", v1::NAMED_UNIT);
  housing.set_lead_unit(UnitName("zhujianju"));
  housing.add_helper_units(UnitName("chengguanju"));
  AddRow(policy, "rubbish", "0401", v1::COMMUNITY_OF_GRID);
  AddRow(policy, "roads", "0402", v1::TOWNSHIP_OF_GRID);
}

void AddRules(v1::TicketPolicy& policy) {
  AddRule(policy, "dispatch", v1::DISPATCH, v1::WORKING_HOURS, 4);
  AddRule(policy, "dispatch-emergency", v1::DISPATCH, v1::MINUTES, 10).set_urgency(v1::EMERGENCY);
  AddRule(policy, "dispatch-outage", v1::DISPATCH, v1::HOURS, 1).set_urgency(v1::UTILITY_OUTAGE);
  AddRule(policy, "sign", v1::SIGN, v1::WORKING_HOURS, 4);
  AddRule(policy, "sign-emergency", v1::SIGN, v1::MINUTES, 30).set_urgency(v1::EMERGENCY);
  AddRule(policy, "handle", v1::HANDLE, v1::WORKING_DAYS, 5);
  AddRule(policy, "handle-consult", v1::HANDLE, v1::WORKING_DAYS, 2).add_types(v1::CONSULT);
  AddRule(policy, "handle-outage", v1::HANDLE, v1::HOURS, 24).set_urgency(v1::UTILITY_OUTAGE);
  AddRule(policy, "callback", v1::CALLBACK, v1::WORKING_DAYS, 1);
  AddRule(policy, "review", v1::REVIEW, v1::NATURAL_DAYS, 30);
  AddRule(policy, "assist", v1::ASSIST, v1::WORKING_DAYS, 3);
}

void AddExclusions(v1::TicketPolicy& policy) {
  v1::ExclusionPolicy& exclusions = *policy.mutable_exclusions();
  exclusions.set_max_requests(2);
  v1::ExclusionGround& weather = *exclusions.add_grounds();
  weather.set_id("weather");
  weather.set_display_name("台风期间无法施工");
  weather.add_scopes(v1::DEADLINE_FIGURES);
  v1::ExclusionGround& malice = *exclusions.add_grounds();
  malice.set_id("malice");
  malice.set_display_name("恶意差评");
  malice.add_scopes(v1::CALLBACK_FIGURES);
  malice.add_scopes(v1::DEADLINE_FIGURES);
}

}  // namespace

absl::Time At(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d %H:%M", text, ShanghaiZone(), &time, &error)) {
    std::cerr << text << ": " << error << std::endl;
    std::abort();
  }
  return time;
}

std::string UnitName(absl::string_view id) { return absl::StrCat("counties/469030/units/", id); }
std::string AreaName(absl::string_view code) {
  return absl::StrCat("counties/469030/areas/", code);
}

const calendar::Calendar& National() {
  static const auto& calendar = *new calendar::Calendar([] {
    std::ifstream file("deploy/sample/data/holidays.json");
    std::stringstream text;
    text << file.rdbuf();
    return OrDie(calendar::Calendar::FromJson(text.str()), "deploy/sample/data/holidays.json");
  }());
  return calendar;
}

v1::Period MakePeriod(v1::PeriodUnit unit, int amount) {
  v1::Period period;
  period.set_unit(unit);
  period.set_amount(amount);
  return period;
}

v1::TicketPolicy SamplePolicy() {
  v1::TicketPolicy policy;
  policy.set_name("counties/469030/ticketPolicies/3");
  policy.set_version(3);
  for (const auto& [code, name] :
       std::initializer_list<std::pair<absl::string_view, absl::string_view>>{
           {"02", "住房城建"},
           {"0203", "物业与电梯"},
           {"020301", "电梯困人与维修"},
           {"0204", "供水"},
           {"04", "市容环境"},
           {"0401", "垃圾清运"},
           {"0402", "乡村道路"},
           {"09", "其他事项"}}) {
    AddCategory(policy, code, name);
  }
  AddCatalogue(policy);
  AddRules(policy);
  policy.set_fallback_unit(UnitName("xianfuban"));
  for (const auto& [start, end] : {std::pair{510, 720}, std::pair{870, 1050}}) {
    v1::BusinessHours& hours = *policy.add_business_hours();
    hours.set_start_minute(start);
    hours.set_end_minute(end);
  }
  *policy.mutable_return_window() = MakePeriod(v1::WORKING_DAYS, 1);
  policy.set_max_callback_attempts(3);
  policy.set_reopen_days(15);
  *policy.mutable_max_extension() = MakePeriod(v1::WORKING_DAYS, 10);
  *policy.mutable_extension_notice() = MakePeriod(v1::WORKING_DAYS, 1);
  AddExclusions(policy);
  *policy.mutable_helper_delay() = MakePeriod(v1::WORKING_DAYS, 1);
  *policy.mutable_whistle_period() = MakePeriod(v1::WORKING_HOURS, 4);
  policy.mutable_exports()->set_max_orders(1000);
  policy.mutable_exports()->set_keep_days(3);
  policy.mutable_exports()->set_max_running(2);
  v1::AttachmentPolicy& attachments = *policy.mutable_attachments();
  attachments.set_max_bytes(1'000'000);
  attachments.set_max_per_ticket(3);
  attachments.add_kinds(v1::MEDIA_PICTURE);
  attachments.add_kinds(v1::MEDIA_SOUND);
  attachments.add_kinds(v1::MEDIA_DOCUMENT);
  attachments.set_unclaimed_hours(24);
  return policy;
}

v1::TicketPolicy SupervisedPolicy() {
  v1::TicketPolicy policy = SamplePolicy();
  const auto add = [&policy](v1::SupervisionLevel level, v1::SupervisionTrigger trigger,
                             v1::SupervisionAddressee addressee) -> v1::SupervisionStep& {
    v1::SupervisionStep& step = *policy.add_supervision_ladder();
    step.set_level(level);
    step.set_trigger(trigger);
    step.set_addressee(addressee);
    *step.mutable_answer_within() = MakePeriod(v1::WORKING_DAYS, 1);
    step.set_score_effect(level - 1);
    return step;
  };
  v1::SupervisionStep& s0 =
      add(v1::S0_REMINDER, v1::TRIGGER_SHARE_OF_TIME, v1::INFORMATION_OFFICER);
  s0.set_percent(70);
  s0.set_when_unsigned(true);
  add(v1::S1_PHONE_URGE, v1::TRIGGER_OVERDUE, v1::INFORMATION_OFFICER).set_when_unsigned(true);
  *add(v1::S2_WRITTEN, v1::TRIGGER_OVERDUE, v1::INFORMATION_OFFICER).mutable_offset() =
      MakePeriod(v1::WORKING_DAYS, 1);
  *add(v1::S3_LEADER_IN_CHARGE, v1::TRIGGER_OVERDUE, v1::LEADER_IN_CHARGE).mutable_offset() =
      MakePeriod(v1::WORKING_DAYS, 3);
  v1::SupervisionStep& s4 = add(v1::S4_LISTED, v1::TRIGGER_AFTER_LEVEL, v1::HEAD_OF_UNIT);
  *s4.mutable_offset() = MakePeriod(v1::WORKING_DAYS, 5);
  s4.set_after_level(v1::S2_WRITTEN);
  add(v1::S5_INTERVIEW, v1::TRIGGER_MANUAL, v1::HEAD_OF_UNIT);
  add(v1::S6_LEADING_GROUP, v1::TRIGGER_MANUAL, v1::COUNTY_LEADING_GROUP)
      .set_unit(UnitName("xianfuban"));
  add(v1::S7_INSPECTION, v1::TRIGGER_MANUAL, v1::INSPECTION_OFFICE).set_unit(UnitName("xianfuban"));
  policy.mutable_problem_orders()->set_reworks(3);
  policy.mutable_problem_orders()->set_units_passed(3);
  policy.mutable_problem_orders()->set_level(v1::S4_LISTED);
  policy.mutable_urge_limit()->set_per_day(2);
  *policy.mutable_urge_limit()->mutable_interval() = MakePeriod(v1::HOURS, 1);
  policy.set_target_date_level(v1::S2_WRITTEN);
  return policy;
}

v1::TicketPolicy ContactPolicy() {
  v1::TicketPolicy policy = SupervisedPolicy();
  AddRule(policy, "contact", v1::CONTACT, v1::WORKING_HOURS, 4);
  return policy;
}

PolicyInForce InForce(v1::TicketPolicy policy) {
  return OrDie(PolicyInForce::Make(std::move(policy), National()), "policy");
}

const PolicyInForce& SampleInForce() {
  static const auto& in_force = *new PolicyInForce(InForce(SamplePolicy()));
  return in_force;
}

const PolicyInForce& SupervisedInForce() {
  static const auto& in_force = *new PolicyInForce(InForce(SupervisedPolicy()));
  return in_force;
}

registry::v1::Unit MakeUnit(absl::string_view id, absl::string_view display_name,
                            registry::v1::UnitKind kind, std::vector<std::string> duties) {
  registry::v1::Unit unit;
  unit.set_name(UnitName(id));
  unit.set_display_name(std::string(display_name));
  unit.set_kind(kind);
  for (std::string& duty : duties) {
    unit.add_duty_categories(std::move(duty));
  }
  return unit;
}

registry::v1::ResolveUnitsResponse SampleResolution() {
  registry::v1::ResolveUnitsResponse response;
  *response.add_units() = MakeUnit("zhujianju", "县住建局", registry::v1::DEPARTMENT);
  *response.add_units() = MakeUnit("chengguanju", "县城管局", registry::v1::DEPARTMENT);
  *response.add_units() = MakeUnit("xianfuban", "县政府办", registry::v1::DEPARTMENT);
  *response.mutable_community() =
      MakeUnit("yingbei", "营北社区", registry::v1::VILLAGE_COMMITTEE, {"0203", "0401"});
  *response.mutable_township() =
      MakeUnit("yinggen", "营根镇", registry::v1::TOWNSHIP_GOVERNMENT, {"04"});
  return response;
}

UnitsAtHand SampleUnits() { return UnitsAtHand::From(SampleResolution()); }

v1::CreateTicketRequest SampleRequest() {
  v1::CreateTicketRequest request;
  request.set_parent("counties/469030");
  v1::Ticket& ticket = *request.mutable_ticket();
  ticket.set_type(v1::HELP);
  ticket.set_channel(v1::PHONE);
  ticket.set_category("020301");
  ticket.set_title("珉华小区电梯停运");
  ticket.mutable_caller()->set_name("王某");
  ticket.mutable_caller()->set_phone("13800138000");
  ticket.mutable_place()->set_address("营根镇珉华小区3栋");
  return request;
}

v1::Place SamplePlace() {
  v1::Place place;
  place.set_grid("counties/469030/grids/469030100003001");
  place.set_area(AreaName("469030100003"));
  place.set_explanation("小区名“珉华小区”");
  place.set_score(1);
  return place;
}

type::v1::Actor MakeActor(absl::string_view id, absl::string_view unit) {
  type::v1::Actor actor;
  actor.set_id(std::string(id));
  actor.set_unit(std::string(unit));
  return actor;
}

Order::Order(absl::string_view filed_at, const PolicyInForce& policy,
             const v1::CreateTicketRequest& request)
    : policy_(policy), now_(At(filed_at)) {
  Take(File(request, kTicketName, SamplePlace(), Now()));
}

Context Order::As(absl::string_view unit) {
  actor_ = MakeActor("staff-1", unit);
  return {now_, actor_, policy_};
}

Order& Order::Take(const absl::StatusOr<Decision>& decision) {
  EXPECT_TRUE(decision.ok()) << decision.status();
  if (decision.ok()) {
    Decision whole = Supervised(*decision, {now_, actor_, policy_});
    ticket_ = std::move(whole.ticket);
    facts_.insert(facts_.end(), whole.facts.begin(), whole.facts.end());
  }
  return *this;
}

Order& Order::Do(Command command) {
  SCOPED_TRACE(Name(command));
  return Take(Perform(command, ticket_, Now()));
}

Order& Order::Do(const std::vector<Command>& commands) {
  for (const Command command : commands) {
    Do(command);
  }
  return *this;
}

Order& Order::Ring() { return Take(RingDue(ticket_, Now())); }

Order& Order::Wait(absl::Duration by) {
  now_ += by;
  return *this;
}

Order& Order::WaitUntil(absl::string_view time) {
  now_ = At(time);
  return *this;
}

}  // namespace baimi::ticket::domain
