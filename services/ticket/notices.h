// The nation's holiday notices that deadlines are counted by.
#ifndef BAIMI_SERVICES_TICKET_NOTICES_H_
#define BAIMI_SERVICES_TICKET_NOTICES_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/calendar/calendar.h"

namespace baimi::ticket {

// Those of the file at `path` (Calendar::FromJson), which must cover every year of the built-in
// data; the built-in ones for "". NOT_FOUND or INVALID_ARGUMENT names the file, and in it the
// place.
absl::StatusOr<calendar::Calendar> LoadHolidays(const std::string& path);

}  // namespace baimi::ticket

#endif  // BAIMI_SERVICES_TICKET_NOTICES_H_
