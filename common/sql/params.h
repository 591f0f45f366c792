// What every adapter checks before it sends parameters.
#ifndef BAIMI_COMMON_SQL_PARAMS_H_
#define BAIMI_COMMON_SQL_PARAMS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/sql/database.h"

namespace baimi::sql {

// INVALID_ARGUMENT, naming the statement and the parameter but not its value, for what only one of
// the two databases would keep: text that is not UTF-8 or holds a NUL byte, and NaN.
absl::Status CheckParams(const Statement& statement, Params params);

// True for well-formed UTF-8 (no surrogates, nothing overlong, at most U+10FFFF) without U+0000.
bool IsStorableText(absl::string_view text);

}  // namespace baimi::sql

#endif  // BAIMI_COMMON_SQL_PARAMS_H_
