// Documents that name tests, states and fields: what they name is there, and what is there is
// named.
#ifndef BAIMI_TESTS_LINT_DOC_RULES_H_
#define BAIMI_TESTS_LINT_DOC_RULES_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/lint/source_rules.h"

namespace baimi::lint {

// A document as the rules see it.
struct Document {
  // From the repository root, e.g. "docs/hotline-features.md".
  std::string path;
  std::string text;
};

// Adds the tests that `text` defines: "Suite.Name" of each TEST, TEST_F, TEST_P and TYPED_TEST of a
// .cc file, "http_test.Title" of each line test('Title', ... of tests/e2e/http_test.js. Names in
// comments and literals are none.
void CollectTests(absl::string_view path, absl::string_view text, std::set<std::string>& tests);

// Of the table whose rows begin with a number, with the tests of a row in its last cell:
// docs.row: the rows are numbered from 1 to `rows`, in order.
// docs.test: what stands in backquotes in the last cell is one of `tests`.
// docs.unshown: a row names a test, or says **Not yet**.
void CheckFeatures(const Document& document, const std::set<std::string>& tests, int rows,
                   std::vector<Finding>& findings);

// docs.diagram: the arrows "FROM --> TO: T1 ..." of the mermaid diagrams are those of the table in
// `transitions`, the text of transitions.cc; a split has one for each state that can be merged.
void CheckDiagram(const Document& document, absl::string_view transitions,
                  std::vector<Finding>& findings);

// docs.field: the rows that begin with a name in backquotes are the fields of `message` in `proto`,
// by their JSON names and without those that are OUTPUT_ONLY.
void CheckFields(const Document& document, absl::string_view proto, absl::string_view message,
                 std::vector<Finding>& findings);

}  // namespace baimi::lint

#endif  // BAIMI_TESTS_LINT_DOC_RULES_H_
