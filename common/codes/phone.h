// Telephone numbers of people and offices (domain.md §7.4). Pure, thread-safe.
#ifndef BAIMI_COMMON_CODES_PHONE_H_
#define BAIMI_COMMON_CODES_PHONE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baimi::codes {

enum class PhoneKind { kMobile, kFixed };

struct Phone {
  PhoneKind kind = PhoneKind::kMobile;
  // Digits only, without country code, fixed numbers with the area code and its 0: what is stored
  // and what the blind index is taken over. Two spellings of a number have one such form.
  std::string digits;
};

// Accepts blanks, hyphens, brackets, full-width forms and +86, 0086 or 86 in front:
// "+86 138 0013 8000" -> "13800138000", "0898-86222222" and "+86 (898) 8622 2222" ->
// "089886222222".
// A mobile number has 11 digits from 13 to 19, a fixed one an area code (0 and 2 or 3 digits, 898
// for Hainan) and 7 or 8 digits. Service numbers (110, 12345, 95598, 400...) and local numbers
// without an area code are no contacts and are refused with that reason. INVALID_ARGUMENT at
// `path`; the message never repeats the number, which is personal data.
absl::StatusOr<Phone> ParsePhone(absl::string_view path, absl::string_view text);

}  // namespace baimi::codes

#endif  // BAIMI_COMMON_CODES_PHONE_H_
