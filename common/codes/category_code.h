// Subject category codes of the hotline (GB/T 39666-2020 as three levels of two digits: 大类, 中类,
// 小类; domain.md R1.4). The list of categories is data; this is the form. Thread-safe.
#ifndef BAIMI_COMMON_CODES_CATEGORY_CODE_H_
#define BAIMI_COMMON_CODES_CATEGORY_CODE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baimi::codes {

// The value is the number of digits.
enum class CategoryLevel { kMajor = 2, kMiddle = 4, kMinor = 6 };

// 2, 4 or 6 digits without a pair 00 (padding of a higher level). INVALID_ARGUMENT at `path`
// otherwise.
absl::StatusOr<CategoryLevel> ParseCategoryCode(absl::string_view path, absl::string_view code);

// The code one level up: "" for a major category, and for what is no code.
absl::string_view ParentCategory(absl::string_view code);

// `code` is `ancestor` or a category below it; both well-formed.
bool IsCategoryWithin(absl::string_view code, absl::string_view ancestor);

}  // namespace baimi::codes

#endif  // BAIMI_COMMON_CODES_CATEGORY_CODE_H_
