#include "services/grid_registry/domain/grid_import.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/resource/etag.h"
#include "services/grid_registry/domain/row.h"
#include "services/grid_registry/domain/row_errors.h"

namespace baimi::registry::domain {

absl::StatusOr<GridImport> DecideGridImport(
    const google::protobuf::RepeatedPtrField<v1::Grid>& grids, const GridMap& stored,
    const Facts& facts) {
  GridImport result;
  RowErrors errors;
  absl::flat_hash_map<std::string, int> seen;
  for (int i = 0; i < grids.size(); ++i) {
    const v1::Grid& wanted = grids.at(i);
    const std::string path = absl::StrCat("grids[", i, "]");
    if (const auto [first, added] = seen.emplace(wanted.code(), i); !added) {
      errors.Add(absl::StrCat(path, ".code"),
                 absl::StrCat("got ", wanted.code(), ", want each code once; grids[", first->second,
                              "] has it already"));
      continue;
    }
    const auto found = stored.find(wanted.code());
    const v1::Grid* current = found == stored.end() ? nullptr : &found->second;
    if (current != nullptr) {
      BAIMI_RETURN_IF_ERROR(resource::CheckEtag(wanted.etag(), VersionOf(current)));
    }
    auto event = DecideGrid(path, current, wanted, facts);
    if (!event.ok()) {
      if (!absl::IsInvalidArgument(event.status())) {
        return std::move(event).status();
      }
      errors.Add(event.status(), "");
    } else if (current != nullptr && SameContent(*current, event->grid())) {
      result.response.set_unchanged(result.response.unchanged() + 1);
    } else {
      current == nullptr ? result.response.set_created(result.response.created() + 1)
                         : result.response.set_updated(result.response.updated() + 1);
      result.events.push_back(*std::move(event));
    }
  }
  if (!errors.empty()) {
    return errors.Build();
  }
  return result;
}

}  // namespace baimi::registry::domain
