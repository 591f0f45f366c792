#include "services/grid_registry/domain/locate.h"

#include "absl/strings/match.h"
#include "common/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/grid_registry/domain/place_name.h"
#include "services/grid_registry/testing/sample_county.h"

namespace baimi::registry::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

type::v1::GeoPoint Point(double latitude, double longitude) {
  type::v1::GeoPoint point;
  point.set_latitude(latitude);
  point.set_longitude(longitude);
  return point;
}

v1::Grid Square(const std::string& code, double south, double west, double north, double east) {
  v1::Grid grid;
  grid.set_code(code);
  grid.set_display_name("网格" + code.substr(9));
  for (const auto& [latitude, longitude] : std::initializer_list<std::pair<double, double>>{
           {south, west}, {south, east}, {north, east}, {north, west}}) {
    *grid.mutable_polygon()->mutable_outer()->add_points() = Point(latitude, longitude);
  }
  return grid;
}

LocateIndex IndexOf(CountyRows rows) {
  return *BuildLocateIndex(std::make_shared<const CountyRows>(std::move(rows)), nullptr);
}

const LocateIndex& Sample() {
  static const LocateIndex* const kIndex = new LocateIndex(IndexOf(testing::SampleCounty()));
  return *kIndex;
}

absl::StatusOr<v1::LocateGridResponse> ByAddress(absl::string_view address,
                                                 const LocateIndex& index = Sample()) {
  return Locate(index, std::nullopt, address, {});
}

// Two squares side by side, a third over the first, and one without extent.
LocateIndex Squares() {
  CountyRows rows;
  for (const v1::Grid& grid : {Square("469030100003001", 19.00, 109.80, 19.01, 109.81),
                               Square("469030100003002", 19.00, 109.81, 19.01, 109.82),
                               Square("469030100003003", 19.005, 109.80, 19.02, 109.805)}) {
    rows.grids[grid.code()] = std::make_shared<v1::Grid>(grid);
  }
  auto plain = std::make_shared<v1::Grid>();
  plain->set_code("469030100003004");
  plain->set_display_name("无范围网格");
  rows.grids["469030100003004"] = plain;
  return IndexOf(std::move(rows));
}

TEST(LocatePoint, Cases_GridReasonAndScore) {
  struct Case {
    const char* what;
    double latitude, longitude;
    const char* grid;
    v1::LocateReason reason;
    double score;
  };
  const Case cases[] = {
      {"inside one", 19.002, 109.808, "469030100003001", v1::POINT_INSIDE, 1},
      {"inside two that overlap: the first by code", 19.007, 109.802, "469030100003001",
       v1::POINT_INSIDE, 0.5},
      {"55 m outside", 19.0, 109.82052, "469030100003002", v1::POINT_NEAREST, 0.79},
      {"195 m outside", 18.99825, 109.803, "469030100003001", v1::POINT_NEAREST, 0.51},
      {"220 m outside", 18.998, 109.803, "", v1::LOCATE_REASON_UNSPECIFIED, 0},
  };
  const LocateIndex index = Squares();
  for (const Case& c : cases) {
    const auto found = Locate(index, Point(c.latitude, c.longitude), "", {});
    if (*c.grid == '\0') {
      EXPECT_EQ(ReasonOf(found.status()), "NO_GRID_HERE") << c.what;
      continue;
    }
    ASSERT_TRUE(found.ok()) << c.what << found.status();
    EXPECT_EQ(found->grid().code(), c.grid) << c.what;
    EXPECT_EQ(found->reason(), c.reason) << c.what;
    EXPECT_NEAR(found->score(), c.score, 0.01) << c.what;
  }
  EXPECT_THAT(Locate(index, Point(19.0, 109.82052), "", {})->explanation(), HasSubstr("55 米"));
}

TEST(LocatePoint, OnSharedEdgeOrCorner_AlwaysTheSameOne) {
  const LocateIndex index = Squares();
  for (const double latitude : {19.0, 19.001, 19.003, 19.01}) {
    const auto first = Locate(index, Point(latitude, 109.81), "", {});
    ASSERT_TRUE(first.ok()) << first.status();
    const auto again = Locate(Squares(), Point(latitude, 109.81), "", {});
    EXPECT_EQ(first->grid().code(), again->grid().code());
  }
}

TEST(LocatePoint, Tolerance_IsTheOption) {
  const auto point = Point(18.99825, 109.803);
  EXPECT_FALSE(Locate(Squares(), point, "", {.tolerance_metres = 100}).ok());
  EXPECT_FALSE(Locate(Squares(), point, "", {.tolerance_metres = 0}).ok());
  EXPECT_TRUE(Locate(Squares(), point, "", {.tolerance_metres = 500}).ok());
}

TEST(LocatePoint, EveryBuildingOfTheSample_InsideItsOwnGrid) {
  int buildings = 0;
  for (const auto& [id, estate] : Sample().rows->estates) {
    for (const v1::Building& building : estate->buildings()) {
      const auto found = Locate(Sample(), building.point(), "", {});
      ASSERT_TRUE(found.ok()) << found.status();
      EXPECT_EQ(found->grid().name(), building.grid().empty() ? estate->grid() : building.grid());
      EXPECT_EQ(found->score(), 1);
      ++buildings;
    }
  }
  EXPECT_GT(buildings, 30);
}

TEST(SampleGrids, Polygons_CoverWithoutOverlap) {
  const geo::PolygonIndex& index = Sample().extent->index();
  EXPECT_EQ(index.size(), 160U);
  int in_communities = 0;
  for (const auto& [code, grid] : Sample().rows->grids) {
    EXPECT_TRUE(grid->synthetic_polygon());
    const auto polygon = geo::Polygon::Parse("polygon", grid->polygon());
    ASSERT_TRUE(polygon.ok());
    EXPECT_TRUE(index.Overlaps(code, *polygon, 1e-9).empty()) << code;
    in_communities +=
        Find(Sample().rows->areas, code.substr(0, 12))->kind() == v1::COMMUNITY ? 1 : 0;
  }
  EXPECT_EQ(in_communities, 48);
}

TEST(LocateAddress, RealAddresses_GridReasonAndScore) {
  struct Case {
    const char* address;
    const char* grid;
    v1::LocateReason reason;
    double score;
  };
  const Case cases[] = {
      // The building, however it is written.
      {"营根镇营北社区珉华小区3栋", "469030100003001", v1::ADDRESS_BUILDING, 0.95},
      {"海南省琼中县营根镇营北社区 珉华小区 ３ 号楼 2单元501", "469030100003001",
       v1::ADDRESS_BUILDING, 0.95},
      {"岚庭花园3幢", "469030100003003", v1::ADDRESS_BUILDING, 0.95},
      {"岚庭2栋", "469030100003002", v1::ADDRESS_BUILDING, 0.95},
      // The estate; a building nobody registered is not another one ("3栋" is not in "13栋").
      {"珉华小区", "469030100003001", v1::ADDRESS_ESTATE, 0.9},
      {"珉华小区13栋", "469030100003001", v1::ADDRESS_ESTATE, 0.9},
      {"岚庭花园门口", "469030100003002", v1::ADDRESS_ESTATE, 0.6},
      // The grid.
      {"营北社区第二网格", "469030100003002", v1::ADDRESS_GRID, 0.9},
      {"升坡村网格", "469030100200001", v1::ADDRESS_GRID, 0.9},
      // The village or community, registered, as shown, or by its alias.
      {"什运乡便文村3号", "469030202200001", v1::ADDRESS_AREA, 0.8},
      {"什运乡便文村委会", "469030202200001", v1::ADDRESS_AREA, 0.8},
      {"营北农贸市场", "469030100003001", v1::ADDRESS_AREA, 0.2},
      {"新伟南社区", "469030105004001", v1::ADDRESS_AREA, 0.8 / 3},
      {"加钗居", "469030100006001", v1::ADDRESS_AREA, 0.8},
      // It disagrees with itself: half for each.
      {"营南社区珉华小区3栋", "469030100003001", v1::ADDRESS_BUILDING, 0.475},
      {"湾岭镇珉华小区3栋", "469030100003001", v1::ADDRESS_BUILDING, 0.475},
      {"湾岭镇乌石社区珉华小区", "469030100003001", v1::ADDRESS_ESTATE, 0.225},
      {"营根镇乌石村", "469030101200001", v1::ADDRESS_AREA, 0.4},
      {"珉华小区对面的北阜家园", "469030100003001", v1::ADDRESS_ESTATE, 0.45},
  };
  for (const Case& c : cases) {
    const auto found = ByAddress(c.address);
    ASSERT_TRUE(found.ok()) << c.address << found.status();
    EXPECT_EQ(found->grid().code(), c.grid) << c.address << found->explanation();
    EXPECT_EQ(found->reason(), c.reason) << c.address << found->explanation();
    EXPECT_NEAR(found->score(), c.score, 1e-9) << c.address << found->explanation();
    EXPECT_EQ(found->area().name(), found->grid().area()) << c.address;
    EXPECT_FALSE(found->explanation().empty()) << c.address;
  }
}

TEST(LocateAddress, EveryVillageAndCommunity_FoundByItsFullName) {
  for (const auto& [code, area] : Sample().rows->areas) {
    if (area->level() != v1::VILLAGE) {
      continue;
    }
    const v1::Area* town = Find(Sample().rows->areas, code.substr(0, 9) + "000");
    const auto found = ByAddress(town->display_name() + area->display_name() + "12号");
    ASSERT_TRUE(found.ok()) << area->display_name() << found.status();
    EXPECT_EQ(found->area().code(), code) << area->display_name();
  }
}

TEST(LocateAddress, Undecided_NoGridHereWithWhatWasUnderstood) {
  struct Case {
    const char* address;
    const char* explanation;
  };
  const Case cases[] = {
      {"营根镇海榆路12号", "地址只写到营根镇"},
      {"琼中县", "地址中没有已登记的"},
      {"海口市美兰区", "地址中没有已登记的"},
      {"营北社区和营南社区交界处", "地址可能指营根镇营南社区、营根镇营北社区"},
  };
  for (const Case& c : cases) {
    const auto status = ByAddress(c.address).status();
    EXPECT_TRUE(absl::IsNotFound(status)) << c.address;
    EXPECT_EQ(ReasonOf(status), "NO_GRID_HERE");
    EXPECT_THAT(ErrorInfoOf(status)->metadata().at("explanation"), HasSubstr(c.explanation));
  }
  EXPECT_EQ(ReasonOf(Locate(Sample(), std::nullopt, "", {}).status()), "INVALID_FIELD");
}

TEST(LocateAddress, SameNameTwice_DecidedByTheRestOrNotAtAll) {
  CountyRows rows = *Sample().rows;
  for (const auto& [id, grid] :
       {std::pair("twin-a", "469030100001001"), std::pair("twin-b", "469030101002001")}) {
    auto estate = std::make_shared<v1::Estate>();
    estate->set_display_name("阳光小区");
    estate->set_grid(std::string("counties/469030/grids/") + grid);
    rows.estates[id] = estate;
  }
  const LocateIndex index = IndexOf(std::move(rows));
  EXPECT_EQ(ByAddress("营东社区阳光小区", index)->grid().code(), "469030100001001");
  EXPECT_EQ(ByAddress("湾岭镇阳光小区", index)->grid().code(), "469030101002001");
  const auto status = ByAddress("阳光小区", index).status();
  EXPECT_EQ(ReasonOf(status), "NO_GRID_HERE");
  EXPECT_EQ(ErrorInfoOf(status)->metadata().at("explanation"),
            "“阳光小区”在营根镇营东社区、湾岭镇乌石社区都有，请写明社区（村）");
}

TEST(LocateAddress, Answer_NeverRepeatsTheAddress) {
  const auto found = ByAddress("营北社区珉华小区3栋2单元501室王秀英");
  ASSERT_TRUE(found.ok());
  EXPECT_FALSE(absl::StrContains(found->explanation(), "王秀英"));
  const auto status = ByAddress("王秀英家门口").status();
  EXPECT_FALSE(absl::StrContains(status.ToString(), "王秀英"));
}

TEST(Locate, PointAndAddress_PointWinsAndTheRestIsSaid) {
  const v1::Building& building = Find(Sample().rows->estates, "minhua")->buildings(0);
  const auto agreed = Locate(Sample(), building.point(), "营北社区", {});
  EXPECT_EQ(agreed->reason(), v1::POINT_INSIDE);
  EXPECT_FALSE(absl::StrContains(agreed->explanation(), "核对"));
  const auto disagreed = Locate(Sample(), building.point(), "乌石社区", {});
  EXPECT_EQ(disagreed->grid().code(), "469030100003001");
  EXPECT_THAT(disagreed->explanation(), HasSubstr("地址文字指向乌石社区第一网格"));
  const auto far = Locate(Sample(), Point(20.04, 110.34), "珉华小区", {});
  EXPECT_EQ(far->reason(), v1::ADDRESS_ESTATE);
  EXPECT_THAT(far->explanation(), HasSubstr("200 米内没有网格；地址中的“珉华小区”"));
  const auto nothing = Locate(Sample(), Point(20.04, 110.34), "海口", {}).status();
  EXPECT_EQ(ReasonOf(nothing), "NO_GRID_HERE");
}

TEST(BuildLocateIndex, UnchangedParts_AreShared) {
  auto rows = std::make_shared<CountyRows>(*Sample().rows);
  rows->units.clear();
  const auto same = BuildLocateIndex(rows, &Sample());
  EXPECT_EQ(same->extent, Sample().extent);
  EXPECT_EQ(same->addresses, Sample().addresses);

  auto renamed = std::make_shared<CountyRows>(*Sample().rows);
  auto grid = std::make_shared<v1::Grid>(*Find(renamed->grids, "469030100003001"));
  grid->set_display_name("珉华网格");
  renamed->grids[grid->code()] = grid;
  const auto next = BuildLocateIndex(renamed, &Sample());
  EXPECT_EQ(next->extent, Sample().extent);
  EXPECT_EQ(ByAddress("珉华网格", *next)->grid().code(), "469030100003001");

  grid = std::make_shared<v1::Grid>(*grid);
  grid->clear_polygon();
  auto cleared = std::make_shared<CountyRows>(*renamed);
  cleared->grids[grid->code()] = grid;
  EXPECT_EQ(BuildLocateIndex(cleared, &*next)->extent->index().size(), 159U);
}

TEST(BuildLocateIndex, NameOfOneCharacterWithoutItsCommittee_IsFoundWhole) {
  v1::Area area;
  area.set_code("469030100003");
  area.set_level(v1::VILLAGE);
  area.set_display_name("村村委会");
  ASSERT_TRUE(CheckPlaceNames("area", area.display_name(), area.aliases()).ok());
  CountyRows rows;
  rows.areas[area.code()] = std::make_shared<v1::Area>(area);
  const v1::Grid grid = Square("469030100003001", 19.00, 109.80, 19.01, 109.81);
  rows.grids[grid.code()] = std::make_shared<v1::Grid>(grid);
  const auto index =
      BuildLocateIndex(std::make_shared<const CountyRows>(std::move(rows)), /*previous=*/nullptr);
  ASSERT_TRUE(index.ok()) << index.status();
  const auto found = ByAddress("村村委会旁", *index);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->reason(), v1::ADDRESS_AREA);
}

TEST(LabelSpellings, Numbered_AllWords) {
  EXPECT_THAT(LabelSpellings("3栋"), ElementsAre("3栋", "3号楼", "3号栋", "3幢", "3座"));
  EXPECT_THAT(LabelSpellings("１号楼"), ElementsAre("１号楼", "1号栋", "1栋", "1幢", "1座"));
  EXPECT_THAT(LabelSpellings("A座"), ElementsAre("A座"));
  EXPECT_THAT(LabelSpellings("临街铺面"), ElementsAre("临街铺面"));
}

}  // namespace
}  // namespace baimi::registry::domain
