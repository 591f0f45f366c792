// Clocks of orders: when a period ends and how much of it has run (domain.md §1.5, §8.3). Pure,
// thread-safe.
#ifndef BAIMI_COMMON_CALENDAR_DEADLINE_H_
#define BAIMI_COMMON_CALENDAR_DEADLINE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/calendar/business_hours.h"
#include "common/calendar/calendar.h"

namespace baimi::calendar {

enum class PeriodUnit {
  kMinutes,       // wall clock, from the start on
  kHours,         // wall clock, from the start on
  kWorkingHours,  // business hours of workdays, from the start on
  kWorkingDays,   // 工作日: the start day is not counted; ends with the last day, at 24:00
  kNaturalDays,   // 日: the same, and an end on a day off moves to the next workday
};

struct Period {
  PeriodUnit unit = PeriodUnit::kWorkingDays;
  int amount = 0;
  // Used by kWorkingHours only.
  BusinessHours business_hours;
};

inline constexpr int kMaxPeriodAmount = 100'000;

// For policies: INVALID_ARGUMENT at "<path>.amount" unless 1 <= amount <= kMaxPeriodAmount.
absl::Status CheckPeriod(absl::string_view path, const Period& period);

struct Deadline {
  // The first instant that is too late: what happens before it is in time. A period of days is due
  // at midnight +08:00 behind its last day.
  absl::Time due;
  // A day was counted that a notice to come covers or may still change (IsWorkdayOrPlain). Compute
  // it again when the notice is loaded, unless `due` has passed by then.
  bool provisional = false;
  std::string calendar_version;
};

// Total: an amount outside [0, kMaxPeriodAmount] counts as the nearer end of it.
Deadline Due(const Calendar& calendar, absl::Time start, const Period& period);

struct Elapsed {
  absl::Duration duration;
  // As in Deadline.
  bool provisional = false;
};

// The time in [from, to) on which the period's clock runs, for charging it to whoever held the
// order: wall clock for kMinutes, kHours and kNaturalDays, business hours for kWorkingHours, and
// the parts that fall on workdays (24 h each) for kWorkingDays. Zero when to <= from. Additive: [a,
// b) and [b, c) make [a, c).
Elapsed ElapsedTime(const Calendar& calendar, absl::Time from, absl::Time to, const Period& period);

// The deadline of a clock that stood still with `remaining` left (ElapsedTime from the pause to the
// old due) and runs again from `at`. Periods of days end at 24:00 as ever. `at` itself when nothing
// remains.
Deadline Resume(const Calendar& calendar, absl::Time at, absl::Duration remaining,
                const Period& period);

}  // namespace baimi::calendar

#endif  // BAIMI_COMMON_CALENDAR_DEADLINE_H_
