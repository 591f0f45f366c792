#include "common/codes/area_code.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/text/utf8.h"

namespace baimi::codes {
namespace {

constexpr size_t kCountyDigits = 6;
constexpr size_t kSegmentDigits = 3;
constexpr size_t kGridDigits = 15;

bool AllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

bool IsLevel(size_t digits) {
  return digits >= kCountyDigits && digits <= kGridDigits && digits % kSegmentDigits == 0;
}

struct Wanted {
  absl::string_view en;
  absl::string_view zh;
};

Wanted WantedAt(AreaLevel level) {
  switch (level) {
    case AreaLevel::kCounty:
      return {"a county code of 6 digits", "6 位县级代码"};
    case AreaLevel::kTownship:
      return {"a township code of 9 digits", "9 位乡镇（街道）代码"};
    case AreaLevel::kArea:
      return {"a village or community code of 12 digits", "12 位村（社区）代码"};
    case AreaLevel::kGrid:
      return {"a grid code of 15 digits", "15 位网格代码"};
  }
  return {};
}

absl::Status Unlike(absl::string_view path, absl::string_view code, Wanted wanted) {
  return InvalidField(path, absl::StrCat("'", text::Printable(code), "'"), wanted.en, wanted.zh);
}

// OK for the right digits in the wrong number too: the callers know which numbers they want.
absl::Status CheckDigits(absl::string_view path, absl::string_view code) {
  if (code.empty() || !AllDigits(code) || code[0] == '0') {
    return Unlike(path, code, {"digits only, not beginning with 0", "纯数字且不以 0 开头"});
  }
  if (code.size() >= kCountyDigits && code.substr(2, 4) == "0000") {
    return Unlike(path, code, {"a county, not a whole province", "县级代码，而非省级代码"});
  }
  for (size_t i = kCountyDigits; i + kSegmentDigits <= code.size(); i += kSegmentDigits) {
    if (code.substr(i, kSegmentDigits) == "000") {
      const std::string shorter(code.substr(0, i));
      return InvalidField(path, absl::StrCat("'", text::Printable(code), "'"),
                          absl::StrCat("no segment 000; the unit above is ", shorter),
                          absl::StrCat("不含 000 段；上级代码请写 ", shorter));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AreaLevel> ParseAreaCode(absl::string_view path, absl::string_view code) {
  if (!IsLevel(code.size())) {
    return Unlike(path, code, {"a code of 6, 9, 12 or 15 digits", "6、9、12 或 15 位代码"});
  }
  BAIMI_RETURN_IF_ERROR(CheckDigits(path, code));
  return static_cast<AreaLevel>(code.size());
}

absl::Status CheckAreaCode(absl::string_view path, absl::string_view code, AreaLevel want) {
  if (code.size() != static_cast<size_t>(want)) {
    return Unlike(path, code, WantedAt(want));
  }
  return CheckDigits(path, code);
}

absl::string_view ParentCode(absl::string_view code) {
  return IsLevel(code.size()) && code.size() > kCountyDigits
             ? code.substr(0, code.size() - kSegmentDigits)
             : absl::string_view();
}

absl::string_view AncestorCode(absl::string_view code, AreaLevel level) {
  const auto digits = static_cast<size_t>(level);
  return IsLevel(code.size()) && code.size() >= digits ? code.substr(0, digits)
                                                       : absl::string_view();
}

bool IsWithin(absl::string_view code, absl::string_view ancestor) {
  return ParseAreaCode("", code).ok() && ParseAreaCode("", ancestor).ok() &&
         absl::StartsWith(code, ancestor);
}

absl::Status CheckWithin(absl::string_view path, absl::string_view code,
                         absl::string_view ancestor) {
  BAIMI_RETURN_IF_ERROR(ParseAreaCode(path, code).status());
  if (!IsWithin(code, ancestor)) {
    const std::string shown = text::Printable(ancestor);
    return InvalidField(path, absl::StrCat("'", code, "'"), absl::StrCat("a code within ", shown),
                        absl::StrCat(shown, " 范围内的代码"));
  }
  return absl::OkStatus();
}

absl::StatusOr<GridClass> ParseGridCode(absl::string_view path, absl::string_view code) {
  BAIMI_RETURN_IF_ERROR(CheckAreaCode(path, code, AreaLevel::kGrid));
  const absl::string_view sequence = code.substr(code.size() - kSegmentDigits);
  if (sequence == "900") {
    return Unlike(path, code,
                  {"a grid number in 001-899 (general) or 901-999 (dedicated)",
                   "网格序号 001-899（综合网格）或 901-999（专属网格）"});
  }
  return sequence[0] == '9' ? GridClass::kDedicated : GridClass::kGeneral;
}

}  // namespace baimi::codes
