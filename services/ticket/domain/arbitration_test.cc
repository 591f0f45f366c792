#include "services/ticket/domain/arbitration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/helping.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using enum Command;

constexpr char kName[] = "counties/469030/arbitrations/20250926-000001-1";

class ArbitrationTest : public testing::Test {
 protected:
  void Returned() { order_.Do({kDispatch, kRequestReturn}); }

  absl::Status Open(const std::vector<std::string>& units = {"chengguanju"},
                    absl::string_view by = "", std::vector<v1::PastRuling> past = {}) {
    v1::CreateArbitrationRequest request;
    request.mutable_arbitration()->set_ticket(order_.ticket().name());
    request.mutable_arbitration()->set_question("由谁牵头？");
    request.mutable_arbitration()->add_evidence("blobs/7");
    for (const std::string& unit : units) {
      request.mutable_arbitration()->add_units(UnitName(unit));
    }
    const auto opening = OpenArbitration(order_.ticket(), request, kName, past, order_.As(by));
    if (opening.ok()) {
      order_.Take(opening->decision);
      Take(opening->step);
    }
    return opening.status();
  }
  absl::Status Opine(absl::string_view unit, v1::OpinionView view) {
    v1::GiveOpinionRequest request;
    request.mutable_opinion()->set_view(view);
    request.mutable_opinion()->set_text("见三定方案");
    request.mutable_opinion()->add_evidence("blobs/8");
    const auto step = GiveOpinion(arbitration_, request, order_.As(unit));
    if (step.ok()) Take(*step);
    return step.status();
  }
  static v1::RuleArbitrationRequest Ruled(absl::string_view lead) {
    v1::RuleArbitrationRequest request;
    request.mutable_ruling()->set_lead(UnitName(lead));
    request.mutable_ruling()->set_rationale("电梯属特种设备，由其监管");
    request.mutable_ruling()->set_legal_basis("特种设备安全法第五条");
    return request;
  }
  absl::StatusOr<RulingStep> Decide(const v1::RuleArbitrationRequest& request,
                                    absl::string_view by = "") {
    auto ruled = Rule(arbitration_, order_.ticket(), request, SampleUnits(), order_.As(by));
    if (ruled.ok()) {
      order_.Take(ruled->decision);
      Take(ruled->step);
    }
    return ruled;
  }
  void Take(const ArbitrationStep& step) {
    arbitration_ = step.arbitration;
    facts_.push_back(step.fact);
    v1::Arbitration replayed;
    for (const v1::ArbitrationFact& fact : facts_) {
      replayed = Apply(std::move(replayed), fact);
    }
    EXPECT_EQ(replayed.SerializeAsString(), arbitration_.SerializeAsString());
  }
  // The row is what its facts make of it.
  void CheckReplay() const {
    v1::Ticket row;
    for (const v1::TicketFact& fact : order_.facts()) {
      row = Apply(std::move(row), fact);
    }
    EXPECT_EQ(row.SerializeAsString(), order_.ticket().SerializeAsString());
  }

  Order order_{"2025-09-26 10:00"};
  v1::Arbitration arbitration_;
  std::vector<v1::ArbitrationFact> facts_;
};

TEST_F(ArbitrationTest, Return_IsArguedAndGoesToAnotherUnitThatMayNotReturnIt) {
  Returned();
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(arbitration_.lead(), UnitName("zhujianju"));
  EXPECT_EQ(arbitration_.return_request().legal_basis(), "三定方案");
  EXPECT_EQ(order_.ticket().arbitration(), kName);
  ASSERT_TRUE(Opine("chengguanju", v1::NOT_OURS).ok());
  ASSERT_TRUE(Opine("chengguanju", v1::WILL_LEAD).ok());
  ASSERT_TRUE(Opine("zhujianju", v1::WILL_HELP).ok()) << "the unit that returned it";
  EXPECT_EQ(ReasonOf(Opine("yinggen", v1::WILL_LEAD)), "NOT_INVOLVED");
  ASSERT_EQ(arbitration_.opinions_size(), 2) << "the last word of each";
  EXPECT_EQ(arbitration_.opinions(0).view(), v1::WILL_LEAD);
  // The ruling decides, nobody else does meanwhile.
  v1::DecideReturnRequest at_once;
  EXPECT_EQ(ReasonOf(DecideReturn(order_.ticket(), at_once, order_.Now()).status()),
            "ARBITRATION_STATE");

  v1::RuleArbitrationRequest request = Ruled("chengguanju");
  request.mutable_ruling()->add_helpers(UnitName("zhujianju"));
  const int64_t due = OpenClock(order_.ticket(), v1::HANDLE)->due_time().seconds();
  EXPECT_GT(due, 0) << "the handling clock ran on";
  ASSERT_TRUE(Decide(request).ok());
  const v1::Assignment& assignment = order_.ticket().assignment();
  EXPECT_EQ(order_.ticket().state(), v1::DISPATCHED);
  EXPECT_EQ(order_.ticket().dispatch_count(), 2);
  EXPECT_EQ(assignment.lead(), UnitName("chengguanju"));
  EXPECT_THAT(assignment.helpers(), ElementsAre(UnitName("zhujianju")));
  EXPECT_EQ(assignment.rule(), "arbitration");
  EXPECT_EQ(assignment.ruling(), kName);
  EXPECT_TRUE(assignment.no_return());
  EXPECT_THAT(assignment.explanation(), Contains(HasSubstr("中心裁定“20250926-000001-1”")));
  EXPECT_EQ(order_.ticket().arbitration(), "");
  EXPECT_EQ(arbitration_.state(), v1::ARBITRATION_RULED);
  EXPECT_TRUE(arbitration_.ruling().return_approved());
  v1::RequestReturnRequest again;
  again.set_reason("不是我们");
  EXPECT_EQ(ReasonOf(RequestReturn(order_.ticket(), again, order_.As("chengguanju")).status()),
            "RETURN_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(Decide(request).status()), "ARBITRATION_STATE") << "ruled once";
  CheckReplay();
}

TEST_F(ArbitrationTest, Return_Refused_StaysWithTheUnitOnTheSameClock) {
  Returned();
  ASSERT_TRUE(Open().ok());
  const int64_t due = OpenClock(order_.ticket(), v1::HANDLE)->due_time().seconds();
  order_.Wait(absl::Hours(3));
  v1::RuleArbitrationRequest request = Ruled("zhujianju");
  request.mutable_ruling()->add_helpers(UnitName("chengguanju"));
  ASSERT_TRUE(Decide(request).ok());
  EXPECT_EQ(order_.ticket().state(), v1::DISPATCHED);
  EXPECT_EQ(order_.ticket().dispatch_count(), 1);
  EXPECT_TRUE(order_.ticket().assignment().no_return());
  EXPECT_THAT(order_.ticket().assignment().helpers(),
              ElementsAre(UnitName("yingbei"), UnitName("chengguanju")));
  EXPECT_EQ(OpenClock(order_.ticket(), v1::HANDLE)->due_time().seconds(), due);
  EXPECT_FALSE(arbitration_.ruling().return_approved());
  CheckReplay();
}

// R1.5: area known, unit unclear: the centre negotiates.
TEST_F(ArbitrationTest, UnclearDuty_IsNegotiatedBeforeTheDispatch) {
  ASSERT_TRUE(Open({"zhujianju", "chengguanju"}).ok());
  EXPECT_FALSE(arbitration_.has_return_request());
  EXPECT_EQ(ReasonOf(Dispatch(order_.ticket(), {}, SampleUnits(), order_.Now()).status()),
            "ARBITRATION_STATE");
  ASSERT_TRUE(Opine("zhujianju", v1::WILL_HELP).ok());
  v1::RuleArbitrationRequest request = Ruled("chengguanju");
  request.mutable_ruling()->add_helpers(UnitName("zhujianju"));
  ASSERT_TRUE(Decide(request).ok());
  EXPECT_EQ(order_.ticket().assignment().lead(), UnitName("chengguanju"));
  EXPECT_EQ(HelpOf(order_.ticket(), UnitName("zhujianju"))->state(), v1::HELP_ASKED);
  CheckReplay();
}

TEST_F(ArbitrationTest, Precedent_ComesOfTheRulingAndCanBeWithdrawn) {
  Returned();
  ASSERT_TRUE(Open().ok());
  v1::RuleArbitrationRequest request = Ruled("chengguanju");
  v1::PrecedentTerms& terms = *request.mutable_ruling()->mutable_precedent();
  for (const auto& [category, area] : std::vector<std::pair<std::string, std::string>>{
           {"04", ""}, {"0203", "469030101"}, {"0203", "4690301"}}) {
    terms.set_category(category);
    terms.set_area_prefix(area);
    const auto refused = Decide(request);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument) << category << area;
  }
  terms.set_category("0203");
  terms.set_area_prefix("469030100");
  *terms.mutable_effective_time() = ToProto(order_.now() - absl::Hours(1));
  EXPECT_EQ(Decide(request).status().code(), absl::StatusCode::kInvalidArgument)
      << "not for what was dispatched before";
  terms.clear_effective_time();
  const auto ruled = Decide(request);
  ASSERT_TRUE(ruled.ok()) << ruled.status();
  ASSERT_TRUE(ruled->precedent.has_value());
  const v1::Precedent& precedent = ruled->precedent->precedent;
  EXPECT_EQ(precedent.name(), "counties/469030/precedents/20250926-000001-1");
  EXPECT_EQ(precedent.category(), "0203");
  EXPECT_EQ(precedent.lead(), UnitName("chengguanju"));
  EXPECT_EQ(precedent.arbitration(), kName);
  EXPECT_EQ(FromProto(precedent.effective_time()), order_.now());
  EXPECT_EQ(arbitration_.precedent(), precedent.name());

  // A later order of another estate of the township follows it.
  UnitsAtHand units = SampleUnits();
  units.precedent = ChoosePrecedent({&precedent, 1}, order_.ticket(), order_.now());
  Order later("2025-09-26 11:00");
  later.Take(Dispatch(later.ticket(), {}, units, later.Now()));
  EXPECT_EQ(later.ticket().assignment().rule(), "elevator") << "the row of six digits is closer";
  EXPECT_THAT(later.ticket().assignment().explanation(), Not(Contains(HasSubstr("先例"))));

  v1::WithdrawPrecedentRequest withdraw;
  withdraw.set_rationale("目录已修订");
  const auto withdrawn = WithdrawPrecedent(precedent, withdraw, order_.Now());
  ASSERT_TRUE(withdrawn.ok());
  EXPECT_FALSE(
      ChoosePrecedent({&withdrawn->precedent, 1}, order_.ticket(), order_.now()).has_value());
  EXPECT_EQ(ReasonOf(WithdrawPrecedent(withdrawn->precedent, withdraw, order_.Now()).status()),
            "NOT_APPLICABLE");
}

TEST_F(ArbitrationTest, Report_SetsNoPrecedentThatWouldTellOfIt) {
  v1::CreateTicketRequest filed = SampleRequest();
  filed.mutable_ticket()->set_type(v1::REPORT);
  Order report("2025-09-26 10:00", SampleInForce(), filed);
  report.Do({kDispatch, kRequestReturn});
  v1::CreateArbitrationRequest open;
  open.mutable_arbitration()->set_ticket(report.ticket().name());
  const auto opening = OpenArbitration(report.ticket(), open, kName, {}, report.Now());
  ASSERT_TRUE(opening.ok()) << opening.status();
  report.Take(opening->decision);
  v1::RuleArbitrationRequest request = Ruled("chengguanju");
  request.mutable_ruling()->mutable_precedent();
  const v1::Arbitration& arbitration = opening->step.arbitration;
  EXPECT_EQ(
      Rule(arbitration, report.ticket(), request, SampleUnits(), report.Now()).status().code(),
      absl::StatusCode::kInvalidArgument);
  request.mutable_ruling()->clear_precedent();
  const auto ruled = Rule(arbitration, report.ticket(), request, SampleUnits(), report.Now());
  EXPECT_TRUE(ruled.ok()) << ruled.status();
}

TEST_F(ArbitrationTest, Open_OnlyByTheCentreAboutWhatIsOpenAndOnce) {
  Returned();
  EXPECT_EQ(ReasonOf(Open({}, "zhujianju")), "UNDERTAKER_MAY_NOT_DECIDE");
  EXPECT_EQ(Open({"chengguanju", "chengguanju"}).code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(ReasonOf(Open()), "ARBITRATION_STATE");
}

TEST_F(ArbitrationTest, Open_NotAboutAnOrderThatIsBeingHandled) {
  order_.Do({kDispatch, kSign});
  EXPECT_EQ(ReasonOf(Open()), "ARBITRATION_STATE");
}

TEST_F(ArbitrationTest, Dropped_LeavesTheOrderWhereItIs) {
  Returned();
  ASSERT_TRUE(Open().ok());
  v1::DropArbitrationRequest request;
  request.set_reason("单位撤回退单申请");
  const auto dropped = DropArbitration(arbitration_, order_.ticket(), request, order_.Now());
  ASSERT_TRUE(dropped.ok());
  order_.Take(dropped->decision);
  Take(dropped->step);
  EXPECT_EQ(arbitration_.state(), v1::ARBITRATION_DROPPED);
  EXPECT_EQ(order_.ticket().state(), v1::RETURN_REVIEW);
  EXPECT_EQ(ReasonOf(Opine("chengguanju", v1::NOT_OURS)), "ARBITRATION_STATE");
  order_.Do(kRefuseReturn);
}

TEST_F(ArbitrationTest, RecordOfReturn_KeepsWhatWasDecidedAtOnce) {
  Returned();
  v1::DecideReturnRequest request;
  request.set_note("属你单位职责");
  v1::PastRuling past;
  past.set_arbitration("counties/469030/arbitrations/20250920-000001-1");
  const ArbitrationStep step =
      RecordOfReturn(order_.ticket(), request, kName, {past}, order_.Now());
  EXPECT_EQ(step.arbitration.state(), v1::ARBITRATION_RULED);
  EXPECT_EQ(step.arbitration.ruling().lead(), UnitName("zhujianju"));
  EXPECT_EQ(step.arbitration.note(), "属你单位职责");
  EXPECT_EQ(step.arbitration.past_rulings_size(), 1);
  const v1::PastRuling shown = ToPastRuling(step.arbitration);
  EXPECT_EQ(shown.returned_by(), UnitName("zhujianju"));
  EXPECT_FALSE(shown.return_approved());
  EXPECT_EQ(Apply(v1::Arbitration(), step.fact).SerializeAsString(),
            step.arbitration.SerializeAsString());
}

TEST(MayReveal, ConfidentialAndReports_OnlyTheCentreAndThePlatform) {
  for (const bool report : {false, true}) {
    Order order = OrderIn(v1::SIGNED);
    v1::Ticket ticket = order.ticket();
    EXPECT_TRUE(CheckMayReveal(ticket, order.As("zhujianju")).ok());
    ticket.set_type(report ? v1::REPORT : ticket.type());
    ticket.mutable_caller()->set_confidential(!report);
    EXPECT_EQ(ReasonOf(CheckMayReveal(ticket, order.As("zhujianju"))), "CONTACT_CONFIDENTIAL");
    EXPECT_TRUE(CheckMayReveal(ticket, order.As("")).ok());
    const std::string centre(IdOf(SamplePolicy().fallback_unit()));
    EXPECT_TRUE(CheckMayReveal(ticket, order.As(centre)).ok());
  }
}

TEST_F(ArbitrationTest, Recused_UnitsAreNotAskedAndHaveNoPart) {
  v1::RecuseUnitRequest request;
  request.set_unit(UnitName("chengguanju"));
  request.set_reason("举报人要求回避");
  EXPECT_EQ(Recuse(order_.ticket(), request, order_.Now()).status().code(),
            absl::StatusCode::kInvalidArgument)
      << "a ground";
  request.set_ground(v1::COMPLAINANT_DEMANDS);
  order_.Take(Recuse(order_.ticket(), request, order_.Now()));
  EXPECT_TRUE(IsRecused(order_.ticket(), "chengguanju"));
  EXPECT_FALSE(IsRecused(order_.ticket(), "zhujianju"));
  EXPECT_FALSE(IsRecused(order_.ticket(), ""));
  EXPECT_EQ(Recuse(order_.ticket(), request, order_.Now()).status().code(),
            absl::StatusCode::kInvalidArgument)
      << "twice";
  order_.Do(kDispatch);
  EXPECT_EQ(ReasonOf(Recuse(order_.ticket(), request, order_.As("zhujianju")).status()),
            "UNDERTAKER_MAY_NOT_DECIDE");
  order_.Do(kRequestReturn);
  EXPECT_EQ(ReasonOf(Open({"chengguanju"})), "RECUSED");
  ASSERT_TRUE(Open({}).ok());
  EXPECT_EQ(ReasonOf(Decide(Ruled("chengguanju")).status()), "RECUSED");

  // A helper loses its part at once, a lead must have the order taken from it first.
  request.set_unit(UnitName("yingbei"));
  order_.Take(Recuse(order_.ticket(), request, order_.Now()));
  EXPECT_THAT(order_.ticket().assignment().helpers(), IsEmpty());
  EXPECT_EQ(HelpOf(order_.ticket(), UnitName("yingbei"))->state(), v1::HELP_REMOVED);
  request.set_unit(UnitName("zhujianju"));
  EXPECT_EQ(ReasonOf(Recuse(order_.ticket(), request, order_.Now()).status()), "RECUSED");
  request.set_unit(UnitName("chengguanju"));
  request.set_lift(true);
  order_.Take(Recuse(order_.ticket(), request, order_.Now()));
  EXPECT_FALSE(IsRecused(order_.ticket(), "chengguanju"));
  CheckReplay();
}

}  // namespace
}  // namespace baimi::ticket::domain
