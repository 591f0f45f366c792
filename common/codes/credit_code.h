// 统一社会信用代码 (GB 32100-2015) and 组织机构代码 (GB 11714) of organisations (domain.md §7.4).
// Pure, thread-safe.
#ifndef BAIMI_COMMON_CODES_CREDIT_CODE_H_
#define BAIMI_COMMON_CODES_CREDIT_CODE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baimi::codes {

struct CreditCode {
  // 18 characters in upper case: the form to store.
  std::string code;
  // Characters 3-8, the seat of the registering office. May be a retired code.
  std::string area;
  // Characters 9-17, the organisation code.
  std::string organization;
  // False is a warning, never a refusal: real codes exist that fail GB 11714.
  bool organization_check_fits = false;
};

// Checks length, alphabet (digits and capitals without I O S V Z; small letters are taken as
// capitals), the six digits of the area, and the check character (weights 3^i mod 31).
// INVALID_ARGUMENT at `path`.
absl::StatusOr<CreditCode> ParseCreditCode(absl::string_view path, absl::string_view code);

// "M000100Y-4" or "M000100Y4", small letters allowed: eight of 0-9 A-Z and a fitting check
// character.
bool OrganizationCodeFits(absl::string_view code);

}  // namespace baimi::codes

#endif  // BAIMI_COMMON_CODES_CREDIT_CODE_H_
