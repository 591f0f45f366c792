#include "common/geo/polygon_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <thread>

#include "common/geo/testing_tiles.h"

namespace baimi::geo {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using type::v1::GeoPoint;

constexpr int kPerSide = 10;
constexpr int kBorderPoints = 4;

IndexEntry Entry(const std::string& id, const type::v1::GeoPolygon& polygon) {
  return {id, Polygon::Parse("polygon", polygon).value()};
}

GeoPoint Middle(const GeoPoint& a, const GeoPoint& b) {
  return PointAt((a.latitude() + b.latitude()) / 2, (a.longitude() + b.longitude()) / 2);
}

// Not on or near the rim of the tiled square.
bool IsInside(const GeoPoint& point) {
  const double margin = 0.2 * kTileDegrees / kBorderPoints;
  const double side = kPerSide * kTileDegrees;
  return point.latitude() > kSouth + margin && point.latitude() < kSouth + side - margin &&
         point.longitude() > kWest + margin && point.longitude() < kWest + side - margin;
}

TEST(PolygonIndex, Tiling_GivesExactlyOnePolygonToAnyPoint) {
  const std::vector<IndexEntry> tiles = Tiles(kPerSide, kBorderPoints);
  const PolygonIndex index(tiles);
  ASSERT_EQ(index.size(), tiles.size());
  std::mt19937 rng(1);
  std::uniform_real_distribution<double> at(0, kPerSide * kTileDegrees);
  for (int i = 0; i < 20'000; ++i) {
    const GeoPoint point = PointAt(kSouth + at(rng), kWest + at(rng));
    const std::vector<std::string> ids = index.Contains(point);
    if (IsInside(point)) {
      ASSERT_THAT(ids, SizeIs(1)) << point.ShortDebugString();
    } else {
      ASSERT_LE(ids.size(), 1U);
    }
  }
}

TEST(PolygonIndex, BorderPoints_BelongToExactlyOneNeighbour) {
  const PolygonIndex index(Tiles(kPerSide, kBorderPoints));
  int checked = 0;
  for (int row = 0; row < kPerSide; ++row) {
    for (int column = 0; column < kPerSide; ++column) {
      const auto points = Tile(row, column, kBorderPoints).outer().points();
      for (int i = 0; i < points.size(); ++i) {
        const GeoPoint& corner = points[i];
        const GeoPoint middle = Middle(corner, points[(i + 1) % points.size()]);
        for (const GeoPoint& point : {corner, middle}) {
          if (IsInside(point)) {
            ASSERT_THAT(index.Contains(point), SizeIs(1)) << point.ShortDebugString();
            ++checked;
          }
        }
      }
    }
  }
  EXPECT_GT(checked, 2000);
}

TEST(PolygonIndex, Contains_AgreesWithEachPolygon) {
  std::vector<IndexEntry> entries = Tiles(4, kBorderPoints);
  entries.push_back(Entry("ring", PolygonOf(Square(19.001, 109.801, 19.009, 109.809),
                                            {Square(19.003, 109.803, 19.006, 109.806)})));
  entries.push_back(Entry("big", PolygonOf(Square(18.9, 109.7, 19.1, 109.9))));
  const PolygonIndex index(entries);
  std::mt19937 rng(2);
  std::uniform_real_distribution<double> at(-0.005, 0.017);
  for (int i = 0; i < 5000; ++i) {
    const GeoPoint point = PointAt(kSouth + at(rng), kWest + at(rng));
    std::vector<std::string> want;
    for (const IndexEntry& entry : entries) {
      if (entry.polygon.Contains(point)) {
        want.push_back(entry.id);
      }
    }
    std::sort(want.begin(), want.end());
    ASSERT_EQ(index.Contains(point), want);
  }
}

TEST(PolygonIndex, OverlappingPolygons_AllAnswerInOrderOfTheirIds) {
  const auto square = PolygonOf(Square(19, 109.8, 19.01, 109.81));
  const PolygonIndex index({Entry("c", square), Entry("a", square), Entry("b", square)});
  EXPECT_THAT(index.Contains(PointAt(19.005, 109.805)), ElementsAre("a", "b", "c"));
  EXPECT_THAT(index.Contains(PointAt(19.015, 109.805)), IsEmpty());
}

TEST(PolygonIndex, PartsOfOneId_AreOneAnswer) {
  const PolygonIndex index({Entry("a", PolygonOf(Square(19, 109.80, 19.01, 109.81))),
                            Entry("b", PolygonOf(Square(19, 109.80, 19.01, 109.81))),
                            Entry("a", PolygonOf(Square(19, 109.805, 19.01, 109.82)))});
  EXPECT_THAT(index.Contains(PointAt(19.005, 109.807)), ElementsAre("a", "b"));
  EXPECT_THAT(index.Contains(PointAt(19.005, 109.815)), ElementsAre("a"));
}

TEST(PolygonIndex, Nearest_MeasuresInMetres) {
  const PolygonIndex index({Entry("west", PolygonOf(Square(19, 109.80, 19.01, 109.81))),
                            Entry("east", PolygonOf(Square(19, 109.83, 19.01, 109.84)))});
  const auto near = index.Nearest(PointAt(19.011, 109.805), 1000);
  ASSERT_TRUE(near);
  EXPECT_EQ(near->id, "west");
  EXPECT_NEAR(near->metres, 111.2, 0.3);
  EXPECT_EQ(index.Nearest(PointAt(19.005, 109.825), 1000)->id, "east");
  EXPECT_EQ(index.Nearest(PointAt(19.005, 109.805), 0)->id, "west");
  EXPECT_EQ(index.Nearest(PointAt(19.005, 109.805), 0)->metres, 0);
  EXPECT_FALSE(index.Nearest(PointAt(19.011, 109.805), 111));
  EXPECT_TRUE(index.Nearest(PointAt(19.011, 109.805), 112));
  EXPECT_TRUE(index.Nearest(PointAt(-80, 10), std::numeric_limits<double>::infinity()));
}

TEST(PolygonIndex, NearestTie_GoesToTheSmallestId) {
  // Two wedges that meet in one corner, and a point east of it.
  const auto north = PolygonOf(RingOf({{19.01, 109.81}, {19.02, 109.80}, {19.015, 109.80}}));
  const auto south = PolygonOf(RingOf({{19.01, 109.81}, {19.005, 109.80}, {19.00, 109.80}}));
  const GeoPoint point = PointAt(19.01, 109.82);
  EXPECT_EQ(PolygonIndex({Entry("a", south), Entry("b", north)}).Nearest(point, 2000)->id, "a");
  EXPECT_EQ(PolygonIndex({Entry("b", south), Entry("a", north)}).Nearest(point, 2000)->id, "a");
  const PolygonIndex same({Entry("b", south), Entry("a", south)});
  EXPECT_EQ(same.Nearest(PointAt(19.0055, 109.805), 1000)->id, "a");
}

TEST(PolygonIndex, Overlaps_ReportsOthersAboveTheShare) {
  const PolygonIndex index({Entry("half", PolygonOf(Square(19, 109.805, 19.01, 109.815))),
                            Entry("beside", PolygonOf(Square(19, 109.81, 19.01, 109.82))),
                            Entry("sliver", PolygonOf(Square(19, 109.8099, 19.01, 109.82))),
                            Entry("self", PolygonOf(Square(19, 109.80, 19.01, 109.81)))});
  const Polygon polygon =
      Polygon::Parse("polygon", PolygonOf(Square(19, 109.80, 19.01, 109.81))).value();
  const auto coarse = index.Overlaps("self", polygon, 0.05);
  ASSERT_THAT(coarse, SizeIs(1));
  EXPECT_EQ(coarse[0].id, "half");
  EXPECT_NEAR(coarse[0].overlap.share, 0.5, 1e-3);
  const auto fine = index.Overlaps("self", polygon, 0.001);
  ASSERT_THAT(fine, SizeIs(2));
  EXPECT_EQ(fine[1].id, "sliver");
}

TEST(PolygonIndex, TiledNeighbours_DoNotOverlap) {
  const std::vector<IndexEntry> tiles = Tiles(4, kBorderPoints);
  const PolygonIndex index(tiles);
  for (const IndexEntry& tile : tiles) {
    EXPECT_THAT(index.Overlaps(tile.id, tile.polygon, 1e-6), IsEmpty()) << tile.id;
  }
}

TEST(PolygonIndex, EmptyOrBadInput_FindsNothing) {
  const PolygonIndex empty;
  EXPECT_THAT(empty.Contains(PointAt(19, 109.8)), IsEmpty());
  EXPECT_FALSE(empty.Nearest(PointAt(19, 109.8), 1e6));
  const PolygonIndex index(Tiles(2, 2));
  EXPECT_THAT(index.Contains(PointAt(std::numeric_limits<double>::quiet_NaN(), 0)), IsEmpty());
  EXPECT_THAT(index.Contains(PointAt(109.8, 19)), IsEmpty());
  EXPECT_FALSE(index.Nearest(PointAt(109.8, 19), 1e6));
  EXPECT_FALSE(index.Nearest(PointAt(19, 109.8), -1));
  EXPECT_FALSE(index.Nearest(PointAt(19, 109.8), std::numeric_limits<double>::quiet_NaN()));
}

TEST(PolygonIndex, SeveralThreads_GetTheSameAnswers) {
  const PolygonIndex index(Tiles(kPerSide, kBorderPoints));
  const auto ask = [&index] {
    std::vector<std::string> answers;
    std::mt19937 rng(3);
    std::uniform_real_distribution<double> at(0, kPerSide * kTileDegrees);
    for (int i = 0; i < 2000; ++i) {
      const GeoPoint point = PointAt(kSouth + at(rng), kWest + at(rng));
      for (const std::string& id : index.Contains(point)) {
        answers.push_back(id);
      }
      answers.push_back(index.Nearest(point, 1e6)->id);
    }
    return answers;
  };
  const std::vector<std::string> want = ask();
  std::vector<std::vector<std::string>> got(4);
  std::vector<std::thread> threads;
  threads.reserve(got.size());
  for (std::vector<std::string>& answers : got) {
    threads.emplace_back([&answers, &ask] { answers = ask(); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(got, testing::Each(want));
}

}  // namespace
}  // namespace baimi::geo
