#include "common/codes/category_code.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/text/utf8.h"

namespace baimi::codes {
namespace {

bool IsCategory(absl::string_view code) {
  if (code.size() != 2 && code.size() != 4 && code.size() != 6) {
    return false;
  }
  for (size_t i = 0; i < code.size(); i += 2) {
    const absl::string_view pair = code.substr(i, 2);
    if (pair == "00" || !std::all_of(pair.begin(), pair.end(), absl::ascii_isdigit)) {
      return false;
    }
  }
  return true;
}

}  // namespace

absl::StatusOr<CategoryLevel> ParseCategoryCode(absl::string_view path, absl::string_view code) {
  if (!IsCategory(code)) {
    return InvalidField(path, absl::StrCat("'", text::Printable(code), "'"),
                        "2, 4 or 6 digits without a pair 00", "2、4 或 6 位数字，且不含 00 段");
  }
  return static_cast<CategoryLevel>(code.size());
}

absl::string_view ParentCategory(absl::string_view code) {
  return IsCategory(code) ? code.substr(0, code.size() - 2) : absl::string_view();
}

bool IsCategoryWithin(absl::string_view code, absl::string_view ancestor) {
  return IsCategory(code) && IsCategory(ancestor) && absl::StartsWith(code, ancestor);
}

}  // namespace baimi::codes
