#include "common/resource/format.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/codes/area_code.h"
#include "common/codes/category_code.h"
#include "common/codes/citizen_id.h"
#include "common/codes/credit_code.h"
#include "common/codes/phone.h"
#include "common/resource/name.h"
#include "common/text/utf8.h"

namespace baimi::resource {
namespace {

constexpr size_t kAreaDigits = 12;
constexpr size_t kMaxRequestId = 36;
constexpr size_t kMaxResourceId = 63;

bool IsLowerOrDigit(char c) {
  return absl::ascii_islower(static_cast<unsigned char>(c)) ||
         absl::ascii_isdigit(static_cast<unsigned char>(c));
}

absl::Status CheckResourceName(absl::string_view path, absl::string_view patterns,
                               absl::string_view value) {
  if (MatchesAny(patterns, value)) {
    return absl::OkStatus();
  }
  return InvalidField(path, text::Printable(value), absl::StrReplaceAll(patterns, {{"|", " or "}}),
                      absl::StrReplaceAll(patterns, {{"|", " 或 "}}));
}

absl::Status CheckAreaCode(absl::string_view path, absl::string_view value) {
  if (value.size() != kAreaDigits) {
    return InvalidField(path, text::Printable(value), "12 digits", "12 位统计用区划代码");
  }
  absl::string_view code = value;
  while (code.size() > 6 && absl::EndsWith(code, "000")) {
    code.remove_suffix(3);
  }
  return codes::ParseAreaCode(path, code).status();
}

absl::Status CheckDate(absl::string_view path, absl::string_view value) {
  absl::CivilDay day;
  // Formatting back refuses what the parser is lenient about.
  if (absl::ParseCivilTime(value, &day) && absl::FormatCivilTime(day) == value &&
      value.size() == 10) {
    return absl::OkStatus();
  }
  return InvalidField(path, text::Printable(value), "a day that exists, as YYYY-MM-DD",
                      "真实存在的日期，格式 YYYY-MM-DD");
}

absl::Status CheckRequestId(absl::string_view path, absl::string_view value) {
  const bool fits =
      value.size() <= kMaxRequestId && std::all_of(value.begin(), value.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
      });
  return fits ? absl::OkStatus()
              : InvalidField(path, text::Printable(value), "1-36 characters of [A-Za-z0-9_-]",
                             "1-36 个 [A-Za-z0-9_-] 字符");
}

absl::Status CheckResourceId(absl::string_view path, absl::string_view value) {
  const bool fits =
      value.size() <= kMaxResourceId && IsLowerOrDigit(value[0]) &&
      std::all_of(value.begin(), value.end(), [](char c) { return IsLowerOrDigit(c) || c == '-'; });
  return fits ? absl::OkStatus()
              : InvalidField(path, text::Printable(value),
                             "1-63 of [a-z0-9-], starting with a letter or digit",
                             "1-63 个 [a-z0-9-] 字符，以字母或数字开头");
}

}  // namespace

absl::Status CheckFormat(absl::string_view path, const options::v1::FieldRule& rule,
                         absl::string_view value, absl::Time now) {
  switch (rule.format()) {
    case options::v1::FORMAT_UNSPECIFIED:
      return absl::OkStatus();
    case options::v1::RESOURCE_NAME:
      return CheckResourceName(path, rule.resource(), value);
    case options::v1::COUNTY_CODE:
      return codes::CheckAreaCode(path, value, codes::AreaLevel::kCounty);
    case options::v1::AREA_CODE:
      return CheckAreaCode(path, value);
    case options::v1::GRID_CODE:
      return codes::ParseGridCode(path, value).status();
    case options::v1::PHONE_NUMBER:
      return codes::ParsePhone(path, value).status();
    case options::v1::CITIZEN_ID_NUMBER:
      return codes::ParseCitizenId(path, value, absl::ToCivilDay(now, ShanghaiZone())).status();
    case options::v1::CREDIT_CODE:
      return codes::ParseCreditCode(path, value).status();
    case options::v1::DATE:
      return CheckDate(path, value);
    case options::v1::REQUEST_ID_TOKEN:
      return CheckRequestId(path, value);
    case options::v1::CATEGORY_CODE:
      return codes::ParseCategoryCode(path, value).status();
    case options::v1::RESOURCE_ID:
      return CheckResourceId(path, value);
    default:
      return InvalidField(path, "a format this server does not know", "a newer server",
                          "更新版本的服务端");
  }
}

}  // namespace baimi::resource
