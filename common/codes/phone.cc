#include "common/codes/phone.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/text/char_class.h"
#include "common/text/utf8.h"

namespace baimi::codes {
namespace {

constexpr size_t kMobileDigits = 11;
constexpr size_t kLongestService = 6;
constexpr size_t kShortestLocal = 7;
constexpr size_t kLongestLocal = 8;

bool IsMobile(absl::string_view digits) {
  return digits.size() == kMobileDigits && digits[0] == '1' && digits[1] >= '3';
}

bool IsFixed(absl::string_view digits) {
  if (digits.size() < 2 || digits[0] != '0' || digits[1] == '0') {
    return false;
  }
  // 010 and 02x are the area codes of three digits.
  const size_t area = digits[1] <= '2' ? 3 : 4;
  return digits.size() >= area + kShortestLocal && digits.size() <= area + kLongestLocal;
}

bool IsService(absl::string_view digits) {
  const bool toll_free = absl::StartsWith(digits, "400") || absl::StartsWith(digits, "800");
  return digits.size() <= kLongestService || (digits.size() == 10 && toll_free);
}

bool IsSeparator(char32_t c) {
  return c == ' ' || c == '\t' || c == 0xA0 || c == '-' || (c >= 0x2010 && c <= 0x2014) ||
         c == '(' || c == ')';
}

// nullopt when there is anything but digits and separators.
std::optional<std::string> Digits(absl::string_view text) {
  std::string digits;
  for (size_t i = 0; i < text.size();) {
    const char32_t c = text::Fold(text::NextCodePoint(text, i));
    if (c >= '0' && c <= '9') {
      digits.push_back(static_cast<char>(c));
    } else if (!IsSeparator(c) && !(c == '+' && digits.empty())) {
      return std::nullopt;
    }
  }
  return digits;
}

std::string WithoutCountryCode(absl::string_view digits) {
  absl::string_view rest = digits;
  // A bare 86 is the country code only in front of a whole number: an area code begins with 0.
  const bool cut = absl::ConsumePrefix(&rest, "0086") ||
                   (rest.size() > kMobileDigits && absl::ConsumePrefix(&rest, "86"));
  const bool lost_zero = cut && !IsMobile(rest) && !absl::StartsWith(rest, "0");
  return absl::StrCat(lost_zero ? "0" : "", rest);
}

}  // namespace

absl::StatusOr<Phone> ParsePhone(absl::string_view path, absl::string_view text) {
  constexpr absl::string_view kWant =
      "a mobile number of 11 digits or a fixed number with its area code";
  constexpr absl::string_view kWantZh = "11 位手机号码或带区号的固定电话";
  const std::optional<std::string> dialled = Digits(text);
  if (!dialled) {
    return InvalidField(path, "other characters than digits", kWant, kWantZh);
  }
  const std::string digits = WithoutCountryCode(*dialled);
  if (IsMobile(digits)) {
    return Phone{PhoneKind::kMobile, digits};
  }
  if (IsFixed(digits)) {
    return Phone{PhoneKind::kFixed, digits};
  }
  if (!digits.empty() && IsService(digits)) {
    return InvalidField(path, "a service number", kWant, kWantZh);
  }
  if (digits.size() >= kShortestLocal && digits.size() <= kLongestLocal) {
    return InvalidField(path, "a number without area code", kWant, kWantZh);
  }
  return InvalidField(path, absl::StrCat(digits.size(), " digits of no known form"), kWant,
                      kWantZh);
}

}  // namespace baimi::codes
