// The strict JSON scanner every body passes before anything else looks at it. One pass, no tree.
// protobuf's own parser takes single quotes, trailing commas and duplicate keys and is quadratic in
// depth for some types, so it never sees a body.
#ifndef BAIMI_COMMON_TRANSCODE_JSON_GATE_H_
#define BAIMI_COMMON_TRANSCODE_JSON_GATE_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace baimi::transcode {

struct JsonLimits {
  // Bytes of the whole text. Default: 1 MiB. More is RESOURCE_EXHAUSTED, BODY_TOO_LARGE.
  size_t max_bytes = size_t{1} << 20;
  // Arrays and objects inside each other; the root counts as 1. Default: 32. More is
  // INVALID_ARGUMENT, BODY_TOO_DEEP, with the limit in its metadata, whatever else is wrong with
  // the text: brackets are counted before the text is read.
  int max_depth = 32;
};

enum class JsonKind { kNull, kBool, kNumber, kString };

// Receives the text in order. A status other than OK ends the scan with that status.
class JsonVisitor {
 public:
  virtual ~JsonVisitor() = default;
  virtual absl::Status OnObjectBegin() = 0;
  // `key` is unescaped and valid during the call only, as is `text` below.
  virtual absl::Status OnKey(absl::string_view key) = 0;
  virtual absl::Status OnObjectEnd() = 0;
  virtual absl::Status OnArrayBegin() = 0;
  virtual absl::Status OnArrayEnd() = 0;
  // kString: unescaped; kNumber: as written, e.g. "-1.5e3"; kBool: "true" or "false"; kNull:
  // "null".
  virtual absl::Status OnScalar(JsonKind kind, absl::string_view text) = 0;
};

// OK when `text` is exactly one JSON value (RFC 8259): UTF-8 without byte order mark, no lone
// surrogates, no key twice in one object, within the limits. Otherwise INVALID_ARGUMENT with reason
// MALFORMED_BODY, one violation of "body", and metadata `offset` (bytes from 0), `line` and
// `column` (from 1, columns in bytes). Stops at the first defect. `visitor` may be null.
absl::Status ScanJson(absl::string_view text, const JsonLimits& limits = {},
                      JsonVisitor* visitor = nullptr);

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_JSON_GATE_H_
