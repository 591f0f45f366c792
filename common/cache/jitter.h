// A tenth of the ttl at most, by key and version: no generator to lock, and the same in a replay.
#ifndef BAIMI_COMMON_CACHE_JITTER_H_
#define BAIMI_COMMON_CACHE_JITTER_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace baimi::cache::internal {

inline absl::Duration Jittered(absl::Duration ttl, size_t key_hash, int64_t version) {
  constexpr uint64_t kSteps = 1024;
  const uint64_t mixed = (key_hash ^ static_cast<uint64_t>(version)) * 0x9E3779B97F4A7C15u;
  const auto step = static_cast<int64_t>((mixed >> 32) % kSteps);
  return ttl - ttl / static_cast<int64_t>(10 * kSteps) * step;
}

}  // namespace baimi::cache::internal

#endif  // BAIMI_COMMON_CACHE_JITTER_H_
