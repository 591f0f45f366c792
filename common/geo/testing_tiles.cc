#include "common/geo/testing_tiles.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace baimi::geo {
namespace {

// In [-0.1, 0.1), the same for the same arguments.
double Stray(int i, int j, uint64_t salt) {
  uint64_t x = (static_cast<uint64_t>(i) << 40U) ^ (static_cast<uint64_t>(j) << 8U) ^ salt;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return static_cast<double>((x ^ (x >> 31U)) % 2000) / 10000.0 - 0.1;
}

type::v1::GeoPoint LatticePoint(int i, int j, int points_per_border) {
  const double step = kTileDegrees / points_per_border;
  return PointAt(kSouth + step * (i + Stray(i, j, 1)), kWest + step * (j + Stray(i, j, 2)));
}

}  // namespace

type::v1::GeoPoint PointAt(double latitude, double longitude) {
  type::v1::GeoPoint point;
  point.set_latitude(latitude);
  point.set_longitude(longitude);
  return point;
}

type::v1::GeoRing RingOf(const std::vector<std::pair<double, double>>& points) {
  type::v1::GeoRing ring;
  for (const auto& [latitude, longitude] : points) {
    *ring.add_points() = PointAt(latitude, longitude);
  }
  return ring;
}

type::v1::GeoRing Square(double south, double west, double north, double east) {
  return RingOf({{south, west}, {south, east}, {north, east}, {north, west}});
}

type::v1::GeoPolygon PolygonOf(type::v1::GeoRing outer, std::vector<type::v1::GeoRing> holes) {
  type::v1::GeoPolygon polygon;
  *polygon.mutable_outer() = std::move(outer);
  for (type::v1::GeoRing& hole : holes) {
    *polygon.add_holes() = std::move(hole);
  }
  return polygon;
}

type::v1::GeoPolygon Tile(int row, int column, int points_per_border) {
  const int n = points_per_border;
  const int south = row * n;
  const int west = column * n;
  type::v1::GeoPolygon tile;
  auto& ring = *tile.mutable_outer();
  for (int k = 0; k < n; ++k) {
    *ring.add_points() = LatticePoint(south, west + k, n);
  }
  for (int k = 0; k < n; ++k) {
    *ring.add_points() = LatticePoint(south + k, west + n, n);
  }
  for (int k = 0; k < n; ++k) {
    *ring.add_points() = LatticePoint(south + n, west + n - k, n);
  }
  for (int k = 0; k < n; ++k) {
    *ring.add_points() = LatticePoint(south + n - k, west, n);
  }
  return tile;
}

std::vector<IndexEntry> Tiles(int per_side, int points_per_border) {
  std::vector<IndexEntry> entries;
  for (int row = 0; row < per_side; ++row) {
    for (int column = 0; column < per_side; ++column) {
      entries.push_back({absl::StrCat("469030100", absl::Dec(row, absl::kZeroPad3),
                                      absl::Dec(column, absl::kZeroPad3)),
                         Polygon::Parse("tile", Tile(row, column, points_per_border)).value()});
    }
  }
  return entries;
}

}  // namespace baimi::geo
