// How many calls somebody may make.
#ifndef BAIMI_COMMON_RATE_LIMIT_H_
#define BAIMI_COMMON_RATE_LIMIT_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace baimi::rate {

// A token bucket: `burst` calls at once, refilled with `per_second` calls a second.
struct Limit {
  // 0 or less: no limit.
  int64_t per_second = 0;
  // Less than 1 counts as 1.
  int64_t burst = 1;

  friend bool operator==(const Limit&, const Limit&) = default;
};

// Methods that are limited together.
enum class Class { kRead, kWrite, kBulk };
inline constexpr int kClasses = 3;

// "read", "write", "bulk".
constexpr absl::string_view ClassName(Class of) {
  return of == Class::kRead ? "read" : of == Class::kWrite ? "write" : "bulk";
}

}  // namespace baimi::rate

#endif  // BAIMI_COMMON_RATE_LIMIT_H_
