// A made-up county for tests and benchmarks: polygons with crooked borders that tile a square.
#ifndef BAIMI_COMMON_GEO_TESTING_TILES_H_
#define BAIMI_COMMON_GEO_TESTING_TILES_H_

#include <string>
#include <vector>

#include "baimi/type/v1/types.pb.h"
#include "common/geo/polygon_index.h"

namespace baimi::geo {

type::v1::GeoPoint PointAt(double latitude, double longitude);
// "latitude longitude, ..." pairs of one ring.
type::v1::GeoRing RingOf(const std::vector<std::pair<double, double>>& points);
// Parallel to the axes.
type::v1::GeoRing Square(double south, double west, double north, double east);
type::v1::GeoPolygon PolygonOf(type::v1::GeoRing outer, std::vector<type::v1::GeoRing> holes = {});

// per_side^2 tiles of 4 * points_per_border points each, neighbours sharing theirs exactly. The
// square begins at kSouth, kWest and a tile is kTileDegrees wide (about 330 m); borders stray by
// less than a tenth of the distance between their points.
inline constexpr double kSouth = 19.0;
inline constexpr double kWest = 109.8;
inline constexpr double kTileDegrees = 0.003;

type::v1::GeoPolygon Tile(int row, int column, int points_per_border);
std::vector<IndexEntry> Tiles(int per_side, int points_per_border);

}  // namespace baimi::geo

#endif  // BAIMI_COMMON_GEO_TESTING_TILES_H_
