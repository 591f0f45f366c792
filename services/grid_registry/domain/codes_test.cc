#include "services/grid_registry/domain/codes.h"

#include "gtest/gtest.h"

namespace baimi::registry::domain {
namespace {

TEST(LevelOf, PaddedCodes_ByTheirDigits) {
  EXPECT_EQ(LevelOf("469030000000"), v1::COUNTY);
  EXPECT_EQ(LevelOf("469030100000"), v1::TOWNSHIP);
  EXPECT_EQ(LevelOf("469030100003"), v1::VILLAGE);
  EXPECT_EQ(LevelOf("469030500400"), v1::VILLAGE);
  for (const char* bad : {"", "469030", "469030100", "469030000001", "46903010000x",
                          "4690301000030", "460000000000"}) {
    EXPECT_EQ(LevelOf(bad), v1::AREA_LEVEL_UNSPECIFIED) << bad;
  }
}

TEST(ParentAreaCode, EachLevel_TheOneAbove) {
  EXPECT_EQ(ParentAreaCode("469030100003"), "469030100000");
  EXPECT_EQ(ParentAreaCode("469030100000"), "469030000000");
  EXPECT_EQ(ParentAreaCode("469030000000"), "");
  EXPECT_EQ(TownshipOf("469030100003001"), "469030100000");
  EXPECT_EQ(AreaOfGrid("469030100003001"), "469030100003");
}

TEST(ParseAreaKind, NamesAndTerms_Known) {
  EXPECT_EQ(ParseAreaKind("社区"), v1::COMMUNITY);
  EXPECT_EQ(ParseAreaKind("COMMUNITY"), v1::COMMUNITY);
  EXPECT_EQ(ParseAreaKind("行政村"), v1::ADMINISTRATIVE_VILLAGE);
  EXPECT_EQ(ParseAreaKind("农场居"), v1::FARM_COMMUNITY);
  EXPECT_EQ(ParseAreaKind("镇"), v1::TOWN);
  EXPECT_EQ(ParseAreaKind("乡"), v1::RURAL_TOWNSHIP);
  EXPECT_EQ(ParseAreaKind("街道"), v1::SUBDISTRICT);
  EXPECT_EQ(ParseAreaKind("县"), v1::COUNTY_SEAT);
  for (const char* bad : {"", "小区", "community", "AREA_KIND_UNSPECIFIED", "6"}) {
    EXPECT_EQ(ParseAreaKind(bad), v1::AREA_KIND_UNSPECIFIED) << bad;
  }
}

TEST(AreaKindTerm, EveryKind_ReadsBackAndHasALevel) {
  for (int i = v1::AreaKind_MIN + 1; i <= v1::AreaKind_MAX; ++i) {
    const auto kind = static_cast<v1::AreaKind>(i);
    EXPECT_EQ(ParseAreaKind(AreaKindTerm(kind)), kind);
    EXPECT_NE(LevelOfKind(kind), v1::AREA_LEVEL_UNSPECIFIED);
  }
}

TEST(IdInCounty, OtherCountyOrCollection_Refused) {
  EXPECT_EQ(*IdInCounty("p", kUnits, "469030", "counties/469030/units/hotline"), "hotline");
  for (const char* bad : {"counties/211202/units/hotline", "counties/469030/areas/hotline", "x"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(IdInCounty("p", kUnits, "469030", bad).status())) << bad;
  }
}

}  // namespace
}  // namespace baimi::registry::domain
