// County, township, area and grid codes (domain.md §2.1, §2.2). Each level appends three digits to
// its parent: 469030 > 469030100 > 469030100001 > 469030100001012. Pure functions, thread-safe.
//
// Whether a parent exists and which counties are served is data, not form: the registry checks it.
// The kind of a unit (社区, 村) is data too: the digits are a hint that real units contradict.
#ifndef BAIMI_COMMON_CODES_AREA_CODE_H_
#define BAIMI_COMMON_CODES_AREA_CODE_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baimi::codes {

// The value is the number of digits.
enum class AreaLevel {
  kCounty = 6,    // GB/T 2260; digits 3-4 = 90: directly under the province
  kTownship = 9,  // 街道, 镇, 乡
  kArea = 12,     // 村 or 社区
  kGrid = 15,     // 综合网格 or 专属网格
};

// Well-formed code of any level: digits only, 6, 9, 12 or 15 of them, neither a province (460000)
// nor a segment 000, which is how other systems pad the code of a higher level. INVALID_ARGUMENT at
// `path` otherwise.
absl::StatusOr<AreaLevel> ParseAreaCode(absl::string_view path, absl::string_view code);

// The same, and of exactly this level.
absl::Status CheckAreaCode(absl::string_view path, absl::string_view code, AreaLevel want);

// The code one level up: "" for a county, and for what is no code.
absl::string_view ParentCode(absl::string_view code);

// The first digits of `code` that name its ancestor at `level`; "" when `code` is higher than that.
absl::string_view AncestorCode(absl::string_view code, AreaLevel level);

// `code` is `ancestor` or lies below it. Both must be well-formed: "4690301" is an ancestor of
// nothing.
bool IsWithin(absl::string_view code, absl::string_view ancestor);

// INVALID_ARGUMENT at `path` unless `code` is well-formed and IsWithin(code, ancestor).
absl::Status CheckWithin(absl::string_view path, absl::string_view code,
                         absl::string_view ancestor);

enum class GridClass {
  kGeneral,    // 综合网格, 001-899
  kDedicated,  // 专属网格, 901-999: organ, park, hospital, school, enterprise
};

// Of a 15-digit code. 000 and 900 are neither and are refused.
absl::StatusOr<GridClass> ParseGridCode(absl::string_view path, absl::string_view code);

}  // namespace baimi::codes

#endif  // BAIMI_COMMON_CODES_AREA_CODE_H_
