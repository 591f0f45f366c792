// Counting and cutting text by code points, never by bytes: a mask, a limit or a preview that cuts
// a Chinese character in half is a bug (domain.md §7.5). Pure functions, thread-safe.
//
// Every function accepts any bytes. A byte that does not belong to a well-formed sequence counts
// as one code point of its own, so nothing is lost and nothing loops.
#ifndef BAIMI_COMMON_TEXT_UTF8_H_
#define BAIMI_COMMON_TEXT_UTF8_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace baimi::text {

inline constexpr char32_t kReplacement = 0xFFFD;

// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsValidUtf8(absl::string_view text);

// Bytes (1-4) of the well-formed character that `text` begins with; 0 when it begins with none or
// is empty.
size_t Utf8CharLength(absl::string_view text);

// The code point that starts at byte `position`, which moves behind it. kReplacement (and one byte
// forward) for a byte that starts none. Requires position < text.size().
char32_t NextCodePoint(absl::string_view text, size_t& position);

// Appends the UTF-8 form; kReplacement for a value that has none.
void AppendUtf8(char32_t code_point, std::string& out);

// Number of code points.
size_t Utf8Length(absl::string_view text);

// The first `count` code points, or all of them. A view into `text`.
absl::string_view Utf8Prefix(absl::string_view text, size_t count);

// As much of `text` as fits into `bytes` without cutting a well-formed character.
absl::string_view Utf8PrefixBytes(absl::string_view text, size_t bytes);

// `count` code points from code point `from` on; empty when `from` lies behind the end. A view into
// `text`.
absl::string_view Utf8Slice(absl::string_view text, size_t from, size_t count);

// `text` as it may stand in an error message: at most `count` code points followed by "…" when
// there are more, control characters and malformed bytes as \xNN. Always valid UTF-8.
std::string Printable(absl::string_view text, size_t count = 40);

}  // namespace baimi::text

#endif  // BAIMI_COMMON_TEXT_UTF8_H_
