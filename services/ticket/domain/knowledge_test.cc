#include "services/ticket/domain/knowledge.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "common/base/error.h"
#include "common/testing/protos.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/placeholders.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using test::Text;
using testing::HasSubstr;

constexpr char kName[] = "counties/469030/articles/17";
constexpr char kTemplate[] = "counties/469030/answerTemplates/18";
constexpr char kWater[] = R"pb(
  title: "农村饮水安全补助怎么申请"
  body: "带身份证到村委会填表，十五个工作日内答复。"
  categories: "0204"
  legal_basis: "琼府〔2024〕12号"
  source: "县水务局")pb";

class KnowledgeTest : public testing::Test {
 protected:
  Context As(const std::string& unit, absl::string_view at = "2025-09-26 09:00") {
    actor_ = MakeActor("staff", unit);
    return {At(at), actor_, SampleInForce()};
  }
  v1::Article Written(const std::string& text = kWater, const std::string& unit = "") {
    const auto step = WriteArticle(nullptr, Text<v1::Article>(text), kName, As(unit));
    EXPECT_TRUE(step.ok()) << step.status();
    return step.ok() ? step->article : v1::Article();
  }
  v1::AnswerTemplate WithText(const std::string& text) {
    v1::AnswerTemplate wanted;
    wanted.set_title("答复");
    wanted.set_text(text);
    const auto step = WriteTemplate(nullptr, wanted, kTemplate, As(""));
    EXPECT_TRUE(step.ok()) << step.status();
    return step.ok() ? step->answer_template : v1::AnswerTemplate();
  }

 private:
  type::v1::Actor actor_;
};

TEST_F(KnowledgeTest, Written_HasVersionsAndWhoKeepsIt) {
  const v1::Article first = Written(kWater, "zhujianju");
  EXPECT_EQ(first.unit(), UnitName("zhujianju"));
  EXPECT_EQ(first.etag(), "v1");
  v1::Article wanted = first;
  wanted.set_body("新的办法");
  wanted.set_use_count(99);
  const auto second = WriteArticle(&first, wanted, kName, As("zhujianju", "2025-09-27 09:00"));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->article.version(), 2);
  EXPECT_EQ(second->article.use_count(), 0) << "nobody sets it";
  EXPECT_EQ(FromProto(second->article.create_time()), At("2025-09-26 09:00"));
  EXPECT_EQ(FromProto(second->article.update_time()), At("2025-09-27 09:00"));
  EXPECT_EQ(ReasonOf(WriteArticle(&first, wanted, kName, As("yingbei")).status()),
            "NOT_THE_KEEPER");
  EXPECT_TRUE(WriteArticle(&first, wanted, kName, As("")).ok()) << "the platform may";
}

TEST_F(KnowledgeTest, WhatContradictsItself_IsRefusedByName) {
  struct Case {
    std::string more;
    std::string text;
  };
  const Case cases[] = {
      {R"pb(valid_from { seconds: 1758900000 }
            valid_until { seconds: 1758900000 })pb",
       "article.valid_until: got "},
      {R"pb(unit: "counties/211202/units/x")pb", "article.unit: got counties/211202/units/x"},
      {R"pb(categories: "88")pb", "article.categories[1]: got 88"}};
  for (const Case& one : cases) {
    const absl::Status status =
        WriteArticle(nullptr, Text<v1::Article>(kWater + one.more), kName, As("")).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(one.text));
  }
}

TEST_F(KnowledgeTest, State_FollowsTheTimes) {
  v1::Article article = Written();
  *article.mutable_valid_from() = ToProto(At("2025-10-01 00:00"));
  *article.mutable_valid_until() = ToProto(At("2025-11-01 00:00"));
  struct Case {
    absl::string_view at;
    v1::ArticleState state;
  };
  for (const auto& [at, state] : {Case{"2025-09-30 23:59", v1::ARTICLE_NOT_YET},
                                  Case{"2025-10-01 00:00", v1::ARTICLE_IN_FORCE},
                                  Case{"2025-10-31 23:59", v1::ARTICLE_IN_FORCE},
                                  Case{"2025-11-01 00:00", v1::ARTICLE_EXPIRED}}) {
    EXPECT_EQ(StateOf(article, At(at)), state) << at;
    const auto used = UseArticle(article, kTicketName, As("", at));
    EXPECT_EQ(ReasonOf(used.status()),
              state == v1::ARTICLE_IN_FORCE ? "" : "KNOWLEDGE_NOT_IN_FORCE")
        << at;
  }
  EXPECT_THAT(
      std::string(UseArticle(article, kTicketName, As("", "2025-11-02 10:00")).status().message()),
      HasSubstr("expired at 2025-11-01"));
}

TEST_F(KnowledgeTest, Used_IsCountedAndLeavesTheEtag) {
  v1::Article article = Written();
  for (int i = 1; i <= 2; ++i) {
    const auto used = UseArticle(article, kTicketName, As("", "2025-09-26 10:00"));
    ASSERT_TRUE(used.ok()) << used.status();
    article = used->article;
    EXPECT_EQ(article.use_count(), i);
  }
  EXPECT_EQ(FromProto(article.last_use_time()), At("2025-09-26 10:00"));
  EXPECT_EQ(article.etag(), "v1");
  const auto changed = WriteArticle(&article, article, kName, As(""));
  EXPECT_EQ(changed->article.use_count(), 2) << "a change keeps the figures";
}

TEST_F(KnowledgeTest, Withdrawn_IsNeitherUsedNorChangedNorWithdrawnAgain) {
  const v1::Article article = Written();
  v1::WithdrawArticleRequest request;
  request.set_rationale("办法已废止");
  request.set_etag("v7");
  EXPECT_EQ(ReasonOf(WithdrawArticle(article, request, As("")).status()), "ETAG_MISMATCH");
  request.set_etag("v1");
  const auto step = WithdrawArticle(article, request, As(""));
  ASSERT_TRUE(step.ok()) << step.status();
  EXPECT_EQ(StateOf(step->article, At("2025-09-26 09:00")), v1::ARTICLE_WITHDRAWN);
  EXPECT_EQ(step->article.rationale(), "办法已废止");
  EXPECT_EQ(ReasonOf(UseArticle(step->article, kTicketName, As("")).status()),
            "KNOWLEDGE_NOT_IN_FORCE");
  EXPECT_EQ(ReasonOf(WriteArticle(&step->article, article, kName, As("")).status()),
            "KNOWLEDGE_NOT_IN_FORCE");
  EXPECT_EQ(ReasonOf(WithdrawArticle(step->article, request, As("")).status()),
            "KNOWLEDGE_NOT_IN_FORCE");
}

TEST_F(KnowledgeTest, FactsInTheirSequence_GiveTheRow) {
  std::vector<v1::ArticleFact> facts;
  v1::Article row;
  const auto take = [&](const absl::StatusOr<ArticleStep>& step) {
    ASSERT_TRUE(step.ok()) << step.status();
    row = step->article;
    facts.push_back(step->fact);
  };
  take(WriteArticle(nullptr, Text<v1::Article>(kWater), kName, As("")));
  take(UseArticle(row, kTicketName, As("", "2025-09-26 10:00")));
  v1::Article wanted = row;
  wanted.add_categories("02");
  take(WriteArticle(&row, wanted, kName, As("", "2025-09-26 11:00")));
  take(UseArticle(row, kTicketName, As("", "2025-09-26 12:00")));
  take(WithdrawArticle(row, {}, As("", "2025-09-26 13:00")));
  v1::Article replayed;
  for (const v1::ArticleFact& fact : facts) {
    v1::ArticleFact stored;
    ASSERT_TRUE(stored.ParseFromString(fact.SerializeAsString()));
    replayed = Apply(std::move(replayed), stored);
  }
  EXPECT_EQ(replayed.SerializeAsString(), row.SerializeAsString());
  EXPECT_EQ(row.use_count(), 2);
}

TEST_F(KnowledgeTest, IsAbout_ItsCategoriesAndThoseBelow) {
  const v1::Article water = Written();
  EXPECT_TRUE(IsAbout(water.categories(), "0204"));
  EXPECT_TRUE(IsAbout(water.categories(), "020401"));
  EXPECT_FALSE(IsAbout(water.categories(), "02"));
  EXPECT_TRUE(IsAbout({}, "09"));
}

TEST_F(KnowledgeTest, Draft_FillsInWhatTheTemplateNames) {
  const v1::AnswerTemplate row =
      WithText("您好，关于{category}（{number}）：{body}依据{basis}，见《{article}》，{source}。");
  Order order("2025-09-26 09:30");
  const v1::Article article = Written();
  const auto draft = DraftAnswer(row, &article, order.ticket(), order.Now());
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_EQ(
      *draft,
      "您好，关于电梯困人与维修（20250926-000001）：带身份证到村委会填表，十五个工作日内答复。"
      "依据琼府〔2024〕12号，见《农村饮水安全补助怎么申请》，县水务局。");
  EXPECT_THAT(
      std::string(DraftAnswer(row, nullptr, order.ticket(), order.Now()).status().message()),
      HasSubstr("article: got nothing"));
  EXPECT_TRUE(DraftAnswer(WithText("已记录：{number}"), nullptr, order.ticket(), order.Now()).ok());
}

TEST_F(KnowledgeTest, Template_WithUnknownPlaceholderOrLooseBrace_IsRefused) {
  for (const char* text : {"您好{caller}", "您好{number", "您好}", "{}好"}) {
    v1::AnswerTemplate wanted;
    wanted.set_text(text);
    const absl::Status status = WriteTemplate(nullptr, wanted, kTemplate, As("")).status();
    EXPECT_THAT(std::string(status.message()), HasSubstr("answer_template.text: got ")) << text;
  }
}

TEST_F(KnowledgeTest, Template_Withdrawn_GivesNoDraft) {
  const v1::AnswerTemplate row = WithText("已记录");
  v1::WithdrawAnswerTemplateRequest request;
  request.set_rationale("不再使用");
  const auto step = WithdrawTemplate(row, request, As(""));
  ASSERT_TRUE(step.ok()) << step.status();
  Order order("2025-09-26 09:30");
  EXPECT_EQ(
      ReasonOf(DraftAnswer(step->answer_template, nullptr, order.ticket(), order.Now()).status()),
      "KNOWLEDGE_NOT_IN_FORCE");
  EXPECT_EQ(ReasonOf(WriteTemplate(&step->answer_template, row, kTemplate, As("")).status()),
            "KNOWLEDGE_NOT_IN_FORCE");
}

TEST(Placeholders, BracesInValues_AreOnlyText) {
  EXPECT_EQ(FillTemplate("{a}{b}{c}", {{"a", "{b}"}, {"b", "2"}}), "{b}2");
}

}  // namespace
}  // namespace baimi::ticket::domain
