#include "tests/lint/doc_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/lint/source_text.h"

namespace baimi::lint {
namespace {

constexpr absl::string_view kTestMacros[] = {"TEST(", "TEST_F(", "TEST_P(", "TYPED_TEST("};

bool IsIdentifier(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Takes blanks and then an identifier off `text`.
std::string TakeIdentifier(absl::string_view& text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  const auto end = std::find_if_not(text.begin(), text.end(), IsIdentifier);
  std::string name(text.begin(), end);
  text.remove_prefix(name.size());
  return name;
}

// "Suite.Name" where `text` goes on with "Suite, Name)", else "".
std::string TestAfterMacro(absl::string_view text) {
  std::string suite = TakeIdentifier(text);
  if (suite.empty() || !absl::ConsumePrefix(&text, ",")) return "";
  const std::string name = TakeIdentifier(text);
  return name.empty() || !absl::StartsWith(text, ")") ? "" : absl::StrCat(suite, ".", name);
}

void CollectFromCode(absl::string_view path, absl::string_view text, std::set<std::string>& tests) {
  const std::string joined =
      absl::StrJoin(ReadSource(path, text).lines, "\n",
                    [](std::string* out, const SourceLine& line) { out->append(line.code); });
  const absl::string_view code = joined;
  for (const absl::string_view macro : kTestMacros) {
    for (size_t at = code.find(macro); at != absl::string_view::npos;
         at = code.find(macro, at + 1)) {
      if (at > 0 && IsIdentifier(code[at - 1])) continue;
      const std::string test = TestAfterMacro(code.substr(at + macro.size()));
      if (!test.empty()) tests.insert(test);
    }
  }
}

void CollectFromScript(absl::string_view path, absl::string_view text,
                       std::set<std::string>& tests) {
  absl::string_view stem = path.substr(path.rfind('/') + 1);
  absl::ConsumeSuffix(&stem, ".js");
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripLeadingAsciiWhitespace(line);
    if (!absl::ConsumePrefix(&line, "test('")) continue;
    tests.insert(absl::StrCat(stem, ".", line.substr(0, line.find('\''))));
  }
}

std::vector<std::string> InBackquotes(absl::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '`');
  std::vector<std::string> tokens;
  for (size_t i = 1; i < parts.size(); i += 2) tokens.push_back(parts[i]);
  return tokens;
}

std::vector<std::string> LinesOf(absl::string_view text) { return absl::StrSplit(text, '\n'); }

// The cells of a row of a table, without blanks around them; empty for other lines.
std::vector<std::string> CellsOf(absl::string_view line) {
  if (!absl::ConsumePrefix(&line, "|") || !absl::ConsumeSuffix(&line, "|")) return {};
  std::vector<std::string> cells;
  for (const absl::string_view cell : absl::StrSplit(line, '|')) {
    cells.emplace_back(absl::StripAsciiWhitespace(cell));
  }
  return cells;
}

class Reporter {
 public:
  Reporter(std::string path, std::vector<Finding>& findings)
      : path_(std::move(path)), findings_(findings) {}
  void operator()(absl::string_view rule, size_t line, absl::string_view message) {
    findings_.push_back({std::string(rule), path_, line, std::string(message)});
  }

 private:
  const std::string path_;
  std::vector<Finding>& findings_;
};

std::string StateOf(absl::string_view word, absl::string_view none) {
  word = absl::StripAsciiWhitespace(word);
  return std::string(absl::ConsumePrefix(&word, "v1::") ? word : none);
}

std::string Arrow(absl::string_view from, absl::string_view to, absl::string_view id) {
  return absl::StrCat(from, " --> ", to, ": ", id);
}

struct TableRow {
  std::string id;
  std::string from;
  std::string command;
  // Empty: the state before the merge.
  std::string to;
};

std::vector<TableRow> RowsOf(absl::string_view transitions) {
  std::vector<TableRow> rows;
  for (const SourceLine& line : ReadSource("transitions.cc", transitions).lines) {
    const std::vector<std::string> words = absl::StrSplit(line.code, ',');
    if (line.literals.empty() || absl::StripAsciiWhitespace(words[0]) != "{\"\"" ||
        words.size() < 4) {
      continue;
    }
    rows.push_back({line.literals.front(), StateOf(words[1], "[*]"),
                    std::string(absl::StripAsciiWhitespace(words[2])), StateOf(words[3], "")});
  }
  return rows;
}

std::vector<std::string> ArrowsOf(const std::vector<TableRow>& rows) {
  std::vector<std::string> arrows;
  for (const TableRow& row : rows) {
    if (!row.to.empty()) {
      arrows.push_back(Arrow(row.from, row.to, row.id));
      continue;
    }
    for (const TableRow& merge : rows) {
      if (merge.command == "kMerge") arrows.push_back(Arrow(row.from, merge.from, row.id));
    }
  }
  return arrows;
}

// "reopen_days" -> "reopenDays".
std::string JsonName(absl::string_view name) {
  std::string json;
  bool upper = false;
  for (const char c : name) {
    if (c != '_') json.push_back(upper ? absl::ascii_toupper(static_cast<unsigned char>(c)) : c);
    upper = c == '_';
  }
  return json;
}

// Fields stand two blanks in; what stands further in are their options.
std::set<std::string> FieldsOf(absl::string_view proto, absl::string_view message) {
  std::set<std::string> fields;
  bool inside = false;
  for (absl::string_view line : absl::StrSplit(proto, '\n')) {
    if (line == absl::StrCat("message ", message, " {")) inside = true;
    if (line == "}") inside = false;
    const bool field = absl::ConsumePrefix(&line, "  ") && !line.empty() &&
                       absl::ascii_isalpha(static_cast<unsigned char>(line[0]));
    const size_t sign = line.find(" = ");
    if (!inside || !field || sign == absl::string_view::npos ||
        absl::StrContains(line, "OUTPUT_ONLY")) {
      continue;
    }
    const absl::string_view before = line.substr(0, sign);
    fields.insert(JsonName(before.substr(before.rfind(' ') + 1)));
  }
  return fields;
}

}  // namespace

void CollectTests(absl::string_view path, absl::string_view text, std::set<std::string>& tests) {
  if (absl::EndsWith(path, ".cc")) CollectFromCode(path, text, tests);
  if (absl::EndsWith(path, ".js")) CollectFromScript(path, text, tests);
}

void CheckFeatures(const Document& document, const std::set<std::string>& tests, int rows,
                   std::vector<Finding>& findings) {
  Reporter report(document.path, findings);
  const std::vector<std::string> lines = LinesOf(document.text);
  int last = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::vector<std::string> cells = CellsOf(lines[i]);
    int number = 0;
    if (cells.empty() || !absl::SimpleAtoi(cells[0], &number)) continue;
    if (number != ++last) {
      report("docs.row", i + 1, absl::StrCat("row ", number, ", want row ", last));
      last = number;
    }
    const std::vector<std::string> named = InBackquotes(cells.back());
    for (const std::string& test : named) {
      if (tests.count(test) == 0) {
        report("docs.test", i + 1, absl::StrCat(test, ": no such test; name it Suite.Name"));
      }
    }
    if (named.empty() && !absl::StrContains(lines[i], "**Not yet**")) {
      report("docs.unshown", i + 1, "name a test that shows it, or say **Not yet**");
    }
  }
  if (last != rows) report("docs.row", 0, absl::StrCat(last, " rows, want ", rows));
}

void CheckDiagram(const Document& document, absl::string_view transitions,
                  std::vector<Finding>& findings) {
  Reporter report(document.path, findings);
  std::vector<std::string> wanted = ArrowsOf(RowsOf(transitions));
  const std::vector<std::string> lines = LinesOf(document.text);
  bool diagram = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (absl::StartsWith(lines[i], "```")) diagram = lines[i] == "```mermaid";
    const std::vector<std::string> words =
        absl::StrSplit(absl::StripAsciiWhitespace(lines[i]), ' ');
    if (!diagram || words.size() < 4 || words[1] != "-->") continue;
    const std::string arrow = absl::StrJoin(words.begin(), words.begin() + 4, " ");
    const auto row = std::find(wanted.begin(), wanted.end(), arrow);
    if (row == wanted.end()) {
      report("docs.diagram", i + 1, absl::StrCat(arrow, ": not in the table, or drawn before"));
    } else {
      wanted.erase(row);
    }
  }
  for (const std::string& arrow : wanted) {
    report("docs.diagram", 0, absl::StrCat(arrow, ": in the table, and not drawn"));
  }
}

void CheckFields(const Document& document, absl::string_view proto, absl::string_view message,
                 std::vector<Finding>& findings) {
  Reporter report(document.path, findings);
  std::set<std::string> wanted = FieldsOf(proto, message);
  const std::vector<std::string> lines = LinesOf(document.text);
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::vector<std::string> cells = CellsOf(lines[i]);
    if (cells.empty() || !absl::StartsWith(cells[0], "`")) continue;
    const std::string field = InBackquotes(cells[0]).front();
    if (wanted.erase(field) == 0) {
      report("docs.field", i + 1,
             absl::StrCat(field, ": no field of ", message, ", or explained before"));
    }
  }
  for (const std::string& field : wanted) {
    report("docs.field", 0, absl::StrCat(field, ": a field of ", message, " without a row"));
  }
}

}  // namespace baimi::lint
