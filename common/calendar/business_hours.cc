#include "common/calendar/business_hours.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/text/utf8.h"

namespace baimi::calendar {
namespace {

std::optional<absl::Duration> ParseClock(absl::string_view text) {
  if (text.size() != 5 || text[2] != ':') {
    return std::nullopt;
  }
  for (const size_t i : {0, 1, 3, 4}) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) {
      return std::nullopt;
    }
  }
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  const absl::Duration clock = absl::Hours(hour) + absl::Minutes(minute);
  if (minute > 59 || clock > absl::Hours(24)) {
    return std::nullopt;
  }
  return clock;
}

std::string FormatClock(absl::Duration clock) {
  const int64_t minutes = absl::ToInt64Minutes(clock);
  return absl::StrFormat("%02d:%02d", minutes / 60, minutes % 60);
}

}  // namespace

BusinessHours::BusinessHours()
    : shifts_({{absl::Minutes(8 * 60 + 30), absl::Hours(12)},
               {absl::Minutes(14 * 60 + 30), absl::Minutes(17 * 60 + 30)}}) {}

absl::StatusOr<BusinessHours> BusinessHours::Parse(absl::string_view path, absl::string_view text) {
  const auto refuse = [&](absl::string_view part) {
    return InvalidField(path, absl::StrCat("'", text::Printable(part), "'"),
                        "shifts such as 08:30-12:00,14:30-17:30, in order",
                        "按先后排列的时段，如 08:30-12:00,14:30-17:30");
  };
  std::vector<Shift> shifts;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::vector<absl::string_view> ends = absl::StrSplit(part, '-');
    if (ends.size() != 2) {
      return refuse(part);
    }
    const auto begin = ParseClock(ends[0]);
    const auto end = ParseClock(ends[1]);
    if (!begin || !end || *begin >= *end || (!shifts.empty() && *begin < shifts.back().end)) {
      return refuse(part);
    }
    shifts.push_back({*begin, *end});
  }
  return BusinessHours(std::move(shifts));
}

absl::Duration BusinessHours::PerDay() const {
  absl::Duration sum;
  for (const Shift& shift : shifts_) {
    sum += shift.end - shift.begin;
  }
  return sum;
}

std::string BusinessHours::ToString() const {
  return absl::StrJoin(shifts_, ",", [](std::string* out, const Shift& shift) {
    absl::StrAppend(out, FormatClock(shift.begin), "-", FormatClock(shift.end));
  });
}

}  // namespace baimi::calendar
