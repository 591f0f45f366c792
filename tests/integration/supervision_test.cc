// 督办 and 催办 through the doors: the ladder on the simulated clock, answers of the unit, urges,
// orders that were hung up, and who sees what.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/search_service.pb.h"
#include "baimi/ticket/v1/supervision_service.grpc.pb.h"
#include "services/ticket/domain/testing_order.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using ticket::v1::ListSupervisionsResponse;
using ticket::v1::Supervision;
using ticket::v1::Ticket;

class SupervisionTest : public SuiteTest {
 protected:
  void SetUp() override {
    SuiteTest::SetUp();
    // A policy takes effect later than the one before it.
    clock().Advance(absl::Seconds(1));
    ticket::v1::CreateTicketPolicyRequest policy;
    policy.set_parent(kCounty);
    *policy.mutable_ticket_policy() = ticket::domain::SupervisedPolicy();
    policy.mutable_ticket_policy()->clear_effective_time();
    const auto made =
        As("admin")(&ticket::v1::TicketPolicyService::Stub::CreateTicketPolicy, policy);
    ASSERT_TRUE(made.ok()) << made.status();
  }

  http::testing::ClientResponse Post(const std::string& name, const std::string& verb,
                                     const std::string& body, const std::string& key = "clerk") {
    return Http("POST", absl::StrCat("/v1/", name, ":", verb), body, key);
  }
  template <typename Answer>
  Answer Done(const std::string& name, const std::string& verb, const std::string& body,
              const std::string& key = "clerk") {
    const auto answer = Post(name, verb, body, key);
    EXPECT_EQ(answer.status, 200) << verb << ": " << answer.body;
    return answer.status == 200 ? FromJson<Answer>(answer.body) : Answer();
  }
  ListSupervisionsResponse List(const std::string& query, const std::string& key = "clerk") {
    const auto answer =
        Http("GET", absl::StrCat("/v1/counties/469030/supervisions", query), "", key);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.status == 200 ? FromJson<ListSupervisionsResponse>(answer.body)
                                : ListSupervisionsResponse();
  }
  // Rings until nothing is due.
  void RingAt(absl::Time time) {
    if (time > clock().Now()) {
      clock().Advance(time - clock().Now());
    }
    EXPECT_TRUE(suite().RingAlarms().ok());
  }
};

TEST_F(SupervisionTest, Ladder_EveryLevelAtItsTick_AnsweredByTheUnitAndEndedWithTheOrder) {
  const Ticket taken = FileUpTo(ticket::v1::SIGNED);
  const std::string& name = taken.name();
  for (int level = 1; level <= 5; ++level) {
    const auto plan = Get(name).supervision_plan();
    ASSERT_EQ(plan.level(), level);
    const absl::Time time =
        absl::FromUnixSeconds(plan.time().seconds()) + absl::Nanoseconds(plan.time().nanos());
    RingAt(time - absl::Microseconds(1));
    EXPECT_EQ(Get(name).supervision_level(), level - 1) << "a tick too early";
    RingAt(time);
    EXPECT_EQ(Get(name).supervision_level(), level);
  }
  const auto listed = List(absl::StrCat("?ticket=", name), "unit-zhujianju");
  ASSERT_EQ(listed.supervisions_size(), 5);
  const Supervision& s4 = listed.supervisions(0);
  EXPECT_EQ(s4.level(), ticket::v1::S4_LISTED);
  EXPECT_EQ(s4.unit(), kLead);
  EXPECT_EQ(s4.actor().id(), "baimi-ticket");
  EXPECT_EQ(Post(s4.name(), "acknowledge", "{}", "unit-chengguanju").status, 404);
  EXPECT_EQ(Done<Supervision>(s4.name(), "acknowledge", "{}", "unit-zhujianju").state(),
            ticket::v1::SUPERVISION_ACKNOWLEDGED);
  EXPECT_EQ(Done<Supervision>(s4.name(), "report", R"({"report": {"text": "今日完成"}})",
                              "unit-zhujianju")
                .report()
                .text(),
            "今日完成");
  Ticket order = Get(name);
  while (order.state() != ticket::v1::CLOSED) {
    order = Advance(order);
  }
  const auto ended = List(absl::StrCat("?ticket=", name));
  for (const Supervision& supervision : ended.supervisions()) {
    EXPECT_EQ(supervision.state(), ticket::v1::SUPERVISION_ENDED);
  }
  EXPECT_THAT(List("?states=SUPERVISION_RAISED").supervisions(), IsEmpty());
}

TEST_F(SupervisionTest, Raise_ForwardOnlyAndInspectionWithItsDocument) {
  const std::string name = FileUpTo(ticket::v1::SIGNED).name();
  const std::string s3 = R"({"level": "S3_LEADER_IN_CHARGE", "reason": "影响较大"})";
  EXPECT_EQ(Post(name, "supervise", s3, "unit-zhujianju").status, 403);
  const auto raised = Done<Supervision>(name, "supervise", s3);
  EXPECT_EQ(
      FromJson<Supervision>(Http("GET", "/v1/" + raised.name(), "", "unit-zhujianju").body).level(),
      ticket::v1::S3_LEADER_IN_CHARGE);
  EXPECT_THAT(Post(name, "supervise", s3).body, HasSubstr("SUPERVISION_NOT_FORWARD"));
  EXPECT_THAT(Post(name, "supervise", R"({"level": "S7_INSPECTION", "reason": "久拖不决"})").body,
              HasSubstr("DOCUMENT_REQUIRED"));
  EXPECT_EQ(Done<Supervision>(name, "supervise",
                              R"({"level": "S7_INSPECTION", "reason": "久拖不决",
                                  "document": "琼中督查〔2026〕12号"})")
                .document(),
            "琼中督查〔2026〕12号");
}

TEST_F(SupervisionTest, Urge_IsCountedSeenByTheUnitAndLimited) {
  const std::string name = FileUpTo(ticket::v1::SIGNED).name();
  EXPECT_EQ(Done<Ticket>(name, "urge", R"({"note": "请尽快"})").urges().count(), 1);
  EXPECT_EQ(Get(name, "unit-zhujianju").urges().count(), 1);
  EXPECT_THAT(Post(name, "urge", "{}").body, HasSubstr("URGE_NOT_ALLOWED"));
  const std::string other = File(LiftRequest("")).name();
  Done<Ticket>(other, "merge", absl::StrCat(R"({"into": ")", name, R"("})"));
  EXPECT_EQ(Done<Ticket>(other, "urge", "{}").urges().count(), 1);
  EXPECT_EQ(Get(name).urges().count(), 2) << "counts for the one that goes on";
}

TEST_F(SupervisionTest, Urge_ManyAtOnceEachHeldToItsOwnLimit) {
  const std::string a = FileUpTo(ticket::v1::SIGNED).name();
  const std::string b = FileUpTo(ticket::v1::SIGNED).name();
  Done<Ticket>(a, "urge", "{}");
  const auto many = Done<ticket::v1::BulkTicketsResponse>(
      "counties/469030/tickets", "bulk",
      absl::StrCat(R"({"items": [{"name": ")", a, R"("}, {"name": ")", b,
                   R"("}], "urge": {"note": "台风前完成"}})"));
  ASSERT_EQ(many.results_size(), 2);
  EXPECT_EQ(many.results(0).reason(), "URGE_NOT_ALLOWED");
  EXPECT_EQ(many.succeeded(), 1);
  EXPECT_EQ(Get(a).urges().count(), 1);
  EXPECT_EQ(Get(b).urges().count(), 1);
  EXPECT_EQ(Get(b).urges().last_note(), "台风前完成");
}

TEST_F(SupervisionTest, Suspension_PastItsTargetDate_GoesOnSupervised) {
  const std::string name = FileUpTo(ticket::v1::SIGNED).name();
  Done<Ticket>(name, "requestExtension",
               R"({"reason": "等配件", "period": {"unit": "WORKING_DAYS", "amount": 3}})",
               "unit-zhujianju");
  Done<Ticket>(name, "decideExtension", R"({"note": "不同意"})");
  Done<Ticket>(name, "suspend", R"({"suspension": {"reason": "NEEDS_FUNDING",
      "targetDate": "2026-12-10", "measures": "先行隔离"}})");
  RingAt(ticket::domain::At("2026-12-11 00:00") - absl::Microseconds(1));
  EXPECT_EQ(Get(name).state(), ticket::v1::SUSPENDED);
  RingAt(ticket::domain::At("2026-12-11 00:00"));
  const Ticket again = Get(name);
  EXPECT_EQ(again.state(), ticket::v1::SIGNED);
  ASSERT_EQ(again.supervisions_size(), 1);
  EXPECT_EQ(again.supervisions(0).trigger(), ticket::v1::TRIGGER_TARGET_DATE_PASSED);
  EXPECT_EQ(again.supervisions(0).level(), ticket::v1::S2_WRITTEN);
  EXPECT_TRUE(again.has_supervision_plan());
}

TEST_F(SupervisionTest, Report_TheUnitComplainedOfSeesNoSupervision) {
  auto request = LiftRequest("");
  request.mutable_ticket()->set_type(ticket::v1::REPORT);
  request.mutable_ticket()->set_subject_unit("counties/469030/units/zhujianju");
  const std::string name = File(request).name();
  Done<Ticket>(name, "dispatch",
               R"({"lead": "counties/469030/units/chengguanju", "note": "回避"})");
  const auto raised =
      Done<Supervision>(name, "supervise", R"({"level": "S2_WRITTEN", "reason": "影响较大"})");
  EXPECT_EQ(Http("GET", "/v1/" + raised.name(), "", "unit-zhujianju").status, 404);
  EXPECT_EQ(Post(raised.name(), "acknowledge", "{}", "unit-zhujianju").status, 404);
  EXPECT_THAT(List("", "unit-zhujianju").supervisions(), IsEmpty());
  EXPECT_EQ(List("", "unit-chengguanju").supervisions_size(), 1);
  EXPECT_EQ(List("").supervisions_size(), 1);
}

}  // namespace
}  // namespace baimi::integration
