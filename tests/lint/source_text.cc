#include "tests/lint/source_text.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace baimi::lint {
namespace {

bool IsIdentifier(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

class Reader {
 public:
  explicit Reader(absl::string_view text) : text_(text) { lines_.emplace_back(); }

  std::vector<SourceLine> Read() {
    while (at_ < text_.size()) Step();
    for (SourceLine& line : lines_) line.include = IncludeOf(line);
    return std::move(lines_);
  }

 private:
  SourceLine& line() { return lines_.back(); }

  void Step() {
    const char c = text_[at_];
    if (Ahead("//")) {
      LineComment();
    } else if (Ahead("/*")) {
      BlockComment();
    } else if (c == '"') {
      absl::EndsWith(line().code, "R") ? RawString() : String();
    } else if (c == '\'' && !InNumber()) {
      Character();
    } else {
      Take(line().code);
    }
  }

  bool Ahead(absl::string_view what) const { return absl::StartsWith(text_.substr(at_), what); }

  // A quote between digits separates them: 1'000.
  bool InNumber() const { return !line_().code.empty() && IsIdentifier(line_().code.back()); }
  const SourceLine& line_() const { return lines_.back(); }

  void Take(std::string& into) {
    const char c = text_[at_++];
    if (c == '\n') {
      lines_.emplace_back();
    } else {
      into.push_back(c);
    }
  }

  void LineComment() {
    at_ += 2;
    while (at_ < text_.size() && (text_[at_] != '\n' || text_[at_ - 1] == '\\')) {
      Take(line().comment);
    }
  }

  void BlockComment() {
    at_ += 2;
    while (at_ < text_.size() && !Ahead("*/")) Take(line().comment);
    at_ += 2;
    line().code.push_back(' ');
  }

  void String() {
    const size_t home = lines_.size() - 1;
    std::string content;
    for (++at_; at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == '\\') content.push_back(text_[at_++]);
      if (at_ < text_.size()) content.push_back(text_[at_]);
    }
    SkipQuote('"');
    Close(home, std::move(content));
  }

  // Unterminated literals end with their line, so that line numbers stay right.
  void SkipQuote(char quote) {
    if (at_ < text_.size() && text_[at_] == quote) ++at_;
  }

  void RawString() {
    const size_t home = lines_.size() - 1;
    const size_t open = text_.find('(', at_);
    if (open == absl::string_view::npos) return Take(line().code);
    const std::string end = absl::StrCat(")", text_.substr(at_ + 1, open - at_ - 1), "\"");
    const size_t close = text_.find(end, open);
    std::string content(text_.substr(open + 1, close - open - 1));
    for (const char c : content) {
      if (c == '\n') lines_.emplace_back();
    }
    at_ = close == absl::string_view::npos ? text_.size() : close + end.size();
    Close(home, std::move(content));
  }

  void Close(size_t home, std::string content) {
    lines_[home].code.append("\"\"");
    lines_[home].literals.push_back(std::move(content));
  }

  void Character() {
    for (++at_; at_ < text_.size() && text_[at_] != '\'' && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    SkipQuote('\'');
    line().code.append("' '");
  }

  static std::string IncludeOf(const SourceLine& line) {
    absl::string_view code = absl::StripAsciiWhitespace(line.code);
    if (!absl::ConsumePrefix(&code, "#")) return "";
    code = absl::StripLeadingAsciiWhitespace(code);
    if (!absl::ConsumePrefix(&code, "include")) return "";
    if (!line.literals.empty()) return line.literals.front();
    code = absl::StripAsciiWhitespace(code);
    if (!absl::ConsumePrefix(&code, "<") || !absl::ConsumeSuffix(&code, ">")) return "";
    return std::string(code);
  }

  absl::string_view text_;
  size_t at_ = 0;
  std::vector<SourceLine> lines_;
};

}  // namespace

SourceFile ReadSource(absl::string_view path, absl::string_view text) {
  return {std::string(path), Reader(text).Read()};
}

bool HasToken(absl::string_view code, absl::string_view token) {
  for (size_t at = code.find(token); at != absl::string_view::npos; at = code.find(token, at + 1)) {
    const size_t end = at + token.size();
    const bool open = !IsIdentifier(token.front()) || at == 0 || !IsIdentifier(code[at - 1]);
    const bool closed =
        !IsIdentifier(token.back()) || end == code.size() || !IsIdentifier(code[end]);
    if (open && closed) return true;
  }
  return false;
}

}  // namespace baimi::lint
