#include "services/ticket/domain/supervision.h"

#include <functional>

#include "common/base/error.h"
#include "gmock/gmock.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;
using testing::HasSubstr;

v1::RaiseSupervisionRequest RaiseTo(v1::SupervisionLevel level) {
  v1::RaiseSupervisionRequest request;
  request.set_level(level);
  request.set_reason("影响较大");
  return request;
}

Order Signed(const v1::CreateTicketRequest& request = SampleRequest()) {
  Order order("2025-09-01 09:00", SupervisedInForce(), request);
  return order.Do({kDispatch, kSign});
}

std::string ReasonOfRaise(Order& order, const v1::RaiseSupervisionRequest& request,
                          absl::string_view unit = "") {
  return ReasonOf(RaiseSupervision(order.ticket(), request, order.As(unit)).status());
}

TEST(RaiseSupervision, LevelsMoveForwardOnly) {
  Order order = Signed();
  order.Take(RaiseSupervision(order.ticket(), RaiseTo(v1::S3_LEADER_IN_CHARGE), order.Now()));
  for (const auto level : {v1::S0_REMINDER, v1::S2_WRITTEN, v1::S3_LEADER_IN_CHARGE}) {
    EXPECT_EQ(ReasonOfRaise(order, RaiseTo(level)), "SUPERVISION_NOT_FORWARD");
  }
  order.Take(RaiseSupervision(order.ticket(), RaiseTo(v1::S6_LEADING_GROUP), order.Now()));
  EXPECT_EQ(order.ticket().supervisions(1).unit(), UnitName("xianfuban"));
  EXPECT_EQ(order.ticket().supervisions(1).score_effect(), 6);
}

TEST(RaiseSupervision, Inspection_NeedsTheDocumentThatOrdersIt) {
  Order order = Signed();
  EXPECT_EQ(ReasonOfRaise(order, RaiseTo(v1::S7_INSPECTION)), "DOCUMENT_REQUIRED");
  auto request = RaiseTo(v1::S7_INSPECTION);
  request.set_document("琼中督查〔2025〕12号");
  order.Take(RaiseSupervision(order.ticket(), request, order.Now()));
  EXPECT_EQ(order.ticket().supervisions(0).document(), request.document());
}

TEST(RaiseSupervision, IsForTheCentreAndForOrdersThatGoOn) {
  Order order = Signed();
  EXPECT_EQ(ReasonOfRaise(order, RaiseTo(v1::S2_WRITTEN), "zhujianju"),
            "UNDERTAKER_MAY_NOT_DECIDE");
  Order without("2025-09-01 09:00");
  EXPECT_EQ(ReasonOfRaise(without, RaiseTo(v1::S2_WRITTEN)), "NO_SUPERVISION_STEP");
  order.Do(kMerge);
  EXPECT_EQ(ReasonOfRaise(order, RaiseTo(v1::S2_WRITTEN)), "ILLEGAL_TRANSITION");
}

TEST(Answer, ReceiptAndReport_ComeFromTheUnitItIsAddressedTo) {
  Order order = Signed();
  order.Take(RaiseSupervision(order.ticket(), RaiseTo(v1::S2_WRITTEN), order.Now()));
  v1::AcknowledgeSupervisionRequest receipt;
  receipt.set_name(order.ticket().supervisions(0).name());
  EXPECT_EQ(receipt.name(), "counties/469030/supervisions/20250926-000001-1");
  EXPECT_EQ(TicketOfSupervision(receipt.name()), order.ticket().name());
  EXPECT_EQ(
      ReasonOf(AcknowledgeSupervision(order.ticket(), receipt, order.As("chengguanju")).status()),
      "NOT_THE_ADDRESSEE");
  order.Take(AcknowledgeSupervision(order.ticket(), receipt, order.As("zhujianju")));
  EXPECT_EQ(order.ticket().supervisions(0).state(), v1::SUPERVISION_ACKNOWLEDGED);
  EXPECT_EQ(order.ticket().supervisions(0).acknowledged_by().unit(), "zhujianju");
  EXPECT_EQ(
      ReasonOf(AcknowledgeSupervision(order.ticket(), receipt, order.As("zhujianju")).status()),
      "ILLEGAL_TRANSITION");
  v1::ReportSupervisionRequest report;
  report.set_name(receipt.name());
  report.mutable_report()->set_text("已到货，明日安装");
  order.Take(ReportSupervision(order.ticket(), report, order.As("zhujianju")));
  EXPECT_EQ(order.ticket().supervisions(0).state(), v1::SUPERVISION_REPORTED);
  EXPECT_EQ(FromProto(order.ticket().supervisions(0).report().report_time()), order.now());
  EXPECT_EQ(ReasonOf(ReportSupervision(order.ticket(), report, order.As("zhujianju")).status()),
            "ILLEGAL_TRANSITION");
  report.set_name(receipt.name() + "0");
  EXPECT_TRUE(
      absl::IsNotFound(ReportSupervision(order.ticket(), report, order.As("zhujianju")).status()));
}

TEST(Recusal, SupervisionOfAReport_NeverReachesTheUnitComplainedOf) {
  v1::CreateTicketRequest request = SampleRequest();
  request.mutable_ticket()->set_type(v1::REPORT);
  request.mutable_ticket()->set_subject_unit(UnitName("xianfuban"));
  Order order = Signed(request);
  order.Take(RaiseSupervision(order.ticket(), RaiseTo(v1::S6_LEADING_GROUP), order.Now()));
  const v1::Supervision& supervision = order.ticket().supervisions(0);
  EXPECT_NE(supervision.unit(), UnitName("xianfuban"));
  const RowScope whole{.whole_county = true, .area_prefixes = {}, .units = {}};
  const RowScope by_unit{.whole_county = false, .area_prefixes = {}, .units = {"xianfuban"}};
  EXPECT_FALSE(
      SeesSupervision(order.ticket(), supervision, MakeActor("a", "xianfuban"), whole, true));
  EXPECT_FALSE(SeesSupervision(order.ticket(), supervision, MakeActor("a", ""), by_unit, true));
  EXPECT_TRUE(SeesSupervision(order.ticket(), supervision, MakeActor("a", "hotline"), whole, true));
}

TEST(SupervisedPolicy, EveryContradiction_IsNamed) {
  EXPECT_TRUE(ValidatePolicy(SupervisedPolicy(), "469030").ok())
      << ValidatePolicy(SupervisedPolicy(), "469030");
  struct Case {
    const char* path;
    std::function<void(v1::TicketPolicy&)> spoil;
  };
  const Case cases[] = {
      {"supervision_ladder[1].level",
       [](auto& p) { p.mutable_supervision_ladder(1)->set_level(v1::S0_REMINDER); }},
      {"supervision_ladder[0].percent",
       [](auto& p) { p.mutable_supervision_ladder(0)->set_percent(0); }},
      {"supervision_ladder[1].trigger",
       [](auto& p) { p.mutable_supervision_ladder(1)->set_trigger(v1::TRIGGER_UNSIGNED); }},
      {"supervision_ladder[4].after_level",
       [](auto& p) { p.mutable_supervision_ladder(4)->set_after_level(v1::S5_INTERVIEW); }},
      {"supervision_ladder[4].offset.unit",
       [](auto& p) { p.mutable_supervision_ladder(4)->clear_offset(); }},
      {"supervision_ladder[7].trigger",
       [](auto& p) { p.mutable_supervision_ladder(7)->set_trigger(v1::TRIGGER_OVERDUE); }},
      {"supervision_ladder[6].unit",
       [](auto& p) { p.mutable_supervision_ladder(6)->clear_unit(); }},
      {"supervision_ladder[2].unit",
       [](auto& p) { p.mutable_supervision_ladder(2)->set_unit(UnitName("x")); }},
      {"supervision_ladder[2].addressee",
       [](auto& p) { p.mutable_supervision_ladder(2)->clear_addressee(); }},
      {"supervision_ladder[2].answer_within.unit",
       [](auto& p) { p.mutable_supervision_ladder(2)->clear_answer_within(); }},
      {"problem_orders.level",
       [](auto& p) { p.mutable_problem_orders()->set_level(v1::S7_INSPECTION); }},
      {"target_date_level", [](auto& p) { p.clear_supervision_ladder(); }},
      {"urge_limit.interval.unit",
       [](auto& p) { p.mutable_urge_limit()->mutable_interval()->clear_unit(); }}};
  for (const Case& spoiled : cases) {
    v1::TicketPolicy policy = SupervisedPolicy();
    spoiled.spoil(policy);
    const absl::Status status = ValidatePolicy(policy, "469030");
    EXPECT_EQ(ReasonOf(status), "BAD_POLICY") << spoiled.path;
    std::string fields;
    if (const auto bad_request = BadRequestOf(status)) {
      for (const auto& violation : bad_request->field_violations()) {
        fields += violation.field() + " ";
      }
    }
    EXPECT_THAT(fields, HasSubstr(spoiled.path));
  }
}

}  // namespace
}  // namespace baimi::ticket::domain
