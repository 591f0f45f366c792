#include "common/geo/polygon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "common/base/error.h"
#include "common/geo/testing_tiles.h"

namespace baimi::geo {
namespace {

using testing::HasSubstr;
using type::v1::GeoPolygon;

const double kNaN = std::numeric_limits<double>::quiet_NaN();

GeoPolygon Unit() { return PolygonOf(Square(19.00, 109.80, 19.01, 109.81)); }

TEST(Point, OutOfRange_IsRefusedNamingTheCoordinate) {
  EXPECT_TRUE(CheckPoint("p", PointAt(90, -180)).ok());
  const std::pair<type::v1::GeoPoint, absl::string_view> cases[] = {
      {PointAt(109.8, 19), "point.latitude: got 109.8, want degrees from -90 to 90"},
      {PointAt(19, 180.5), "point.longitude: got 180.5"},
      {PointAt(kNaN, 0), "point.latitude: got nan"},
      {PointAt(0, -std::numeric_limits<double>::infinity()), "point.longitude: got -inf"},
  };
  for (const auto& [point, message] : cases) {
    EXPECT_THAT(std::string(CheckPoint("point", point).message()), HasSubstr(std::string(message)));
  }
}

TEST(Polygon, Valid_IsAcceptedInEitherDirection) {
  const GeoPolygon clockwise =
      PolygonOf(RingOf({{19.00, 109.80}, {19.01, 109.80}, {19.01, 109.81}, {19.00, 109.81}}));
  const auto one = Polygon::Parse("polygon", Unit());
  const auto other = Polygon::Parse("polygon", clockwise);
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_NEAR(one->SquareMetres(), other->SquareMetres(), 1e-3);
  EXPECT_TRUE(one->Contains(PointAt(19.005, 109.805)));
  EXPECT_TRUE(other->Contains(PointAt(19.005, 109.805)));
  EXPECT_FALSE(other->Contains(PointAt(19.02, 109.805)));
  EXPECT_FALSE(one->Contains(PointAt(kNaN, 109.805)));
}

TEST(Polygon, Invalid_IsRefusedNamingTheRing) {
  GeoPolygon nan_point = Unit();
  nan_point.mutable_outer()->mutable_points(2)->set_longitude(kNaN);
  GeoPolygon closed = Unit();
  *closed.mutable_outer()->add_points() = closed.outer().points(0);
  GeoPolygon twice = Unit();
  *twice.mutable_outer()->add_points() = twice.outer().points(3);
  GeoPolygon touching = PolygonOf(RingOf({{19, 109.8},
                                          {19, 109.81},
                                          {19.005, 109.805},
                                          {19.01, 109.81},
                                          {19.01, 109.8},
                                          {19.005, 109.805}}));
  const std::pair<GeoPolygon, absl::string_view> cases[] = {
      {GeoPolygon(), "grid.polygon.outer: got 0 points, want at least 3 points"},
      {PolygonOf(RingOf({{19, 109}, {19, 110}})), "outer: got 2 points"},
      {nan_point, "grid.polygon.outer.points[2].longitude: got nan"},
      {PolygonOf(RingOf({{109, 19}, {110, 19}, {110, 20}})), "outer.points[0].latitude: got 109"},
      {closed, "outer: got the first point again at the end"},
      {twice, "outer: got"},
      {touching, "outer: got"},
      {PolygonOf(RingOf({{19, 109.8}, {19.01, 109.81}, {19, 109.81}, {19.01, 109.8}})),
       "neither crosses nor touches itself"},
      {PolygonOf(RingOf({{19, 109.8}, {19.000001, 109.8}, {19, 109.800001}})),
       "square metres, want at least 1"},
      {PolygonOf(Square(19, 109.8, 19.01, 109.81), {Square(19.02, 109.80, 19.03, 109.81)}),
       "grid.polygon.holes[0]: got a hole that is not inside the outer ring"},
      {PolygonOf(Square(19, 109.8, 19.01, 109.81), {Square(19.005, 109.805, 19.02, 109.808)}),
       "holes[0]: got a hole that is not inside"},
      {PolygonOf(Square(19, 109.8, 19.01, 109.81), {Square(18.99, 109.79, 19.02, 109.82)}),
       "holes[0]: got a hole that is not inside"},
      {PolygonOf(Square(19, 109.8, 19.01, 109.81), {Square(19.001, 109.801, 19.004, 109.804),
                                                    Square(19.003, 109.803, 19.006, 109.806)}),
       "holes[1]: got a hole that overlaps holes[0]"},
      {PolygonOf(Square(19, 109.8, 19.01, 109.81), {Square(19.001, 109.801, 19.008, 109.808),
                                                    Square(19.003, 109.803, 19.006, 109.806)}),
       "holes[1]: got a hole that overlaps holes[0]"},
      {PolygonOf(Square(19, 109.8, 19.01, 109.81), {RingOf({{19.001, 109.801}})}),
       "holes[0]: got 1 points"},
      {PolygonOf(Square(19, 109.8, 19.01, 109.81), {Square(19, 109.8, 19.01, 109.81)}),
       "grid.polygon: got"},
  };
  for (const auto& [polygon, message] : cases) {
    const absl::Status status = Polygon::Parse("grid.polygon", polygon).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << message;
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(message)));
    EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
  }
}

TEST(Polygon, Holes_AreOutside) {
  const auto polygon = Polygon::Parse(
      "polygon",
      PolygonOf(Square(19, 109.8, 19.01, 109.81), {Square(19.002, 109.802, 19.004, 109.804),
                                                   Square(19.006, 109.806, 19.008, 109.808)}));
  ASSERT_TRUE(polygon.ok()) << polygon.status();
  EXPECT_FALSE(polygon->Contains(PointAt(19.003, 109.803)));
  EXPECT_FALSE(polygon->Contains(PointAt(19.007, 109.807)));
  EXPECT_TRUE(polygon->Contains(PointAt(19.005, 109.805)));
  const double full = Polygon::Parse("polygon", Unit())->SquareMetres();
  EXPECT_NEAR(polygon->SquareMetres() / full, 0.92, 1e-4);
}

TEST(Polygon, Area_MatchesTheFlatFormula) {
  // 0.01 degree each way: R^2 * dLon * (sin(north) - sin(south)).
  const double radians = std::acos(-1.0) / 180;
  const double want = 6371010.0 * 6371010.0 * 0.01 * radians *
                      (std::sin(19.01 * radians) - std::sin(19.00 * radians));
  EXPECT_NEAR(Polygon::Parse("polygon", Unit())->SquareMetres() / want, 1, 1e-5);
}

TEST(Overlap, Table_GivesShareOfTheSmaller) {
  struct Case {
    GeoPolygon other;
    double share;
  };
  const Case cases[] = {
      {Unit(), 1},
      {PolygonOf(Square(19.00, 109.805, 19.01, 109.815)), 0.5},
      {PolygonOf(Square(19.004, 109.804, 19.006, 109.806)), 1},
      {PolygonOf(Square(19.00, 109.81, 19.01, 109.82)), 0},
      {PolygonOf(Square(19.01, 109.81, 19.02, 109.82)), 0},
      {PolygonOf(Square(20.00, 109.81, 20.01, 109.82)), 0},
  };
  const Polygon unit = Polygon::Parse("polygon", Unit()).value();
  for (const Case& c : cases) {
    const Polygon other = Polygon::Parse("polygon", c.other).value();
    const Overlap overlap = OverlapOf(unit, other);
    EXPECT_NEAR(overlap.share, c.share, 1e-4);
    EXPECT_NEAR(OverlapOf(other, unit).share, overlap.share, 1e-6);
    EXPECT_NEAR(overlap.square_metres,
                c.share * std::min(unit.SquareMetres(), other.SquareMetres()), 200);
  }
}

TEST(Overlap, HoleOfTheOther_IsNotShared) {
  const Polygon ring =
      Polygon::Parse("polygon", PolygonOf(Square(19, 109.8, 19.01, 109.81),
                                          {Square(19.002, 109.802, 19.008, 109.808)}))
          .value();
  const Polygon inside =
      Polygon::Parse("polygon", PolygonOf(Square(19.003, 109.803, 19.007, 109.807))).value();
  EXPECT_EQ(OverlapOf(ring, inside).square_metres, 0);
}

}  // namespace
}  // namespace baimi::geo
