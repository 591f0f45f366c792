// A C++ source as the rules see it: line by line, code, comments and string literals apart.
#ifndef BAIMI_TESTS_LINT_SOURCE_TEXT_H_
#define BAIMI_TESTS_LINT_SOURCE_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace baimi::lint {

struct SourceLine {
  // Code without comments; each string literal is replaced by "".
  std::string code;
  std::string comment;
  // The contents of the literals that begin on this line, raw strings whole.
  std::vector<std::string> literals;
  // The path of an #include with quotes or brackets, empty on other lines.
  std::string include;
};

struct SourceFile {
  // From the repository root, e.g. "services/ticket/domain/dispatch.cc".
  std::string path;
  std::vector<SourceLine> lines;
};

// Reads comments, character and string literals, raw strings and line continuations in comments the
// way a compiler would; it does not run the preprocessor.
SourceFile ReadSource(absl::string_view path, absl::string_view text);

// `token` stands in `code` with no identifier character before or after it. Ends of the token that
// are not identifier characters need no boundary: "exit(" is not found in "at_exit(".
bool HasToken(absl::string_view code, absl::string_view token);

}  // namespace baimi::lint

#endif  // BAIMI_TESTS_LINT_SOURCE_TEXT_H_
