#include "absl/strings/str_cat.h"
#include "common/cache/memory_cache.h"
#include "tests/conformance/cache/cache_suite.h"

namespace baimi::cache {
namespace {

Backend MemoryBackend(size_t shards) {
  return {.name = absl::StrCat("Shards", shards), .make = [shards](const SuiteOptions& options) {
            return NewMemoryCache({.budget = options.budget,
                                   .shards = shards,
                                   .guard = options.guard,
                                   .clock = options.clock});
          }};
}

INSTANTIATE_TEST_SUITE_P(Memory, CacheConformance,
                         testing::Values(MemoryBackend(1), MemoryBackend(8)), BackendName);

}  // namespace
}  // namespace baimi::cache
