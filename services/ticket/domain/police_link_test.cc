#include "services/ticket/domain/police_link.h"

#include "common/base/error.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;

constexpr char kLink[] = "counties/469030/policeLinks/20250908-000000007";

v1::TicketPolicy WithLine() {
  v1::TicketPolicy policy = SamplePolicy();
  v1::LinePolicy& line = *policy.mutable_line();
  line.set_police_unit(UnitName("gonganju"));
  *line.mutable_acknowledge_emergency() = MakePeriod(v1::MINUTES, 5);
  *line.mutable_acknowledge_other() = MakePeriod(v1::WORKING_HOURS, 4);
  *line.mutable_answer_within() = MakePeriod(v1::WORKING_DAYS, 2);
  return policy;
}

const PolicyInForce& LineInForce() {
  static const auto& policy = *new PolicyInForce(InForce(WithLine()));
  return policy;
}

v1::TransferToPoliceRequest Transfer(bool emergency, v1::Channel told = v1::CHANNEL_UNSPECIFIED) {
  v1::TransferToPoliceRequest request;
  request.set_emergency(emergency);
  request.set_text("有人持刀");
  request.set_told_how(told);
  return request;
}

absl::StatusOr<Handover> Hand(Order& order, const v1::TransferToPoliceRequest& request) {
  return HandToPolice(order.ticket(), request, kLink, order.Now());
}

v1::PoliceLink Sent(v1::PoliceLinkKind kind, Order& order) {
  v1::PoliceLink asked;
  asked.set_kind(kind);
  asked.set_text("请协助核实");
  const absl::StatusOr<LinkStep> step = AskPolice(asked, kLink, nullptr, order.As("xianfuban"));
  EXPECT_TRUE(step.ok()) << step.status();
  return step.ok() ? step->link : v1::PoliceLink();
}

TEST(HandToPolice, EmergencyBeforeTheDispatch_EndsAsX1AtOnce) {
  Order order("2025-09-08 09:00", LineInForce());
  const absl::StatusOr<Handover> handover = Hand(order, Transfer(true));
  ASSERT_TRUE(handover.ok()) << handover.status();
  const v1::Ticket& ticket = handover->decision.ticket;
  EXPECT_EQ(ticket.state(), v1::REJECTED);
  EXPECT_EQ(ticket.refusal().code(), v1::EMERGENCY_LINE);
  EXPECT_EQ(ticket.refusal().channel(), "110");
  ASSERT_EQ(ticket.police_links_size(), 1);
  EXPECT_EQ(ticket.police_links(0), kLink);
  const v1::PoliceLink& link = handover->step.link;
  EXPECT_EQ(link.kind(), v1::LINK_TRANSFER);
  EXPECT_EQ(link.direction(), v1::TO_POLICE);
  EXPECT_TRUE(link.emergency());
  EXPECT_EQ(FromProto(link.acknowledge_before()), At("2025-09-08 09:05"));
  EXPECT_EQ(NextAlarm(link), At("2025-09-08 09:05"));
}

TEST(HandToPolice, EmergencyOfAnOrderThatIsHandled_StaysWithItsUnit) {
  Order order("2025-09-08 09:00", LineInForce());
  order.Do({kDispatch, kSign});
  const absl::StatusOr<Handover> handover = Hand(order, Transfer(true));
  ASSERT_TRUE(handover.ok()) << handover.status();
  EXPECT_EQ(handover->decision.ticket.state(), v1::SIGNED);
  EXPECT_EQ(handover->step.link.kind(), v1::LINK_EMERGENCY);
  EXPECT_EQ(handover->decision.ticket.police_links_size(), 1);
}

TEST(HandToPolice, NothingHoldsUpAnEmergency_InAnyState) {
  for (const v1::TicketState state : AllStates()) {
    if (PassedThrough(state)) {
      continue;
    }
    Order order = OrderIn(state);
    EXPECT_TRUE(Hand(order, Transfer(true)).ok()) << v1::TicketState_Name(state);
  }
}

TEST(HandToPolice, NoEmergency_TransfersAndTheCallerMustBeTold) {
  Order order("2025-09-08 09:00", LineInForce());
  EXPECT_EQ(ReasonOf(Hand(order, Transfer(false)).status()), "CALLER_NOT_CONTACTED");
  const absl::StatusOr<Handover> handover = Hand(order, Transfer(false, v1::PHONE));
  ASSERT_TRUE(handover.ok()) << handover.status();
  EXPECT_EQ(handover->decision.ticket.state(), v1::TRANSFERRED);
  EXPECT_EQ(handover->decision.ticket.out_reference(), kLink);
  EXPECT_EQ(handover->step.link.caller_told().how(), v1::PHONE);
  EXPECT_EQ(handover->decision.facts.back().police_linked().caller_told().how(), v1::PHONE);
  v1::CreateTicketRequest anonymous = SampleRequest();
  anonymous.mutable_ticket()->mutable_caller()->Clear();
  anonymous.mutable_ticket()->mutable_caller()->set_anonymous(true);
  Order nobody("2025-09-08 09:00", LineInForce(), anonymous);
  EXPECT_TRUE(Hand(nobody, Transfer(false)).ok()) << "nobody to tell";
  Order closed = OrderIn(v1::CLOSED);
  EXPECT_EQ(ReasonOf(Hand(closed, Transfer(false, v1::PHONE)).status()), "ILLEGAL_TRANSITION");
}

TEST(HandToPolice, ReportAboutThePolice_NeverGoesThere) {
  v1::CreateTicketRequest report = SampleRequest();
  report.mutable_ticket()->set_type(v1::REPORT);
  report.mutable_ticket()->set_subject_unit(UnitName("gonganju"));
  Order order("2025-09-08 09:00", LineInForce(), report);
  EXPECT_EQ(ReasonOf(Hand(order, Transfer(false, v1::PHONE)).status()), "RECUSED");
  EXPECT_EQ(ReasonOf(Hand(order, Transfer(true)).status()), "RECUSED");
  v1::PoliceLink asked;
  asked.set_kind(v1::LINK_CONSULTATION);
  EXPECT_EQ(ReasonOf(AskPolice(asked, kLink, &order.ticket(), order.Now()).status()), "RECUSED");
}

TEST(AcknowledgeLink, IsOfTheSideThatItWasSentTo_AndTheFirstStays) {
  Order order("2025-09-08 09:00", LineInForce());
  v1::PoliceLink link = Sent(v1::LINK_EMERGENCY, order);
  v1::AcknowledgePoliceLinkRequest request;
  request.set_receipt("110-5");
  request.set_case_number("J-9");
  EXPECT_EQ(ReasonOf(AcknowledgeLink(link, request, order.As("xianfuban")).status()),
            "NOT_INVOLVED");
  EXPECT_EQ(ReasonOf(AcknowledgeLink(link, request, order.As("zhujianju")).status()),
            "NOT_INVOLVED");
  const auto step = AcknowledgeLink(link, request, order.As("gonganju"));
  ASSERT_TRUE(step.ok() && *step);
  EXPECT_EQ((*step)->link.state(), v1::LINK_ACKNOWLEDGED);
  EXPECT_EQ((*step)->link.case_number(), "J-9");
  EXPECT_EQ(NextAlarm((*step)->link), std::nullopt);
  request.set_receipt("later");
  const auto again = AcknowledgeLink((*step)->link, request, order.As("gonganju"));
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->has_value());
}

TEST(AnswerLink, ConsultationsAndDailyLinksHaveOneAnswer) {
  Order order("2025-09-08 09:00", LineInForce());
  v1::AnswerPoliceLinkRequest request;
  request.set_answer("已核实");
  for (const v1::PoliceLinkKind kind : {v1::LINK_CONSULTATION, v1::LINK_DAILY}) {
    const v1::PoliceLink link = Sent(kind, order);
    EXPECT_EQ(FromProto(link.answer_before()), At("2025-09-11 00:00"));
    const absl::StatusOr<LinkStep> step = AnswerLink(link, request, order.As("gonganju"));
    ASSERT_TRUE(step.ok()) << step.status();
    EXPECT_EQ(step->link.state(), v1::LINK_ANSWERED);
    EXPECT_TRUE(step->link.has_acknowledge_time()) << "an answer is a receipt too";
    EXPECT_EQ(ReasonOf(AnswerLink(step->link, request, order.As("gonganju")).status()),
              "STAGE_PASSED");
  }
  for (const v1::PoliceLinkKind kind : {v1::LINK_EMERGENCY, v1::LINK_NUISANCE}) {
    const v1::PoliceLink link = Sent(kind, order);
    EXPECT_EQ(ReasonOf(AnswerLink(link, request, order.As("gonganju")).status()), "NOT_APPLICABLE");
  }
}

TEST(NoteLinkRanOut, IsExactAndOnce) {
  Order order("2025-09-08 09:00", LineInForce());
  const v1::PoliceLink link = Sent(v1::LINK_EMERGENCY, order);
  order.Wait(absl::Minutes(5) - absl::Microseconds(1));
  EXPECT_FALSE(NoteLinkRanOut(link, order.Now()).has_value());
  order.Wait(absl::Microseconds(1));
  const std::optional<LinkStep> step = NoteLinkRanOut(link, order.Now());
  ASSERT_TRUE(step.has_value());
  EXPECT_EQ(FromProto(step->link.alarm_time()), order.now());
  EXPECT_EQ(step->link.state(), v1::LINK_SENT) << "a receipt may still come";
  EXPECT_FALSE(NoteLinkRanOut(step->link, order.Now()).has_value());
  EXPECT_TRUE(AcknowledgeLink(step->link, {}, order.As("gonganju")).ok());
}

TEST(TakeFromPolice, KindAndOrderFit) {
  Order order("2025-09-08 09:00", LineInForce());
  v1::ReceiveFromPoliceRequest request;
  request.set_text("转来");
  const auto field = [&] {
    const auto bad = BadRequestOf(TakeFromPolice(request, kLink, "", order.Now()).status());
    return bad ? bad->field_violations(0).field() : "none";
  };
  EXPECT_EQ(field(), "kind");
  request.set_kind(v1::LINK_TRANSFER);
  EXPECT_EQ(field(), "ticket");
  request.set_kind(v1::LINK_CONSULTATION);
  EXPECT_EQ(field(), "none");
  request.mutable_ticket();
  EXPECT_EQ(field(), "ticket");
  EXPECT_EQ(ReasonOf(TakeFromPolice(request, kLink, "", order.As("zhujianju")).status()),
            "NOT_INVOLVED");
  request.set_kind(v1::LINK_EMERGENCY);
  const auto step = TakeFromPolice(request, kLink, kTicketName, order.As("gonganju"));
  ASSERT_TRUE(step.ok()) << step.status();
  EXPECT_EQ(step->link.direction(), v1::FROM_POLICE);
  EXPECT_EQ(step->link.ticket(), kTicketName);
  EXPECT_EQ(ReasonOf(AcknowledgeLink(step->link, {}, order.As("gonganju")).status()),
            "NOT_INVOLVED")
      << "the centre has it to acknowledge";
  EXPECT_TRUE(AcknowledgeLink(step->link, {}, order.As("xianfuban")).ok());
}

TEST(Apply, FactsOfALink_ReplayToItsRow) {
  Order order("2025-09-08 09:00", LineInForce());
  v1::PoliceLink asked;
  asked.set_kind(v1::LINK_DAILY);
  asked.set_text("请协助");
  std::vector<LinkStep> steps = {*AskPolice(asked, kLink, nullptr, order.Now())};
  order.WaitUntil("2025-09-08 18:00");
  steps.push_back(*NoteLinkRanOut(steps.back().link, order.Now()));
  steps.push_back(**AcknowledgeLink(steps.back().link, {}, order.As("gonganju")));
  steps.push_back(*AnswerLink(steps.back().link, {}, order.As("gonganju")));
  v1::PoliceLink replayed;
  for (const LinkStep& step : steps) {
    replayed = Apply(std::move(replayed), step.fact);
    EXPECT_EQ(replayed.SerializeAsString(), step.link.SerializeAsString());
  }
  EXPECT_EQ(replayed.etag(), "v4");
}

TEST(CheckLine, NamesEachContradiction) {
  EXPECT_TRUE(ValidatePolicy(WithLine(), "469030").ok());
  v1::TicketPolicy policy = WithLine();
  policy.mutable_line()->set_police_unit("counties/469029/units/gonganju");
  policy.mutable_line()->mutable_answer_within()->set_amount(0);
  policy.mutable_line()->set_max_block_days(400);
  const auto bad = BadRequestOf(ValidatePolicy(policy, "469030"));
  ASSERT_TRUE(bad.has_value());
  EXPECT_EQ(bad->field_violations_size(), 3);
}

}  // namespace
}  // namespace baimi::ticket::domain
