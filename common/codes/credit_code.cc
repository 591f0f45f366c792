#include "common/codes/credit_code.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/text/utf8.h"

namespace baimi::codes {
namespace {

constexpr size_t kLength = 18;
constexpr absl::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr size_t kOrganizationBody = 8;
constexpr std::array<int, kOrganizationBody> kOrganizationWeights = {3, 7, 9, 10, 5, 8, 4, 2};

// The outer "mod 31" is what makes remainder 0 map to '0' and not to a 32nd character.
char CheckCharacter(absl::string_view body) {
  size_t sum = 0;
  size_t weight = 1;
  for (const char c : body) {
    sum += kAlphabet.find(c) * weight;
    weight = weight * 3 % 31;
  }
  return kAlphabet[(31 - sum % 31) % 31];
}

}  // namespace

absl::StatusOr<CreditCode> ParseCreditCode(absl::string_view path, absl::string_view code) {
  const std::string shown = absl::StrCat("'", text::Printable(code), "'");
  if (code.size() != kLength) {
    return InvalidField(path, absl::StrCat(shown, " of ", text::Utf8Length(code), " characters"),
                        "18 characters", "18 位统一社会信用代码");
  }
  const std::string upper = absl::AsciiStrToUpper(code);
  const absl::string_view view = upper;
  if (view.find_first_not_of(kAlphabet) != absl::string_view::npos) {
    return InvalidField(path, shown, "digits and capital letters without I, O, S, V and Z",
                        "数字和大写字母（不含 I、O、S、V、Z）");
  }
  const absl::string_view area = view.substr(2, 6);
  if (!std::all_of(area.begin(), area.end(), absl::ascii_isdigit)) {
    return InvalidField(path, shown, "six digits of an area in places 3 to 8",
                        "第 3 至 8 位为 6 位行政区划数字");
  }
  const char want = CheckCharacter(view.substr(0, kLength - 1));
  if (upper.back() != want) {
    return InvalidField(path, absl::StrCat(shown, " with the check character ", upper.substr(17)),
                        absl::StrCat("the check character ", std::string(1, want)),
                        absl::StrCat("校验位 ", std::string(1, want), "，请核对"));
  }
  const absl::string_view organization = view.substr(8, 9);
  return CreditCode{upper, std::string(area), std::string(organization),
                    OrganizationCodeFits(organization)};
}

bool OrganizationCodeFits(absl::string_view code) {
  std::string plain = absl::AsciiStrToUpper(code);
  if (plain.size() == kOrganizationBody + 2 && plain[kOrganizationBody] == '-') {
    plain.erase(kOrganizationBody, 1);
  }
  if (plain.size() != kOrganizationBody + 1) {
    return false;
  }
  int sum = 0;
  for (size_t i = 0; i < kOrganizationBody; ++i) {
    const auto c = static_cast<unsigned char>(plain[i]);
    if (!absl::ascii_isalnum(c)) {
      return false;
    }
    sum += (absl::ascii_isdigit(c) ? c - '0' : c - 'A' + 10) * kOrganizationWeights[i];
  }
  constexpr absl::string_view kChecks = "0123456789X0";  // by 11 - sum mod 11, which is 1..11
  return plain.back() == kChecks[static_cast<size_t>(11 - sum % 11)];
}

}  // namespace baimi::codes
