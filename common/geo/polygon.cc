#include "common/geo/polygon.h"

#include <s2/s2earth.h>
#include <s2/s2error.h>
#include <s2/s2loop.h>
#include <s2/s2polygon.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/geo/s2_point.h"

namespace baimi::geo {
namespace {

using type::v1::GeoPoint;
using type::v1::GeoRing;

constexpr int kMinRingPoints = 3;

absl::Status CheckDegrees(absl::string_view path, absl::string_view name, double value, int limit) {
  // Not a number compares false with everything.
  if (std::abs(value) <= limit) {
    return absl::OkStatus();
  }
  return InvalidField(absl::StrCat(path, ".", name), absl::StrCat(value),
                      absl::StrCat("degrees from -", limit, " to ", limit),
                      absl::StrCat("-", limit, " 至 ", limit, " 度"));
}

bool Same(const GeoPoint& a, const GeoPoint& b) {
  return a.latitude() == b.latitude() && a.longitude() == b.longitude();
}

absl::StatusOr<std::unique_ptr<S2Loop>> ParseRing(const std::string& path, const GeoRing& ring) {
  if (ring.points_size() < kMinRingPoints) {
    return InvalidField(path, absl::StrCat(ring.points_size(), " points"), "at least 3 points",
                        "至少 3 个点");
  }
  std::vector<S2Point> vertices;
  vertices.reserve(static_cast<size_t>(ring.points_size()));
  for (int i = 0; i < ring.points_size(); ++i) {
    BAIMI_RETURN_IF_ERROR(CheckPoint(absl::StrCat(path, ".points[", i, "]"), ring.points(i)));
    vertices.push_back(ToS2(ring.points(i)));
  }
  if (Same(ring.points(0), ring.points(ring.points_size() - 1))) {
    return InvalidField(path, "the first point again at the end",
                        "a ring that closes by itself, each point once", "首尾点不重复的环");
  }
  auto loop = std::make_unique<S2Loop>(vertices, S2Debug::DISABLE);
  if (S2Error error; loop->FindValidationError(&error)) {
    return InvalidField(path, error.text(), "a ring that neither crosses nor touches itself",
                        "不自相交、不自相接的环");
  }
  loop->Normalize();
  return loop;
}

// `loops`: the outer ring and the holes before this one.
absl::Status CheckHole(const std::string& path, const S2Loop& hole,
                       const std::vector<std::unique_ptr<S2Loop>>& loops) {
  if (!loops[0]->Contains(hole)) {
    return InvalidField(path, "a hole that is not inside the outer ring",
                        "a hole inside the outer ring", "完全位于外环之内的孔");
  }
  for (size_t i = 1; i < loops.size(); ++i) {
    if (loops[i]->Intersects(hole)) {
      return InvalidField(path, absl::StrCat("a hole that overlaps holes[", i - 1, "]"),
                          "holes that do not overlap", "互不重叠的孔");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckPoint(absl::string_view path, const GeoPoint& point) {
  BAIMI_RETURN_IF_ERROR(CheckDegrees(path, "latitude", point.latitude(), 90));
  return CheckDegrees(path, "longitude", point.longitude(), 180);
}

absl::StatusOr<Polygon> Polygon::Parse(absl::string_view path,
                                       const type::v1::GeoPolygon& polygon) {
  std::vector<std::unique_ptr<S2Loop>> loops;
  BAIMI_ASSIGN_OR_RETURN(auto outer, ParseRing(absl::StrCat(path, ".outer"), polygon.outer()));
  loops.push_back(std::move(outer));
  for (int i = 0; i < polygon.holes_size(); ++i) {
    const std::string place = absl::StrCat(path, ".holes[", i, "]");
    BAIMI_ASSIGN_OR_RETURN(auto hole, ParseRing(place, polygon.holes(i)));
    BAIMI_RETURN_IF_ERROR(CheckHole(place, *hole, loops));
    loops.push_back(std::move(hole));
  }
  auto s2 = std::make_shared<S2Polygon>();
  s2->set_s2debug_override(S2Debug::DISABLE);
  s2->InitNested(std::move(loops));
  if (S2Error error; s2->FindValidationError(&error)) {
    return InvalidField(path, error.text(), "rings that share no edge", "各环不共边");
  }
  Polygon parsed(std::move(s2));
  if (parsed.SquareMetres() < kMinSquareMetres) {
    return InvalidField(path, absl::StrCat(parsed.SquareMetres(), " square metres"),
                        absl::StrCat("at least ", kMinSquareMetres),
                        absl::StrCat("面积不小于 ", kMinSquareMetres, " 平方米"));
  }
  return parsed;
}

double Polygon::SquareMetres() const { return S2Earth::SteradiansToSquareMeters(s2_->GetArea()); }

bool Polygon::Contains(const GeoPoint& point) const {
  return CheckPoint("", point).ok() && s2_->Contains(ToS2(point));
}

Overlap OverlapOf(const Polygon& a, const Polygon& b) {
  if (!a.s2().GetRectBound().Intersects(b.s2().GetRectBound()) || !a.s2().Intersects(b.s2())) {
    return {};
  }
  S2Polygon common;
  common.set_s2debug_override(S2Debug::DISABLE);
  common.InitToIntersection(a.s2(), b.s2());
  const double square_metres = S2Earth::SteradiansToSquareMeters(common.GetArea());
  const double smaller = std::min(a.SquareMetres(), b.SquareMetres());
  return {square_metres, std::min(1.0, square_metres / smaller)};
}

}  // namespace baimi::geo
