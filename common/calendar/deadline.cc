#include "common/calendar/deadline.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace baimi::calendar {
namespace {

bool RunsByWallClock(PeriodUnit unit) {
  return unit != PeriodUnit::kWorkingHours && unit != PeriodUnit::kWorkingDays;
}

bool IsFinite(absl::Time time) {
  return time != absl::InfiniteFuture() && time != absl::InfinitePast();
}

// The stretches of one workday on which the clock runs.
std::vector<BusinessHours::Shift> Shifts(const Period& period) {
  if (period.unit == PeriodUnit::kWorkingHours) {
    return period.business_hours.shifts();
  }
  return {{absl::ZeroDuration(), absl::Hours(24)}};
}

absl::CivilDay NextWorkdayFrom(const Calendar& calendar, absl::CivilDay day, bool* provisional) {
  while (!calendar.IsWorkdayOrPlain(day, provisional)) {
    ++day;
  }
  return day;
}

// The instant at which `remaining` of working time has passed since `at`.
absl::Time Consume(const Calendar& calendar, absl::Time at, absl::Duration remaining,
                   const Period& period, bool* provisional) {
  const std::vector<BusinessHours::Shift> shifts = Shifts(period);
  for (absl::CivilDay day = DayOf(at);; ++day) {
    if (!calendar.IsWorkdayOrPlain(day, provisional)) {
      continue;
    }
    const absl::Time midnight = StartOf(day);
    for (const BusinessHours::Shift& shift : shifts) {
      const absl::Time begin = std::max(at, midnight + shift.begin);
      const absl::Time end = midnight + shift.end;
      if (begin + remaining <= end) {
        return begin + remaining;
      }
      remaining -= std::max(end - begin, absl::ZeroDuration());
    }
  }
}

// The end of the last day, moved behind days off where the period says so.
absl::Time EndOfDay(const Calendar& calendar, absl::CivilDay day, PeriodUnit unit,
                    bool* provisional) {
  if (unit == PeriodUnit::kNaturalDays) {
    day = NextWorkdayFrom(calendar, day, provisional);
  }
  return StartOf(day + 1);
}

absl::Time DueTime(const Calendar& calendar, absl::Time start, const Period& period,
                   bool* provisional) {
  const int amount = std::clamp(period.amount, 0, kMaxPeriodAmount);
  switch (period.unit) {
    case PeriodUnit::kMinutes:
      return start + absl::Minutes(amount);
    case PeriodUnit::kHours:
      return start + absl::Hours(amount);
    case PeriodUnit::kWorkingHours:
      return amount == 0 ? start
                         : Consume(calendar, start, absl::Hours(amount), period, provisional);
    case PeriodUnit::kWorkingDays: {
      absl::CivilDay day = DayOf(start);
      for (int left = amount; left > 0; --left) {
        day = NextWorkdayFrom(calendar, day + 1, provisional);
      }
      return EndOfDay(calendar, day, period.unit, provisional);
    }
    case PeriodUnit::kNaturalDays:
      return EndOfDay(calendar, DayOf(start) + amount, period.unit, provisional);
  }
  return start;
}

}  // namespace

absl::Status CheckPeriod(absl::string_view path, const Period& period) {
  if (period.amount < 1 || period.amount > kMaxPeriodAmount) {
    return InvalidField(absl::StrCat(path, ".amount"), absl::StrCat(period.amount),
                        absl::StrCat("1 to ", kMaxPeriodAmount),
                        absl::StrCat("1 至 ", kMaxPeriodAmount));
  }
  return absl::OkStatus();
}

Deadline Due(const Calendar& calendar, absl::Time start, const Period& period) {
  Deadline deadline{start, false, calendar.version()};
  if (IsFinite(start)) {
    deadline.due = DueTime(calendar, start, period, &deadline.provisional);
  }
  return deadline;
}

Elapsed ElapsedTime(const Calendar& calendar, absl::Time from, absl::Time to,
                    const Period& period) {
  Elapsed elapsed;
  if (to <= from) {
    return elapsed;
  }
  if (RunsByWallClock(period.unit) || !IsFinite(from) || !IsFinite(to)) {
    elapsed.duration = to - from;
    return elapsed;
  }
  const std::vector<BusinessHours::Shift> shifts = Shifts(period);
  const absl::CivilDay last = DayOf(to);
  for (absl::CivilDay day = DayOf(from); day <= last; ++day) {
    const absl::Time midnight = StartOf(day);
    // The day that begins at `to` has no part in it.
    if (midnight == to || !calendar.IsWorkdayOrPlain(day, &elapsed.provisional)) {
      continue;
    }
    for (const BusinessHours::Shift& shift : shifts) {
      const absl::Time begin = std::max(from, midnight + shift.begin);
      const absl::Time end = std::min(to, midnight + shift.end);
      elapsed.duration += std::max(end - begin, absl::ZeroDuration());
    }
  }
  return elapsed;
}

Deadline Resume(const Calendar& calendar, absl::Time at, absl::Duration remaining,
                const Period& period) {
  Deadline deadline{at, false, calendar.version()};
  if (remaining <= absl::ZeroDuration() || !IsFinite(at)) {
    return deadline;
  }
  // No longer than the longest period: keeps the walk over days finite.
  const int hours = period.unit == PeriodUnit::kWorkingHours ? 1 : 24;
  remaining = std::min(remaining, absl::Hours(hours) * kMaxPeriodAmount);
  const absl::Time end = RunsByWallClock(period.unit)
                             ? at + remaining
                             : Consume(calendar, at, remaining, period, &deadline.provisional);
  if (period.unit == PeriodUnit::kWorkingDays || period.unit == PeriodUnit::kNaturalDays) {
    // A clock that runs out at midnight runs out with the day before.
    const absl::CivilDay last = DayOf(end - absl::Nanoseconds(1));
    deadline.due = EndOfDay(calendar, last, period.unit, &deadline.provisional);
  } else {
    deadline.due = end;
  }
  return deadline;
}

}  // namespace baimi::calendar
