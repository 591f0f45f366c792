#include "common/codes/citizen_id.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/text/utf8.h"

namespace baimi::codes {
namespace {

constexpr size_t kLength = 18;
constexpr size_t kBody = kLength - 1;
constexpr int kEarliestYear = 1800;
constexpr std::array<int, kBody> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
constexpr absl::string_view kCheckDigits = "10X98765432";

int Number(absl::string_view digits) {
  int value = 0;
  return absl::SimpleAtoi(digits, &value) ? value : 0;
}

char CheckDigit(absl::string_view body) {
  int sum = 0;
  for (size_t i = 0; i < kBody; ++i) {
    sum += (body[i] - '0') * kWeights[i];
  }
  return kCheckDigits[static_cast<size_t>(sum % 11)];
}

absl::Status CheckForm(absl::string_view path, absl::string_view number) {
  if (number.size() != kLength) {
    return InvalidField(path, absl::StrCat(text::Utf8Length(number), " characters"),
                        "18 characters", "18 位身份号码");
  }
  const absl::string_view body = number.substr(0, kBody);
  const char last = absl::ascii_toupper(static_cast<unsigned char>(number.back()));
  const bool digits = std::all_of(body.begin(), body.end(), absl::ascii_isdigit) &&
                      (absl::ascii_isdigit(static_cast<unsigned char>(last)) || last == 'X');
  if (!digits || body[0] == '0') {
    return InvalidField(path, "other characters", "17 digits, the first not 0, and a digit or X",
                        "17 位数字（首位非 0）加一位数字或 X");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CitizenId> ParseCitizenId(absl::string_view path, absl::string_view number,
                                         absl::CivilDay today) {
  if (absl::Status form = CheckForm(path, number); !form.ok()) {
    return form;
  }
  const int year = Number(number.substr(6, 4));
  const int month = Number(number.substr(10, 2));
  const int day = Number(number.substr(12, 2));
  const absl::CivilDay birth(year, month, day);
  // CivilDay normalises 02-30 to a day of March.
  const bool real = birth.year() == year && birth.month() == month && birth.day() == day;
  if (!real || year < kEarliestYear || birth > today) {
    return InvalidField(path, "a birth date that cannot be",
                        "a real birth date that is not in the future",
                        "真实且不晚于今天的出生日期");
  }
  const char got = absl::ascii_toupper(static_cast<unsigned char>(number.back()));
  if (got != CheckDigit(number)) {
    return InvalidField(path, "a check digit that does not fit",
                        "the number without a typing error", "校验位相符的身份号码，请核对");
  }
  const bool male = (number[16] - '0') % 2 == 1;
  return CitizenId{absl::StrCat(number.substr(0, kBody), std::string(1, got)),
                   std::string(number.substr(0, 6)), birth, male};
}

}  // namespace baimi::codes
