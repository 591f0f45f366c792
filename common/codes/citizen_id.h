// 公民身份号码, GB 11643-1999 (domain.md §7.4). Pure, thread-safe.
#ifndef BAIMI_COMMON_CODES_CITIZEN_ID_H_
#define BAIMI_COMMON_CODES_CITIZEN_ID_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace baimi::codes {

struct CitizenId {
  // 18 characters, a final x in upper case: the form to store and to index.
  std::string number;
  // First 6 digits. May be a retired code: it is not looked up anywhere.
  std::string area;
  absl::CivilDay birth;
  bool male = false;
};

// Checks length, digits, the birth date (real, not before 1800, not after `today`) and the check
// digit (ISO 7064 MOD 11-2: any one wrong digit and any swap of neighbours is found). Blanks are
// not removed.
// INVALID_ARGUMENT at `path`; the message never repeats the number, which is personal data.
absl::StatusOr<CitizenId> ParseCitizenId(absl::string_view path, absl::string_view number,
                                         absl::CivilDay today);

}  // namespace baimi::codes

#endif  // BAIMI_COMMON_CODES_CITIZEN_ID_H_
