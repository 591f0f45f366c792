#include "services/ticket/notices.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/ticket/holidays.h"

namespace baimi::ticket {

absl::StatusOr<calendar::Calendar> LoadHolidays(const std::string& path) {
  BAIMI_ASSIGN_OR_RETURN(calendar::Calendar built_in, calendar::Calendar::FromJson(kHolidaysJson));
  if (path.empty()) {
    return built_in;
  }
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  if (!in) {
    return absl::NotFoundError(absl::StrCat("holidays: got ", path, ", want a file to read"));
  }
  absl::StatusOr<calendar::Calendar> loaded = calendar::Calendar::FromJson(content.str());
  if (!loaded.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", loaded.status().message()));
  }
  if (loaded->first_day() > built_in.first_day() || loaded->last_day() < built_in.last_day()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": holidays.years: got ", calendar::FormatDate(loaded->first_day()),
                     " to ", calendar::FormatDate(loaded->last_day()), ", want at least ",
                     calendar::FormatDate(built_in.first_day()), " to ",
                     calendar::FormatDate(built_in.last_day())));
  }
  return loaded;
}

}  // namespace baimi::ticket
