#include "services/ticket/domain/answers.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar.h"
#include "common/text/utf8.h"
#include "services/ticket/domain/names.h"

namespace baimi::ticket::domain {
namespace {

bool IsGiven(const v1::Answer& answer) {
  return answer.value_case() != v1::Answer::VALUE_NOT_SET &&
         !(answer.value_case() == v1::Answer::kText && answer.text().empty());
}

bool HasBounds(const v1::Question& question) { return question.min() != 0 || question.max() != 0; }

bool IsWithin(double value, const v1::Question& question) {
  return std::isfinite(value) &&
         (!HasBounds(question) || (value >= question.min() && value <= question.max()));
}

// What is wrong with one answer; `got` is empty when nothing is. Words of a caller are not
// repeated.
struct Fault {
  std::string got = {};
  std::string want = {};
  std::string want_zh = {};
};

std::string Bounds(const v1::Question& question) {
  return HasBounds(question) ? absl::StrCat(" from ", question.min(), " to ", question.max()) : "";
}

std::string BoundsZh(const v1::Question& question) {
  return HasBounds(question) ? absl::StrCat(question.min(), " 至 ", question.max()) : "";
}

absl::string_view MemberOf(v1::QuestionType type) {
  switch (type) {
    case v1::QUESTION_TEXT:
      return "text";
    case v1::QUESTION_NUMBER:
      return "number";
    case v1::QUESTION_DATE:
      return "date";
    case v1::QUESTION_CHOICE:
      return "choice";
    default:
      return "yes";
  }
}

absl::string_view MemberOf(const v1::Answer& answer) {
  const auto* field = v1::Answer::descriptor()->FindFieldByNumber(answer.value_case());
  return field == nullptr ? absl::string_view("nothing") : absl::string_view(field->name());
}

absl::string_view ZhMember(v1::QuestionType type) {
  switch (type) {
    case v1::QUESTION_TEXT:
      return "文字";
    case v1::QUESTION_NUMBER:
      return "数字";
    case v1::QUESTION_DATE:
      return "日期";
    case v1::QUESTION_CHOICE:
      return "选项";
    default:
      return "是或否";
  }
}

Fault CheckDate(const v1::Question& question, const std::string& date, absl::Time now) {
  const auto day = calendar::ParseDate("date", date);
  const auto today = calendar::ParseDate("today", ShanghaiDate(now));
  if (!day.ok() || !today.ok()) {
    return {date, "a day, YYYY-MM-DD", "日期（YYYY-MM-DD）"};
  }
  if (!IsWithin(static_cast<double>(*day - *today), question)) {
    return {date, absl::StrCat("a day", Bounds(question), " days from today on"),
            absl::StrCat("距今 ", BoundsZh(question), " 天的日期")};
  }
  return {};
}

Fault CheckChoice(const v1::Question& question, const std::string& choice) {
  std::vector<std::string> ids;
  std::vector<std::string> names;
  for (const v1::QuestionChoice& one : question.choices()) {
    if (one.id() == choice) {
      return {};
    }
    ids.push_back(one.id());
    names.push_back(one.display_name());
  }
  return {choice, absl::StrCat("one of ", absl::StrJoin(ids, ", ")),
          absl::StrCat("选项之一：", absl::StrJoin(names, "、"))};
}

Fault CheckValue(const v1::Question& question, const v1::Answer& answer, absl::Time now) {
  const absl::string_view wanted = MemberOf(question.type());
  if (MemberOf(answer) != wanted) {
    return {std::string(MemberOf(answer)), absl::StrCat("a value of member ", wanted),
            std::string(ZhMember(question.type()))};
  }
  switch (question.type()) {
    case v1::QUESTION_TEXT: {
      const size_t length = text::Utf8Length(answer.text());
      return IsWithin(static_cast<double>(length), question)
                 ? Fault()
                 : Fault{absl::StrCat(length, " characters"),
                         absl::StrCat("a text", Bounds(question), " characters long"),
                         absl::StrCat(BoundsZh(question), " 个字")};
    }
    case v1::QUESTION_NUMBER:
      return IsWithin(answer.number(), question)
                 ? Fault()
                 : Fault{absl::StrCat(answer.number()), absl::StrCat("a number", Bounds(question)),
                         absl::StrCat(BoundsZh(question), question.measure(), "的数")};
    case v1::QUESTION_DATE:
      return CheckDate(question, answer.date(), now);
    case v1::QUESTION_CHOICE:
      return CheckChoice(question, answer.choice());
    default:
      return {};
  }
}

// Collects faults of answers into one error.
class Faults {
 public:
  void Add(const std::string& path, absl::string_view label, const Fault& fault) {
    const std::string text = absl::StrCat("got ", fault.got, ", want ", fault.want);
    if (violations_.empty()) {
      first_ = absl::StrCat(path, ": ", text);
    }
    violations_.emplace_back(path, text);
    zh_.push_back(absl::StrCat("“", label, "”应为", fault.want_zh));
  }

  absl::Status Result() const {
    if (violations_.empty()) {
      return absl::OkStatus();
    }
    const std::string more =
        violations_.size() > 1 ? absl::StrCat(" (and ", violations_.size() - 1, " more)") : "";
    Error error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_BAD_ANSWERS,
                absl::StrCat(first_, more), absl::StrJoin(zh_, "；"));
    for (const auto& [path, description] : violations_) {
      error.Field(path, description);
    }
    return error.Build();
  }

 private:
  std::string first_;
  std::vector<std::pair<std::string, std::string>> violations_;
  std::vector<std::string> zh_;
};

const v1::Question* Find(const std::vector<const v1::Question*>& questions, const std::string& id) {
  const auto found = std::find_if(questions.begin(), questions.end(),
                                  [&](const v1::Question* one) { return one->id() == id; });
  return found == questions.end() ? nullptr : *found;
}

absl::Status CheckMayReclassify(const v1::Ticket& ticket, const Context& context) {
  if (ticket.state() != v1::PENDING_DISPATCH) {
    const std::string& got = v1::TicketState_Name(ticket.state());
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ILLEGAL_TRANSITION,
                 absl::StrCat("state: got ", got, ", want PENDING_DISPATCH to reclassify"),
                 absl::StrCat("工单状态为“", Zh(ticket.state()), "”，只有待派单的工单可以改类别"))
        .With("state", got)
        .With("want", "PENDING_DISPATCH");
  }
  BAIMI_RETURN_IF_ERROR(CheckActor(ticket, ActorRule::kCentre, context));
  if (!ticket.arbitration().empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ARBITRATION_STATE,
                 absl::StrCat("arbitration: got ", ticket.arbitration(), " open, want none"),
                 "权属仲裁未结束，不能改类别")
        .With("arbitration", ticket.arbitration());
  }
  return absl::OkStatus();
}

// The old answers that the new category still accepts and nothing new takes the place of.
Answers Kept(const v1::Ticket& ticket, const v1::ReclassifyTicketRequest& request,
             const Context& context) {
  const auto questions = QuestionsOf(context.policy.policy(), request.category());
  Answers kept;
  for (const v1::Answer& old : ticket.answers()) {
    const v1::Question* question = Find(questions, old.question());
    const bool replaced =
        std::any_of(request.answers().begin(), request.answers().end(),
                    [&](const v1::Answer& one) { return one.question() == old.question(); });
    if (question != nullptr && !replaced && CheckValue(*question, old, context.now).got.empty()) {
      *kept.Add() = old;
    }
  }
  return kept;
}

}  // namespace

std::vector<const v1::Question*> QuestionsOf(const v1::TicketPolicy& policy,
                                             absl::string_view category) {
  std::vector<const v1::Question*> questions;
  for (size_t digits = 2; digits <= category.size(); digits += 2) {
    for (const v1::Category& one : policy.categories()) {
      if (one.code() != category.substr(0, digits)) {
        continue;
      }
      for (const v1::Question& question : one.questions()) {
        questions.push_back(&question);
      }
    }
  }
  return questions;
}

absl::Status CheckCategory(absl::string_view path, absl::string_view category,
                           const Context& context) {
  if (context.policy.FindCategory(category) != nullptr) {
    return absl::OkStatus();
  }
  const int version = context.policy.policy().version();
  const std::string want =
      absl::StrCat("got ", category, ", want a category of policy version ", version);
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_UNKNOWN_CATEGORY,
               absl::StrCat(path, ": ", want),
               absl::StrCat("现行政策（第", version, "版）没有类别 ", category))
      .Field(path, want)
      .With("category", category);
}

absl::StatusOr<Answers> CheckAnswers(absl::string_view path, const Answers& answers,
                                     absl::string_view category, const Context& context) {
  const auto questions = QuestionsOf(context.policy.policy(), category);
  absl::flat_hash_map<std::string, const v1::Answer*> given;
  Faults faults;
  for (int i = 0; i < answers.size(); ++i) {
    const v1::Answer& answer = answers[i];
    const std::string at = absl::StrCat(path, "[", i, "]");
    const v1::Question* question = Find(questions, answer.question());
    if (question == nullptr) {
      faults.Add(at, answer.question(),
                 {answer.question(), absl::StrCat("a question of category ", category),
                  absl::StrCat("类别 ", category, " 的问题")});
      continue;
    }
    if (!IsGiven(answer)) {
      continue;
    }
    if (!given.emplace(answer.question(), &answer).second) {
      faults.Add(at, question->display_name(),
                 {absl::StrCat(answer.question(), " again"), "each question once", "只答一次"});
      continue;
    }
    const Fault fault = CheckValue(*question, answer, context.now);
    if (!fault.got.empty()) {
      faults.Add(absl::StrCat(at, ".", MemberOf(question->type())), question->display_name(),
                 fault);
    }
  }
  Answers kept;
  for (const v1::Question* question : questions) {
    const auto found = given.find(question->id());
    if (found != given.end()) {
      *kept.Add() = *found->second;
    } else if (question->required()) {
      faults.Add(std::string(path), question->display_name(),
                 {"nothing", absl::StrCat("an answer to ", question->id()),
                  absl::StrCat("必答（", ZhMember(question->type()), "）")});
    }
  }
  BAIMI_RETURN_IF_ERROR(faults.Result());
  return kept;
}

absl::StatusOr<Decision> Reclassify(const v1::Ticket& ticket,
                                    const v1::ReclassifyTicketRequest& request,
                                    const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckMayReclassify(ticket, context));
  BAIMI_RETURN_IF_ERROR(CheckCategory("category", request.category(), context));
  // What is wrong with one that was given stands where it was given.
  Answers answers = request.answers();
  Answers kept = Kept(ticket, request, context);
  answers.MergeFrom(kept);
  v1::TicketFact fact = BeginSideFact(ticket, context);
  fact.set_policy_version(context.policy.policy().version());
  v1::TicketReclassified& reclassified = *fact.mutable_reclassified();
  BAIMI_ASSIGN_OR_RETURN(*reclassified.mutable_answers(),
                         CheckAnswers("answers", answers, request.category(), context));
  reclassified.set_from(ticket.category());
  reclassified.set_to(request.category());
  reclassified.set_reason(request.reason());
  return Decide(ticket, std::move(fact));
}

void ApplyIntake(v1::Ticket& row, const v1::TicketFact& fact) {
  if (fact.has_reclassified()) {
    row.set_category(fact.reclassified().to());
    *row.mutable_answers() = fact.reclassified().answers();
  }
  if (fact.answered().has_source()) {
    *row.mutable_answer_source() = fact.answered().source();
  }
}

}  // namespace baimi::ticket::domain
