// ImportGrids: all or nothing. Pure.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_GRID_IMPORT_H_
#define BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_GRID_IMPORT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "baimi/registry/v1/events.pb.h"
#include "baimi/registry/v1/registry_service.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "services/grid_registry/domain/rules.h"

namespace baimi::registry::domain {

using GridMap = std::map<std::string, v1::Grid>;

struct GridImport {
  std::vector<v1::GridSaved> events;
  v1::ImportResponse response;
};

// Upserts by code, each grid as given. `stored` holds the county's grids by code. Refuses with the
// errors of all grids together, at "grids[2].polygon" and so on; a code given twice is one. An etag
// in a grid that is not the stored one is ABORTED, as in an update.
absl::StatusOr<GridImport> DecideGridImport(
    const google::protobuf::RepeatedPtrField<v1::Grid>& grids, const GridMap& stored,
    const Facts& facts);

}  // namespace baimi::registry::domain

#endif  // BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_GRID_IMPORT_H_
