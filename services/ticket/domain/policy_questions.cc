#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/ticket/domain/answers.h"

namespace baimi::ticket::domain {
namespace {

using Violate = absl::FunctionRef<void(absl::string_view, absl::string_view, absl::string_view)>;

constexpr int kFewestChoices = 2;

void CheckChoices(const std::string& path, const v1::Question& question, Violate violate) {
  if (question.type() != v1::QUESTION_CHOICE) {
    if (!question.choices().empty()) {
      violate(absl::StrCat(path, ".choices"), absl::StrCat(question.choices_size()),
              "none but with QUESTION_CHOICE");
    }
    return;
  }
  absl::flat_hash_set<std::string> ids;
  for (const v1::QuestionChoice& choice : question.choices()) {
    if (choice.id().empty() || choice.display_name().empty() || !ids.insert(choice.id()).second) {
      violate(absl::StrCat(path, ".choices"), choice.id(), "ids, each once, each with a name");
    }
  }
  if (question.choices_size() < kFewestChoices) {
    violate(absl::StrCat(path, ".choices"), absl::StrCat(question.choices_size()), "2 or more");
  }
}

void CheckBounds(const std::string& path, const v1::Question& question, Violate violate) {
  const bool bounded = question.type() == v1::QUESTION_TEXT ||
                       question.type() == v1::QUESTION_NUMBER ||
                       question.type() == v1::QUESTION_DATE;
  const bool none = question.min() == 0 && question.max() == 0;
  if (bounded ? !(question.min() <= question.max()) : !none) {
    violate(absl::StrCat(path, ".min"), absl::StrCat(question.min(), " to ", question.max()),
            "min <= max with QUESTION_TEXT, QUESTION_NUMBER and QUESTION_DATE, else none");
  }
  if (question.type() != v1::QUESTION_NUMBER && !question.measure().empty()) {
    violate(absl::StrCat(path, ".measure"), question.measure(), "nothing but with QUESTION_NUMBER");
  }
}

void CheckOne(const std::string& path, const v1::Question& question, Violate violate) {
  if (question.id().empty()) {
    violate(absl::StrCat(path, ".id"), "", "an id");
  }
  if (question.display_name().empty()) {
    violate(absl::StrCat(path, ".display_name"), "", "words, zh-CN");
  }
  if (!v1::QuestionType_IsValid(question.type()) ||
      question.type() == v1::QUESTION_TYPE_UNSPECIFIED) {
    violate(absl::StrCat(path, ".type"), "", "a type");
  }
  CheckChoices(path, question, violate);
  CheckBounds(path, question, violate);
}

// Of two categories one holds for the other's orders too.
bool Related(absl::string_view a, absl::string_view b) {
  const size_t shorter = std::min(a.size(), b.size());
  return a.substr(0, shorter) == b.substr(0, shorter);
}

}  // namespace

void CheckQuestions(const v1::TicketPolicy& policy, Violate violate) {
  absl::flat_hash_map<std::string, std::vector<absl::string_view>> asked_at;
  for (int i = 0; i < policy.categories_size(); ++i) {
    const v1::Category& category = policy.categories(i);
    for (int j = 0; j < category.questions_size(); ++j) {
      const v1::Question& question = category.questions(j);
      const std::string path = absl::StrCat("categories[", i, "].questions[", j, "]");
      CheckOne(path, question, violate);
      std::vector<absl::string_view>& codes = asked_at[question.id()];
      for (const absl::string_view code : codes) {
        if (Related(code, category.code())) {
          violate(absl::StrCat(path, ".id"), question.id(),
                  absl::StrCat("an id that ", code, " does not ask"));
          break;
        }
      }
      codes.push_back(category.code());
    }
  }
}

}  // namespace baimi::ticket::domain
