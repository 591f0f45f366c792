#include "services/ticket/domain/answers.h"

#include <gmock/gmock.h>

#include <functional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/testing/protos.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;
using test::Text;
using testing::ElementsAre;
using testing::HasSubstr;

// 02 asks when it began; 0203 which building; 020301 the lift, how many are shut in, and whether.
const PolicyInForce& Asking() {
  static const auto& policy = *new PolicyInForce(InForce([] {
    v1::TicketPolicy made = SamplePolicy();
    *made.mutable_categories(0)->add_questions() = Text<v1::Question>(
        R"pb(id: "began" display_name: "何时开始" type: QUESTION_DATE min: -30)pb");
    *made.mutable_categories(1)->add_questions() = Text<v1::Question>(
        R"pb(id: "kind"
             display_name: "楼栋类型"
             type: QUESTION_CHOICE
             choices { id: "high" display_name: "高层" }
             choices { id: "low" display_name: "多层" })pb");
    v1::Category& lift = *made.mutable_categories(2);
    *lift.add_questions() = Text<v1::Question>(
        R"pb(id: "lift" display_name: "电梯编号" type: QUESTION_TEXT required: true max: 12)pb");
    *lift.add_questions() = Text<v1::Question>(R"pb(id: "floor"
                                                    display_name: "楼层"
                                                    type: QUESTION_NUMBER
                                                    min: 1
                                                    max: 33
                                                    measure: "层")pb");
    *lift.add_questions() =
        Text<v1::Question>(R"pb(id: "inside" display_name: "有人被困" type: QUESTION_BOOL)pb");
    return made;
  }()));
  return policy;
}

v1::CreateTicketRequest Asked(const std::string& answers) {
  v1::CreateTicketRequest request = SampleRequest();
  request.mutable_ticket()->MergeFrom(Text<v1::Ticket>(answers));
  return request;
}

constexpr char kFiled[] = "2025-09-26 09:30";
constexpr char kGood[] = R"pb(
  answers { question: "floor" number: 7 }
  answers { question: "lift" text: "3栋2号梯" }
  answers { question: "inside" yes: false }
  answers { question: "kind" choice: "high" }
  answers { question: "began" date: "2025-09-20" })pb";

Context At930() {
  static const auto& actor = *new type::v1::Actor(MakeActor("clerk", ""));
  return {At(kFiled), actor, Asking()};
}

absl::Status Filed(const std::string& answers) {
  return File(Asked(answers), kTicketName, SamplePlace(), At930()).status();
}

std::set<std::string> Fields(const absl::Status& status) {
  std::set<std::string> fields;
  const auto bad_request = BadRequestOf(status);
  for (const auto& violation :
       bad_request
           ? bad_request->field_violations()
           : google::protobuf::RepeatedPtrField<google::rpc::BadRequest::FieldViolation>()) {
    fields.insert(violation.field());
  }
  return fields;
}

std::vector<std::string> Ids(const Answers& answers) {
  std::vector<std::string> ids;
  for (const v1::Answer& answer : answers) {
    ids.push_back(answer.question());
  }
  return ids;
}

TEST(Questions, AreInheritedFromTheTopDown) {
  std::vector<std::string> ids;
  for (const v1::Question* question : QuestionsOf(Asking().policy(), "020301")) {
    ids.push_back(question->id());
  }
  EXPECT_THAT(ids, ElementsAre("began", "kind", "lift", "floor", "inside"));
  EXPECT_EQ(QuestionsOf(Asking().policy(), "0204").size(), 1U) << "only what 02 asks";
  EXPECT_TRUE(QuestionsOf(Asking().policy(), "0401").empty());
}

TEST(Answers, OfAnOrder_AreKeptInTheOrderOfTheQuestions) {
  const Order order(kFiled, Asking(), Asked(kGood));
  EXPECT_THAT(Ids(order.ticket().answers()),
              ElementsAre("began", "kind", "lift", "floor", "inside"));
  EXPECT_TRUE(order.ticket().answers(4).has_yes()) << "no is an answer";
}

TEST(Answers, EachThatDoesNotFit_IsNamedWithWhatCameAndWhatWasWanted) {
  struct Case {
    std::string answers;
    std::string field;
    std::string text;
  };
  const std::string lift = R"pb(answers { question: "lift" text: "1" })pb";
  const Case cases[] = {
      {"", "ticket.answers", "got nothing, want an answer to lift"},
      {R"pb(answers { question: "lift" text: "" })pb", "ticket.answers", "got nothing"},
      {R"pb(answers { question: "lift" })pb", "ticket.answers", "got nothing"},
      {R"pb(answers { question: "lift" text: "一二三四五六七八九十一二三" })pb",
       "ticket.answers[0].text", "got 13 characters, want a text from 0 to 12"},
      {R"pb(answers { question: "lift" number: 3 })pb", "ticket.answers[0].text",
       "got number, want a value of member text"},
      {lift + R"pb(answers { question: "lift" text: "2" })pb", "ticket.answers[1]",
       "got lift again"},
      {lift + R"pb(answers { question: "colour" text: "red" })pb", "ticket.answers[1]",
       "got colour, want a question of category 020301"},
      {lift + R"pb(answers { question: "floor" number: 34 })pb", "ticket.answers[1].number",
       "got 34, want a number from 1 to 33"},
      {lift + R"pb(answers { question: "floor" number: nan })pb", "ticket.answers[1].number",
       "want a number from 1 to 33"},
      {lift + R"pb(answers { question: "kind" choice: "middle" })pb", "ticket.answers[1].choice",
       "got middle, want one of high, low"},
      {lift + R"pb(answers { question: "began" date: "2025-02-30" })pb", "ticket.answers[1].date",
       "want a day, YYYY-MM-DD"},
      {lift + R"pb(answers { question: "began" date: "2025-09-27" })pb", "ticket.answers[1].date",
       "got 2025-09-27, want a day from -30 to 0 days from today on"},
      {lift + R"pb(answers { question: "began" date: "2025-08-26" })pb", "ticket.answers[1].date",
       "got 2025-08-26"}};
  for (const Case& one : cases) {
    SCOPED_TRACE(one.answers);
    const absl::Status status = Filed(one.answers);
    EXPECT_EQ(ReasonOf(status), "BAD_ANSWERS");
    EXPECT_EQ(Fields(status), std::set<std::string>{one.field});
    EXPECT_THAT(status.message(), HasSubstr(one.text));
  }
  EXPECT_TRUE(Filed(lift + R"pb(answers { question: "began" date: "2025-08-27" })pb").ok());
}

TEST(Answers, SeveralFaults_AreAllNamed_AndNoWordOfTheCallerIsRepeated) {
  const absl::Status status = Filed(R"pb(
    answers { question: "lift" text: "我是王某电话13800138000请快来" }
    answers { question: "floor" number: 99 })pb");
  EXPECT_EQ(Fields(status),
            (std::set<std::string>{"ticket.answers[0].text", "ticket.answers[1].number"}));
  EXPECT_THAT(std::string(status.message()), testing::Not(HasSubstr("13800138000")));
}

v1::ReclassifyTicketRequest To(const std::string& category, const std::string& answers = "") {
  v1::ReclassifyTicketRequest request = Text<v1::ReclassifyTicketRequest>(answers);
  request.set_category(category);
  request.set_reason("话务员选错");
  return request;
}

TEST(Reclassify, ToABranch_KeepsWhatItAsksTooAndDropsTheRest) {
  Order order(kFiled, Asking(), Asked(kGood));
  order.Take(Reclassify(order.ticket(), To("0204"), order.Now()));
  EXPECT_EQ(order.ticket().category(), "0204");
  EXPECT_THAT(Ids(order.ticket().answers()), ElementsAre("began"));
  EXPECT_EQ(order.ticket().state(), v1::PENDING_DISPATCH);
  EXPECT_EQ(order.facts().back().reclassified().from(), "020301");
  order.Take(Reclassify(order.ticket(), To("0401"), order.Now()));
  EXPECT_TRUE(order.ticket().answers().empty());
}

TEST(Reclassify, IntoACategoryThatAsksMore_WantsTheAnswers) {
  v1::CreateTicketRequest water = SampleRequest();
  water.mutable_ticket()->set_category("0204");
  Order order(kFiled, Asking(), water);
  const absl::Status missing = Reclassify(order.ticket(), To("020301"), order.Now()).status();
  EXPECT_EQ(ReasonOf(missing), "BAD_ANSWERS");
  EXPECT_EQ(Fields(missing), std::set<std::string>{"answers"});
  order.Take(Reclassify(
      order.ticket(), To("020301", R"pb(answers { question: "lift" text: "9" })pb"), order.Now()));
  EXPECT_THAT(Ids(order.ticket().answers()), ElementsAre("lift"));
}

TEST(Reclassify, SameCategory_PutsAnswersRight) {
  Order order(kFiled, Asking(), Asked(kGood));
  order.Take(Reclassify(order.ticket(), To("020301", R"pb(answers { question: "floor" number: 9 }
                                                          answers { question: "kind" })pb"),
                        order.Now()));
  EXPECT_THAT(Ids(order.ticket().answers()), ElementsAre("began", "lift", "floor", "inside"))
      << "an answer without a value takes the old one back";
  EXPECT_EQ(order.ticket().answers(2).number(), 9);
}

TEST(Reclassify, AnswerThatHasBecomeTooOld_IsDropped) {
  Order order(kFiled, Asking(), Asked(kGood));
  order.Wait(absl::Hours(24 * 30));
  order.Take(Reclassify(order.ticket(), To("020301"), order.Now()));
  EXPECT_THAT(Ids(order.ticket().answers()), ElementsAre("kind", "lift", "floor", "inside"));
}

TEST(Reclassify, IsForTheCentreBeforeTheDispatchOnly) {
  for (const v1::TicketState state : AllStates()) {
    if (PassedThrough(state) || state == v1::PENDING_DISPATCH) {
      continue;
    }
    Order order = OrderIn(state);
    EXPECT_EQ(ReasonOf(Reclassify(order.ticket(), To("0401"), order.Now()).status()),
              "ILLEGAL_TRANSITION")
        << v1::TicketState_Name(state);
  }
  Order order(kFiled);
  EXPECT_EQ(ReasonOf(Reclassify(order.ticket(), To("77"), order.Now()).status()),
            "UNKNOWN_CATEGORY");
  v1::ReclassifyTicketRequest stale = To("0401");
  stale.set_etag("v1");
  EXPECT_EQ(ReasonOf(Reclassify(order.ticket(), stale, order.Now()).status()), "ETAG_MISMATCH");
  v1::Ticket arbitrated = order.ticket();
  arbitrated.set_arbitration("counties/469030/arbitrations/20250926-000001-1");
  EXPECT_EQ(ReasonOf(Reclassify(arbitrated, To("0401"), order.Now()).status()),
            "ARBITRATION_STATE");
}

TEST(Policy, QuestionsThatContradictThemselves_AreFoundAtTheirField) {
  struct Case {
    std::string field;
    int category;
    std::string question;
  };
  const std::string ok = R"pb(id: "q" display_name: "问")pb";
  const Case cases[] = {
      {"categories[0].questions[0].type", 0, ok},
      {"categories[0].questions[0].id", 0, R"pb(display_name: "问" type: QUESTION_TEXT)pb"},
      {"categories[0].questions[0].display_name", 0, R"pb(id: "q" type: QUESTION_TEXT)pb"},
      {"categories[0].questions[0].choices", 0, ok + "type: QUESTION_CHOICE"},
      {"categories[0].questions[0].choices", 0,
       ok + R"pb(type: QUESTION_TEXT
                 choices { id: "a" display_name: "甲" })pb"},
      {"categories[0].questions[0].choices", 0,
       ok + R"pb(type: QUESTION_CHOICE
                 choices { id: "a" display_name: "甲" }
                 choices { id: "a" display_name: "乙" })pb"},
      {"categories[0].questions[0].min", 0, ok + "type: QUESTION_NUMBER min: 3 max: 2"},
      {"categories[0].questions[0].min", 0, ok + "type: QUESTION_BOOL max: 2"},
      {"categories[0].questions[0].measure", 0, ok + R"pb(type: QUESTION_TEXT measure: "层")pb"}};
  for (const Case& one : cases) {
    SCOPED_TRACE(one.question);
    v1::TicketPolicy policy = SamplePolicy();
    *policy.mutable_categories(one.category)->add_questions() = Text<v1::Question>(one.question);
    EXPECT_EQ(Fields(ValidatePolicy(policy, "469030")),
              std::set<std::string>{absl::StrCat("ticket_policy.", one.field)});
  }
}

TEST(Policy, SameQuestionBelow_IsRefusedAndBesideItIsNot) {
  const auto question =
      Text<v1::Question>(R"pb(id: "began" display_name: "何时" type: QUESTION_DATE)pb");
  v1::TicketPolicy below = SamplePolicy();
  *below.mutable_categories(0)->add_questions() = question;
  *below.mutable_categories(2)->add_questions() = question;
  EXPECT_EQ(Fields(ValidatePolicy(below, "469030")),
            std::set<std::string>{"ticket_policy.categories[2].questions[0].id"});
  v1::TicketPolicy beside = SamplePolicy();
  *beside.mutable_categories(1)->add_questions() = question;
  *beside.mutable_categories(3)->add_questions() = question;
  EXPECT_TRUE(ValidatePolicy(beside, "469030").ok());
}

}  // namespace
}  // namespace baimi::ticket::domain
