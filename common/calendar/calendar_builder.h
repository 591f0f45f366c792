// How the loaders make a Calendar. Private to common/calendar.
#ifndef BAIMI_COMMON_CALENDAR_CALENDAR_BUILDER_H_
#define BAIMI_COMMON_CALENDAR_CALENDAR_BUILDER_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/civil_time.h"
#include "common/calendar/calendar.h"

namespace baimi::calendar {

class CalendarBuilder {
 public:
  // `exceptions`: day -> is_workday, for the days that differ from the plain week or might.
  static Calendar Build(int first_year, int last_year,
                        const absl::flat_hash_map<absl::CivilDay, bool>& exceptions);
};

// Monday to Friday.
bool IsPlainWorkday(absl::CivilDay day);

}  // namespace baimi::calendar

#endif  // BAIMI_COMMON_CALENDAR_CALENDAR_BUILDER_H_
