// Time of one look-up among 71 x 71 = 5,041 polygons of 24 points (DESIGN.md §6: <= 3 us).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <random>
#include <vector>

#include "common/geo/polygon_index.h"
#include "common/geo/testing_tiles.h"

namespace {

constexpr int kPerSide = 71;
constexpr int kBorderPoints = 6;
constexpr int kPoints = 200'000;

double SecondsOf(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main() {
  using baimi::geo::PolygonIndex;
  std::vector<baimi::geo::IndexEntry> tiles;
  const double parse = SecondsOf([&] { tiles = baimi::geo::Tiles(kPerSide, kBorderPoints); });
  PolygonIndex index;
  const double build = SecondsOf([&] { index = PolygonIndex(tiles); });

  std::mt19937 rng(1);
  std::uniform_real_distribution<double> at(0, kPerSide * baimi::geo::kTileDegrees);
  std::vector<baimi::type::v1::GeoPoint> points;
  for (int i = 0; i < kPoints; ++i) {
    points.push_back(
        baimi::geo::PointAt(baimi::geo::kSouth + at(rng), baimi::geo::kWest + at(rng)));
  }
  size_t found = 0;
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    best = std::min(best, SecondsOf([&] {
                      for (const auto& point : points) {
                        found += index.Contains(point).size();
                      }
                    }));
  }
  size_t near = 0;
  constexpr int kNearest = kPoints / 10;
  const double nearest = SecondsOf([&] {
    for (int i = 0; i < kNearest; ++i) {
      near += index.Nearest(points[static_cast<size_t>(i)], 1e6).has_value() ? 1 : 0;
    }
  });
  std::printf(
      "{\"polygons\": %zu, \"points\": %d, \"found\": %zu, \"contains_ns\": %.0f, "
      "\"nearest_ns\": %.0f, \"near\": %zu, \"parse_ms\": %.0f, \"build_ms\": %.0f}\n",
      index.size(), kPoints, found / 5, best / kPoints * 1e9, nearest / kNearest * 1e9, near,
      parse * 1e3, build * 1e3);
  return 0;
}
