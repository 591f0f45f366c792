#include "common/codes/area_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace baimi::codes {
namespace {

using testing::HasSubstr;

TEST(AreaCode, WellFormed_GivesItsLevel) {
  const std::pair<absl::string_view, AreaLevel> cases[] = {
      {"469030", AreaLevel::kCounty},        {"211202", AreaLevel::kCounty},
      {"460400", AreaLevel::kCounty},  // 儋州, a city without counties
      {"469030100", AreaLevel::kTownship},   {"469030400", AreaLevel::kTownship},
      {"469030100001", AreaLevel::kArea},    {"211202400598", AreaLevel::kArea},
      {"469030100001001", AreaLevel::kGrid}, {"469030100001999", AreaLevel::kGrid},
  };
  for (const auto& [code, level] : cases) {
    const auto parsed = ParseAreaCode("code", code);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, level) << code;
    EXPECT_TRUE(CheckAreaCode("code", code, level).ok());
  }
}

TEST(AreaCode, Malformed_IsRefusedSayingWhy) {
  const std::pair<absl::string_view, absl::string_view> cases[] = {
      {"", "want a code of 6, 9, 12 or 15 digits"},
      {"46903", "got '46903'"},
      {"4690301", "want a code of 6, 9, 12 or 15 digits"},
      {"469030100001001001", "want a code of 6, 9, 12 or 15 digits"},
      {"46903X", "want digits only"},
      {"４６", "want digits only"},
      {" 69030", "want digits only"},
      {"069030", "not beginning with 0"},
      {"460000", "want a county, not a whole province"},
      {"469030000", "want no segment 000; the unit above is 469030"},
      {"469030100000", "want no segment 000; the unit above is 469030100"},
      {"469030000001", "want no segment 000; the unit above is 469030"},
      {"469030100001000", "want no segment 000; the unit above is 469030100001"},
  };
  for (const auto& [code, message] : cases) {
    const absl::Status status = ParseAreaCode("area.code", code).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << code;
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(message)));
    EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "area.code");
    EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
  }
}

TEST(AreaCode, OtherLevel_IsRefusedNamingTheWantedOne) {
  const absl::Status status = CheckAreaCode("area", "469030100", AreaLevel::kArea);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("area: got '469030100', want a village or community code of 12 digits"));
  for (const AreaLevel level : {AreaLevel::kCounty, AreaLevel::kTownship, AreaLevel::kGrid}) {
    EXPECT_FALSE(CheckAreaCode("area", "469030100001", level).ok());
  }
}

TEST(AreaCode, Parents_WalkUpToTheCounty) {
  EXPECT_EQ(ParentCode("469030100001012"), "469030100001");
  EXPECT_EQ(ParentCode("469030100001"), "469030100");
  EXPECT_EQ(ParentCode("469030100"), "469030");
  EXPECT_EQ(ParentCode("469030"), "");
  EXPECT_EQ(ParentCode("46903010"), "");
  EXPECT_EQ(AncestorCode("469030100001012", AreaLevel::kTownship), "469030100");
  EXPECT_EQ(AncestorCode("469030100", AreaLevel::kTownship), "469030100");
  EXPECT_EQ(AncestorCode("469030", AreaLevel::kTownship), "");
}

TEST(AreaCode, Within_IsTrueForSelfAndBelowOnly) {
  const absl::string_view chain[] = {"469030", "469030100", "469030100001", "469030100001012"};
  for (size_t i = 0; i < std::size(chain); ++i) {
    for (size_t j = 0; j < std::size(chain); ++j) {
      EXPECT_EQ(IsWithin(chain[i], chain[j]), i >= j) << chain[i] << " in " << chain[j];
    }
  }
  EXPECT_FALSE(IsWithin("469030101001", "469030100"));
  EXPECT_FALSE(IsWithin("469030100001", "4690301"));
  EXPECT_FALSE(IsWithin("469030100001", ""));
  EXPECT_TRUE(CheckWithin("grid", "469030100001012", "469030").ok());
  EXPECT_THAT(std::string(CheckWithin("grid", "469030100001012", "211202").message()),
              HasSubstr("grid: got '469030100001012', want a code within 211202"));
  EXPECT_FALSE(CheckWithin("grid", "x", "469030").ok());
}

TEST(GridCode, EverySequence_HasItsClass) {
  for (int sequence = 0; sequence <= 999; ++sequence) {
    const std::string code = absl::StrCat("469030100001", absl::Dec(sequence, absl::kZeroPad3));
    const auto parsed = ParseGridCode("grid", code);
    if (sequence == 0 || sequence == 900) {
      EXPECT_FALSE(parsed.ok()) << code;
      continue;
    }
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, sequence > 900 ? GridClass::kDedicated : GridClass::kGeneral) << code;
  }
  EXPECT_FALSE(ParseGridCode("grid", "469030100001").ok());
}

}  // namespace
}  // namespace baimi::codes
