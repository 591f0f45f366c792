#include "common/cache/cache_metrics.h"

#include <string>

namespace baimi::cache {

using observe::MetricKind;

std::vector<observe::CallbackHandle> ExportCache(observe::Registry& registry, const Cache& cache,
                                                 absl::string_view service,
                                                 absl::string_view name) {
  struct Column {
    MetricKind kind;
    const char* metric;
    const char* help;
    uint64_t CacheStats::*value;
  };
  static constexpr Column kColumns[] = {
      {MetricKind::kCounter, "baimi_cache_hits_total", "Values found.", &CacheStats::hits},
      {MetricKind::kCounter, "baimi_cache_misses_total", "Values not found.", &CacheStats::misses},
      {MetricKind::kCounter, "baimi_cache_too_old_total",
       "Values found that were older than the reader's own writes.", &CacheStats::too_old},
      {MetricKind::kCounter, "baimi_cache_puts_total", "Values put.", &CacheStats::puts},
      {MetricKind::kCounter, "baimi_cache_rejected_total",
       "Values not put because a newer version was known.", &CacheStats::rejected},
      {MetricKind::kCounter, "baimi_cache_invalidations_total", "Changes made known.",
       &CacheStats::invalidations},
      {MetricKind::kCounter, "baimi_cache_evictions_total", "Values removed to make room.",
       &CacheStats::evictions},
      {MetricKind::kCounter, "baimi_cache_errors_total", "Operations the back end failed.",
       &CacheStats::errors},
      {MetricKind::kGauge, "baimi_cache_entries", "Keys known.", &CacheStats::entries},
      {MetricKind::kGauge, "baimi_cache_bytes", "Memory in use.", &CacheStats::bytes},
  };
  std::vector<observe::CallbackHandle> handles;
  for (const Column& column : kColumns) {
    handles.push_back(registry.AddCallback(
        column.kind, column.metric, column.help,
        {{"service", std::string(service)}, {"cache", std::string(name)}},
        [&cache, value = column.value] { return static_cast<double>(cache.Stats().*value); }));
  }
  return handles;
}

}  // namespace baimi::cache
