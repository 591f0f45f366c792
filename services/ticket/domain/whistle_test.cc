#include "services/ticket/domain/whistle.h"

#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;

constexpr char kName[] = "counties/469030/whistles/20250926-000000042";

class WhistleTest : public testing::Test {
 protected:
  WhistleTest() {
    request_.set_parent("counties/469030");
    request_.mutable_whistle()->set_reason("危墙须多部门现场处置");
    request_.mutable_whistle()->add_calls()->set_unit(UnitName("zhujianju"));
    request_.mutable_whistle()->add_calls()->set_unit(UnitName("chengguanju"));
    for (const registry::v1::Unit& unit : {*units_.community, *units_.township}) {
      units_.named.emplace(unit.name(), unit);
    }
  }

  absl::Status Blow(absl::string_view by = "yinggen", const v1::Ticket* ticket = nullptr) {
    return Take(BlowWhistle(request_, kName, ticket, units_, order_.As(by)));
  }
  absl::Status Come(absl::string_view unit) {
    v1::ReportToWhistleRequest request;
    request.set_note("两名执法人员到场");
    return Take(Report(whistle_, request, order_.As(unit)));
  }
  absl::Status Answer(absl::string_view unit) {
    v1::AnswerWhistleRequest request;
    request.set_answer("已围挡，三日内拆除");
    return Take(AnswerWhistle(whistle_, request, order_.As(unit)));
  }
  absl::Status Give(absl::string_view by, absl::string_view unit, bool back,
                    v1::Rating rating = v1::SATISFIED) {
    v1::RateWhistleRequest request;
    request.set_unit(UnitName(unit));
    request.set_back(back);
    request.set_rating(rating);
    return Take(Rate(whistle_, request, order_.As(by)));
  }
  absl::Status Take(const absl::StatusOr<WhistleStep>& step) {
    if (step.ok()) {
      whistle_ = step->whistle;
      facts_.push_back(step->fact);
      v1::Whistle replayed;
      for (const v1::WhistleFact& fact : facts_) {
        replayed = Apply(std::move(replayed), fact);
      }
      EXPECT_EQ(replayed.SerializeAsString(), whistle_.SerializeAsString());
    }
    return step.status();
  }

  Order order_{"2025-09-26 10:00"};
  UnitsAtHand units_ = SampleUnits();
  v1::CreateWhistleRequest request_;
  v1::Whistle whistle_;
  std::vector<v1::WhistleFact> facts_;
};

TEST_F(WhistleTest, Departments_ReportAnswerAndBothSidesRate) {
  ASSERT_TRUE(Blow().ok());
  EXPECT_EQ(whistle_.unit(), UnitName("yinggen"));
  EXPECT_EQ(FromProto(whistle_.report_before()), At("2025-09-26 16:30")) << "the policy's period";
  EXPECT_EQ(ReasonOf(Answer("zhujianju")), "NOT_APPLICABLE") << "come first";
  EXPECT_EQ(ReasonOf(Come("yinggen")), "NOT_INVOLVED") << "the whistler is not called";
  order_.WaitUntil("2025-09-26 16:00");
  ASSERT_TRUE(Come("zhujianju").ok());
  EXPECT_EQ(ReasonOf(Come("zhujianju")), "NOT_APPLICABLE");
  ASSERT_TRUE(Answer("zhujianju").ok());
  order_.WaitUntil("2025-09-26 16:30");
  ASSERT_TRUE(Come("chengguanju").ok());
  EXPECT_TRUE(ReportedInTime(whistle_, whistle_.calls(0)));
  EXPECT_FALSE(ReportedInTime(whistle_, whistle_.calls(1)));

  EXPECT_EQ(ReasonOf(Give("zhujianju", "zhujianju", false)), "NOT_INVOLVED") << "not oneself";
  EXPECT_EQ(Give("yinggen", "zhujianju", false, v1::RATING_UNSPECIFIED).code(),
            absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(Give("yinggen", "zhujianju", false).ok());
  EXPECT_EQ(ReasonOf(Give("yinggen", "zhujianju", false)), "NOT_APPLICABLE") << "once";
  EXPECT_EQ(ReasonOf(Give("yinggen", "chengguanju", true)), "NOT_INVOLVED");
  ASSERT_TRUE(Give("chengguanju", "chengguanju", true, v1::DISSATISFIED).ok());
  EXPECT_EQ(whistle_.calls(0).rating(), v1::SATISFIED);
  EXPECT_EQ(whistle_.calls(1).rating_back(), v1::DISSATISFIED);

  v1::CloseWhistleRequest close;
  EXPECT_EQ(ReasonOf(CloseWhistle(whistle_, close, order_.As("zhujianju")).status()),
            "NOT_INVOLVED");
  ASSERT_TRUE(Take(CloseWhistle(whistle_, close, order_.As("yinggen"))).ok());
  EXPECT_EQ(ReasonOf(Answer("chengguanju")), "NOT_APPLICABLE") << "over";
  EXPECT_TRUE(Give("yinggen", "chengguanju", false, v1::VERY_DISSATISFIED).ok());
}

TEST_F(WhistleTest, Blow_OnlyTheGrassrootsForDepartments) {
  EXPECT_EQ(ReasonOf(Blow("xianfuban")), "NOT_APPLICABLE");
  request_.mutable_whistle()->mutable_calls(1)->set_unit(UnitName("yingbei"));
  EXPECT_EQ(ReasonOf(Blow()), "NOT_APPLICABLE") << "a community is not called";
  request_.mutable_whistle()->mutable_calls(1)->set_unit(UnitName("nobody"));
  EXPECT_EQ(ReasonOf(Blow()), "UNKNOWN_UNIT");
  request_.mutable_whistle()->mutable_calls(1)->set_unit(UnitName("zhujianju"));
  EXPECT_EQ(Blow().code(), absl::StatusCode::kInvalidArgument) << "twice";
  request_.mutable_whistle()->mutable_calls()->RemoveLast();
  *request_.mutable_whistle()->mutable_report_before() = ToProto(order_.now());
  EXPECT_EQ(Blow().code(), absl::StatusCode::kInvalidArgument) << "after now";
  request_.mutable_whistle()->clear_report_before();
  request_.mutable_whistle()->set_unit(UnitName("yingbei"));
  EXPECT_EQ(ReasonOf(Blow()), "NOT_INVOLVED") << "for somebody else";
  EXPECT_TRUE(Blow("").ok()) << "the platform, for a unit";
  EXPECT_TRUE(Blow("yingbei").ok());
}

TEST_F(WhistleTest, Blow_AboutAnOrderByThoseWhoKnowOfItAndNotForTheRecused) {
  EXPECT_EQ(ReasonOf(Blow("yinggen", &order_.ticket())), "NOT_INVOLVED") << "not dispatched yet";
  order_.Do(kDispatch);
  EXPECT_TRUE(Blow("yinggen", &order_.ticket()).ok()) << "copied";
  EXPECT_TRUE(Blow("yingbei", &order_.ticket()).ok()) << "helps";
  v1::Ticket report = order_.ticket();
  report.set_type(v1::REPORT);
  report.set_subject_unit(UnitName("chengguanju"));
  EXPECT_EQ(ReasonOf(Blow("yingbei", &report)), "RECUSED");
  report.set_subject_unit(UnitName("yingbei"));
  EXPECT_EQ(ReasonOf(Blow("yingbei", &report)), "NOT_INVOLVED") << "and learns nothing of why";
}

}  // namespace
}  // namespace baimi::ticket::domain
