// Locate: which grid a point or an address lies in, and why (domain.md §2.1, §2.2, §2.6).
#ifndef BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_LOCATE_H_
#define BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_LOCATE_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/registry/v1/registry_service.pb.h"
#include "services/grid_registry/domain/address.h"
#include "services/grid_registry/domain/county_rows.h"
#include "services/grid_registry/domain/extent.h"

namespace baimi::registry::domain {

struct LocateOptions {
  // A point outside every grid goes to the nearest one within this distance. Default 200 m: about
  // what a picked point and a surveyed border may both be off by. To become county policy.
  double tolerance_metres = 200;
};

// The immutable index that locates are answered from. Cheap to copy, thread-safe.
struct LocateIndex {
  std::shared_ptr<const CountyRows> rows;
  std::shared_ptr<const Extent> extent;
  std::shared_ptr<const AddressIndex> addresses;
};

// A new index of `rows`; keeps the parts of `previous` (may be null) that cannot differ. INTERNAL
// when a stored polygon or name is not what the rules let in.
absl::StatusOr<LocateIndex> BuildLocateIndex(std::shared_ptr<const CountyRows> rows,
                                             const LocateIndex* previous);

// A point wins over the text; the text is asked when the point lies in no grid, and mentioned when
// both speak and differ. `address` may be empty. Scores, with the reason that gives them:
//
//   POINT_INSIDE      1      inside one grid; 1/n inside n that overlap (the first by code)
//   POINT_NEAREST     0.9 at the border, falling evenly to 0.5 at the tolerance
//   ADDRESS_BUILDING  0.95
//   ADDRESS_ESTATE    0.9    0.6 when the estate's buildings lie in several grids
//   ADDRESS_GRID      0.9
//   ADDRESS_AREA      0.8/n  n grids in the community or village (the first by code)
//
// An address score is halved for each of: the address also names a community or village that the
// grid is not in; also names a township that it is not in; also names another building, estate or
// grid. A township or county alone names no grid. NOT_FOUND NO_GRID_HERE, saying what was
// understood, when nothing decides or several communities could be meant. Neither the address nor
// the point is ever repeated in an answer or an error: they are personal.
absl::StatusOr<v1::LocateGridResponse> Locate(const LocateIndex& index,
                                              const std::optional<type::v1::GeoPoint>& point,
                                              absl::string_view address,
                                              const LocateOptions& options);

}  // namespace baimi::registry::domain

#endif  // BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_LOCATE_H_
