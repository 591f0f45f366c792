// Text as code points, for rules that count and compare characters.
#ifndef BAIMI_COMMON_PRIVACY_RUNES_H_
#define BAIMI_COMMON_PRIVACY_RUNES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace baimi::privacy {

// nullopt when `text` is not UTF-8.
std::optional<std::u32string> ToRunes(absl::string_view text);
std::string FromRunes(const std::u32string& runes);

// 0-9 of an ASCII or full-width digit, -1 of anything else.
int DigitOf(char32_t rune);
// Whether the character says a number in an address: digits, Latin letters, Chinese numerals.
bool IsNumberLike(char32_t rune);
// Without blanks (ideographic ones too) at both ends.
std::u32string Trimmed(const std::u32string& runes);

}  // namespace baimi::privacy

#endif  // BAIMI_COMMON_PRIVACY_RUNES_H_
