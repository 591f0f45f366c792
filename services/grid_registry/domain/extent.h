// The extents of a county's grids. Immutable, thread-safe.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_EXTENT_H_
#define BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_EXTENT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/geo/polygon_index.h"
#include "services/grid_registry/domain/county_rows.h"

namespace baimi::registry::domain {

class Extent {
 public:
  // Of the grids that have a polygon. Takes over what `previous` (may be null) parsed before; gives
  // `previous` itself when no polygon differs. INTERNAL naming the grid whose polygon is broken.
  static absl::StatusOr<std::shared_ptr<const Extent>> Build(
      const Rows<v1::Grid>& grids, const std::shared_ptr<const Extent>& previous);

  const geo::PolygonIndex& index() const { return index_; }

 private:
  struct Parsed {
    std::shared_ptr<const v1::Grid> grid;
    geo::Polygon polygon;
  };

  std::map<std::string, Parsed, std::less<>> parsed_;
  geo::PolygonIndex index_;
};

}  // namespace baimi::registry::domain

#endif  // BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_EXTENT_H_
