// UTF-8 by the letter of RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
#ifndef BAIMI_COMMON_TRANSCODE_UTF8_H_
#define BAIMI_COMMON_TRANSCODE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace baimi::transcode {

// Bytes of the first character of `text`; 0 when it is not valid or `text` is empty.
size_t Utf8CharLength(absl::string_view text);
bool IsUtf8(absl::string_view text);
// `code` must be a Unicode scalar value.
void AppendUtf8(uint32_t code, std::string& out);
// At most `max_bytes` of `text`, cut between characters.
absl::string_view Utf8Prefix(absl::string_view text, size_t max_bytes);

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_UTF8_H_
