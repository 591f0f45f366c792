// The JSON forms of the well-known types, from their wire bytes; and strings as web pages may hold
// them.
#ifndef BAIMI_COMMON_TRANSCODE_SPECIAL_JSON_H_
#define BAIMI_COMMON_TRANSCODE_SPECIAL_JSON_H_

#include <string>

#include "absl/strings/string_view.h"

namespace baimi::transcode {

// As AppendJsonString, and besides < > U+007F U+2028 U+2029 are escaped, so that the text is also
// safe inside a script element.
void AppendWebJsonString(absl::string_view text, std::string* out);

// Each appends one JSON string and is false when the bytes are not that message or out of range.
// "2026-06-10T08:00:00.500Z" with 0, 3, 6 or 9 digits behind the point; years 1 to 9999.
bool AppendTimestampJson(absl::string_view wire, std::string* out);
// "1.500s", "-3s"; at most 10,000 years either way.
bool AppendDurationJson(absl::string_view wire, std::string* out);
// "displayName,maker.name".
bool AppendFieldMaskJson(absl::string_view wire, std::string* out);

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_SPECIAL_JSON_H_
