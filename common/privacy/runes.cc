#include "common/privacy/runes.h"

#include "common/text/utf8.h"

namespace baimi::privacy {

std::optional<std::u32string> ToRunes(absl::string_view text) {
  if (!text::IsValidUtf8(text)) {
    return std::nullopt;
  }
  std::u32string runes;
  runes.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    runes.push_back(text::NextCodePoint(text, i));
  }
  return runes;
}

std::string FromRunes(const std::u32string& runes) {
  std::string out;
  for (const char32_t rune : runes) {
    text::AppendUtf8(rune, out);
  }
  return out;
}

int DigitOf(char32_t rune) {
  if (rune >= U'0' && rune <= U'9') {
    return static_cast<int>(rune - U'0');
  }
  if (rune >= U'０' && rune <= U'９') {
    return static_cast<int>(rune - U'０');
  }
  return -1;
}

bool IsNumberLike(char32_t rune) {
  static const std::u32string& numerals = *new std::u32string(U"零〇一二三四五六七八九十百两");
  return DigitOf(rune) >= 0 || (rune >= U'A' && rune <= U'Z') || (rune >= U'a' && rune <= U'z') ||
         (rune >= U'Ａ' && rune <= U'Ｚ') || numerals.find(rune) != std::u32string::npos;
}

std::u32string Trimmed(const std::u32string& runes) {
  static const std::u32string& blanks = *new std::u32string(U" \t\r\n\u00a0\u3000");
  const size_t first = runes.find_first_not_of(blanks);
  return first == std::u32string::npos
             ? std::u32string()
             : runes.substr(first, runes.find_last_not_of(blanks) - first + 1);
}

}  // namespace baimi::privacy
