// The rules of the house that a reader of text can check: who may include what (the rooms of a
// service), where SQL text may stand, and the calls that have one home only.
#ifndef BAIMI_TESTS_LINT_SOURCE_RULES_H_
#define BAIMI_TESTS_LINT_SOURCE_RULES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/lint/source_text.h"

namespace baimi::lint {

struct Finding {
  // Name of the rule, e.g. "include.domain".
  std::string rule;
  std::string path;
  // From 1; 0 when the whole file is meant.
  size_t line = 0;
  // What was found and what to do instead.
  std::string message;
};

// Tests, their helpers (testing/ folders, testing_* files) and everything under tests/.
bool IsTestCode(absl::string_view path);

// include.domain, include.store, include.api, include.service, include.suite, include.gateway,
// include.common, include.grpc, include.driver, include.path.
void CheckIncludes(const SourceFile& file, std::vector<Finding>& findings);

// text.sql, text.clock, text.random, text.async, text.environment, text.exit, text.sleep,
// text.todo, text.nolint, text.guard, text.size.
void CheckText(const SourceFile& file, std::vector<Finding>& findings);

inline std::vector<Finding> CheckSource(absl::string_view path, absl::string_view text) {
  std::vector<Finding> findings;
  const SourceFile file = ReadSource(path, text);
  CheckIncludes(file, findings);
  CheckText(file, findings);
  return findings;
}

}  // namespace baimi::lint

#endif  // BAIMI_TESTS_LINT_SOURCE_RULES_H_
