// How an entry lies in Redis, and the scripts that write it atomically.
//
//   bytes 0-18  version   19 digits, so that text order is number order: Lua's numbers are doubles
//   19-37       expiry of the value, microseconds since 1970; all nines: never
//   38-56       guard: until then nothing older than `version` may take the key
//   57          'v' a value follows, 't' a tombstone
#ifndef BAIMI_COMMON_CACHE_REDIS_SCRIPTS_H_
#define BAIMI_COMMON_CACHE_REDIS_SCRIPTS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/redis/client.h"

namespace baimi::cache::internal {

inline constexpr size_t kHeaderSize = 58;
inline constexpr size_t kNumberSize = 19;

// 19 digits; what lies below 0 counts as 0.
std::string Digits(int64_t number);
// Microseconds since 1970, all nines for the infinite future.
std::string TimeDigits(absl::Time time);

// Arguments: version, expiry, now, milliseconds to live ("" for ever), value. Answers 1, or 0 when
// the value lost against a newer version. A full server: an OOM error, and what the value would
// have replaced is gone, its guard kept.
const redis::Script& PutScript();
// Arguments: version, now, guard, milliseconds of the guard. Works on a full server too.
const redis::Script& InvalidateScript();

}  // namespace baimi::cache::internal

#endif  // BAIMI_COMMON_CACHE_REDIS_SCRIPTS_H_
