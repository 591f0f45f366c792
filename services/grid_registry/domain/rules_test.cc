#include "services/grid_registry/domain/rules.h"

#include <functional>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/grid_registry/domain/grid_import.h"
#include "services/grid_registry/domain/row.h"
#include "services/grid_registry/domain/scope.h"
#include "services/grid_registry/testing/sample_county.h"

namespace baimi::registry::domain {
namespace {

using ::testing::ElementsAre;

class Rules : public ::testing::Test {
 protected:
  // The field of the first violation, behind the reason: "PARENT_UNKNOWN area.code".
  static std::string Refusal(const absl::Status& status) {
    const auto details = BadRequestOf(status);
    return absl::StrCat(ReasonOf(status), " ", details ? details->field_violations(0).field() : "");
  }

  static v1::Area Area(const std::string& code, v1::AreaKind kind) {
    v1::Area area;
    area.set_code(code);
    area.set_display_name("新社区");
    area.set_kind(kind);
    return area;
  }

  static v1::Grid Grid(const std::string& code) {
    v1::Grid grid;
    grid.set_code(code);
    grid.set_display_name("第九网格");
    return grid;
  }

  static void AddRing(v1::Grid* grid, const std::vector<std::pair<double, double>>& points) {
    for (const auto& [latitude, longitude] : points) {
      auto* point = grid->mutable_polygon()->mutable_outer()->add_points();
      point->set_latitude(latitude);
      point->set_longitude(longitude);
    }
  }

  const CountyRows rows_ = testing::SampleCounty();
  const Facts facts_ = testing::FactsIn(rows_);
};

TEST_F(Rules, Area_Good_NameLevelTimesAndEtagDerived) {
  const auto event = DecideArea("area", nullptr, Area("469030100999", v1::COMMUNITY), facts_);
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_TRUE(event->created());
  EXPECT_EQ(event->area().name(), "counties/469030/areas/469030100999");
  EXPECT_EQ(event->area().level(), v1::VILLAGE);
  EXPECT_EQ(event->area().etag(), "v1");
  EXPECT_EQ(event->area().create_time().seconds(), absl::ToUnixSeconds(facts_.now));
}

TEST_F(Rules, Area_KindIsDataNotCode) {
  // A 2xx code is mostly a village and a 0xx code mostly a community, but not always.
  EXPECT_TRUE(DecideArea("area", nullptr, Area("469030100299", v1::COMMUNITY), facts_).ok());
  EXPECT_TRUE(
      DecideArea("area", nullptr, Area("469030100099", v1::ADMINISTRATIVE_VILLAGE), facts_).ok());
  EXPECT_TRUE(DecideArea("area", nullptr, Area("469030300000", v1::SUBDISTRICT), facts_).ok());
}

TEST_F(Rules, Area_Bad_RefusedWithReasonAndField) {
  struct Case {
    const char* code;
    v1::AreaKind kind;
    const char* refusal;
  };
  const Case cases[] = {
      {"211202001001", v1::COMMUNITY, "PARENT_UNKNOWN area.code"},
      {"469030999001", v1::COMMUNITY, "PARENT_UNKNOWN area.code"},
      {"469030000001", v1::COMMUNITY, "INVALID_FIELD area.code"},
      {"469030100999", v1::TOWN, "INVALID_FIELD area.kind"},
      {"469030999000", v1::COMMUNITY, "INVALID_FIELD area.kind"},
      {"469030999000", v1::COUNTY_SEAT, "INVALID_FIELD area.kind"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Refusal(DecideArea("area", nullptr, Area(c.code, c.kind), facts_).status()),
              c.refusal)
        << c.code;
  }
  v1::Area short_alias = Area("469030100999", v1::COMMUNITY);
  short_alias.add_aliases("营北");
  short_alias.add_aliases("北 -");
  EXPECT_EQ(Refusal(DecideArea("area", nullptr, short_alias, facts_).status()),
            "INVALID_FIELD area.aliases[1]");
}

TEST_F(Rules, Grid_Good_AreaAndKindDerived) {
  v1::Grid wanted = Grid("469030100003901");
  wanted.add_layers(v1::CIVIL_AFFAIRS);
  wanted.add_layers(v1::POLITICS_AND_LAW);
  wanted.add_layers(v1::CIVIL_AFFAIRS);
  wanted.set_unit("counties/469030/units/cun-469030100003");
  const auto event = DecideGrid("grid", nullptr, wanted, facts_);
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->grid().kind(), v1::DEDICATED);
  EXPECT_EQ(event->grid().area(), "counties/469030/areas/469030100003");
  EXPECT_THAT(event->grid().layers(), ElementsAre(v1::POLITICS_AND_LAW, v1::CIVIL_AFFAIRS));
  EXPECT_EQ(DecideGrid("grid", nullptr, Grid("469030100003899"), facts_)->grid().kind(),
            v1::GENERAL);
}

TEST_F(Rules, Grid_Bad_RefusedWithReasonAndField) {
  const auto refusal = [&](const std::function<void(v1::Grid*)>& spoil) {
    v1::Grid grid = Grid("469030100003009");
    spoil(&grid);
    return Refusal(DecideGrid("grid", nullptr, grid, facts_).status());
  };
  using G = v1::Grid*;
  EXPECT_EQ(refusal([](G g) { g->set_code("211202001001001"); }), "PARENT_UNKNOWN grid.code");
  EXPECT_EQ(refusal([](G g) { g->set_code("469030100099001"); }), "PARENT_UNKNOWN grid.code");
  // §2.2: a grid never belongs to a township directly.
  EXPECT_EQ(refusal([](G g) { g->set_code("469030100000001"); }), "INVALID_FIELD grid.code");
  EXPECT_EQ(refusal([](G g) { g->set_code("469030100003000"); }), "INVALID_FIELD grid.code");
  EXPECT_EQ(refusal([](G g) { g->set_code("469030100003900"); }), "INVALID_FIELD grid.code");
  EXPECT_EQ(refusal([](G g) { g->set_unit("counties/469030/units/nobody"); }),
            "INVALID_FIELD grid.unit");
  EXPECT_EQ(refusal([](G g) { g->set_unit("counties/211202/units/hotline"); }),
            "INVALID_FIELD grid.unit");
  EXPECT_EQ(refusal([](G g) {
              AddRing(g, {{19, 109}, {19.1, 109.1}});
            }),
            "BAD_POLYGON grid.polygon.outer");
  EXPECT_EQ(refusal([](G g) {
              AddRing(g, {{19, 109}, {19.1, 109.1}, {19, 109.1}, {19.1, 109}});
            }),
            "BAD_POLYGON grid.polygon.outer");
}

TEST_F(Rules, Unit_AreaFitsTheKind) {
  struct Case {
    v1::UnitKind kind;
    const char* area;
    const char* refusal;
  };
  const Case cases[] = {
      {v1::DEPARTMENT, "counties/469030/areas/469030000000", ""},
      {v1::UTILITY, "counties/469030/areas/469030000000", ""},
      {v1::DEPARTMENT, "counties/469030/areas/469030999000", "INVALID_FIELD unit.area"},
      {v1::DEPARTMENT, "counties/211202/areas/211202000000", "INVALID_FIELD unit.area"},
      {v1::TOWNSHIP_GOVERNMENT, "counties/469030/areas/469030100000", ""},
      {v1::TOWNSHIP_GOVERNMENT, "counties/469030/areas/469030100003", "INVALID_FIELD unit.area"},
      {v1::VILLAGE_COMMITTEE, "counties/469030/areas/469030100003", ""},
      {v1::VILLAGE_COMMITTEE, "counties/469030/areas/469030100000", "INVALID_FIELD unit.area"},
      {v1::GRID_TEAM, "counties/469030/areas/469030000000", "INVALID_FIELD unit.area"},
  };
  for (const Case& c : cases) {
    v1::Unit unit;
    unit.set_kind(c.kind);
    unit.set_area(c.area);
    unit.add_duty_categories("0401");
    unit.add_duty_categories("01");
    unit.add_duty_categories("0401");
    const auto event = DecideUnit("unit", nullptr, unit, "counties/469030/units/u", facts_);
    EXPECT_EQ(event.ok() ? "" : Refusal(event.status()), c.refusal) << c.kind << " " << c.area;
    if (event.ok()) {
      EXPECT_THAT(event->unit().duty_categories(), ElementsAre("01", "0401"));
    }
  }
}

TEST_F(Rules, Estate_Bad_RefusedWithField) {
  const auto refusal = [&](const std::function<void(v1::Estate*)>& spoil) {
    v1::Estate estate = *Find(rows_.estates, "minhua");
    spoil(&estate);
    const auto event = DecideEstate("estate", nullptr, estate, "counties/469030/estates/x", facts_);
    return event.ok() ? "" : Refusal(event.status());
  };
  using E = v1::Estate*;
  EXPECT_EQ(refusal([](E) {}), "");
  EXPECT_EQ(refusal([](E e) { e->set_grid("counties/469030/grids/469030100003777"); }),
            "INVALID_FIELD estate.grid");
  EXPECT_EQ(refusal([](E e) { e->mutable_buildings(1)->set_grid("counties/469030/grids/9"); }),
            "INVALID_FIELD estate.buildings[1].grid");
  EXPECT_EQ(refusal([](E e) { e->mutable_buildings(2)->set_label("１ 栋"); }),
            "INVALID_FIELD estate.buildings[2].label");
  EXPECT_EQ(refusal([](E e) { e->add_aliases("珉"); }), "INVALID_FIELD estate.aliases[0]");
}

TEST_F(Rules, Apply_ReplayOfEvents_GivesTheRows) {
  const auto first = DecideArea("area", nullptr, Area("469030100999", v1::COMMUNITY), facts_);
  const auto row = Apply<v1::Area>(nullptr, *first);
  ASSERT_TRUE(row.ok());
  v1::Area renamed = *row;
  renamed.set_display_name("新新社区");
  const auto second = DecideArea("area", &*row, renamed, facts_);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(Apply(&*row, *second)->etag(), "v2");
  EXPECT_FALSE(SameContent(*row, second->area()));
  EXPECT_TRUE(SameContent(*row, row.value()));
  // Out of order, twice, or on nothing.
  EXPECT_FALSE(Apply<v1::Area>(nullptr, *second).ok());
  EXPECT_FALSE(Apply(&*row, *first).ok());
  EXPECT_FALSE(Apply(&second->area(), *second).ok());
}

TEST_F(Rules, GridImport_BadGrids_AllListedAndNothingElse) {
  google::protobuf::RepeatedPtrField<v1::Grid> grids;
  *grids.Add() = Grid("469030100003009");
  *grids.Add() = Grid("469030100003009");
  *grids.Add() = Grid("469030100777001");
  AddRing(grids.Add(), {{19, 109}, {19.1, 109.1}});
  *grids.Mutable(3)->mutable_code() = "469030100003010";
  const auto status = DecideGridImport(grids, {}, facts_).status();
  EXPECT_EQ(ReasonOf(status), "IMPORT_ROWS_REFUSED");
  std::vector<std::string> fields;
  const auto details = BadRequestOf(status);
  ASSERT_TRUE(details);
  for (const auto& violation : details->field_violations()) {
    fields.push_back(violation.field());
  }
  EXPECT_THAT(fields, ElementsAre("grids[1].code", "grids[2].code", "grids[3].polygon.outer"));
}

TEST_F(Rules, GridImport_Again_CountsWhatChanged) {
  const auto files = testing::ReadSampleFiles();
  GridMap stored;
  for (const auto& [code, grid] : rows_.grids) {
    stored[code] = *grid;
  }
  auto grids = files.grids.grids();
  grids.Mutable(0)->set_people(120);
  *grids.Add() = Grid("469030100003009");
  const auto import = DecideGridImport(grids, stored, facts_);
  ASSERT_TRUE(import.ok()) << import.status();
  EXPECT_EQ(import->response.unchanged(), 159);
  EXPECT_EQ(import->response.updated(), 1);
  EXPECT_EQ(import->response.created(), 1);
  EXPECT_EQ(import->events.size(), 2U);
  grids.Mutable(0)->set_etag("v7");
  EXPECT_TRUE(absl::IsAborted(DecideGridImport(grids, stored, facts_).status()));
}

TEST_F(Rules, Sees_ByPrefixAndUnit) {
  RowScope township;
  township.area_prefixes = {"469030100"};
  EXPECT_TRUE(Sees(township, *Find(rows_.areas, "469030100000")));
  EXPECT_TRUE(Sees(township, *Find(rows_.areas, "469030100003")));
  EXPECT_FALSE(Sees(township, *Find(rows_.areas, "469030000000")));
  EXPECT_FALSE(Sees(township, *Find(rows_.areas, "469030101000")));
  EXPECT_TRUE(Sees(township, *Find(rows_.grids, "469030100003001")));
  EXPECT_TRUE(Sees(township, *Find(rows_.estates, "minhua")));
  EXPECT_FALSE(Sees(township, *Find(rows_.estates, "taihe")));
  EXPECT_FALSE(Sees(township, *Find(rows_.units, "zhujianju")));
  township.units = {"zhujianju"};
  EXPECT_TRUE(Sees(township, *Find(rows_.units, "zhujianju")));
  RowScope nothing;
  nothing.area_prefixes = {""};
  EXPECT_FALSE(Sees(nothing, *Find(rows_.areas, "469030100003")));
}

}  // namespace
}  // namespace baimi::registry::domain
