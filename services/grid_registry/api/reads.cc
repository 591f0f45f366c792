#include "services/grid_registry/api/reads.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace baimi::registry::api {

absl::StatusOr<std::string> SubtreePrefix(const Call& call, absl::string_view subtree) {
  if (subtree.empty()) {
    return call.county;
  }
  if (!absl::StartsWith(subtree, call.county)) {
    return InvalidField("subtree", subtree, absl::StrCat("a code of county ", call.county),
                        absl::StrCat("本县（", call.county, "）的代码"));
  }
  return std::string(domain::Unpadded(subtree));
}

}  // namespace baimi::registry::api
