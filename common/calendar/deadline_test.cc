#include "common/calendar/deadline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "common/calendar/testing_calendar.h"

namespace baimi::calendar {
namespace {

constexpr PeriodUnit kUnits[] = {PeriodUnit::kMinutes, PeriodUnit::kHours,
                                 PeriodUnit::kWorkingHours, PeriodUnit::kWorkingDays,
                                 PeriodUnit::kNaturalDays};

Period Of(PeriodUnit unit, int amount) { return {unit, amount, BusinessHours()}; }

// Instants spread over the year-end holidays of 2024 to 2026, minute by odd minute.
std::vector<absl::Time> Instants() {
  std::vector<absl::Time> instants;
  for (absl::Time t = At("2024-12-20 00:00"); t < At("2025-02-20 00:00"); t += absl::Minutes(437)) {
    instants.push_back(t);
  }
  for (absl::Time t = At("2025-09-24 08:30"); t < At("2025-10-15 00:00"); t += absl::Hours(6)) {
    instants.push_back(t);
  }
  return instants;
}

struct Case {
  absl::string_view start;
  PeriodUnit unit;
  int amount;
  absl::string_view due;
};

TEST(Due, Table_FollowsTheCountingRules) {
  const Case cases[] = {
      {"2025-09-30 23:50", PeriodUnit::kMinutes, 10, "2025-10-01 00:00"},
      {"2025-09-30 20:00", PeriodUnit::kHours, 24, "2025-10-01 20:00"},
      {"2025-10-03 02:00", PeriodUnit::kHours, 2, "2025-10-03 04:00"},
      // Working hours: before, in, between and after the shifts, over a holiday, on a made-up
      // Sunday.
      {"2025-09-22 07:00", PeriodUnit::kWorkingHours, 4, "2025-09-22 15:00"},
      {"2025-09-22 09:00", PeriodUnit::kWorkingHours, 3, "2025-09-22 12:00"},
      {"2025-09-22 13:00", PeriodUnit::kWorkingHours, 3, "2025-09-22 17:30"},
      {"2025-09-22 16:30", PeriodUnit::kWorkingHours, 4, "2025-09-23 11:30"},
      {"2025-09-22 17:30", PeriodUnit::kWorkingHours, 1, "2025-09-23 09:30"},
      {"2025-09-22 12:00", PeriodUnit::kWorkingHours, 1, "2025-09-22 15:30"},
      {"2025-09-30 16:30", PeriodUnit::kWorkingHours, 4, "2025-10-09 11:30"},
      {"2025-10-02 10:00", PeriodUnit::kWorkingHours, 13, "2025-10-10 17:30"},
      {"2025-09-28 08:00", PeriodUnit::kWorkingHours, 1, "2025-09-28 09:30"},
      // Days end at 24:00, whenever on the first day they began.
      {"2025-09-26 00:00", PeriodUnit::kWorkingDays, 5, "2025-10-11 00:00"},
      {"2025-09-26 23:59", PeriodUnit::kWorkingDays, 5, "2025-10-11 00:00"},
      {"2025-10-01 12:00", PeriodUnit::kWorkingDays, 2, "2025-10-11 00:00"},
      {"2026-02-13 18:00", PeriodUnit::kWorkingDays, 2, "2026-02-25 00:00"},
      {"2025-09-16 09:00", PeriodUnit::kNaturalDays, 15, "2025-10-10 00:00"},
      {"2025-09-21 09:00", PeriodUnit::kNaturalDays, 7, "2025-09-29 00:00"},
      {"2026-02-09 09:00", PeriodUnit::kNaturalDays, 7, "2026-02-25 00:00"},
      {"2025-09-22 10:00", PeriodUnit::kNaturalDays, 1, "2025-09-24 00:00"},
  };
  for (const Case& c : cases) {
    const Deadline deadline = Due(National(), At(c.start), Of(c.unit, c.amount));
    EXPECT_EQ(deadline.due, At(c.due))
        << c.start << " +" << c.amount << " gives " << absl::FormatTime(deadline.due);
    EXPECT_FALSE(deadline.provisional) << c.start;
    EXPECT_EQ(deadline.calendar_version, National().version());
  }
  EXPECT_EQ(Due(Qiongzhong(), At("2025-03-28 10:00"), Of(PeriodUnit::kWorkingDays, 5)).due,
            At("2025-04-10 00:00"));
}

TEST(Due, OwnBusinessHours_AreUsed) {
  Period period = Of(PeriodUnit::kWorkingHours, 10);
  period.business_hours = BusinessHours::Parse("hours", "09:00-13:00").value();
  EXPECT_EQ(Due(National(), At("2025-09-22 10:00"), period).due, At("2025-09-24 12:00"));
}

TEST(Due, BeyondTheData_UsesThePlainWeekAndSaysSo) {
  struct Beyond {
    Case c;
    bool provisional;
  };
  const Beyond cases[] = {
      {{"2026-12-30 10:00", PeriodUnit::kWorkingDays, 1, "2027-01-01 00:00"}, true},
      {{"2026-12-30 10:00", PeriodUnit::kWorkingDays, 2, "2027-01-02 00:00"}, true},
      {{"2026-12-30 10:00", PeriodUnit::kWorkingDays, 3, "2027-01-05 00:00"}, true},
      {{"2026-12-23 10:00", PeriodUnit::kWorkingDays, 1, "2026-12-25 00:00"}, false},
      {{"2026-12-24 10:00", PeriodUnit::kWorkingDays, 1, "2026-12-26 00:00"}, true},
      {{"2026-12-17 10:00", PeriodUnit::kNaturalDays, 7, "2026-12-25 00:00"}, false},
      {{"2026-12-24 10:00", PeriodUnit::kNaturalDays, 7, "2027-01-01 00:00"}, true},
      {{"2026-12-25 10:00", PeriodUnit::kNaturalDays, 8, "2027-01-05 00:00"}, true},
      {{"2026-12-31 23:00", PeriodUnit::kHours, 2, "2027-01-01 01:00"}, false},
      {{"2026-12-24 16:30", PeriodUnit::kWorkingHours, 1, "2026-12-24 17:30"}, false},
      {{"2026-12-31 16:30", PeriodUnit::kWorkingHours, 1, "2026-12-31 17:30"}, true},
      {{"2026-12-31 16:30", PeriodUnit::kWorkingHours, 2, "2027-01-01 09:30"}, true},
      {{"2003-12-30 10:00", PeriodUnit::kWorkingDays, 1, "2004-01-01 00:00"}, true},
  };
  for (const auto& [c, provisional] : cases) {
    const Deadline deadline = Due(National(), At(c.start), Of(c.unit, c.amount));
    EXPECT_EQ(deadline.due, At(c.due)) << c.start;
    EXPECT_EQ(deadline.provisional, provisional) << c.start << " +" << c.amount;
  }
}

TEST(Due, NoticeLoadedLater_TurnsAProvisionalDeadlineFirm) {
  const std::string json = R"({"years": {"2026": {"off": [], "makeup": []},
      "2027": {"off": ["2027-01-01"], "makeup": ["2027-01-02"]}}})";
  const auto loaded = Calendar::FromJson(json);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const Period period = Of(PeriodUnit::kWorkingDays, 2);
  const Deadline before = Due(National(), At("2026-12-30 10:00"), period);
  const Deadline after = Due(*loaded, At("2026-12-30 10:00"), period);
  EXPECT_TRUE(before.provisional);
  EXPECT_FALSE(after.provisional);
  EXPECT_EQ(after.due, At("2027-01-03 00:00"));
  EXPECT_NE(before.calendar_version, after.calendar_version);
}

TEST(Due, AnyUnit_IsMonotoneInStartAndAmount) {
  for (const PeriodUnit unit : kUnits) {
    absl::Time previous = absl::InfinitePast();
    std::vector<absl::Time> instants = Instants();
    std::sort(instants.begin(), instants.end());
    for (const absl::Time start : instants) {
      const absl::Time due = Due(National(), start, Of(unit, 5)).due;
      ASSERT_GE(due, previous);
      ASSERT_GT(due, start);
      ASSERT_GE(Due(National(), start, Of(unit, 6)).due, due);
      previous = due;
    }
  }
}

TEST(Due, DaysOfWork_AgreeWithTheCalendar) {
  for (const absl::Time start : Instants()) {
    for (const int amount : {1, 5, 15}) {
      EXPECT_EQ(Due(Qiongzhong(), start, Of(PeriodUnit::kWorkingDays, amount)).due,
                StartOf(*Qiongzhong().AddWorkdays(DayOf(start), amount) + 1));
      EXPECT_EQ(Due(Qiongzhong(), start, Of(PeriodUnit::kNaturalDays, amount)).due,
                StartOf(*Qiongzhong().AddNaturalDays(DayOf(start), amount, Roll::kToWorkday) + 1));
    }
  }
}

TEST(Due, OddInput_IsTotal) {
  const absl::Time start = At("2025-09-22 10:00");
  for (const PeriodUnit unit : kUnits) {
    EXPECT_EQ(Due(National(), start, Of(unit, -5)).due, Due(National(), start, Of(unit, 0)).due);
    EXPECT_EQ(Due(National(), start, Of(unit, 2'000'000'000)).due,
              Due(National(), start, Of(unit, kMaxPeriodAmount)).due);
    EXPECT_EQ(Due(National(), absl::InfiniteFuture(), Of(unit, 5)).due, absl::InfiniteFuture());
  }
}

TEST(Elapsed, Table_CountsWhatThePeriodCounts) {
  struct Row {
    absl::string_view from;
    absl::string_view to;
    PeriodUnit unit;
    absl::Duration want;
  };
  const Row rows[] = {
      {"2025-09-30 16:30", "2025-10-09 09:30", PeriodUnit::kHours, absl::Hours(8 * 24 + 17)},
      {"2025-09-30 16:30", "2025-10-09 09:30", PeriodUnit::kWorkingHours, absl::Hours(2)},
      {"2025-09-30 16:30", "2025-10-09 09:30", PeriodUnit::kWorkingDays, absl::Hours(17)},
      {"2025-09-30 16:30", "2025-10-09 09:30", PeriodUnit::kNaturalDays, absl::Hours(8 * 24 + 17)},
      {"2025-09-22 11:00", "2025-09-22 15:00", PeriodUnit::kWorkingHours, absl::Minutes(90)},
      {"2025-10-01 00:00", "2025-10-09 00:00", PeriodUnit::kWorkingDays, absl::ZeroDuration()},
      {"2025-09-22 11:00", "2025-09-22 11:00", PeriodUnit::kWorkingDays, absl::ZeroDuration()},
      {"2025-09-23 11:00", "2025-09-22 11:00", PeriodUnit::kHours, absl::ZeroDuration()},
  };
  for (const Row& row : rows) {
    const Elapsed elapsed = ElapsedTime(National(), At(row.from), At(row.to), Of(row.unit, 1));
    EXPECT_EQ(elapsed.duration, row.want) << row.from << " to " << row.to;
    EXPECT_FALSE(elapsed.provisional);
  }
}

TEST(Elapsed, BeyondTheData_IsProvisional) {
  const Period days = Of(PeriodUnit::kWorkingDays, 1);
  const absl::Time from = At("2026-12-24 00:00");
  const Elapsed inside = ElapsedTime(National(), from, At("2026-12-25 00:00"), days);
  EXPECT_EQ(inside.duration, absl::Hours(24));
  EXPECT_FALSE(inside.provisional);
  const Elapsed beyond = ElapsedTime(National(), from, At("2027-01-04 00:00"), days);
  EXPECT_EQ(beyond.duration, 7 * absl::Hours(24));
  EXPECT_TRUE(beyond.provisional);
}

TEST(Elapsed, Stretches_AddUp) {
  const std::vector<absl::Time> instants = Instants();
  for (const PeriodUnit unit : kUnits) {
    const Period period = Of(unit, 1);
    for (size_t i = 0; i + 40 < instants.size(); i += 3) {
      const absl::Time a = instants[i];
      const absl::Time b = instants[i + 17];
      const absl::Time c = instants[i + 40];
      EXPECT_EQ(ElapsedTime(National(), a, c, period).duration,
                ElapsedTime(National(), a, b, period).duration +
                    ElapsedTime(National(), b, c, period).duration);
    }
  }
}

TEST(Elapsed, UntilDue_IsTheWholePeriodForClocksOfHours) {
  for (const absl::Time start : Instants()) {
    for (const PeriodUnit unit : {PeriodUnit::kHours, PeriodUnit::kWorkingHours}) {
      const Period period = Of(unit, 9);
      EXPECT_EQ(ElapsedTime(National(), start, Due(National(), start, period).due, period).duration,
                absl::Hours(9));
    }
  }
}

TEST(Resume, AtOnce_GivesTheOldDeadline) {
  for (const PeriodUnit unit : kUnits) {
    const Period period = Of(unit, 7);
    for (const absl::Time start : Instants()) {
      const Deadline old = Due(National(), start, period);
      const absl::Time pause = start + (old.due - start) / 3;
      const absl::Duration left = ElapsedTime(National(), pause, old.due, period).duration;
      EXPECT_EQ(Resume(National(), pause, left, period).due, old.due) << absl::FormatTime(start);
    }
  }
}

TEST(Resume, Table_RunsOnAfterAPause) {
  struct Row {
    absl::string_view at;
    absl::Duration left;
    PeriodUnit unit;
    absl::string_view due;
  };
  const Row rows[] = {
      {"2025-09-22 16:30", absl::Minutes(90), PeriodUnit::kWorkingHours, "2025-09-23 09:00"},
      {"2025-09-30 22:00", absl::Hours(3), PeriodUnit::kHours, "2025-10-01 01:00"},
      {"2025-09-30 12:00", absl::Hours(24), PeriodUnit::kWorkingDays, "2025-10-10 00:00"},
      {"2025-09-30 12:00", absl::Hours(12), PeriodUnit::kWorkingDays, "2025-10-01 00:00"},
      {"2025-09-30 12:00", absl::Hours(24), PeriodUnit::kNaturalDays, "2025-10-10 00:00"},
      {"2025-09-30 12:00", absl::ZeroDuration(), PeriodUnit::kWorkingDays, "2025-09-30 12:00"},
      {"2025-09-30 12:00", absl::Hours(-1), PeriodUnit::kHours, "2025-09-30 12:00"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Resume(National(), At(row.at), row.left, Of(row.unit, 1)).due, At(row.due)) << row.at;
  }
  EXPECT_TRUE(
      Resume(National(), At("2026-12-31 12:00"), absl::Hours(24), Of(PeriodUnit::kWorkingDays, 1))
          .provisional);
}

TEST(Period, AmountOutsideTheRange_IsRefused) {
  for (const int amount : {-1, 0, kMaxPeriodAmount + 1}) {
    EXPECT_THAT(std::string(CheckPeriod("policy.sign", Of(PeriodUnit::kHours, amount)).message()),
                testing::HasSubstr("policy.sign.amount: got"));
  }
  EXPECT_TRUE(CheckPeriod("policy.sign", Of(PeriodUnit::kHours, 1)).ok());
  EXPECT_TRUE(CheckPeriod("policy.sign", Of(PeriodUnit::kHours, kMaxPeriodAmount)).ok());
}

}  // namespace
}  // namespace baimi::calendar
