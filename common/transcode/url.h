// Percent decoding of paths and queries.
#ifndef BAIMI_COMMON_TRANSCODE_URL_H_
#define BAIMI_COMMON_TRANSCODE_URL_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baimi::transcode {

enum class Unescape {
  kAll,
  // %2F and %2f stay as they are: for text whose slashes separate.
  kAllButSlash,
  // '+' is a space, as in queries.
  kQuery,
};

// INVALID_ARGUMENT with a violation of `what` for '%' without two hex digits and for results that
// are not UTF-8.
absl::StatusOr<std::string> PercentDecode(absl::string_view raw, Unescape how,
                                          absl::string_view what);

// "a=1&b=%2F" as decoded pairs in order; a name without '=' has the value "". Empty pieces are
// skipped.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseQuery(absl::string_view raw);

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_URL_H_
