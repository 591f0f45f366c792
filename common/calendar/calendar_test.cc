#include "common/calendar/calendar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "common/calendar/testing_calendar.h"

namespace baimi::calendar {
namespace {

using testing::HasSubstr;

TEST(Date, Parse_TakesOneSpellingOfRealDays) {
  EXPECT_EQ(*ParseDate("date", "2024-02-29"), absl::CivilDay(2024, 2, 29));
  for (const absl::string_view text :
       {"", "2025-02-29", "2025-13-01", "2025-00-10", "2025-1-1", "25-01-01", " 2025-01-01",
        "2025-01-01 ", "2025/01/01", "2025-01-01T00:00:00", "+2025-01-01", "-999-01-01",
        "0025-1-01", "今天"}) {
    EXPECT_EQ(ParseDate("date", text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(Date, DayEdges_AreShanghaiMidnights) {
  EXPECT_EQ(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", StartOf(Day("2025-10-01")), absl::UTCTimeZone()),
            "2025-09-30T16:00:00Z");
  const absl::Time midnight = StartOf(Day("2025-10-01"));
  EXPECT_EQ(DayOf(midnight), Day("2025-10-01"));
  EXPECT_EQ(DayOf(midnight - absl::Microseconds(1)), Day("2025-09-30"));
}

TEST(Calendar, WorkdaysOfAYear_MatchTheNotices) {
  const std::pair<int, int> cases[] = {{2023, 249}, {2024, 251}, {2025, 248}, {2026, 248}};
  for (const auto& [year, workdays] : cases) {
    const absl::CivilDay last(year, 12, 31);
    EXPECT_EQ(*National().WorkdaysBetween(absl::CivilDay(year - 1, 12, 31), last), workdays)
        << year;
  }
}

TEST(Calendar, SpansOf2024To2026_AreOffAndMadeUp) {
  const std::pair<absl::string_view, absl::string_view> off[] = {
      {"2024-01-01", "2024-01-01"}, {"2024-02-10", "2024-02-17"}, {"2024-04-04", "2024-04-06"},
      {"2024-05-01", "2024-05-05"}, {"2024-06-10", "2024-06-10"}, {"2024-09-15", "2024-09-17"},
      {"2024-10-01", "2024-10-07"}, {"2025-01-01", "2025-01-01"}, {"2025-01-28", "2025-02-04"},
      {"2025-04-04", "2025-04-06"}, {"2025-05-01", "2025-05-05"}, {"2025-05-31", "2025-06-02"},
      {"2025-10-01", "2025-10-08"}, {"2026-01-01", "2026-01-03"}, {"2026-02-15", "2026-02-23"},
      {"2026-04-04", "2026-04-06"}, {"2026-05-01", "2026-05-05"}, {"2026-06-19", "2026-06-21"},
      {"2026-09-25", "2026-09-27"}, {"2026-10-01", "2026-10-07"},
  };
  for (const auto& [first, last] : off) {
    for (absl::CivilDay day = Day(first); day <= Day(last); ++day) {
      EXPECT_FALSE(*National().IsWorkday(day)) << FormatDate(day);
    }
  }
  for (const absl::string_view day :
       {"2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14",
        "2024-09-29", "2024-10-12", "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28",
        "2025-10-11", "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20",
        "2026-10-10"}) {
    EXPECT_TRUE(*National().IsWorkday(Day(day))) << day;
  }
}

struct Step {
  absl::string_view start;
  int n;
  absl::string_view due;
};

TEST(Calendar, AddWorkdays_MatchesTheVectors) {
  const Step cases[] = {
      {"2025-09-26", 5, "2025-10-10"}, {"2025-09-28", 1, "2025-09-29"},
      {"2025-10-01", 2, "2025-10-10"}, {"2025-01-24", 5, "2025-02-07"},
      {"2026-02-13", 2, "2026-02-24"}, {"2026-02-13", 5, "2026-02-27"},
      {"2024-09-30", 3, "2024-10-10"}, {"2024-04-30", 5, "2024-05-10"},
      {"2025-03-28", 5, "2025-04-07"}, {"2025-10-01", 0, "2025-10-01"},
  };
  for (const Step& c : cases) {
    EXPECT_EQ(*National().AddWorkdays(Day(c.start), c.n), Day(c.due)) << c.start << " " << c.n;
  }
  EXPECT_EQ(*Qiongzhong().AddWorkdays(Day("2025-03-28"), 5), Day("2025-04-09"));
}

TEST(Calendar, AddNaturalDays_MatchesTheVectors) {
  const Step cases[] = {
      {"2025-09-16", 15, "2025-10-09"},
      {"2025-09-21", 7, "2025-09-28"},
      {"2026-02-09", 7, "2026-02-24"},
      {"2026-11-02", 5, "2026-11-09"},  // a plain Saturday
  };
  for (const Step& c : cases) {
    EXPECT_EQ(*National().AddNaturalDays(Day(c.start), c.n, Roll::kToWorkday), Day(c.due))
        << c.start;
    EXPECT_EQ(*National().AddNaturalDays(Day(c.start), c.n, Roll::kNone), Day(c.start) + c.n);
  }
}

TEST(Calendar, AddMonths_EndsOnTheSameNumberOrTheLastDay) {
  const Step cases[] = {
      {"2025-01-15", 1, "2025-02-15"},  {"2025-01-31", 1, "2025-02-28"},
      {"2024-01-31", 1, "2024-02-29"},  {"2025-08-31", 6, "2026-02-28"},
      {"2024-02-29", 12, "2025-02-28"}, {"2025-11-30", 1, "2025-12-30"},
      {"2025-12-31", 1, "2026-01-31"},
  };
  for (const Step& c : cases) {
    EXPECT_EQ(*National().AddMonths(Day(c.start), c.n, Roll::kNone), Day(c.due)) << c.start;
  }
  EXPECT_EQ(*National().AddMonths(Day("2025-09-01"), 1, Roll::kToWorkday), Day("2025-10-09"));
}

TEST(Calendar, AddWorkdays_LandsOnTheNthWorkdayForEveryStart) {
  for (absl::CivilDay start = Day("2023-12-25"); start <= Day("2026-11-01"); ++start) {
    absl::CivilDay previous = start;
    for (int n = 1; n <= 12; ++n) {
      const absl::CivilDay due = *Qiongzhong().AddWorkdays(start, n);
      ASSERT_GT(due, previous);
      ASSERT_TRUE(*Qiongzhong().IsWorkday(due)) << FormatDate(due);
      ASSERT_EQ(*Qiongzhong().WorkdaysBetween(start, due), n) << FormatDate(start);
      ASSERT_GE(*Qiongzhong().AddWorkdays(start + 1, n), due);
      ASSERT_EQ(*Qiongzhong().AddWorkdays(*Qiongzhong().AddWorkdays(start, 1), n - 1), due);
      previous = due;
    }
  }
}

TEST(Calendar, BeyondTheData_IsAnErrorAndNoGuess) {
  for (const absl::string_view day : {"2027-01-01", "2027-10-01", "2003-12-31", "2027-01-04"}) {
    EXPECT_EQ(National().Lookup(Day(day)), std::nullopt);
    const absl::Status status = National().IsWorkday(Day(day)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
    EXPECT_EQ(ReasonOf(status), "CALENDAR_OUT_OF_RANGE");
    EXPECT_EQ(ErrorInfoOf(status)->metadata().at("date"), day);
    EXPECT_THAT(std::string(status.message()), HasSubstr("want a day in 2004-01-01 to 2026-12-31"));
  }
  EXPECT_TRUE(absl::IsOutOfRange(National().AddWorkdays(Day("2026-12-31"), 1).status()));
  EXPECT_TRUE(absl::IsOutOfRange(
      National().AddNaturalDays(Day("2026-12-31"), 1, Roll::kToWorkday).status()));
  EXPECT_TRUE(absl::IsOutOfRange(
      National().WorkdaysBetween(Day("2026-12-30"), Day("2027-01-01")).status()));
  EXPECT_TRUE(
      absl::IsOutOfRange(National().WorkdayHours(Day("2027-01-04"), BusinessHours()).status()));
  EXPECT_EQ(*National().AddWorkdays(Day("2026-12-30"), 1), Day("2026-12-31"));
}

TEST(Calendar, WorkdayHours_AreZeroOnADayOff) {
  EXPECT_EQ(*National().WorkdayHours(Day("2025-09-28"), BusinessHours()), absl::Minutes(390));
  EXPECT_EQ(*National().WorkdayHours(Day("2025-10-01"), BusinessHours()), absl::ZeroDuration());
}

TEST(Overlay, CountyDay_BeatsTheNation) {
  EXPECT_TRUE(*National().IsWorkday(Day("2025-03-31")));
  EXPECT_FALSE(*Qiongzhong().IsWorkday(Day("2025-03-31")));
  EXPECT_TRUE(*Qiongzhong().IsWorkday(Day("2025-04-02")));
  EXPECT_EQ(Qiongzhong().OverrideOn(Day("2025-04-01"))->doc_no, "琼中府办〔2025〕0号（虚构）");
  EXPECT_EQ(Qiongzhong().OverrideOn(Day("2025-04-02")), std::nullopt);
  const auto open = National().WithOverlay("469030", {{Day("2025-10-05"), true, "n"}});
  EXPECT_TRUE(*open->IsWorkday(Day("2025-10-05")));
}

TEST(Overlay, DayOutsideTheYears_IsKnownByItself) {
  const auto calendar = National().WithOverlay("469030", {{Day("2027-04-09"), false, "n"}});
  ASSERT_TRUE(calendar.ok());
  EXPECT_FALSE(*calendar->IsWorkday(Day("2027-04-09")));
  EXPECT_TRUE(absl::IsOutOfRange(calendar->IsWorkday(Day("2027-04-08")).status()));
}

TEST(Overlay, Version_NamesCountyAndContent) {
  const DayOverride first{Day("2025-03-31"), false, "a"};
  const DayOverride second{Day("2025-04-01"), false, "a"};
  const std::string version = National().WithOverlay("469030", {first, second})->version();
  EXPECT_THAT(version, testing::StartsWith(National().version() + "+469030."));
  EXPECT_EQ(National().WithOverlay("469030", {second, first})->version(), version);
  EXPECT_EQ(Qiongzhong().WithOverlay("469030", {first, second})->version(), version);
  EXPECT_NE(National().WithOverlay("469030", {first})->version(), version);
  EXPECT_NE(National().WithOverlay("469027", {first, second})->version(), version);
  EXPECT_EQ(Qiongzhong().WithOverlay("469030", {})->version(), National().version());
}

TEST(Overlay, BadRow_IsRefusedWithItsPath) {
  const auto no_document = National().WithOverlay("469030", {{Day("2025-03-31"), false, ""}});
  EXPECT_THAT(std::string(no_document.status().message()), HasSubstr("overrides[0].doc_no: got"));
  const auto twice = National().WithOverlay(
      "469030", {{Day("2025-03-31"), false, "a"}, {Day("2025-03-31"), true, "b"}});
  EXPECT_THAT(std::string(twice.status().message()),
              HasSubstr("overrides[1].date: got 2025-03-31"));
  EXPECT_THAT(std::string(National().WithOverlay("4690", {}).status().message()),
              HasSubstr("county: got '4690'"));
}

}  // namespace
}  // namespace baimi::calendar
