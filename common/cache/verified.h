// A cache that shows only what its reader can vouch for: the bound on staleness that does not rely
// on invalidations having arrived (DESIGN.md §3.3). They may be lost with their process, with a
// paused server or with the network; the journal says what changed all the same.
#ifndef BAIMI_COMMON_CACHE_VERIFIED_H_
#define BAIMI_COMMON_CACHE_VERIFIED_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/strings/string_view.h"
#include "common/cache/cache.h"

namespace baimi::cache {

// Knows what changed lately. Thread-safe.
class Freshness {
 public:
  virtual ~Freshness() = default;
  // The least version that a value of `key` must have to be shown now; nullopt when nothing may be
  // shown, because what changed is not known. Looks into memory only.
  virtual std::optional<int64_t> Floor(absl::string_view key) = 0;
};

// Get asks for at least the floor of the key. `freshness` must outlive the cache.
std::unique_ptr<Cache> NewVerifiedCache(std::unique_ptr<Cache> base, Freshness* freshness);

}  // namespace baimi::cache

#endif  // BAIMI_COMMON_CACHE_VERIFIED_H_
