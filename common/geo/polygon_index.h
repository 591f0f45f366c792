// Which of many polygons a point lies in: the heart of Locate.
#ifndef BAIMI_COMMON_GEO_POLYGON_INDEX_H_
#define BAIMI_COMMON_GEO_POLYGON_INDEX_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "baimi/type/v1/types.pb.h"
#include "common/geo/polygon.h"

namespace baimi::geo {

struct IndexEntry {
  // E.g. a grid code. An id given several times has several parts.
  std::string id;
  Polygon polygon;
};

struct Near {
  std::string id;
  double metres = 0;
};

struct OverlapFinding {
  std::string id;
  Overlap overlap;
};

// Immutable after construction, thread-safe, cheap to copy. To change a polygon build another one
// and swap it in.
class PolygonIndex {
 public:
  // An empty index.
  PolygonIndex();
  // Does all the work that a look-up would otherwise do first: tens of microseconds a polygon.
  explicit PolygonIndex(std::vector<IndexEntry> entries);

  size_t size() const;

  // Every id whose polygon contains `point`, in ascending order, each once. Semi-open as
  // Polygon::Contains: polygons that tile a plane give exactly one. Empty for a point that
  // CheckPoint refuses.
  std::vector<std::string> Contains(const type::v1::GeoPoint& point) const;

  // The polygon closest to `point`, 0 m when inside one; the smallest id among equals. nullopt when
  // none lies within `max_metres`, or for a point that CheckPoint refuses.
  std::optional<Near> Nearest(const type::v1::GeoPoint& point, double max_metres) const;

  // The polygons of other ids that share at least `min_share` (> 0) of the smaller area with
  // `polygon`, by ascending id. For the check before a polygon is stored under `id`.
  std::vector<OverlapFinding> Overlaps(absl::string_view id, const Polygon& polygon,
                                       double min_share) const;

 private:
  struct Data;

  std::shared_ptr<const Data> data_;
};

}  // namespace baimi::geo

#endif  // BAIMI_COMMON_GEO_POLYGON_INDEX_H_
