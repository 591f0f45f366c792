#include "services/ticket/domain/cells.h"

#include <algorithm>
#include <cmath>

namespace baimi::ticket::domain {
namespace {

constexpr double kEarthMetres = 6'371'010;
constexpr double kPi = 3.14159265358979323846;
constexpr int kCellsPerDegree = 1000;
constexpr int64_t kRows = int64_t{180} * kCellsPerDegree;
constexpr int64_t kColumns = int64_t{360} * kCellsPerDegree;
// Above every column, so that a cell reads as row and column.
constexpr int64_t kRowStep = 1'000'000;

double Radians(double degrees) { return degrees * kPi / 180; }

int64_t RowOf(double latitude) {
  return std::clamp<int64_t>(std::llround(std::floor((latitude + 90) * kCellsPerDegree)), 0,
                             kRows - 1);
}

int64_t ColumnOf(double longitude) {
  return std::clamp<int64_t>(std::llround(std::floor((longitude + 180) * kCellsPerDegree)), 0,
                             kColumns - 1);
}

}  // namespace

double Metres(const type::v1::GeoPoint& a, const type::v1::GeoPoint& b) {
  const double latitude = std::sin(Radians(b.latitude() - a.latitude()) / 2);
  const double longitude = std::sin(Radians(b.longitude() - a.longitude()) / 2);
  const double h = latitude * latitude + std::cos(Radians(a.latitude())) *
                                             std::cos(Radians(b.latitude())) * longitude *
                                             longitude;
  return 2 * kEarthMetres * std::asin(std::min(1.0, std::sqrt(h)));
}

int64_t CellOf(const type::v1::GeoPoint& point) {
  return RowOf(point.latitude()) * kRowStep + ColumnOf(point.longitude());
}

int64_t MetresToCell(const type::v1::GeoPoint& point, int64_t cell) {
  const int64_t row = cell / kRowStep;
  const int64_t column = cell % kRowStep;
  type::v1::GeoPoint middle;
  middle.set_latitude((static_cast<double>(row) + 0.5) / kCellsPerDegree - 90);
  middle.set_longitude((static_cast<double>(column) + 0.5) / kCellsPerDegree - 180);
  return std::llround(Metres(point, middle));
}

std::vector<std::pair<int64_t, int64_t>> CellsAround(const type::v1::GeoPoint& point,
                                                     double metres) {
  // Half a cell more each way: distances go by the middles.
  const double up = metres / kEarthMetres * 180 / kPi + 1.0 / kCellsPerDegree;
  const double furthest = std::min(89.9, std::fabs(point.latitude()) + up);
  const double aside = up / std::cos(Radians(furthest));
  std::vector<std::pair<int64_t, int64_t>> ranges;
  for (int64_t row = RowOf(point.latitude() - up); row <= RowOf(point.latitude() + up); ++row) {
    ranges.emplace_back(row * kRowStep + ColumnOf(point.longitude() - aside),
                        row * kRowStep + ColumnOf(point.longitude() + aside));
  }
  return ranges;
}

}  // namespace baimi::ticket::domain
