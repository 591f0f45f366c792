// A cache as metrics: baimi_cache_{hits,misses,too_old,puts,rejected,invalidations,evictions,
// errors}_total and baimi_cache_{entries,bytes} with the labels service and cache.
#ifndef BAIMI_COMMON_CACHE_CACHE_METRICS_H_
#define BAIMI_COMMON_CACHE_CACHE_METRICS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "common/cache/cache.h"
#include "common/observe/metrics.h"

namespace baimi::cache {

// `cache` and `registry` must outlive the handles. `name` tells caches of one service apart.
[[nodiscard]] std::vector<observe::CallbackHandle> ExportCache(observe::Registry& registry,
                                                               const Cache& cache,
                                                               absl::string_view service,
                                                               absl::string_view name);

}  // namespace baimi::cache

#endif  // BAIMI_COMMON_CACHE_CACHE_METRICS_H_
