// The names under which this folder uses common/text/utf8.h.
#ifndef BAIMI_COMMON_TRANSCODE_UTF8_H_
#define BAIMI_COMMON_TRANSCODE_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "common/text/utf8.h"

namespace baimi::transcode {

using text::AppendUtf8;
using text::Utf8CharLength;

inline bool IsUtf8(absl::string_view text) { return text::IsValidUtf8(text); }

// At most `max_bytes` of `text`, cut between characters.
inline absl::string_view Utf8Prefix(absl::string_view text, size_t max_bytes) {
  return text::Utf8PrefixBytes(text, max_bytes);
}

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_UTF8_H_
