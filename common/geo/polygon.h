// Areas on the earth: validation, size, overlap (domain.md §2.2: non-overlap and cover are checked,
// not assumed).
//
// Edges are the shortest lines on the sphere. Against straight lines on a map they deviate by less
// than a metre for edges up to 10 km at our latitudes. The earth is a sphere of 6,371,010 m, so
// areas and distances are within 0.6 % of the ellipsoid's.
#ifndef BAIMI_COMMON_GEO_POLYGON_H_
#define BAIMI_COMMON_GEO_POLYGON_H_

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/type/v1/types.pb.h"

class S2Polygon;

namespace baimi::geo {

// INVALID_ARGUMENT at "<path>.latitude" or "<path>.longitude" unless both are numbers in range.
absl::Status CheckPoint(absl::string_view path, const type::v1::GeoPoint& point);

// A polygon that has passed validation. Immutable, cheap to copy, thread-safe.
class Polygon {
 public:
  // Each ring needs at least 3 points, all distinct, the first not repeated at the end, and edges
  // that neither cross nor touch one another; either direction will do. Holes must lie inside the
  // outer ring, share no edge with it and not overlap one another. What is left must have at least
  // kMinSquareMetres. INVALID_ARGUMENT naming the ring or point, e.g. "polygon.holes[1]".
  static absl::StatusOr<Polygon> Parse(absl::string_view path, const type::v1::GeoPolygon& polygon);

  static constexpr double kMinSquareMetres = 1;

  double SquareMetres() const;

  // Semi-open: a point on an edge or corner that polygons share, with the same points on both
  // sides, is in exactly one of those around it. False for a point that CheckPoint refuses.
  bool Contains(const type::v1::GeoPoint& point) const;

  // For polygon_index.cc.
  const S2Polygon& s2() const { return *s2_; }

 private:
  explicit Polygon(std::shared_ptr<const S2Polygon> s2) : s2_(std::move(s2)) {}

  std::shared_ptr<const S2Polygon> s2_;
};

// What two polygons have in common. A finding, not an error: whether it matters is policy, since
// neighbours surveyed apart always differ by slivers.
struct Overlap {
  double square_metres = 0;
  // Of the smaller polygon, 0 to 1.
  double share = 0;
};

Overlap OverlapOf(const Polygon& a, const Polygon& b);

}  // namespace baimi::geo

#endif  // BAIMI_COMMON_GEO_POLYGON_H_
