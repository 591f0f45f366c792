// Apart from calendar.cc because of what the JSON header costs to compile.
#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar.h"
#include "common/calendar/calendar_builder.h"
#include "common/text/utf8.h"

namespace baimi::calendar {
namespace {

using Json = nlohmann::json;
using Days = absl::flat_hash_map<absl::CivilDay, bool>;

std::string Shown(absl::string_view text) { return absl::StrCat("'", text::Printable(text), "'"); }

absl::Status CheckKeys(const std::string& path, const Json& object,
                       std::initializer_list<absl::string_view> known) {
  for (const auto& item : object.items()) {
    if (std::find(known.begin(), known.end(), item.key()) == known.end()) {
      return InvalidField(path, absl::StrCat("the unknown key ", Shown(item.key())),
                          "no other keys", "不含未知字段");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::CivilDay> ReadDay(const std::string& path, const Json& value, int year) {
  if (!value.is_string()) {
    return InvalidField(path, value.type_name(), "a date", "日期字符串");
  }
  const auto& text = value.get_ref<const std::string&>();
  BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay day, ParseDate(path, text));
  if (day.year() != year) {
    return InvalidField(path, Shown(text), absl::StrCat("a day of ", year),
                        absl::StrCat(year, " 年的日期"));
  }
  return day;
}

absl::Status ReadDays(const std::string& path, const Json& list, int year, bool workday,
                      Days& days) {
  if (!list.is_array()) {
    return InvalidField(path, list.type_name(), "an array of dates", "日期数组");
  }
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string place = absl::StrCat(path, "[", i, "]");
    BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay day, ReadDay(place, list[i], year));
    if (workday && IsPlainWorkday(day)) {
      return InvalidField(place, FormatDate(day), "a Saturday or Sunday to make up on",
                          "周六或周日（调休上班日）");
    }
    if (!days.emplace(day, workday).second) {
      return InvalidField(place, FormatDate(day), "each date once", "每个日期只出现一次");
    }
  }
  return absl::OkStatus();
}

absl::Status ReadYear(const std::string& path, const Json& value, int year, Days& days) {
  if (!value.is_object() || !value.contains("off") || !value.contains("makeup")) {
    return InvalidField(path, value.type_name(), "an object with off and makeup",
                        "含 off 与 makeup 的对象");
  }
  BAIMI_RETURN_IF_ERROR(CheckKeys(path, value, {"off", "makeup"}));
  BAIMI_RETURN_IF_ERROR(ReadDays(path + ".off", value["off"], year, false, days));
  return ReadDays(path + ".makeup", value["makeup"], year, true, days);
}

absl::StatusOr<int> ReadYearKey(const std::string& path, const std::string& key) {
  int year = 0;
  if (key.size() != 4 || !absl::SimpleAtoi(key, &year) || year < 1949) {
    return InvalidField(path, Shown(key), "a year of 4 digits from 1949 on",
                        "1949 年以后的四位年份");
  }
  return year;
}

}  // namespace

absl::StatusOr<Calendar> Calendar::FromJson(absl::string_view json) {
  const std::string root = "holidays";
  const Json document = Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("years") || !document["years"].is_object() ||
      document["years"].empty()) {
    return InvalidField(root, document.is_discarded() ? "malformed JSON" : document.type_name(),
                        "a JSON object with years", "含 years 的 JSON 对象");
  }
  BAIMI_RETURN_IF_ERROR(CheckKeys(root, document, {"source", "timezone", "years"}));
  if (document.contains("timezone") && document["timezone"] != "Asia/Shanghai") {
    return InvalidField(root + ".timezone", Shown(document["timezone"].dump()), "Asia/Shanghai",
                        "Asia/Shanghai");
  }
  Days days;
  int first = 0;
  int last = 0;
  // nlohmann's objects are ordered by key, so years come in order.
  for (const auto& item : document["years"].items()) {
    const std::string path = absl::StrCat(root, ".years.", text::Printable(item.key()));
    BAIMI_ASSIGN_OR_RETURN(const int year, ReadYearKey(path, item.key()));
    if (last != 0 && year != last + 1) {
      return InvalidField(path, item.key(), absl::StrCat("the year ", last + 1, " without a gap"),
                          absl::StrCat("连续的年份 ", last + 1));
    }
    first = first == 0 ? year : first;
    last = year;
    BAIMI_RETURN_IF_ERROR(ReadYear(path, item.value(), year, days));
  }
  return CalendarBuilder::Build(first, last, days);
}

}  // namespace baimi::calendar
