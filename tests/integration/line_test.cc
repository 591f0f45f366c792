// The telephone line, through the doors: 110 beside it, and numbers that are blocked.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/notice_service.grpc.pb.h"
#include "baimi/ticket/v1/number_block_service.pb.h"
#include "baimi/ticket/v1/police_link_service.pb.h"
#include "services/ticket/domain/testing_order.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using ticket::domain::MakePeriod;
using ticket::v1::NumberBlock;
using ticket::v1::PoliceLink;
using ticket::v1::Ticket;

constexpr char kLinks[] = "/v1/counties/469030/policeLinks";
constexpr char kBlocks[] = "/v1/counties/469030/numberBlocks";

// The police desk is chengguanju here, for which there is a key; the centre is hotline.
class LineTest : public SuiteTest {
 protected:
  void SetUp() override {
    SuiteTest::SetUp();
    clock().Advance(absl::Minutes(1));
    ticket::v1::CreateTicketPolicyRequest request;
    request.set_parent(kCounty);
    ticket::v1::TicketPolicy& policy = *request.mutable_ticket_policy();
    policy = ticket::domain::SamplePolicy();
    policy.set_fallback_unit(ticket::domain::UnitName("hotline"));
    policy.mutable_line()->set_police_unit(ticket::domain::UnitName("chengguanju"));
    *policy.mutable_line()->mutable_acknowledge_emergency() = MakePeriod(ticket::v1::MINUTES, 5);
    policy.mutable_line()->set_max_block_days(30);
    const auto created =
        As("admin")(&ticket::v1::TicketPolicyService::Stub::CreateTicketPolicy, request);
    ASSERT_TRUE(created.ok()) << created.status();
  }

  http::testing::ClientResponse Post(const std::string& path, const std::string& body,
                                     const std::string& key = "clerk") {
    return Http("POST", path, body, key);
  }
  PoliceLink Transfer(const Ticket& ticket, const std::string& body) {
    const auto answer = Post(absl::StrCat("/v1/", ticket.name(), ":transferToPolice"), body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return FromJson<PoliceLink>(answer.body);
  }
  static std::string FromPolice(const std::string& number, const std::string& text = "电梯困人") {
    return absl::StrCat(
        R"({"caseNumber":")", number, R"(","kind":"LINK_TRANSFER","text":")", text,
        R"(","ticket":{"type":"HELP","channel":"PHONE","category":"020301","title":"电梯困人",)",
        R"("caller":{"phone":"13800138000"},"place":{"address":"营根镇珉华小区3栋"}}})");
  }
  void Ring() {
    for (int i = 0; i < 100; ++i) {
      if (suite().RingAlarms().ok()) {
        break;
      }
    }
  }
  NumberBlock Asked(const std::string& evidence, const std::string& key = "clerk") {
    const auto answer =
        Post(kBlocks,
             absl::StrCat(R"({"phone":"13800138000","ground":"MALICIOUS_DIALLING",)",
                          R"("reason":"一日拨打两百次","untilDate":"2026-12-10",)", evidence, "}"),
             key);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return FromJson<NumberBlock>(answer.body);
  }
  std::string Check(const std::string& phone = "13800138000") {
    const auto answer = Post(absl::StrCat(kBlocks, ":check"),
                             absl::StrCat(R"({"phone":")", phone, "\"}"), "telephone");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
};

TEST_F(LineTest, Emergency_GoesTo110AtOnceWithItsRecord) {
  const Ticket ticket = File(LiftRequest(""));
  const PoliceLink link = Transfer(ticket, R"({"emergency":true,"text":"有人被困并受伤"})");
  const Ticket ended = Get(ticket.name());
  EXPECT_EQ(ended.state(), ticket::v1::REJECTED);
  EXPECT_EQ(ended.refusal().code(), ticket::v1::EMERGENCY_LINE);
  EXPECT_EQ(ended.refusal().channel(), "110");
  EXPECT_THAT(ended.police_links(), ElementsAre(link.name()));
  const auto events = Http("GET", absl::StrCat("/v1/", ticket.name(), "/events"), "", "admin");
  EXPECT_THAT(events.body, HasSubstr("policeLinked"));
}

TEST_F(LineTest, EmergencyWithoutReceipt_AlarmsTheCentreExactlyThenAndOnce) {
  const Ticket ticket = File(LiftRequest(""));
  const PoliceLink link = Transfer(ticket, R"({"emergency":true,"text":"有人被困并受伤"})");
  const auto seen = [&] {
    return FromJson<PoliceLink>(Http("GET", absl::StrCat("/v1/", link.name()), "", "clerk").body);
  };
  clock().Advance(absl::Minutes(5) - absl::Microseconds(1));
  Ring();
  EXPECT_FALSE(seen().has_alarm_time());
  clock().Advance(absl::Microseconds(1));
  Ring();
  Ring();
  EXPECT_TRUE(seen().has_alarm_time());
  ticket::v1::ListNoticesRequest inbox;
  inbox.set_parent(kCounty);
  inbox.set_unit(ticket::domain::UnitName("hotline"));
  const auto notices = As("clerk")(&ticket::v1::NoticeService::Stub::ListNotices, inbox);
  ASSERT_TRUE(notices.ok()) << notices.status();
  ASSERT_EQ(notices->notices_size(), 1);
  EXPECT_THAT(notices->notices(0).text(), HasSubstr("未在时限内签收"));
  const auto waiting = Http("GET", absl::StrCat(kLinks, "?unacknowledged=true"), "", "clerk");
  EXPECT_THAT(waiting.body, HasSubstr(link.name()));
  EXPECT_EQ(Post(absl::StrCat("/v1/", link.name(), ":acknowledge"), R"({"receipt":"J1"})", "admin")
                .status,
            200);
  EXPECT_EQ(seen().receipt(), "J1");
}

TEST_F(LineTest, NoEmergency_NeedsTheCallerTold) {
  const Ticket ticket = File(LiftRequest(""));
  const std::string path = absl::StrCat("/v1/", ticket.name(), ":transferToPolice");
  const auto refused = Post(path, R"({"text":"邻里纠纷"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("CALLER_NOT_CONTACTED"));
  Transfer(ticket, R"({"text":"邻里纠纷","toldHow":"PHONE","toldReceipt":"R-1"})");
  EXPECT_EQ(Get(ticket.name()).state(), ticket::v1::TRANSFERRED);
}

TEST_F(LineTest, CaseFrom110_IsOneOrderHoweverOftenItIsSent) {
  const auto first = Post(absl::StrCat(kLinks, ":receive"), FromPolice("J-1"));
  ASSERT_EQ(first.status, 200) << first.body;
  const auto link = FromJson<PoliceLink>(first.body);
  EXPECT_EQ(link.direction(), ticket::v1::FROM_POLICE);
  EXPECT_THAT(Get(link.ticket()).police_links(), ElementsAre(link.name()));
  EXPECT_EQ(Get(link.ticket()).state(), ticket::v1::PENDING_DISPATCH);
  const auto again = Post(absl::StrCat(kLinks, ":receive"), FromPolice("J-1"));
  EXPECT_EQ(FromJson<PoliceLink>(again.body).ticket(), link.ticket());
  const auto other = Post(absl::StrCat(kLinks, ":receive"), FromPolice("J-1", "另一件"));
  EXPECT_EQ(other.status, 409);
  EXPECT_THAT(other.body, HasSubstr("differs from what came first"));
}

TEST_F(LineTest, Consultation_IsAnsweredByTheOtherSide_AndNobodyElseSeesIt) {
  const auto asked = Post(kLinks, R"({"kind":"LINK_CONSULTATION","text":"占道经营由谁处理"})");
  ASSERT_EQ(asked.status, 200) << asked.body;
  const std::string path = absl::StrCat("/v1/", FromJson<PoliceLink>(asked.body).name());
  EXPECT_EQ(Post(path + ":answer", R"({"answer":"我们自己答"})", "clerk").status, 403);
  const auto answered = Post(path + ":answer", R"({"answer":"由城管处理"})", "admin");
  ASSERT_EQ(answered.status, 200) << answered.body;
  EXPECT_EQ(FromJson<PoliceLink>(answered.body).state(), ticket::v1::LINK_ANSWERED);
  EXPECT_THAT(Post(path + ":answer", R"({"answer":"再答"})", "admin").body,
              HasSubstr("STAGE_PASSED"));
  EXPECT_EQ(Http("GET", path, "", "curious").status, 404) << "another unit";
  EXPECT_EQ(Http("GET", path, "", "unit-zhujianju").status, 403);
}

TEST_F(LineTest, ReportAboutThePolice_IsNotSentThere) {
  auto request = LiftRequest("");
  request.mutable_ticket()->set_type(ticket::v1::REPORT);
  request.mutable_ticket()->set_subject_unit(ticket::domain::UnitName("chengguanju"));
  const Ticket report = File(request);
  const auto refused = Post(absl::StrCat("/v1/", report.name(), ":transferToPolice"),
                            R"({"emergency":true,"text":"紧急"})");
  EXPECT_THAT(refused.body, HasSubstr("RECUSED"));
}

TEST_F(LineTest, BlockedNumber_FromTheRequestToItsEnd) {
  const Ticket ticket = File(LiftRequest(""));
  const NumberBlock asked = Asked(absl::StrCat(R"("tickets":[")", ticket.name(), "\"]"));
  const std::string path = absl::StrCat("/v1/", asked.name());
  EXPECT_EQ(asked.phone(), "138****8000");
  EXPECT_THAT(Check(), Not(HasSubstr(R"("blocked":true)")));
  EXPECT_THAT(Post(path + ":decide", R"({"approve":true})", "clerk").body,
              HasSubstr("SAME_PERSON"));
  EXPECT_EQ(Post(path + ":decide", R"({"approve":true})", "admin").status, 200);
  EXPECT_EQ(
      Post(kBlocks, R"({"phone":"13800138000","ground":"LONG_OCCUPATION","reason":"再次占用",)"
                    R"("untilDate":"2026-12-01","callRecords":["R-1"]})")
          .status,
      409);
  const int64_t before = Head("access");
  EXPECT_THAT(Check(), HasSubstr(R"("blocked":true)"));
  EXPECT_THAT(Check(), HasSubstr(R"("emergenciesPass":true)"));
  EXPECT_GE(Head("access"), before + 2) << "each meeting is on record";
  EXPECT_THAT(Check("13900139000"), Not(HasSubstr(R"("blocked":true)")));

  auto counter = LiftRequest("");
  counter.mutable_ticket()->set_channel(ticket::v1::COUNTER);
  EXPECT_EQ(File(counter).state(), ticket::v1::PENDING_DISPATCH) << "filed as anybody's";
  counter.mutable_ticket()->set_urgency(ticket::v1::EMERGENCY);
  EXPECT_EQ(File(counter).state(), ticket::v1::PENDING_DISPATCH);

  ASSERT_EQ(Post(path + ":appeal", R"({"text":"手机被盗用"})").status, 200);
  EXPECT_THAT(Post(path + ":decideAppeal", R"({"uphold":true,"note":"属实"})", "admin").body,
              HasSubstr("SAME_PERSON"));
  ASSERT_EQ(Post(path + ":decideAppeal", R"({"uphold":true,"note":"属实"})", "hasty").status, 200);
  EXPECT_THAT(Check(), Not(HasSubstr(R"("blocked":true)")));
  const auto got = FromJson<NumberBlock>(Http("GET", path, "", "admin").body);
  EXPECT_EQ(got.state(), ticket::v1::BLOCK_LIFTED);
  EXPECT_EQ(got.phone(), "13800138000");
}

TEST_F(LineTest, Block_EndsAfterItsLastDay_AndTheNextMayBeAskedFor) {
  const NumberBlock asked = Asked(R"("callRecords":["R-1"])");
  ASSERT_EQ(Post(absl::StrCat("/v1/", asked.name(), ":decide"),
                 R"({"approve":true,"untilDate":"2026-11-23"})", "admin")
                .status,
            200);
  EXPECT_THAT(Check(), HasSubstr(R"("blocked":true)"));
  clock().AdvanceTo(ticket::domain::At("2026-11-24 00:00"));
  EXPECT_THAT(Check(), Not(HasSubstr(R"("blocked":true)")));
  EXPECT_NE(Asked(R"("callRecords":["R-2"])").name(), asked.name());
  const auto list = Http("GET", kBlocks, "", "clerk");
  EXPECT_THAT(list.body, HasSubstr("BLOCK_EXPIRED"));
}

TEST_F(LineTest, Evidence_IsTheNumbersOwnOrders_AndChecksAreTheTelephones) {
  auto other = LiftRequest("");
  other.mutable_ticket()->mutable_caller()->set_phone("13900139000");
  const Ticket ticket = File(other);
  const auto refused =
      Post(kBlocks, absl::StrCat(R"({"phone":"13800138000","ground":"ABUSE_OF_STAFF",)",
                                 R"("reason":"辱骂话务员","untilDate":"2026-12-01","tickets":[")",
                                 ticket.name(), "\"]}"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("number_block.tickets"));
  EXPECT_EQ(Post(absl::StrCat(kBlocks, ":check"), R"({"phone":"13800138000"})", "clerk").status,
            403);
  EXPECT_EQ(Http("GET", kBlocks, "", "telephone").status, 403);
}

}  // namespace
}  // namespace baimi::integration
