// What stands beside the rows of the catalogue: duty lists, precedents, units that are set aside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ticket/domain/catalogue.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

v1::Ticket TicketOf(absl::string_view category, absl::string_view area = "469030100003") {
  v1::Ticket ticket;
  ticket.set_name(kTicketName);
  ticket.set_type(v1::HELP);
  ticket.set_urgency(v1::NORMAL);
  ticket.set_category(std::string(category));
  if (!area.empty()) {
    ticket.mutable_place()->set_area(AreaName(area));
  }
  return ticket;
}

v1::DutyRow& AddDuty(v1::TicketPolicy& policy, absl::string_view id, absl::string_view category) {
  v1::DutyRow& row = *policy.add_duty_lists();
  row.set_id(std::string(id));
  row.set_category(std::string(category));
  return row;
}

// R1.6: the policy's lists, by kind or by unit, and which row it was.
TEST(CatalogueRules, DutyRowsOfThePolicy_AllowAndAreNamed) {
  UnitsAtHand units = SampleUnits();
  units.community->clear_duty_categories();
  v1::TicketPolicy policy = SamplePolicy();
  AddDuty(policy, "towns", "04").set_holder(v1::EVERY_TOWNSHIP);
  absl::Status refused = ChooseAssignment(policy, TicketOf("0401"), {}, units).status();
  EXPECT_EQ(ReasonOf(refused), "NOT_ON_DUTY_LIST") << "a row for townships only";

  AddDuty(policy, "communities", "02").set_holder(v1::EVERY_COMMUNITY);
  refused = ChooseAssignment(policy, TicketOf("0401"), {}, units).status();
  EXPECT_EQ(ReasonOf(refused), "NOT_ON_DUTY_LIST");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("communities=02")) << "what it has instead";
  EXPECT_EQ(ErrorInfoOf(refused)->metadata().at("rows"), "communities=02");
  EXPECT_EQ(ErrorInfoOf(refused)->metadata().at("policy_version"), "3");

  AddDuty(policy, "rubbish-all", "04").set_holder(v1::EVERY_COMMUNITY);
  v1::DutyRow& own = AddDuty(policy, "rubbish-yingbei", "04");
  own.set_unit(UnitName("yingbei"));
  own.set_legal_basis("乡镇履职事项清单第12项");
  const auto chosen = ChooseAssignment(policy, TicketOf("0401"), {}, units);
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_EQ(chosen->lead(), UnitName("yingbei"));
  EXPECT_THAT(chosen->duty_rows(), ElementsAre("rubbish-yingbei")) << "its own row before its kind";
  EXPECT_THAT(chosen->explanation(),
              Contains(HasSubstr(
                  "（履职清单条目“rubbish-yingbei”，类别 04，依据：乡镇履职事项清单第12项）")));
  // Departments need no list.
  EXPECT_TRUE(ChooseAssignment(policy, TicketOf("0204"), {}, units).ok());
}

v1::Precedent MakePrecedent(absl::string_view id, absl::string_view category,
                            absl::string_view area_prefix, absl::string_view lead) {
  v1::Precedent precedent;
  precedent.set_name(absl::StrCat("counties/469030/precedents/", id));
  precedent.set_category(std::string(category));
  precedent.set_area_prefix(std::string(area_prefix));
  precedent.set_lead(UnitName(lead));
  precedent.set_rationale("供水管网归城管局管护");
  precedent.set_legal_basis("县编办〔2025〕3号");
  precedent.mutable_effective_time()->set_seconds(absl::ToUnixSeconds(At("2025-09-01 00:00")));
  return precedent;
}

TEST(CatalogueRules, Precedent_OfTheBestFitDecidesBeforeTheRowAndIsNamed) {
  UnitsAtHand units = SampleUnits();
  units.precedent = MakePrecedent("a", "02", "", "chengguanju");
  const auto chosen = ChooseAssignment(SamplePolicy(), TicketOf("0204"), {}, units);
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_EQ(chosen->lead(), UnitName("chengguanju")) << "as close as the row “housing”";
  EXPECT_EQ(chosen->rule(), "precedent");
  EXPECT_EQ(chosen->ruling(), "counties/469030/precedents/a");
  EXPECT_EQ(chosen->legal_basis(), "县编办〔2025〕3号");
  EXPECT_FALSE(chosen->no_return());
  EXPECT_THAT(chosen->explanation(),
              Contains("先例：先例“a”（类别 02，全县），裁定理由：供水管网归城管局管护。"));

  const auto closer = ChooseAssignment(SamplePolicy(), TicketOf("020301"), {}, units);
  ASSERT_TRUE(closer.ok());
  EXPECT_EQ(closer->rule(), "elevator") << "the row fits more closely";
  units.precedent = MakePrecedent("b", "09", "469030100", "zhujianju");
  const auto before_fallback = ChooseAssignment(SamplePolicy(), TicketOf("09"), {}, units);
  ASSERT_TRUE(before_fallback.ok());
  EXPECT_EQ(before_fallback->rule(), "precedent");
}

TEST(CatalogueRules, Precedent_WhoseLeadCanNotHaveTheOrder_IsPassedOver) {
  UnitsAtHand units = SampleUnits();
  v1::Ticket report = TicketOf("0204");
  report.set_type(v1::REPORT);
  report.set_subject_unit(UnitName("chengguanju"));
  units.precedent = MakePrecedent("a", "0204", "", "chengguanju");
  auto chosen = ChooseAssignment(SamplePolicy(), report, {}, units);
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_EQ(chosen->rule(), "housing");
  EXPECT_THAT(chosen->helpers(), IsEmpty());
  EXPECT_THAT(chosen->explanation(), Contains(HasSubstr("未按先例")));
  units.precedent = MakePrecedent("a", "0204", "", "nobody");
  chosen = ChooseAssignment(SamplePolicy(), TicketOf("0204"), {}, units);
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_EQ(chosen->rule(), "housing");
}

TEST(CatalogueRules, ChoosePrecedent_LongestCategoryThenAreaThenNewestInForce) {
  const v1::Ticket ticket = TicketOf("020301");
  std::vector<v1::Precedent> all = {MakePrecedent("a", "02", "469030100003", "zhujianju"),
                                    MakePrecedent("b", "0203", "", "zhujianju"),
                                    MakePrecedent("c", "0203", "469030100", "zhujianju"),
                                    MakePrecedent("d", "0203", "469030100", "chengguanju"),
                                    MakePrecedent("e", "0203", "469030101", "zhujianju"),
                                    MakePrecedent("f", "020301", "", "zhujianju"),
                                    MakePrecedent("g", "020301", "469030100", "zhujianju")};
  const absl::Time at = At("2025-09-26 10:00");
  all[3].mutable_effective_time()->set_seconds(absl::ToUnixSeconds(At("2025-09-20 00:00")));
  all[5].mutable_effective_time()->set_seconds(absl::ToUnixSeconds(At("2025-09-27 00:00")));
  all[6].mutable_withdraw_time()->set_seconds(absl::ToUnixSeconds(At("2025-09-25 00:00")));
  EXPECT_EQ(ChoosePrecedent(all, ticket, at)->name(), "counties/469030/precedents/d");
  EXPECT_EQ(ChoosePrecedent(all, ticket, At("2025-09-24 00:00"))->name(),
            "counties/469030/precedents/g")
      << "not withdrawn yet";
  EXPECT_FALSE(ChoosePrecedent(all, TicketOf("09"), at).has_value());
}

TEST(CatalogueRules, SetAsideAndSubordinateUnits_HaveNoPart) {
  v1::Ticket ticket = TicketOf("0204");
  ticket.add_recused_units()->set_unit(UnitName("chengguanju"));
  auto chosen = ChooseAssignment(SamplePolicy(), ticket, {}, SampleUnits());
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_THAT(chosen->helpers(), IsEmpty());
  EXPECT_THAT(chosen->explanation(), Contains("未派协办：县城管局——已由中心决定回避。"));

  // A report about a township does not go to its community.
  UnitsAtHand units = SampleUnits();
  units.township->set_area(AreaName("469030100000"));
  units.community->set_area(AreaName("469030100003"));
  v1::Ticket report = TicketOf("0401");
  report.set_type(v1::REPORT);
  report.set_subject_unit(UnitName("yinggen"));
  chosen = ChooseAssignment(SamplePolicy(), report, {}, units);
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_EQ(chosen->rule(), "fallback");
  EXPECT_THAT(chosen->copied(), IsEmpty());
  EXPECT_THAT(chosen->explanation(), Contains(HasSubstr("隶属被举报单位，须回避")));
  // The other way round the superior may: §1.10.
  report = TicketOf("0402");
  report.set_type(v1::REPORT);
  report.set_subject_unit(UnitName("yingbei"));
  chosen = ChooseAssignment(SamplePolicy(), report, {}, units);
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_EQ(chosen->lead(), UnitName("yinggen"));
}

}  // namespace
}  // namespace baimi::ticket::domain
