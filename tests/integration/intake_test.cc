// Questions of categories and the knowledge base, through the doors.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/intake_service.grpc.pb.h"
#include "baimi/ticket/v1/knowledge_service.grpc.pb.h"
#include "services/ticket/domain/testing_order.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;
using testing::Not;
using ticket::v1::Article;
using ticket::v1::Ticket;

constexpr char kTickets[] = "/v1/counties/469030/tickets";
constexpr char kArticles[] = "/v1/counties/469030/articles";

class IntakeTest : public SuiteTest {
 protected:
  void SetUp() override {
    SuiteTest::SetUp();
    clock().Advance(absl::Minutes(1));
    ticket::v1::CreateTicketPolicyRequest request;
    request.set_parent(kCounty);
    ticket::v1::TicketPolicy& policy = *request.mutable_ticket_policy();
    policy = ticket::domain::SamplePolicy();
    *policy.mutable_categories(0)->add_questions() = Text<ticket::v1::Question>(
        R"pb(id: "began" display_name: "何时开始" type: QUESTION_DATE min: -30)pb");
    *policy.mutable_categories(2)->add_questions() = Text<ticket::v1::Question>(
        R"pb(id: "lift" display_name: "电梯位置" type: QUESTION_TEXT required: true)pb");
    *policy.mutable_categories(2)->add_questions() = Text<ticket::v1::Question>(
        R"pb(id: "floor" display_name: "楼层" type: QUESTION_NUMBER min: 1 max: 33)pb");
    const auto created =
        As("admin")(&ticket::v1::TicketPolicyService::Stub::CreateTicketPolicy, request);
    ASSERT_TRUE(created.ok()) << created.status();
  }

  http::testing::ClientResponse FileLift(const std::string& answers) {
    return Http(
        "POST", kTickets,
        absl::StrCat(R"({"type":"HELP","channel":"PHONE","category":"020301",)",
                     R"("title":"电梯停运三天","caller":{"phone":"13800138000"},)",
                     R"("place":{"address":"营根镇珉华小区3栋"},"answers":[)", answers, "]}"),
        "clerk");
  }
  http::testing::ClientResponse Post(const std::string& name, const std::string& verb,
                                     const std::string& body, const std::string& key = "clerk") {
    return Http("POST", absl::StrCat("/v1/", name, ":", verb), body, key);
  }
  Ticket Consult() {
    auto request = LiftRequest("");
    request.mutable_ticket()->set_type(ticket::v1::CONSULT);
    request.mutable_ticket()->set_category("0204");
    request.mutable_ticket()->set_title("饮水补助怎么申请");
    return File(request);
  }
  Article NewArticle(const std::string& more = "", const std::string& key = "unit-zhujianju") {
    const auto made =
        Http("POST", kArticles,
             absl::StrCat(R"({"title":"农村饮水安全补助","body":"带身份证到村委会填表申请",)",
                          R"("categories":["0204"],"legalBasis":"琼府〔2024〕12号")", more, "}"),
             key);
    EXPECT_EQ(made.status, 200) << made.body;
    return FromJson<Article>(made.body);
  }
  Article GetArticle(const Article& article) {
    const auto got = Http("GET", absl::StrCat("/v1/", article.name()), "", "clerk");
    EXPECT_EQ(got.status, 200) << got.body;
    return FromJson<Article>(got.body);
  }
  ticket::v1::ListArticlesResponse List(const std::string& query) {
    const auto answer = Http("GET", absl::StrCat(kArticles, query), "", "clerk");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return FromJson<ticket::v1::ListArticlesResponse>(answer.body);
  }
  std::string SearchFor(const std::string& body) {
    return Http("POST", absl::StrCat(kArticles, ":search"), body, "clerk").body;
  }
  http::testing::ClientResponse AnswerFrom(const Ticket& ticket, const std::string& more) {
    return Post(ticket.name(), "answer",
                absl::StrCat(R"({"reply":{"result":"请到村委会填表"})", more, "}"));
  }
};

TEST_F(IntakeTest, Questions_OfACategory_AreToldWithThoseAboveIt) {
  const auto answer =
      Http("GET", absl::StrCat(kTickets, ":questions?category=020301"), "", "platform");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto questions = FromJson<ticket::v1::GetQuestionsResponse>(answer.body);
  ASSERT_EQ(questions.questions_size(), 3);
  EXPECT_EQ(questions.questions(0).id(), "began");
  EXPECT_TRUE(questions.questions(1).required());
  EXPECT_EQ(questions.policy_version(), 2);
  EXPECT_EQ(Http("GET", absl::StrCat(kTickets, ":questions?category=88"), "", "clerk").status, 400);
}

TEST_F(IntakeTest, Answers_ThatDoNotFit_AreRefusedInBothLanguages) {
  const auto refused = FileLift(R"({"question":"floor","number":40})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("BAD_ANSWERS"));
  EXPECT_THAT(refused.body, HasSubstr("ticket.answers[0].number"));
  EXPECT_THAT(refused.body, HasSubstr("got 40, want a number from 1 to 33"));
  EXPECT_THAT(refused.body, HasSubstr("“电梯位置”应为必答（文字）"));
  EXPECT_EQ(FileLift(R"({"question":"lift","text":"东侧","number":3})").status, 400)
      << "two values for one question";
}

TEST_F(IntakeTest, Answers_AreShownAsTheViewAllows_AndNoTextStandsOnDisk) {
  const auto filed = FileLift(
      R"({"question":"lift","text":"找陈阿婆13907651234开门"},{"question":"floor","number":7})");
  ASSERT_EQ(filed.status, 200) << filed.body;
  const std::string name = FromJson<Ticket>(filed.body).name();
  const Ticket full = Get(name, "admin");
  ASSERT_EQ(full.answers_size(), 2);
  EXPECT_EQ(full.answers(0).text(), "找陈阿婆13907651234开门");
  EXPECT_EQ(full.answers(1).number(), 7);
  EXPECT_THAT(Get(name, "clerk").answers(0).text(), Not(HasSubstr("13907651234")));
  EXPECT_EQ(Get(name, "resident").answers(0).text(), "");
  EXPECT_EQ(Get(name, "resident").answers(1).number(), 7);
  const auto events = Http("GET", absl::StrCat("/v1/", name, "/events"), "", "resident");
  EXPECT_THAT(events.body, Not(HasSubstr("陈阿婆")));

  std::string stored;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data().File(""))) {
    if (entry.is_regular_file()) {
      std::ifstream in(entry.path(), std::ios::binary);
      std::ostringstream content;
      content << in.rdbuf();
      absl::StrAppend(&stored, content.str());
    }
  }
  EXPECT_EQ(stored.find("陈阿婆"), std::string::npos);
  EXPECT_NE(stored.find("020301"), std::string::npos) << "the scan sees what is there";
}

TEST_F(IntakeTest, Reclassify_MovesTheOrderToTheOtherRuleAndList) {
  const auto filed =
      FileLift(R"({"question":"lift","text":"东侧"},{"question":"floor","number":7})");
  ASSERT_EQ(filed.status, 200) << filed.body;
  const Ticket ticket = FromJson<Ticket>(filed.body);
  const std::string body = R"({"category":"0401","reason":"其实是垃圾清运","requestId":"move-1"})";
  EXPECT_EQ(Post(ticket.name(), "reclassify", body, "unit-zhujianju").status, 403);
  EXPECT_EQ(Post(ticket.name(), "reclassify",
                 R"({"category":"020301","reason":"改层",)"
                 R"("answers":[{"question":"floor","number":99}]})")
                .status,
            400);
  const auto moved = Post(ticket.name(), "reclassify", body);
  ASSERT_EQ(moved.status, 200) << moved.body;
  EXPECT_EQ(Post(ticket.name(), "reclassify", body).body, moved.body) << "the same answer";
  EXPECT_EQ(Get(ticket.name()).category(), "0401");
  EXPECT_EQ(Get(ticket.name()).answers_size(), 0);
  const auto listed = Http("GET", absl::StrCat(kTickets, "?category=0401"), "", "clerk");
  EXPECT_THAT(listed.body, HasSubstr(ticket.name()));
  EXPECT_THAT(Http("GET", absl::StrCat("/v1/", ticket.name(), "/events"), "", "admin").body,
              HasSubstr("其实是垃圾清运"));
  const Ticket dispatched = Advance(Get(ticket.name()));
  EXPECT_EQ(dispatched.assignment().lead(), "counties/469030/units/yingbei");
  EXPECT_THAT(Post(ticket.name(), "reclassify", R"({"category":"0204","reason":"再改"})").body,
              HasSubstr("ILLEGAL_TRANSITION"));
}

TEST_F(IntakeTest, AnswerFromAnArticle_IsOnTheOrderAndCountedOnce) {
  const Article article = NewArticle();
  EXPECT_EQ(article.unit(), kLead) << "kept by who wrote it";
  EXPECT_THAT(SearchFor(R"({"text":"饮水 补助"})"), HasSubstr(article.name()));
  EXPECT_THAT(SearchFor(R"({"text":"饮水","category":"020301"})"), Not(HasSubstr(article.name())));
  const Ticket ticket = Consult();
  const std::string from =
      absl::StrCat(R"(,"article":")", article.name(), R"(","requestId":"answer-1")");
  const auto answered = AnswerFrom(ticket, from);
  ASSERT_EQ(answered.status, 200) << answered.body;
  EXPECT_EQ(AnswerFrom(ticket, from).status, 200);
  EXPECT_EQ(Get(ticket.name()).answer_source().article(), article.name());
  EXPECT_EQ(Get(ticket.name()).answer_source().article_version(), 1);
  EXPECT_EQ(GetArticle(article).use_count(), 1);
  EXPECT_TRUE(GetArticle(article).has_last_use_time());
  EXPECT_EQ(AnswerFrom(Consult(), R"(,"article":"counties/469030/articles/99999")").status, 404);
}

TEST_F(IntakeTest, AnswerThatIsRefused_CountsNothing) {
  const Article article = NewArticle();
  auto request = LiftRequest("");
  request.mutable_ticket()->set_category("0401");
  const Ticket help = File(request);
  EXPECT_THAT(AnswerFrom(help, absl::StrCat(R"(,"article":")", article.name(), "\"")).body,
              HasSubstr("NOT_APPLICABLE"));
  EXPECT_EQ(GetArticle(article).use_count(), 0);
}

TEST_F(IntakeTest, ArticleThatExpiredOrWasWithdrawn_IsNoAnswer) {
  const Article ends = NewArticle(R"(,"validUntil":"2026-12-01T00:00:00+08:00")");
  const Article gone = NewArticle();
  const auto taken = Post(gone.name(), "withdraw", R"({"rationale":"办法已废止","etag":"v1"})");
  EXPECT_EQ(taken.status, 200) << taken.body;
  EXPECT_EQ(GetArticle(gone).state(), ticket::v1::ARTICLE_WITHDRAWN);
  EXPECT_EQ(GetArticle(ends).state(), ticket::v1::ARTICLE_IN_FORCE);
  clock().AdvanceTo(ticket::domain::At("2026-12-01 00:00"));
  EXPECT_EQ(GetArticle(ends).state(), ticket::v1::ARTICLE_EXPIRED);
  const Ticket ticket = Consult();
  for (const Article& article : {ends, gone}) {
    const auto refused = AnswerFrom(ticket, absl::StrCat(R"(,"article":")", article.name(), "\""));
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, HasSubstr("KNOWLEDGE_NOT_IN_FORCE"));
    EXPECT_THAT(refused.body, HasSubstr("农村饮水安全补助"));
  }
  EXPECT_EQ(Get(ticket.name()).state(), ticket::v1::PENDING_DISPATCH);
  EXPECT_THAT(SearchFor(R"({"text":"饮水 补助"})"), Not(HasSubstr("articles/")));
  EXPECT_THAT(SearchFor(R"({"text":"饮水 补助","all":true})"), HasSubstr(ends.name()));
}

TEST_F(IntakeTest, StaleArticles_AreFoundByUseChangeAndEnd) {
  const Article used = NewArticle();
  const Article idle = NewArticle(R"(,"validUntil":"2027-03-01T00:00:00+08:00")");
  clock().AdvanceTo(ticket::domain::At("2026-12-10 09:00"));
  ASSERT_EQ(AnswerFrom(Consult(), absl::StrCat(R"(,"article":")", used.name(), "\"")).status, 200);
  const auto unused = List("?unusedSince=2026-12-01T00:00:00Z");
  ASSERT_EQ(unused.articles_size(), 1);
  EXPECT_EQ(unused.articles(0).name(), idle.name());
  EXPECT_EQ(List("?endsBefore=2027-04-01T00:00:00Z").articles_size(), 1);
  EXPECT_EQ(List("?unchangedSince=2026-12-01T00:00:00Z").articles_size(), 2);
  const auto first = List("?pageSize=1");
  ASSERT_EQ(first.articles_size(), 1);
  EXPECT_EQ(first.articles(0).name(), idle.name()) << "newest first";
  const auto second = List(absl::StrCat("?pageSize=1&pageToken=", first.next_page_token()));
  ASSERT_EQ(second.articles_size(), 1);
  EXPECT_EQ(second.articles(0).name(), used.name());
  EXPECT_TRUE(second.next_page_token().empty());
}

TEST_F(IntakeTest, UpdateArticle_ByItsKeeperWithTheEtag_GivesANewVersion) {
  const Article article = NewArticle();
  const std::string path = absl::StrCat("/v1/", article.name());
  const std::string target = path + "?updateMask=body";
  EXPECT_EQ(
      Http("PATCH", target, R"({"body":"改为线上申请","etag":"v9"})", "unit-zhujianju").status,
      409);
  const auto others = Http("PATCH", target, R"({"body":"改为线上申请"})", "unit-yingbei");
  EXPECT_EQ(others.status, 403);
  EXPECT_THAT(others.body, HasSubstr("NOT_THE_KEEPER"));
  const auto changed =
      Http("PATCH", target, R"({"body":"改为线上申请","etag":"v1"})", "unit-zhujianju");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(FromJson<Article>(changed.body).version(), 2);
  EXPECT_EQ(GetArticle(article).title(), article.title());
  EXPECT_THAT(SearchFor(R"({"text":"线上申请"})"), HasSubstr(article.name()));
  EXPECT_THAT(SearchFor(R"({"text":"身份证"})"), Not(HasSubstr(article.name())));
  const auto same = Http("PATCH", target, R"({"body":"改为线上申请"})", "unit-zhujianju");
  EXPECT_EQ(FromJson<Article>(same.body).version(), 2) << "nothing changed";
}

TEST_F(IntakeTest, Template_IsFilledInForTheOrder) {
  const auto made =
      Http("POST", "/v1/counties/469030/answerTemplates",
           R"({"title":"政策咨询","text":"您咨询的{category}：{body}（{basis}）"})", "clerk");
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string name = FromJson<ticket::v1::AnswerTemplate>(made.body).name();
  const Article article = NewArticle();
  const Ticket ticket = Consult();
  const auto draft =
      Post(ticket.name(), "draftAnswer",
           absl::StrCat(R"({"template":")", name, R"(","article":")", article.name(), "\"}"));
  ASSERT_EQ(draft.status, 200) << draft.body;
  EXPECT_EQ(FromJson<ticket::v1::DraftAnswerResponse>(draft.body).text(),
            "您咨询的供水：带身份证到村委会填表申请（琼府〔2024〕12号）");
  EXPECT_EQ(GetArticle(article).use_count(), 0) << "a draft is no answer";
  ASSERT_EQ(AnswerFrom(ticket, absl::StrCat(R"(,"template":")", name, "\"")).status, 200);
  EXPECT_EQ(Get(ticket.name()).answer_source().template_(), name);
  EXPECT_EQ(Post(name, "withdraw", R"({"rationale":"不再使用"})").status, 200);
  EXPECT_THAT(
      Post(Consult().name(), "draftAnswer", absl::StrCat(R"({"template":")", name, "\"}")).body,
      HasSubstr("KNOWLEDGE_NOT_IN_FORCE"));
  const auto listed = Http("GET", "/v1/counties/469030/answerTemplates", "", "clerk");
  EXPECT_THAT(listed.body, Not(HasSubstr(name)));
  EXPECT_THAT(Http("GET", "/v1/counties/469030/answerTemplates?all=true", "", "clerk").body,
              HasSubstr(name));
}

TEST_F(IntakeTest, Knowledge_IsOfTheCountyAndOfThosePermitted) {
  const Article article = NewArticle();
  const std::string path = absl::StrCat("/v1/", article.name());
  EXPECT_EQ(Http("GET", path, "", "elsewhere").status, 403);
  EXPECT_EQ(Http("GET", path, "", "platform").status, 403);
  EXPECT_EQ(Http("POST", path + ":withdraw", R"({"rationale":"不要了"})", "unit-zhujianju").status,
            403)
      << "the centre takes out";
}

}  // namespace
}  // namespace baimi::integration
