#include "common/text/place_matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/error.h"

namespace baimi::text {
namespace {

enum Kind { kTownship = 1, kArea = 2, kEstate = 3 };

std::vector<Place> County() {
  return {
      {"469030100", kTownship, "营根镇", {"营根"}},
      {"469030100003", kArea, "营北社区居委会", {"营北社区", "营北"}},
      {"469030100216", kArea, "营根村委会", {"营根村"}},
      {"e1", kEstate, "珉华小区", {"珉华"}},
      {"e2", kEstate, "阳光小区A区", {}},
      {"e3", kEstate, "小区3", {}},
      {"469030101200", kArea, "新村", {}},
      {"469030102200", kArea, "新村", {"新村村委会"}},
  };
}

// "text=id,id ..." for each match.
std::string Found(const PlaceMatcher& matcher, absl::string_view text) {
  return absl::StrJoin(matcher.Match(text), " ", [&](std::string* out, const PlaceMatch& match) {
    absl::StrAppend(out, text.substr(match.begin, match.end - match.begin), "=",
                    absl::StrJoin(match.candidates, ",", [](std::string* ids, const auto& c) {
                      absl::StrAppend(ids, c.id);
                    }));
  });
}

TEST(PlaceMatcher, Table_FindsLongestNamesFromLeftToRight) {
  const auto matcher = PlaceMatcher::Build(County());
  ASSERT_TRUE(matcher.ok()) << matcher.status();
  const std::pair<absl::string_view, absl::string_view> cases[] = {
      {"营根镇营北社区珉华小区3栋", "营根镇=469030100 营北社区=469030100003 珉华小区=e1"},
      {"营根营北珉华", "营根=469030100 营北=469030100003 珉华=e1"},
      {"营根村一组", "营根村=469030100216"},
      {"营根村委会旁边", "营根村委会=469030100216"},
      {"营根 - 营北　社区·珉华", "营根=469030100 营北　社区=469030100003 珉华=e1"},
      {"营根，镇", "营根=469030100"},
      {"新，村", ""},
      {"去新村", "新村=469030101200,469030102200"},
      {"新村村委会", "新村村委会=469030102200"},
      {"阳光小区Ａ区2栋", "阳光小区Ａ区=e2"},
      {"阳光小区a区", "阳光小区a区=e2"},
      {"小区3栋", "小区3=e3"},
      {"小区38栋", ""},
      {"小区3 8栋", "小区3=e3"},
      {"别处", ""},
      {"", ""},
      {"营", ""},
      {"营北\xE7社区", "营北=469030100003"},
  };
  for (const auto& [text, found] : cases) {
    EXPECT_EQ(Found(*matcher, text), found) << text;
  }
}

TEST(PlaceMatcher, Match_NamesTheCandidateAndItsPlace) {
  const auto matcher = PlaceMatcher::Build(County());
  ASSERT_TRUE(matcher.ok());
  const std::vector<PlaceMatch> matches = matcher->Match("在珉华");
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].begin, 3U);
  EXPECT_EQ(matches[0].end, 9U);
  ASSERT_EQ(matches[0].candidates.size(), 1U);
  EXPECT_EQ(matches[0].candidates[0].kind, kEstate);
  EXPECT_EQ(matches[0].candidates[0].name, "珉华小区");
}

TEST(PlaceMatcher, Matches_NeverOverlapAndAlwaysCoverAName) {
  const auto matcher = PlaceMatcher::Build(County());
  ASSERT_TRUE(matcher.ok());
  const absl::string_view pieces[] = {"营根", "镇", "营北", "社区", "珉华",
                                      "小区", "3",  "新",   "村",   "，"};
  uint32_t state = 7;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 8; ++i) {
      state = state * 1664525U + 1013904223U;
      text += std::string(pieces[(state >> 16U) % std::size(pieces)]);
    }
    size_t last = 0;
    for (const PlaceMatch& match : matcher->Match(text)) {
      ASSERT_GE(match.begin, last) << text;
      ASSERT_GT(match.end, match.begin);
      ASSERT_LE(match.end, text.size());
      ASSERT_FALSE(match.candidates.empty());
      last = match.end;
    }
  }
}

TEST(PlaceMatcher, SameNameGivenTwice_IsOneCandidate) {
  const auto matcher = PlaceMatcher::Build({{"a", 1, "营根镇", {"营根镇", "营 根镇"}}});
  ASSERT_TRUE(matcher.ok());
  EXPECT_EQ(Found(*matcher, "营根镇"), "营根镇=a");
}

TEST(PlaceMatcher, ShortName_IsRefusedWithItsPath) {
  const auto short_name = PlaceMatcher::Build({{"a", 1, "营根镇", {}}, {"b", 1, "营-", {}}});
  EXPECT_EQ(short_name.status().code(), absl::StatusCode::kInvalidArgument);
  const auto bad = BadRequestOf(short_name.status());
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->field_violations(0).field(), "places[1].name");

  const auto short_alias = PlaceMatcher::Build({{"a", 1, "营根镇", {"镇"}}});
  EXPECT_THAT(std::string(short_alias.status().message()),
              testing::HasSubstr("places[0].aliases[0]: got '镇'"));
}

TEST(PlaceMatcher, Empty_FindsNothing) { EXPECT_TRUE(PlaceMatcher().Match("营根镇").empty()); }

}  // namespace
}  // namespace baimi::text
