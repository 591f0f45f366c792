#include "services/ticket/domain/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "common/base/error.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;
using enum Command;

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

v1::CatalogueRow& AddRow(v1::TicketPolicy& policy, absl::string_view id, absl::string_view category,
                         absl::string_view area) {
  v1::CatalogueRow& row = *policy.add_catalogue();
  row.set_id(std::string(id));
  row.set_category(std::string(category));
  row.set_area_prefix(std::string(area));
  row.set_lead_role(v1::NAMED_UNIT);
  row.set_lead_unit(UnitName("zhujianju"));
  return row;
}

// S6 of domain.md §10.
TEST(Catalogue, ElevatorAtYingbei_GoesToTheDepartmentWithTheCommunityDirectly) {
  Order order("2025-09-26 10:00");
  order.Do(kDispatch);
  const v1::Assignment& assignment = order.ticket().assignment();
  EXPECT_EQ(assignment.lead(), UnitName("zhujianju"));
  EXPECT_THAT(assignment.helpers(), ElementsAre(UnitName("yingbei")));
  EXPECT_THAT(assignment.copied(), ElementsAre(UnitName("yinggen")));
  EXPECT_TRUE(assignment.direct());
  EXPECT_EQ(assignment.rule(), "elevator");
  EXPECT_EQ(assignment.legal_basis(), "特种设备安全法");
  int handling = 0;
  for (const v1::Clock& clock : order.ticket().clocks()) {
    handling += clock.kind() == v1::HANDLE ? 1 : 0;
  }
  EXPECT_EQ(handling, 1) << "one clock for all";
  EXPECT_THAT(
      assignment.explanation(),
      ElementsAre("类别：020301（电梯困人与维修），求助件，一般。",
                  "地点：营北社区网格 469030100003001。",
                  "目录：条目“elevator”最贴合（类别 020301，全县，直通联办）。",
                  "主办：县住建局——目录指定的职能单位，依据：特种设备安全法。",
                  "协办：营北社区——事发地村（社区）就近协助（履职清单：单位登记类别 0203）。",
                  "抄送：营根镇——直通联办，不经乡镇转派，只告知。",
                  "时限：签收4个工作小时，2025-09-26 16:30前（规则 sign）。",
                  "时限：办理5个工作日，2025-10-10 24:00前（规则 handle）。",
                  "协办时限：营北社区，3个工作日，2025-09-30 24:00前（规则 assist，"
                  "不晚于主办时限）。"));
}

TEST(Catalogue, Row_LongestCategoryThenLongestAreaThenFirst) {
  v1::TicketPolicy policy;
  AddRow(policy, "all", "02", "");
  AddRow(policy, "all-again", "02", "");
  AddRow(policy, "town", "02", "469030100");
  AddRow(policy, "community", "02", "469030100003");
  AddRow(policy, "middle", "0203", "");
  struct Case {
    absl::string_view category;
    absl::string_view area;
    absl::string_view row;
  };
  const Case cases[] = {
      {"020301", "469030100003", "middle"},
      {"0203", "469030100003", "middle"},
      {"020401", "469030100003", "community"},
      {"0204", "469030100001", "town"},
      {"02", "469030101002", "all"},
      {"02", "", "all"},
      {"04", "469030100003", ""},
  };
  for (const Case& c : cases) {
    const v1::CatalogueRow* row = ChooseRow(policy, TicketOf(c.category, c.area));
    EXPECT_EQ(row == nullptr ? "" : row->id(), c.row) << c.category << " at " << c.area;
  }
}

TEST(Catalogue, NoRow_GoesToTheFallbackUnit) {
  const auto chosen = ChooseAssignment(SamplePolicy(), TicketOf("09"), {}, SampleUnits());
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_EQ(chosen->lead(), UnitName("xianfuban"));
  EXPECT_EQ(chosen->rule(), "fallback");
  EXPECT_THAT(chosen->copied(), IsEmpty());
  EXPECT_THAT(chosen->explanation(),
              Contains("主办：县政府办——派单目录没有这一类别和地点的条目，由兜底单位协调。"));
}

TEST(Catalogue, RowForACommunityThatIsNotThere_GoesToTheFallbackUnit) {
  UnitsAtHand units = SampleUnits();
  units.community.reset();
  units.township.reset();
  for (const absl::string_view category : {"0401", "0402"}) {
    const auto chosen = ChooseAssignment(SamplePolicy(), TicketOf(category, ""), {}, units);
    ASSERT_TRUE(chosen.ok()) << chosen.status();
    EXPECT_EQ(chosen->rule(), "fallback");
    EXPECT_EQ(chosen->legal_basis(), "");
    EXPECT_THAT(chosen->explanation(), Contains("地点：未能确定所在网格，按全县条目派单。"));
  }
}

TEST(Catalogue, CommunityLeads_TheTownshipIsCopied) {
  const auto chosen = ChooseAssignment(SamplePolicy(), TicketOf("0401"), {}, SampleUnits());
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_EQ(chosen->lead(), UnitName("yingbei"));
  EXPECT_THAT(chosen->copied(), ElementsAre(UnitName("yinggen")));
}

TEST(Catalogue, TownshipLeads_TheCountyIsCopied) {
  const auto chosen = ChooseAssignment(SamplePolicy(), TicketOf("0402"), {}, SampleUnits());
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_EQ(chosen->lead(), UnitName("yinggen"));
  EXPECT_THAT(chosen->copied(), ElementsAre(UnitName("xianfuban")));
}

TEST(Catalogue, DutyList_KeepsOthersWorkFromTheGrassroots) {
  UnitsAtHand units = SampleUnits();
  units.community->clear_duty_categories();
  units.community->add_duty_categories("0402");
  const absl::Status status =
      ChooseAssignment(SamplePolicy(), TicketOf("0401"), {}, units).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), "NOT_ON_DUTY_LIST");
  EXPECT_THAT(std::string(status.message()), HasSubstr("units/yingbei"));

  const auto helped = ChooseAssignment(SamplePolicy(), TicketOf("020301"), {}, units);
  ASSERT_TRUE(helped.ok()) << helped.status();
  EXPECT_THAT(helped->helpers(), IsEmpty());
  EXPECT_THAT(helped->explanation(), Contains("未派协办：营北社区——履职清单没有类别 020301。"));
}

TEST(Catalogue, UnregisteredLead_IsRefusedAndUnregisteredHelperLeftOut) {
  UnitsAtHand units = SampleUnits();
  units.named.erase(UnitName("chengguanju"));
  const auto chosen = ChooseAssignment(SamplePolicy(), TicketOf("0204"), {}, units);
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_THAT(chosen->helpers(), IsEmpty());
  EXPECT_THAT(chosen->explanation(), Contains("未派协办：chengguanju——单位登记中没有此单位。"));

  units.named.erase(UnitName("zhujianju"));
  const absl::Status status =
      ChooseAssignment(SamplePolicy(), TicketOf("0204"), {}, units).status();
  EXPECT_EQ(ReasonOf(status), "UNKNOWN_UNIT");
  EXPECT_THAT(std::string(status.message()), HasSubstr("catalogue[housing].lead_unit"));
}

TEST(Catalogue, ByHand_OverridesTheCatalogueWithAReason) {
  v1::DispatchTicketRequest request;
  request.set_lead(UnitName("chengguanju"));
  request.add_helpers(UnitName("zhujianju"));
  request.set_note("联席会议议定");
  const auto chosen = ChooseAssignment(SamplePolicy(), TicketOf("020301"), request, SampleUnits());
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_EQ(chosen->lead(), UnitName("chengguanju"));
  EXPECT_THAT(chosen->helpers(), ElementsAre(UnitName("zhujianju")));
  EXPECT_EQ(chosen->rule(), "manual");
  EXPECT_EQ(chosen->note(), "联席会议议定");
  EXPECT_FALSE(chosen->direct());
  EXPECT_THAT(chosen->copied(), IsEmpty());
}

TEST(Catalogue, ByHandToATownship_CopiesTheCounty) {
  UnitsAtHand units = SampleUnits();
  units.named.emplace(UnitName("wanling"),
                      MakeUnit("wanling", "湾岭镇", registry::v1::TOWNSHIP_GOVERNMENT, {"04"}));
  v1::DispatchTicketRequest request;
  request.set_lead(UnitName("wanling"));
  request.set_note("事发地在交界处");
  const auto chosen = ChooseAssignment(SamplePolicy(), TicketOf("0402"), request, units);
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_THAT(chosen->copied(), ElementsAre(UnitName("xianfuban")));

  const absl::Status status =
      ChooseAssignment(SamplePolicy(), TicketOf("0204"), request, units).status();
  EXPECT_EQ(ReasonOf(status), "NOT_ON_DUTY_LIST");
}

TEST(Catalogue, ByHand_RefusesWhatContradictsItself) {
  struct Case {
    std::string lead;
    std::vector<std::string> helpers;
    std::string note;
    absl::string_view field;
    absl::string_view reason = "INVALID_FIELD";
  };
  const Case cases[] = {
      {"", {UnitName("zhujianju")}, "x", "lead"},
      {UnitName("zhujianju"), {}, "", "note"},
      {UnitName("zhujianju"), {UnitName("zhujianju")}, "x", "helpers[0]"},
      {UnitName("zhujianju"),
       {UnitName("chengguanju"), UnitName("chengguanju")},
       "x",
       "helpers[1]"},
      {"counties/211202/units/zhujianju", {}, "x", "lead"},
      {UnitName("nobody"), {}, "x", "lead", "UNKNOWN_UNIT"},
      {UnitName("zhujianju"), {UnitName("nobody")}, "x", "helpers[0]", "UNKNOWN_UNIT"},
  };
  for (const Case& c : cases) {
    v1::DispatchTicketRequest request;
    request.set_lead(c.lead);
    *request.mutable_helpers() = {c.helpers.begin(), c.helpers.end()};
    request.set_note(c.note);
    const absl::Status status =
        ChooseAssignment(SamplePolicy(), TicketOf("020301"), request, SampleUnits()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.field;
    EXPECT_EQ(ReasonOf(status), c.reason) << status;
    ASSERT_TRUE(BadRequestOf(status)) << status;
    EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), c.field);
  }
}

TEST(Catalogue, UnitsNeeded_AreThoseOfTheDecision) {
  const v1::TicketPolicy policy = SamplePolicy();
  EXPECT_THAT(UnitsNeeded(policy, TicketOf("0204"), {}),
              ElementsAre(UnitName("zhujianju"), UnitName("chengguanju"), UnitName("xianfuban")));
  EXPECT_THAT(UnitsNeeded(policy, TicketOf("0401"), {}), ElementsAre(UnitName("xianfuban")));
  EXPECT_THAT(UnitsNeeded(policy, TicketOf("09"), {}), ElementsAre(UnitName("xianfuban")));
  v1::DispatchTicketRequest request;
  request.set_lead(UnitName("chengguanju"));
  request.add_helpers(UnitName("xianfuban"));
  EXPECT_THAT(UnitsNeeded(policy, TicketOf("0204"), request),
              UnorderedElementsAre(UnitName("chengguanju"), UnitName("xianfuban")));
}

TEST(Catalogue, WhoHasATask_IsNotCopied) {
  UnitsAtHand units = SampleUnits();
  units.named.emplace(UnitName("yinggen"), *units.township);
  v1::TicketPolicy policy = SamplePolicy();
  policy.mutable_catalogue(0)->add_helper_units(UnitName("yinggen"));
  units.township->add_duty_categories("02");
  units.named.at(UnitName("yinggen")).add_duty_categories("02");
  const auto chosen = ChooseAssignment(policy, TicketOf("020301"), {}, units);
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_THAT(chosen->helpers(), Contains(UnitName("yinggen")));
  EXPECT_THAT(chosen->copied(), Not(Contains(UnitName("yinggen"))));
}

// §1.10: whoever is complained of has no part in it.
class RecusalTest : public ::testing::Test {
 protected:
  static v1::Ticket Report(absl::string_view subject) {
    v1::Ticket ticket = TicketOf("020301");
    ticket.set_type(v1::REPORT);
    ticket.set_subject_unit(UnitName(subject));
    return ticket;
  }
  static absl::StatusOr<v1::Assignment> Choose(const v1::Ticket& ticket,
                                               const v1::DispatchTicketRequest& request = {}) {
    return ChooseAssignment(SamplePolicy(), ticket, request, SampleUnits());
  }
  static v1::DispatchTicketRequest ByHand(absl::string_view lead, absl::string_view helper) {
    v1::DispatchTicketRequest request;
    request.set_lead(UnitName(lead));
    if (!helper.empty()) {
      request.add_helpers(UnitName(helper));
    }
    request.set_note("线索敏感");
    return request;
  }
};

TEST_F(RecusalTest, LeadOfTheRow_MakesWayForTheFallbackUnit) {
  const auto chosen = Choose(Report("zhujianju"));
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_EQ(chosen->lead(), SamplePolicy().fallback_unit());
  EXPECT_EQ(chosen->rule(), "fallback");
  EXPECT_THAT(absl::StrJoin(chosen->explanation(), ""), HasSubstr("被举报单位，须回避"));
  EXPECT_THAT(chosen->copied(), Not(Contains(UnitName("zhujianju"))));
  EXPECT_THAT(chosen->helpers(), Not(Contains(UnitName("zhujianju"))));
}

TEST_F(RecusalTest, HelperAndCopyOfTheRow_AreLeftOut) {
  const auto helper = Choose(Report("yingbei"));
  ASSERT_TRUE(helper.ok()) << helper.status();
  EXPECT_THAT(helper->helpers(), IsEmpty());
  EXPECT_THAT(absl::StrJoin(helper->explanation(), ""), HasSubstr("未派协办"));
  const auto copied = Choose(Report("yinggen"));
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_THAT(copied->copied(), IsEmpty());
}

TEST_F(RecusalTest, NamedByHand_IsRefused) {
  for (const auto& request : {ByHand("zhujianju", ""), ByHand("chengguanju", "zhujianju")}) {
    const absl::Status status = Choose(Report("zhujianju"), request).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ReasonOf(status), "RECUSED");
    EXPECT_EQ(ErrorInfoOf(status)->metadata().at("unit"), UnitName("zhujianju"));
  }
  EXPECT_TRUE(Choose(Report("zhujianju"), ByHand("chengguanju", "")).ok());
}

TEST_F(RecusalTest, FallbackUnitItself_NeedsAnotherByHand) {
  v1::Ticket report = Report("xianfuban");
  report.set_category("99");
  EXPECT_EQ(ReasonOf(Choose(report).status()), "RECUSED");
  EXPECT_TRUE(Choose(report, ByHand("chengguanju", "")).ok());
}

TEST_F(RecusalTest, WithoutASubject_NobodyWithdraws) {
  v1::Ticket report = Report("zhujianju");
  report.clear_subject_unit();
  EXPECT_EQ(Choose(report)->lead(), UnitName("zhujianju"));
}

}  // namespace
}  // namespace baimi::ticket::domain
