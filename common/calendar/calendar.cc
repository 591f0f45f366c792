#include "common/calendar/calendar.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar_builder.h"
#include "common/codes/area_code.h"
#include "common/text/utf8.h"

namespace baimi::calendar {
namespace {

using type::v1::ErrorReason;

std::string ContentId(absl::string_view content) {
  return absl::BytesToHexString(Sha256(content)).substr(0, 8);
}

}  // namespace

// The plain week is worked out once: a look-up is one index.
struct Calendar::Data {
  absl::CivilDay first;
  std::vector<bool> workdays;
  absl::flat_hash_map<absl::CivilDay, DayOverride> overrides;
  std::string national_version;
  std::string version;
};

absl::StatusOr<absl::CivilDay> ParseDate(absl::string_view path, absl::string_view text) {
  absl::CivilDay day;
  // ParseCivilTime also takes signs, blanks and short years; the way back does not.
  const bool in_form =
      text.size() == 10 && absl::ascii_isdigit(static_cast<unsigned char>(text[0]));
  if (!in_form || !absl::ParseCivilTime(text, &day) || FormatDate(day) != text) {
    return InvalidField(path, absl::StrCat("'", text::Printable(text), "'"),
                        "a date that exists, as YYYY-MM-DD", "真实日期，格式 YYYY-MM-DD");
  }
  return day;
}

std::string FormatDate(absl::CivilDay day) { return absl::FormatCivilTime(day); }

absl::CivilDay DayOf(absl::Time time) { return absl::ToCivilDay(time, ShanghaiZone()); }

absl::Time StartOf(absl::CivilDay day) { return absl::FromCivil(day, ShanghaiZone()); }

bool IsPlainWorkday(absl::CivilDay day) {
  const absl::Weekday weekday = absl::GetWeekday(day);
  return weekday != absl::Weekday::saturday && weekday != absl::Weekday::sunday;
}

Calendar CalendarBuilder::Build(int first_year, int last_year,
                                const absl::flat_hash_map<absl::CivilDay, bool>& exceptions) {
  auto data = std::make_shared<Calendar::Data>();
  data->first = absl::CivilDay(first_year, 1, 1);
  std::string content;
  for (absl::CivilDay day = data->first; day.year() <= last_year; ++day) {
    const auto exception = exceptions.find(day);
    const bool workday = exception == exceptions.end() ? IsPlainWorkday(day) : exception->second;
    data->workdays.push_back(workday);
    content.push_back(workday ? '1' : '0');
  }
  data->national_version = absl::StrCat(first_year, "-", last_year, ".", ContentId(content));
  data->version = data->national_version;
  return Calendar(std::move(data));
}

absl::StatusOr<Calendar> Calendar::WithOverlay(absl::string_view county,
                                               const std::vector<DayOverride>& overrides) const {
  BAIMI_RETURN_IF_ERROR(codes::CheckAreaCode("county", county, codes::AreaLevel::kCounty));
  auto data = std::make_shared<Data>(*data_);
  data->overrides.clear();
  data->version = data->national_version;
  std::vector<std::string> lines;
  for (size_t i = 0; i < overrides.size(); ++i) {
    const DayOverride& entry = overrides[i];
    const std::string path = absl::StrCat("overrides[", i, "]");
    if (entry.doc_no.empty()) {
      return InvalidField(path + ".doc_no", "''", "the number of the notice", "放假通知文号");
    }
    const std::string date = FormatDate(entry.date);
    if (!data->overrides.emplace(entry.date, entry).second) {
      return InvalidField(path + ".date", date, "each date once", "每个日期只出现一次");
    }
    lines.push_back(absl::StrCat(date, entry.is_workday ? " 1 " : " 0 ", entry.doc_no, "\n"));
  }
  if (!lines.empty()) {
    std::sort(lines.begin(), lines.end());
    std::string content;
    for (const std::string& line : lines) {
      content += line;
    }
    absl::StrAppend(&data->version, "+", county, ".", ContentId(content));
  }
  return Calendar(std::move(data));
}

const std::string& Calendar::version() const { return data_->version; }

absl::CivilDay Calendar::first_day() const { return data_->first; }

absl::CivilDay Calendar::last_day() const {
  return data_->first + static_cast<absl::civil_diff_t>(data_->workdays.size()) - 1;
}

std::optional<bool> Calendar::Lookup(absl::CivilDay day) const {
  if (!data_->overrides.empty()) {
    const auto entry = data_->overrides.find(day);
    if (entry != data_->overrides.end()) {
      return entry->second.is_workday;
    }
  }
  if (day < first_day() || day > last_day()) {
    return std::nullopt;
  }
  return data_->workdays[static_cast<size_t>(day - data_->first)];
}

std::optional<DayOverride> Calendar::OverrideOn(absl::CivilDay day) const {
  const auto entry = data_->overrides.find(day);
  return entry == data_->overrides.end() ? std::nullopt : std::make_optional(entry->second);
}

absl::Status Calendar::OutOfRange(absl::CivilDay day) const {
  const std::string got = FormatDate(day);
  const std::string first = FormatDate(first_day());
  const std::string last = FormatDate(last_day());
  return Error(absl::StatusCode::kOutOfRange, ErrorReason::ERROR_REASON_CALENDAR_OUT_OF_RANGE,
               absl::StrCat("date: got ", got, ", want a day in ", first, " to ", last,
                            ", for which holiday notices are loaded"),
               absl::StrCat(got, " 尚无放假安排数据，现有 ", first, " 至 ", last))
      .With("date", got)
      .With("first", first)
      .With("last", last);
}

absl::StatusOr<bool> Calendar::IsWorkday(absl::CivilDay day) const {
  const std::optional<bool> workday = Lookup(day);
  if (!workday) {
    return OutOfRange(day);
  }
  return *workday;
}

absl::StatusOr<absl::CivilDay> Calendar::AddWorkdays(absl::CivilDay day, int n) const {
  while (n > 0) {
    ++day;
    BAIMI_ASSIGN_OR_RETURN(const bool workday, IsWorkday(day));
    n -= workday ? 1 : 0;
  }
  return day;
}

absl::StatusOr<absl::CivilDay> Calendar::Rolled(absl::CivilDay day, Roll roll) const {
  if (roll == Roll::kNone) {
    return day;
  }
  BAIMI_ASSIGN_OR_RETURN(bool workday, IsWorkday(day));
  while (!workday) {
    ++day;
    BAIMI_ASSIGN_OR_RETURN(workday, IsWorkday(day));
  }
  return day;
}

absl::StatusOr<absl::CivilDay> Calendar::AddNaturalDays(absl::CivilDay day, int n,
                                                        Roll roll) const {
  return Rolled(day + n, roll);
}

absl::StatusOr<absl::CivilDay> Calendar::AddMonths(absl::CivilDay day, int n, Roll roll) const {
  const absl::CivilMonth month = absl::CivilMonth(day) + n;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  return Rolled(std::min(absl::CivilDay(month) + (day.day() - 1), last), roll);
}

absl::StatusOr<int> Calendar::WorkdaysBetween(absl::CivilDay after, absl::CivilDay through) const {
  int count = 0;
  for (absl::CivilDay day = after + 1; day <= through; ++day) {
    BAIMI_ASSIGN_OR_RETURN(const bool workday, IsWorkday(day));
    count += workday ? 1 : 0;
  }
  return count;
}

absl::StatusOr<absl::Duration> Calendar::WorkdayHours(absl::CivilDay day,
                                                      const BusinessHours& hours) const {
  BAIMI_ASSIGN_OR_RETURN(const bool workday, IsWorkday(day));
  return workday ? hours.PerDay() : absl::ZeroDuration();
}

bool Calendar::IsWorkdayOrPlain(absl::CivilDay day, bool* provisional) const {
  const std::optional<bool> workday = Lookup(day);
  const bool settled = day >= first_day() && day <= last_day() - kUnsettledDays;
  if (!settled && !OverrideOn(day)) {
    *provisional = true;
  }
  return workday.value_or(IsPlainWorkday(day));
}

}  // namespace baimi::calendar
