// The path language of google.api.http:
//   Template = "/" Segments [ ":" LITERAL ] ; Segments = Segment { "/" Segment } ;
//   Segment = "*" | "**" | LITERAL | "{" FieldPath [ "=" Segments ] "}" ;
#ifndef BAIMI_COMMON_TRANSCODE_PATH_TEMPLATE_H_
#define BAIMI_COMMON_TRANSCODE_PATH_TEMPLATE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baimi::transcode {

struct PathSegment {
  // kOne is "*": exactly one segment, not empty. kMany is "**": zero or more, the last of a
  // template.
  enum Kind { kLiteral, kOne, kMany } kind = kLiteral;
  // kLiteral: decoded.
  std::string literal;
  friend bool operator==(const PathSegment&, const PathSegment&) = default;
};

struct PathVariable {
  // As written, e.g. "ticket.name".
  std::string field_path;
  // Its segments are [begin, end) of the template's.
  size_t begin = 0;
  size_t end = 0;
};

struct PathTemplate {
  std::vector<PathSegment> segments;
  std::vector<PathVariable> variables;
  // After the last ':', "" when there is none.
  std::string verb;

  // Without variable names, e.g. "/v1/counties/*/tickets/*:sign": equal shapes match equal paths.
  std::string Shape() const;
  // True when `variable` may hold slashes, so that %2F in it must stay encoded.
  bool IsMulti(const PathVariable& variable) const;
};

// INVALID_ARGUMENT that says what is wrong and at which byte.
absl::StatusOr<PathTemplate> ParsePathTemplate(absl::string_view text);

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_PATH_TEMPLATE_H_
