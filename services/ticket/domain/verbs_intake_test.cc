#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/error.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using testing::HasSubstr;
using enum Command;

class Filing {
 public:
  absl::StatusOr<Decision> Do() const {
    return File(request, kTicketName, SamplePlace(),
                {At("2025-09-26 10:00"), actor, SampleInForce()});
  }
  v1::Ticket& ticket() { return *request.mutable_ticket(); }

  v1::CreateTicketRequest request = SampleRequest();
  type::v1::Actor actor = MakeActor("clerk", "");
};

std::string ViolatedField(const absl::Status& status) {
  const auto bad_request = BadRequestOf(status);
  return bad_request ? bad_request->field_violations(0).field() : "";
}

TEST(File, Order_IsFiledAcceptedAndQueued) {
  const auto decision = Filing().Do();
  ASSERT_TRUE(decision.ok()) << decision.status();
  ASSERT_EQ(decision->facts.size(), 3U);
  EXPECT_EQ(decision->facts[0].transition(), "T0");
  EXPECT_EQ(decision->facts[1].transition(), "T1");
  EXPECT_EQ(decision->facts[2].transition(), "T5");
  const v1::Ticket& ticket = decision->ticket;
  EXPECT_EQ(ticket.state(), v1::PENDING_DISPATCH);
  EXPECT_EQ(ticket.etag(), "v3");
  EXPECT_EQ(ticket.name(), kTicketName);
  EXPECT_EQ(ticket.urgency(), v1::NORMAL);
  EXPECT_EQ(ticket.place().area(), AreaName("469030100003"));
  EXPECT_EQ(ticket.place().address(), "营根镇珉华小区3栋");
  EXPECT_EQ(ticket.policy_version(), 3);
  EXPECT_EQ(FromProto(ticket.create_time()), At("2025-09-26 10:00"));
  EXPECT_NE(OpenClock(ticket, v1::DISPATCH), nullptr);
}

TEST(File, PraiseAndOther_EndAsAnswered) {
  for (const v1::TicketType type : {v1::PRAISE, v1::OTHER}) {
    Filing filing;
    filing.ticket().set_type(type);
    const auto decision = filing.Do();
    ASSERT_TRUE(decision.ok()) << decision.status();
    EXPECT_EQ(decision->ticket.state(), v1::ANSWERED);
    EXPECT_EQ(decision->ticket.clocks_size(), 0);
    EXPECT_TRUE(decision->ticket.has_close_time());
  }
}

TEST(File, OutputOnlyFields_AreNotTaken) {
  Filing filing;
  v1::Ticket& ticket = filing.ticket();
  ticket.set_name("counties/469030/tickets/20250101-000009");
  ticket.set_state(v1::CLOSED);
  ticket.set_etag("v99");
  ticket.set_rework_count(7);
  ticket.mutable_assignment()->set_lead(UnitName("other"));
  ticket.add_clocks()->set_kind(v1::HANDLE);
  ticket.mutable_place()->set_grid("counties/469030/grids/1");
  const auto decision = filing.Do();
  const auto plain = Filing().Do();
  ASSERT_TRUE(decision.ok() && plain.ok()) << decision.status();
  EXPECT_EQ(decision->ticket.SerializeAsString(), plain->ticket.SerializeAsString());
}

TEST(File, SubjectUnit_BelongsToAReportOfTheCounty) {
  Filing filing;
  filing.ticket().set_subject_unit(UnitName("chengguanju"));
  EXPECT_EQ(ViolatedField(filing.Do().status()), "ticket.subject_unit") << "not a REPORT";
  filing.ticket().set_type(v1::REPORT);
  const auto decision = filing.Do();
  ASSERT_TRUE(decision.ok()) << decision.status();
  EXPECT_EQ(decision->ticket.subject_unit(), UnitName("chengguanju"));
  EXPECT_TRUE(decision->ticket.caller().confidential()) << "§1.10";
  filing.ticket().set_subject_unit("counties/469029/units/chengguanju");
  EXPECT_EQ(ViolatedField(filing.Do().status()), "ticket.subject_unit") << "another county";
}

TEST(File, Phone_GetsItsNormalForm) {
  Filing filing;
  filing.ticket().mutable_caller()->set_phone("+86 138-0013-8000");
  const auto decision = filing.Do();
  ASSERT_TRUE(decision.ok()) << decision.status();
  EXPECT_EQ(decision->ticket.caller().phone(), "13800138000");
}

TEST(File, Anonymous_NeedsNoContactAndMayHaveNone) {
  Filing filing;
  filing.ticket().mutable_caller()->Clear();
  filing.ticket().mutable_caller()->set_anonymous(true);
  EXPECT_TRUE(filing.Do().ok());
  filing.ticket().mutable_caller()->set_phone("13800138000");
  EXPECT_EQ(ViolatedField(filing.Do().status()), "ticket.caller.phone");
}

TEST(File, BadInput_NamesTheField) {
  struct Case {
    std::string field;
    std::function<void(v1::Ticket&)> spoil;
    std::string reason = "INVALID_FIELD";
  };
  const Case cases[] = {
      {"ticket.type", [](v1::Ticket& t) { t.clear_type(); }},
      {"ticket.channel", [](v1::Ticket& t) { t.clear_channel(); }},
      {"ticket.category", [](v1::Ticket& t) { t.set_category("88"); }, "UNKNOWN_CATEGORY"},
      {"ticket.caller.phone", [](v1::Ticket& t) { t.clear_caller(); }},
      {"ticket.caller.phone", [](v1::Ticket& t) { t.mutable_caller()->set_phone("12345"); }},
      {"ticket.occurred_time",
       [](v1::Ticket& t) { *t.mutable_occurred_time() = ToProto(At("2025-09-26 10:01")); }},
  };
  for (const Case& c : cases) {
    Filing filing;
    c.spoil(filing.ticket());
    const absl::Status status = filing.Do().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.field;
    EXPECT_EQ(ReasonOf(status), c.reason) << status;
    EXPECT_EQ(ViolatedField(status), c.field) << status;
  }
}

TEST(Answer, OnlyConsultations_AreAnsweredAtOnce) {
  Order order("2025-09-26 10:00");
  EXPECT_EQ(ReasonOf(Perform(kAnswer, order.ticket(), order.Now()).status()), "NOT_APPLICABLE");
  Order consult = OrderIn(v1::ANSWERED);
  EXPECT_EQ(consult.ticket().reply().actor().id(), "staff-1");
  EXPECT_TRUE(consult.ticket().reply().has_reply_time());
}

TEST(Reject, EachCode_DemandsItsDuties) {
  const std::string earlier = "counties/469030/tickets/20250901-000007";
  struct Case {
    v1::RefusalCode code;
    std::string reason;
    std::string channel;
    std::string earlier;
    std::string missing;
  };
  const Case cases[] = {
      {v1::EMERGENCY_LINE, "火情", "119", "", ""},
      {v1::EMERGENCY_LINE, "火情", "已转119指挥中心", "", ""},
      {v1::EMERGENCY_LINE, "火情", "", "", "refusal.channel"},
      {v1::EMERGENCY_LINE, "火情", "12345", "", "refusal.channel"},
      {v1::LEGAL_CHANNEL, "已起诉", "县人民法院", "", ""},
      {v1::LEGAL_CHANNEL, "已起诉", "", "", "refusal.channel"},
      {v1::REPEAT_WITHOUT_NEW_FACTS, "同一事项", "", earlier, ""},
      {v1::REPEAT_WITHOUT_NEW_FACTS, "同一事项", "", "", "refusal.earlier_ticket"},
      {v1::REPEAT_WITHOUT_NEW_FACTS, "同一事项", "", kTicketName, "refusal.earlier_ticket"},
      {v1::REPEAT_WITHOUT_NEW_FACTS, "同一事项", "", "counties/211202/tickets/20250901-000007",
       "refusal.earlier_ticket"},
      {v1::SECRET_OR_PRIVACY, "涉密", "", "", ""},
      {v1::BEYOND_PUBLIC_DUTY, "市场行为", "", "", ""},
      {v1::UNLAWFUL, "违法诉求", "", "", ""},
      {v1::ALREADY_CONCLUDED, "已有结论", "", "", ""},
      {v1::ALREADY_CONCLUDED, "", "", "", "refusal.reason"},
      {v1::CALLER_NOT_COOPERATING, "不配合", "", "", "refusal.code"},
      {v1::REFUSAL_CODE_UNSPECIFIED, "无", "", "", "refusal.code"},
  };
  Order order("2025-09-26 10:00");
  for (const Case& c : cases) {
    v1::RejectTicketRequest request;
    v1::Refusal& refusal = *request.mutable_refusal();
    refusal.set_code(c.code);
    refusal.set_reason(c.reason);
    refusal.set_channel(c.channel);
    refusal.set_earlier_ticket(c.earlier);
    const auto decision = Reject(order.ticket(), request, order.Now());
    if (c.missing.empty()) {
      ASSERT_TRUE(decision.ok()) << decision.status();
      EXPECT_EQ(decision->ticket.state(), v1::REJECTED);
      EXPECT_EQ(decision->ticket.refusal().code(), c.code);
      continue;
    }
    EXPECT_EQ(decision.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ReasonOf(decision.status()), "REFUSAL_INCOMPLETE") << decision.status();
    EXPECT_EQ(ViolatedField(decision.status()), c.missing) << v1::RefusalCode_Name(c.code);
  }
}

TEST(Reject, TwoThingsMissing_AreBothSaid) {
  Order order("2025-09-26 10:00");
  v1::RejectTicketRequest request;
  request.mutable_refusal()->set_code(v1::LEGAL_CHANNEL);
  const absl::Status status = Reject(order.ticket(), request, order.Now()).status();
  EXPECT_EQ(BadRequestOf(status)->field_violations_size(), 2);
  EXPECT_EQ(status.message(),
            "refusal: got LEGAL_CHANNEL, refusal.reason: want a reason; refusal.channel: want the "
            "legal channel told to the caller");
}

TEST(Etag, Mismatch_IsAbortedBeforeAnythingElse) {
  Order order = OrderIn(v1::CLOSED);
  v1::SignTicketRequest request;
  request.set_etag("v1");
  const absl::Status status = Sign(order.ticket(), request, order.Now()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(status), "ETAG_MISMATCH");
  request.set_etag(order.ticket().etag());
  EXPECT_EQ(ReasonOf(Sign(order.ticket(), request, order.Now()).status()), "ILLEGAL_TRANSITION");
}

TEST(SelfSolve, OnlyGridWorkersOrders_AreSelfSolved) {
  Order order("2025-09-26 10:00");
  const absl::Status status = Perform(kSelfSolve, order.ticket(), order.Now()).status();
  EXPECT_EQ(ReasonOf(status), "NOT_APPLICABLE");
  EXPECT_EQ(status.message(), "channel: got PHONE, want GRID_WORKER");
}

TEST(SelfSolve, OnlyWhoFiledIt_OrTheSameUnit_Settles) {
  v1::CreateTicketRequest request = SampleRequest();
  request.mutable_ticket()->set_channel(v1::GRID_WORKER);
  // Nobody says himself who he is.
  *request.mutable_ticket()->mutable_marks()->mutable_filer() = MakeActor("other", "yingnan");
  const auto filed =
      File(request, kTicketName, SamplePlace(),
           {At("2025-09-26 10:00"), MakeActor("worker-1", "yingbei"), SampleInForce()},
           {.written = At("2025-09-26 08:00")});
  ASSERT_TRUE(filed.ok()) << filed.status();
  EXPECT_EQ(filed->ticket.marks().filer().id(), "worker-1");
  EXPECT_EQ(FromProto(filed->ticket.marks().draft_time()), At("2025-09-26 08:00"));
  EXPECT_EQ(FromProto(filed->ticket.create_time()), At("2025-09-26 10:00"));
  const auto solve = [&](absl::string_view id, absl::string_view unit) {
    const type::v1::Actor actor = MakeActor(id, unit);
    return ReasonOf(
        Perform(kSelfSolve, filed->ticket, {At("2025-09-26 11:00"), actor, SampleInForce()})
            .status());
  };
  EXPECT_EQ(solve("worker-1", "yingbei"), "");
  EXPECT_EQ(solve("worker-2", "yingbei"), "");
  EXPECT_EQ(solve("worker-2", "yingnan"), "NOT_THE_FILER");
  EXPECT_EQ(solve("admin", ""), "NOT_THE_FILER");
}

TEST(Transfer, KeepsTheOtherCountysNumber) {
  Order order("2025-09-26 10:00");
  order.Do(kTransfer);
  EXPECT_EQ(order.ticket().out_reference(), "460100-20250926-7");
}

}  // namespace
}  // namespace baimi::ticket::domain
