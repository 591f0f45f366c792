// Resource names (AIP-122): "counties/469030/tickets/20261122-000123". The county stands in every
// name: it is tenant, row scope and shard key (DESIGN.md §3.1). Pure, thread-safe.
#ifndef BAIMI_COMMON_RESOURCE_NAME_H_
#define BAIMI_COMMON_RESOURCE_NAME_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baimi::resource {

// The parts of `name` at the stars of `pattern` ("counties/*/tickets/*"), or nullopt when it does
// not match. A part is 1-63 of [A-Za-z0-9._-] and not "-" (no wildcard in v1); the part behind
// "counties" has exactly 6 digits. The views point into `name`.
std::optional<std::vector<absl::string_view>> MatchName(absl::string_view pattern,
                                                        absl::string_view name);

// True when `name` matches one of the patterns in `alternatives`, separated by '|'.
bool MatchesAny(absl::string_view alternatives, absl::string_view name);

// The county of any name that begins with "counties/<6 digits>"; "" of anything else.
absl::string_view CountyOf(absl::string_view name);

// "counties/469030".
std::string CountyName(absl::string_view county);

// A resource directly under a county. `collection` is the plural, e.g. "tickets".
struct CountyResource {
  std::string county;
  std::string id;
};
std::string FormatName(absl::string_view county, absl::string_view collection,
                       absl::string_view id);
// INVALID_ARGUMENT at `path` when `name` is not "counties/*/<collection>/*".
absl::StatusOr<CountyResource> ParseName(absl::string_view path, absl::string_view collection,
                                         absl::string_view name);

}  // namespace baimi::resource

#endif  // BAIMI_COMMON_RESOURCE_NAME_H_
