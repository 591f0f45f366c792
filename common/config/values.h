// The forms of single values: text to value and back (config.h says which). nullopt: not such a
// value.
#ifndef BAIMI_COMMON_CONFIG_VALUES_H_
#define BAIMI_COMMON_CONFIG_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace baimi::config {

std::optional<bool> ParseBool(absl::string_view text);
std::optional<int64_t> ParseInt(absl::string_view text);
// See config.h. Never negative, never infinite.
std::optional<absl::Duration> ParseDuration(absl::string_view text);
std::optional<int64_t> ParseBytes(absl::string_view text);
std::optional<std::vector<std::string>> ParseList(absl::string_view text);

// Each reads back as the same value.
std::string ShowBool(bool value);
std::string ShowDuration(absl::Duration value);
std::string ShowBytes(int64_t value);
std::string ShowList(const std::vector<std::string>& value);

// Passwords in the authority and in the query replaced by "***".
std::string RedactUri(absl::string_view uri);

// The candidate that is fewest edits away, or "" when none is near (a third of the length).
std::string Nearest(absl::string_view text, const std::vector<std::string>& candidates);

}  // namespace baimi::config

#endif  // BAIMI_COMMON_CONFIG_VALUES_H_
