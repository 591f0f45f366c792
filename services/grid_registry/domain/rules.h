// What may stand in the registry, and what happened when it does. Each Decide takes the stored row
// (null when there is none), the row as wanted, and the facts it depends on; it answers with the
// event to record, which holds the whole new row, or with the reason of a refusal. Pure: no clock,
// store or order of calls. Formats of single fields are the contract's and are not checked again.
//
// `path` is where the row stands in the request ("area", "grids[2]"): errors name fields below it.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_RULES_H_
#define BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_RULES_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/registry/v1/events.pb.h"
#include "baimi/registry/v1/resources.pb.h"

namespace baimi::registry::domain {

// What the rules ask the store, inside the transaction of the write. An error ends the decision.
struct Facts {
  std::string county;
  absl::Time now;
  // Whether there is an area, grid or unit of this code or id in the county.
  std::function<absl::StatusOr<bool>(absl::string_view code)> has_area;
  std::function<absl::StatusOr<bool>(absl::string_view code)> has_grid;
  std::function<absl::StatusOr<bool>(absl::string_view id)> has_unit;
};

// The code is of the county, and its parent is registered (PARENT_UNKNOWN); the kind is one of the
// code's level, but never derived from it (§2.1); aliases have at least two characters, or they
// would be found in every address. Derives name and level.
absl::StatusOr<v1::AreaSaved> DecideArea(absl::string_view path, const v1::Area* current,
                                         v1::Area wanted, const Facts& facts);

// The first 12 digits are a registered community or village (PARENT_UNKNOWN; §2.2: a grid never
// belongs to a township directly); the kind follows from the sequence; the polygon, when there is
// one, is simple (BAD_POLYGON); the unit exists. Layers are kept once each, in order: departments
// have tags on the one net, no nets of their own (§2.3).
absl::StatusOr<v1::GridSaved> DecideGrid(absl::string_view path, const v1::Grid* current,
                                         v1::Grid wanted, const Facts& facts);

// The area exists and is of the level that the kind answers for: TOWNSHIP_GOVERNMENT a township,
// VILLAGE_COMMITTEE and GRID_TEAM a village or community. Duty categories are kept once each, in
// order; the credit code in capitals. `name` is the full resource name.
absl::StatusOr<v1::UnitSaved> DecideUnit(absl::string_view path, const v1::Unit* current,
                                         v1::Unit wanted, absl::string_view name,
                                         const Facts& facts);

// The grids of the estate and of its buildings exist, labels are unique as addresses read them
// ("3 栋" is "3栋"), names and aliases have at least two characters.
absl::StatusOr<v1::EstateSaved> DecideEstate(absl::string_view path, const v1::Estate* current,
                                             v1::Estate wanted, absl::string_view name,
                                             const Facts& facts);

}  // namespace baimi::registry::domain

#endif  // BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_RULES_H_
