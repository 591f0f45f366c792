// Which days are working days: the State Council's yearly notices, and above them what a county
// decides for itself (domain.md §8.1, §8.2). Days are days of Asia/Shanghai, +08:00 all year.
#ifndef BAIMI_COMMON_CALENDAR_CALENDAR_H_
#define BAIMI_COMMON_CALENDAR_CALENDAR_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/business_hours.h"

namespace baimi::calendar {

// A date of the contracts: exactly "YYYY-MM-DD" and a day that exists. INVALID_ARGUMENT at `path`
// otherwise. FormatDate is its inverse.
absl::StatusOr<absl::CivilDay> ParseDate(absl::string_view path, absl::string_view text);
std::string FormatDate(absl::CivilDay day);
// The Shanghai day that `time` falls in, and the instant at which a day begins.
absl::CivilDay DayOf(absl::Time time);
absl::Time StartOf(absl::CivilDay day);

// One day that a county's notice changes; 三月三 leave cannot be computed.
struct DayOverride {
  absl::CivilDay date;
  bool is_workday = false;
  // The notice. Required: without it a day stays what the nation says.
  std::string doc_no;
};

// When a period of natural days ends on a day off: the end moves behind it (民法典 203), or stays.
enum class Roll { kToWorkday, kNone };

// The last days of the data whose deadlines are provisional. No notice so far reached further back
// into December than to the 29th.
inline constexpr int kUnsettledDays = 7;

// An immutable value, cheap to copy, thread-safe.
//
// A *query* about a day without data is OUT_OF_RANGE with CALENDAR_OUT_OF_RANGE: to answer with the
// plain week would be a guess. A *deadline* cannot wait for the notice; see deadline.h.
class Calendar {
 public:
  // From the text of a file shaped like deploy/sample/data/holidays.json:
  //   {"source": ..., "timezone": "Asia/Shanghai",
  //    "years": {"2025": {"off": ["2025-01-01", ...], "makeup": ["2025-01-26", ...]}, ...}}
  // Years must follow one another without a gap; each date must lie in its year and stand once;
  // a make-up day must be a Saturday or Sunday; unknown keys are refused. INVALID_ARGUMENT names
  // the place, e.g. "holidays.years.2025.off[3]".
  static absl::StatusOr<Calendar> FromJson(absl::string_view json);

  // This calendar with the county's own days in place of any earlier overlay. They win over the
  // nation's, also outside the years loaded. INVALID_ARGUMENT at "overrides[i]..." for a missing
  // doc_no or a date given twice.
  absl::StatusOr<Calendar> WithOverlay(absl::string_view county,
                                       const std::vector<DayOverride>& overrides) const;

  // Names the content, e.g. "2004-2026.1a2b3c4d" or "2004-2026.1a2b3c4d+469030.99aa00bb": equal
  // versions give equal answers. Stored with every deadline.
  const std::string& version() const;
  // The national data covers [first_day, last_day].
  absl::CivilDay first_day() const;
  absl::CivilDay last_day() const;

  // nullopt without data. is_workday(d) = override, else makeup(d) or (Monday-Friday and not
  // off(d)).
  std::optional<bool> Lookup(absl::CivilDay day) const;
  // The county's notice about `day`, if any.
  std::optional<DayOverride> OverrideOn(absl::CivilDay day) const;

  // All below: OUT_OF_RANGE when any day that must be looked at has no data.
  absl::StatusOr<bool> IsWorkday(absl::CivilDay day) const;
  // The n-th workday after `day`, which itself is not counted; `day` for n <= 0.
  absl::StatusOr<absl::CivilDay> AddWorkdays(absl::CivilDay day, int n) const;
  // `day` + n; the start day is not counted. kToWorkday moves a day off to the next workday; a
  // make-up Sunday is a workday and stays.
  absl::StatusOr<absl::CivilDay> AddNaturalDays(absl::CivilDay day, int n, Roll roll) const;
  // The same day number n months on, or the last day of that month (民法典 202).
  absl::StatusOr<absl::CivilDay> AddMonths(absl::CivilDay day, int n, Roll roll) const;
  // Number of workdays in (after, through]; 0 when through <= after. The inverse of AddWorkdays.
  absl::StatusOr<int> WorkdaysBetween(absl::CivilDay after, absl::CivilDay through) const;
  // Length of the business hours of `day`: zero on a day off.
  absl::StatusOr<absl::Duration> WorkdayHours(absl::CivilDay day, const BusinessHours& hours) const;

  // What a deadline counts with: Lookup, and the plain Monday-Friday week where that has no
  // answer. Sets *provisional, never clears it, when a notice that is not loaded decides about the
  // day: in the second case, and in the last kUnsettledDays of the data, which the notice for the
  // January behind them may still change, as those for 2007, 2008, 2012, 2019 and others did. A
  // county's own day is settled.
  bool IsWorkdayOrPlain(absl::CivilDay day, bool* provisional) const;

 private:
  friend class CalendarBuilder;
  struct Data;

  explicit Calendar(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  absl::Status OutOfRange(absl::CivilDay day) const;
  absl::StatusOr<absl::CivilDay> Rolled(absl::CivilDay day, Roll roll) const;

  std::shared_ptr<const Data> data_;
};

}  // namespace baimi::calendar

#endif  // BAIMI_COMMON_CALENDAR_CALENDAR_H_
