#include "services/ticket/store/search_text.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/privacy/mask.h"
#include "common/text/analyzer.h"
#include "common/text/utf8.h"

namespace baimi::ticket::store {
namespace {

constexpr char kLabel[] = "ticket.word";
// Of two words with one hash either finds the other's orders: of a million words hardly any pair.
constexpr size_t kHashBytes = 6;
constexpr size_t kMostKnown = 50'000;

bool IsPartOfNumber(char c) { return (c >= '0' && c <= '9') || c == '*' || c == ' ' || c == 'x'; }

// RedactText keeps the ends of a number for people; an index has no use for them. The text is
// normalised: digits are ASCII, and what broke a number is a space.
std::string WithoutNumbers(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (!IsPartOfNumber(text[i])) {
      out.push_back(text[i++]);
      continue;
    }
    size_t end = i;
    while (end < text.size() && IsPartOfNumber(text[end])) {
      ++end;
    }
    const absl::string_view run = text.substr(i, end - i);
    absl::StrAppend(&out, run.find('*') == absl::string_view::npos ? run : " ");
    i = end;
  }
  return out;
}

void Blank(absl::string_view word, std::string* text) {
  // One character is part of too many words to be anybody's name.
  if (text::Utf8Length(word) >= 2) {
    *text = absl::StrReplaceAll(*text, {{word, " "}});
  }
}

}  // namespace

std::string SearchText(const v1::Ticket& ticket) {
  std::string text = absl::StrCat(ticket.title(), "\n", ticket.description());
  Blank(ticket.caller().phone(), &text);
  Blank(ticket.caller().name(), &text);
  Blank(ticket.place().address(), &text);
  return WithoutNumbers(privacy::RedactText(text::Normalize(text)));
}

std::vector<std::string> SearchWords::Of(absl::string_view text) const {
  std::vector<std::string> tokens = text::Tokens(text);
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  absl::MutexLock lock(&mu_);
  if (known_.size() > kMostKnown) {
    known_.clear();
  }
  for (std::string& token : tokens) {
    std::string& word = known_[token];
    if (word.empty()) {
      const std::string hash = vault_->BlindIndex(kLabel, token);
      word = absl::BytesToHexString(absl::string_view(hash).substr(0, kHashBytes));
    }
    token = word;
  }
  std::sort(tokens.begin(), tokens.end());
  return tokens;
}

}  // namespace baimi::ticket::store
