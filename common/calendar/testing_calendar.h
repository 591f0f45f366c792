// The calendars of the tests: the shipped national file, and it with a made-up notice of 琼中.
#ifndef BAIMI_COMMON_CALENDAR_TESTING_CALENDAR_H_
#define BAIMI_COMMON_CALENDAR_TESTING_CALENDAR_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/calendar/calendar.h"

namespace baimi::calendar {

// deploy/sample/data/holidays.json; tests run in the repository root.
std::string NationalJson();
const Calendar& National();
// 2025-03-31 and 04-01 off in 469030 (domain.md §8.3, made up).
const Calendar& Qiongzhong();

// "2025-09-26" and "2025-09-26 09:30", Shanghai time. Fail the test run on a typing error.
absl::CivilDay Day(absl::string_view text);
absl::Time At(absl::string_view text);

}  // namespace baimi::calendar

#endif  // BAIMI_COMMON_CALENDAR_TESTING_CALENDAR_H_
