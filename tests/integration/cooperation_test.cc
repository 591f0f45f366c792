// Who handles an order together, and who decides it: helpers, arbitration with its precedents,
// recusal, whistles.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/arbitration_service.grpc.pb.h"
#include "baimi/ticket/v1/helper_service.grpc.pb.h"
#include "baimi/ticket/v1/search_service.grpc.pb.h"
#include "baimi/ticket/v1/whistle_service.grpc.pb.h"
#include "common/base/error.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using ticket::v1::Arbitration;
using ticket::v1::Precedent;
using ticket::v1::Ticket;
using ticket::v1::Whistle;

std::string Unit(absl::string_view id) { return absl::StrCat(kCounty, "/units/", id); }

class CooperationTest : public SuiteTest {
 protected:
  http::testing::ClientResponse Post(const std::string& name, const std::string& verb,
                                     const std::string& body, const std::string& key = "clerk") {
    return Http("POST", absl::StrCat("/v1/", name, verb.empty() ? "" : ":", verb), body, key);
  }
  template <typename Message>
  Message Done(const std::string& name, const std::string& verb, const std::string& body,
               const std::string& key = "clerk") {
    const auto answer = Post(name, verb, body, key);
    EXPECT_EQ(answer.status, 200) << verb << ": " << answer.body;
    return answer.status == 200 ? FromJson<Message>(answer.body) : Message();
  }
  template <typename Message>
  Message Read(const std::string& path, const std::string& key = "clerk") {
    const auto answer = Http("GET", absl::StrCat("/v1/", path), "", key);
    EXPECT_EQ(answer.status, 200) << path << ": " << answer.body;
    return answer.status == 200 ? FromJson<Message>(answer.body) : Message();
  }
  static const ticket::v1::HelperTask& Help(const Ticket& ticket) {
    return ticket.helper_tasks(ticket.helper_tasks_size() - 1);
  }
  ticket::v1::ListHelperTasksResponse HelpOf(const std::string& key, bool open_only = true) {
    return Read<ticket::v1::ListHelperTasksResponse>(
        absl::StrCat(kCounty, "/helperTasks", open_only ? "?openOnly=true" : ""), key);
  }
  // A lift order that its lead wants to return.
  std::string Returned() {
    const std::string name = FileUpTo(ticket::v1::DISPATCHED).name();
    Done<Ticket>(name, "requestReturn", R"({"reason": "电梯归市监", "legalBasis": "三定"})",
                 "unit-zhujianju");
    return name;
  }
  std::string OpenAbout(const std::string& ticket,
                        const std::string& units = R"(["counties/469030/units/chengguanju"])") {
    return Done<Arbitration>(
               absl::StrCat(kCounty, "/arbitrations"), "",
               absl::StrCat(R"({"ticket": ")", ticket, R"(", "question": "谁牵头", "units": )",
                            units, R"(, "evidence": ["blobs/1"]})"))
        .name();
  }
};

TEST_F(CooperationTest, Helper_SeesItsPartSignsAndAnswersTheLead) {
  const std::string name = FileUpTo(ticket::v1::SIGNED).name();
  const auto listed = HelpOf("unit-yingbei");
  ASSERT_EQ(listed.helper_tasks_size(), 1);
  EXPECT_EQ(listed.helper_tasks(0).ticket(), name);
  EXPECT_EQ(listed.helper_tasks(0).task().state(), ticket::v1::HELP_ASKED);
  EXPECT_EQ(Get(name, "unit-yingbei").name(), name) << "a helper sees the order";
  EXPECT_EQ(Http("GET", absl::StrCat("/v1/", name), "", "unit-chengguanju").status, 404);
  EXPECT_EQ(
      Post(name, "submitHelp", R"({"result": {"result": "已到场"}})", "unit-zhujianju").status,
      403);

  Done<Ticket>(name, "acknowledgeHelp", "{}", "unit-yingbei");
  const Ticket told = Done<Ticket>(name, "explainHelpDelay",
                                   R"({"delay": {"reason": "等产权人", "progress": "已联系两户"}})",
                                   "unit-yingbei");
  EXPECT_TRUE(Help(told).delays(0).has_due_time());
  const Ticket given =
      Done<Ticket>(name, "submitHelp", R"({"result": {"result": "已疏散"}})", "unit-yingbei");
  EXPECT_EQ(Help(given).state(), ticket::v1::HELP_GIVEN);
  EXPECT_THAT(HelpOf("unit-yingbei").helper_tasks(), IsEmpty());
  EXPECT_EQ(HelpOf("unit-yingbei", false).helper_tasks_size(), 1);
  const Ticket replied =
      Done<Ticket>(name, "reply", R"({"reply": {"result": "已修好", "callerContacted": true}})",
                   "unit-zhujianju");
  ASSERT_EQ(replied.reply().helpers_size(), 1);
  EXPECT_EQ(replied.reply().helpers(0).done(), "已疏散");
}

TEST_F(CooperationTest, HelperTooLate_IsOnRecordAndCountedForTheHelper) {
  const Ticket taken = FileUpTo(ticket::v1::SIGNED);
  const absl::Time due = absl::FromUnixSeconds(Help(taken).clock().due_time().seconds());
  clock().Advance(due - clock().Now());
  // By itself, or now: whoever is faster, and again where the database fails.
  for (int i = 0; i < 100 && !suite().RingAlarms().ok(); ++i) {
  }
  const Ticket late = Get(taken.name());
  EXPECT_TRUE(Help(late).clock().has_run_out_time());
  const auto account =
      Read<ticket::v1::ExplainClockResponse>(absl::StrCat(taken.name(), ":explainClock"));
  ASSERT_EQ(account.helpers_size(), 1);
  EXPECT_THAT(account.helpers(0).explanation(), HasSubstr("不计入主办单位"));
  for (int i = 0; i < 100 && !suite().CountFigures().ok(); ++i) {
  }
  const auto figures = Read<ticket::v1::GetFiguresResponse>(absl::StrCat(
      kCounty, "/tickets:figures?fromDate=2026-11-01&toDate=2026-12-31&grouping=BY_UNIT"));
  bool found = false;
  for (const ticket::v1::Figures& row : figures.figures()) {
    if (row.key() == Unit("yingbei")) {
      found = true;
      EXPECT_EQ(row.counts().help_asked(), 1);
      EXPECT_EQ(row.counts().help_late(), 1);
      EXPECT_EQ(row.counts().due(), 0) << "the order is the lead's";
    } else {
      EXPECT_EQ(row.counts().help_late(), 0) << row.key();
    }
  }
  EXPECT_TRUE(found);
}

TEST_F(CooperationTest, Centre_ChangesHelpersByTheDutyLists) {
  const std::string name = FileUpTo(ticket::v1::SIGNED).name();
  const std::string township =
      R"({"add": ["counties/469030/units/yinggen"], "reason": "现场需要"})";
  EXPECT_THAT(Post(name, "changeHelpers", township).body, HasSubstr("NOT_ON_DUTY_LIST"));
  EXPECT_EQ(Post(name, "changeHelpers", township, "unit-zhujianju").status, 403);
  const Ticket changed = Done<Ticket>(name, "changeHelpers",
                                      R"({"add": ["counties/469030/units/chengguanju"],
           "remove": ["counties/469030/units/yingbei"], "reason": "现场需要"})");
  EXPECT_THAT(changed.assignment().helpers(), ElementsAre(Unit("chengguanju")));
  EXPECT_EQ(Get(name, "unit-chengguanju").name(), name);
  EXPECT_EQ(Http("GET", absl::StrCat("/v1/", name), "", "unit-yingbei").status, 404)
      << "out of its sight again";
}

TEST_F(CooperationTest, Arbitration_RulesThePrecedentDecidesTheNextOrderUntilWithdrawn) {
  const std::string first = Returned();
  EXPECT_EQ(Post("counties/469029/arbitrations", "",
                 absl::StrCat(R"({"ticket": ")", first, R"("})"), "elsewhere")
                .status,
            404)
      << "an order of another county";
  const std::string arbitration = OpenAbout(first);
  EXPECT_EQ(Get(first).arbitration(), arbitration);
  EXPECT_THAT(Post(first, "decideReturn", "{}").body, HasSubstr("ARBITRATION_STATE"));
  EXPECT_EQ(Http("GET", absl::StrCat("/v1/", arbitration), "", "unit-yingbei").status, 200)
      << "who helps may read it";
  Done<Arbitration>(arbitration, "giveOpinion",
                    R"({"opinion": {"view": "WILL_LEAD", "text": "我局监管"}})",
                    "unit-chengguanju");
  EXPECT_EQ(Post(arbitration, "giveOpinion", R"({"opinion": {"view": "NOT_OURS"}})", "unit-yingbei")
                .status,
            403)
      << "was not asked";
  EXPECT_EQ(Post(arbitration, "rule", "{}", "unit-chengguanju").status, 403);
  const Arbitration ruled = Done<Arbitration>(arbitration, "rule", R"({"ruling": {
      "lead": "counties/469030/units/chengguanju", "rationale": "特种设备由其监管",
      "legalBasis": "特种设备安全法", "precedent": {"areaPrefix": "469030100003"}}})");
  EXPECT_EQ(ruled.state(), ticket::v1::ARBITRATION_RULED);
  ASSERT_NE(ruled.precedent(), "");
  const Ticket moved = Get(first);
  EXPECT_EQ(moved.assignment().lead(), Unit("chengguanju"));
  EXPECT_TRUE(moved.assignment().no_return());
  EXPECT_THAT(Post(first, "requestReturn", R"({"reason": "不归我们", "legalBasis": "三定"})",
                   "unit-chengguanju")
                  .body,
              HasSubstr("RETURN_NOT_ALLOWED"));

  // The next order of the same category and place, and its preview, say the same.
  const std::string next = File(LiftRequest("")).name();
  const auto preview = Done<ticket::v1::PreviewDispatchResponse>(next, "previewDispatch", "{}");
  const Ticket followed = Done<Ticket>(next, "dispatch", "{}");
  EXPECT_EQ(followed.assignment().SerializeAsString(), preview.assignment().SerializeAsString());
  EXPECT_EQ(followed.assignment().lead(), Unit("chengguanju"));
  EXPECT_EQ(followed.assignment().ruling(), ruled.precedent());
  EXPECT_THAT(followed.assignment().explanation(), Contains(HasSubstr("先例")));
  EXPECT_FALSE(followed.assignment().no_return());

  EXPECT_EQ(Read<ticket::v1::ListPrecedentsResponse>(absl::StrCat(kCounty, "/precedents"))
                .precedents_size(),
            1);
  Done<Precedent>(ruled.precedent(), "withdraw", R"({"rationale": "目录已修订"})");
  EXPECT_THAT(
      Read<ticket::v1::ListPrecedentsResponse>(absl::StrCat(kCounty, "/precedents")).precedents(),
      IsEmpty());
  const Ticket back = Done<Ticket>(File(LiftRequest("")).name(), "dispatch", "{}");
  EXPECT_EQ(back.assignment().lead(), kLead);
}

TEST_F(CooperationTest, PastRulings_OfTheCategoryAreShownNewestFirst) {
  const std::string first = Returned();
  Done<Ticket>(first, "decideReturn", R"({"note": "属你局"})");
  clock().Advance(absl::Hours(1));
  const std::string second = Returned();
  Done<Ticket>(second, "decideReturn", R"({"approve": true})");
  clock().Advance(absl::Hours(1));
  const std::string third = Returned();
  const auto shown = Read<Arbitration>(OpenAbout(third));
  ASSERT_EQ(shown.past_rulings_size(), 2) << "each decided return left its record";
  EXPECT_TRUE(shown.past_rulings(0).return_approved());
  EXPECT_FALSE(shown.past_rulings(1).return_approved());
  EXPECT_EQ(shown.past_rulings(1).lead(), kLead);
  const auto open = Read<ticket::v1::ListArbitrationsResponse>(
      absl::StrCat(kCounty, "/arbitrations?openOnly=true"));
  ASSERT_EQ(open.arbitrations_size(), 1);
  EXPECT_EQ(open.arbitrations(0).ticket(), third);
}

TEST_F(CooperationTest, Recusal_HidesTheOrderFromTheUnitEverywhere) {
  auto request = LiftRequest("");
  request.mutable_ticket()->set_type(ticket::v1::REPORT);
  request.mutable_ticket()->set_subject_unit(Unit("yinggen"));
  const std::string name = File(request).name();
  const std::string seen = File(LiftRequest("")).name();
  Done<Ticket>(name, "dispatch", "{}");
  Done<Ticket>(seen, "dispatch", "{}");
  // The township sees what happens in its area, but not what it is complained of in.
  EXPECT_EQ(Get(seen, "unit-yinggen").name(), seen);
  for (const std::string& path : {name, name + "/events", name + ":explainClock"}) {
    EXPECT_EQ(Http("GET", absl::StrCat("/v1/", path), "", "unit-yinggen").status, 404) << path;
  }
  const auto listed =
      Read<ticket::v1::ListTicketsResponse>(absl::StrCat(kCounty, "/tickets"), "unit-yinggen");
  ASSERT_EQ(listed.tickets_size(), 1);
  EXPECT_EQ(listed.tickets(0).name(), seen);
  EXPECT_EQ(Post(name, "revealContact", R"({"purpose": "核实情况"})", "unit-yinggen").status, 404);
  EXPECT_EQ(Post(absl::StrCat(kCounty, "/whistles"), "",
                 absl::StrCat(R"({"ticket": ")", name, R"(", "reason": "现场处置", "calls": [
                     {"unit": "counties/469030/units/zhujianju"}]})"),
                 "unit-yinggen")
                .status,
            404);
  // Its community answers to it and does not help.
  EXPECT_THAT(Get(name).assignment().helpers(), IsEmpty());
  EXPECT_THAT(Get(name).assignment().copied(), IsEmpty());

  // Set aside by the centre: a helper loses part and sight.
  EXPECT_EQ(Get(seen, "unit-yingbei").name(), seen);
  Done<Ticket>(seen, "recuse", R"({"unit": "counties/469030/units/yingbei",
      "ground": "DIRECT_INTEREST", "reason": "书记是当事人"})");
  EXPECT_EQ(Http("GET", absl::StrCat("/v1/", seen), "", "unit-yingbei").status, 404);
  EXPECT_THAT(HelpOf("unit-yingbei", false).helper_tasks(), IsEmpty());

  for (int i = 0; i < 100 && !suite().IndexSearch().ok(); ++i) {
  }
  const auto found = Done<ticket::v1::QueryTicketsResponse>(
      absl::StrCat(kCounty, "/tickets"), "query", R"({"text": "电梯"})", "unit-yinggen");
  ASSERT_EQ(found.tickets_size(), 1);
  EXPECT_EQ(found.tickets(0).name(), seen);
}

TEST_F(CooperationTest, ArbitrationOfAReport_StaysFromTheUnitComplainedOfAndFromOtherOrders) {
  auto request = LiftRequest("");
  request.mutable_ticket()->set_type(ticket::v1::REPORT);
  request.mutable_ticket()->set_subject_unit(Unit("yinggen"));
  const std::string report = File(request).name();
  Done<Ticket>(report, "dispatch", "{}");
  Done<Ticket>(report, "requestReturn", R"({"reason": "不归我局", "legalBasis": "三定"})",
               "unit-zhujianju");
  EXPECT_THAT(Post(absl::StrCat(kCounty, "/arbitrations"), "",
                   absl::StrCat(R"({"ticket": ")", report,
                                R"(", "units": ["counties/469030/units/yinggen"]})"))
                  .body,
              HasSubstr("RECUSED"));
  const std::string arbitration = OpenAbout(report);
  EXPECT_EQ(Http("GET", absl::StrCat("/v1/", arbitration), "", "unit-yinggen").status, 404);
  EXPECT_THAT(Read<ticket::v1::ListArbitrationsResponse>(absl::StrCat(kCounty, "/arbitrations"),
                                                         "unit-yinggen")
                  .arbitrations(),
              IsEmpty());
  const std::string ruling = R"({"ruling": {"lead": "counties/469030/units/chengguanju",
      "rationale": "由其核查", "legalBasis": "三定")";
  EXPECT_THAT(Post(arbitration, "rule", absl::StrCat(ruling, R"(, "precedent": {}}})")).body,
              HasSubstr("ruling.precedent"));
  Done<Arbitration>(arbitration, "rule", absl::StrCat(ruling, "}}"));
  EXPECT_THAT(Read<Arbitration>(OpenAbout(Returned())).past_rulings(), IsEmpty());
}

TEST_F(CooperationTest, Whistle_DepartmentsComeAndBothSidesAreScored) {
  const std::string body = R"({"reason": "危墙须现场处置", "address": "营根镇海榆路12号",
      "calls": [{"unit": "counties/469030/units/zhujianju"},
                {"unit": "counties/469030/units/chengguanju"}]})";
  EXPECT_THAT(Post(absl::StrCat(kCounty, "/whistles"), "", body, "unit-zhujianju").body,
              HasSubstr("NOT_APPLICABLE"));
  const Whistle blown = Done<Whistle>(absl::StrCat(kCounty, "/whistles"), "", body, "unit-yinggen");
  EXPECT_EQ(blown.unit(), Unit("yinggen"));
  EXPECT_EQ(Http("GET", absl::StrCat("/v1/", blown.name()), "", "unit-yingbei").status, 404);
  EXPECT_EQ(Read<ticket::v1::ListWhistlesResponse>(absl::StrCat(kCounty, "/whistles?openOnly=true"),
                                                   "unit-chengguanju")
                .whistles_size(),
            1);
  Done<Whistle>(blown.name(), "report", R"({"note": "两人到场"})", "unit-zhujianju");
  Done<Whistle>(blown.name(), "answer", R"({"answer": "已围挡"})", "unit-zhujianju");
  clock().Advance(absl::Hours(72));
  Done<Whistle>(blown.name(), "report", R"({"note": "来迟"})", "unit-chengguanju");
  Done<Whistle>(blown.name(), "rate",
                R"({"unit": "counties/469030/units/zhujianju", "rating": "VERY_SATISFIED"})",
                "unit-yinggen");
  Done<Whistle>(blown.name(), "rate",
                R"({"unit": "counties/469030/units/chengguanju", "back": true,
                    "rating": "DISSATISFIED", "note": "无须到场"})",
                "unit-chengguanju");
  Done<Whistle>(blown.name(), "close", "{}", "unit-yinggen");
  EXPECT_THAT(Read<ticket::v1::ListWhistlesResponse>(
                  absl::StrCat(kCounty, "/whistles?openOnly=true"), "unit-chengguanju")
                  .whistles(),
              IsEmpty());
  const std::string period = "/whistles:scores?fromDate=2026-11-01&toDate=2026-11-30";
  const auto scores = Read<ticket::v1::GetWhistleScoresResponse>(absl::StrCat(kCounty, period));
  ASSERT_EQ(scores.scores_size(), 3);
  const auto& late = scores.scores(0);
  EXPECT_EQ(late.unit(), Unit("chengguanju"));
  EXPECT_EQ(late.reported(), 1);
  EXPECT_EQ(late.reported_in_time(), 0);
  const auto& whistler = scores.scores(1);
  EXPECT_EQ(whistler.unit(), Unit("yinggen"));
  EXPECT_EQ(whistler.whistles(), 1);
  EXPECT_EQ(whistler.calls_made(), 2);
  EXPECT_EQ(whistler.ratings_back(), 1);
  EXPECT_EQ(whistler.ratings_back_satisfied(), 0);
  const auto& prompt = scores.scores(2);
  EXPECT_EQ(prompt.unit(), Unit("zhujianju"));
  EXPECT_EQ(prompt.reported_in_time(), 1);
  EXPECT_EQ(prompt.answered(), 1);
  EXPECT_EQ(prompt.ratings_satisfied(), 1);
  EXPECT_EQ(
      Read<ticket::v1::GetWhistleScoresResponse>(absl::StrCat(kCounty, period), "unit-zhujianju")
          .scores_size(),
      1)
      << "a unit sees its own";
}

}  // namespace
}  // namespace baimi::integration
