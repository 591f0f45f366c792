#include "common/text/analyzer.h"

#include <utility>

#include "common/text/char_class.h"
#include "common/text/utf8.h"

namespace baimi::text {
namespace {

bool IsSeparator(CharClass c) { return c == CharClass::kJoiner || c == CharClass::kBreak; }

// Cuts a run of Chinese characters as it is read: one character of memory is enough.
class BigramRun {
 public:
  void Add(char32_t c, std::vector<std::string>& tokens) {
    std::string current;
    AppendUtf8(c, current);
    if (!previous_.empty()) {
      tokens.push_back(previous_ + current);
      alone_ = false;
    }
    previous_ = std::move(current);
  }

  void Close(std::vector<std::string>& tokens) {
    if (!previous_.empty() && alone_) {
      tokens.push_back(previous_);
    }
    previous_.clear();
    alone_ = true;
  }

 private:
  std::string previous_;
  bool alone_ = true;
};

}  // namespace

std::string Normalize(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool gap = false;
  for (size_t i = 0; i < text.size();) {
    const char32_t c = Fold(NextCodePoint(text, i));
    if (IsSeparator(Classify(c))) {
      gap = !out.empty();
      continue;
    }
    if (gap) {
      out.push_back(' ');
      gap = false;
    }
    AppendUtf8(c, out);
  }
  return out;
}

std::vector<std::string> Tokens(absl::string_view text) {
  std::vector<std::string> tokens;
  BigramRun han;
  std::string word;
  const auto close_word = [&] {
    if (!word.empty()) {
      tokens.push_back(std::move(word));
      word.clear();
    }
  };
  for (size_t i = 0; i < text.size();) {
    const char32_t c = Fold(NextCodePoint(text, i));
    const CharClass kind = Classify(c);
    if (kind != CharClass::kWord) {
      close_word();
    }
    if (kind != CharClass::kHan) {
      han.Close(tokens);
    }
    if (kind == CharClass::kHan) {
      han.Add(c, tokens);
    } else if (kind == CharClass::kWord) {
      AppendUtf8(c, word);
    }
  }
  close_word();
  han.Close(tokens);
  return tokens;
}

}  // namespace baimi::text
