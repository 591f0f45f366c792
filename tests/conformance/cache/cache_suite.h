// What every cache adapter must do; backend.cc names the adapters.
#ifndef BAIMI_TESTS_CONFORMANCE_CACHE_CACHE_SUITE_H_
#define BAIMI_TESTS_CONFORMANCE_CACHE_CACHE_SUITE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/cache/cache.h"
#include "tests/conformance/cache/backend.h"

namespace baimi::cache {

class CacheConformance : public ::testing::TestWithParam<Backend> {
 protected:
  CacheConformance() : cache_(Make({})) {}

  std::unique_ptr<Cache> Make(SuiteOptions options) {
    options.clock = &clock_;
    return GetParam().make(options);
  }

  void Settle() {
    if (GetParam().settle) {
      GetParam().settle(*cache_);
    }
  }

  static Value Text(absl::string_view text) { return std::make_shared<const std::string>(text); }
  void Put(absl::string_view key, absl::string_view text, int64_t version,
           absl::Duration ttl = absl::Minutes(10)) {
    cache_->PutIfNewer(key, Text(text), version, ttl);
  }
  // The value, or "-" for a miss.
  std::string Get(absl::string_view key, int64_t min_version = 0) {
    const Value value = cache_->Get(key, min_version);
    return value == nullptr ? "-" : *value;
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  std::unique_ptr<Cache> cache_;
};

// Only on back ends that keep a budget.
class CacheBudgetConformance : public CacheConformance {};

inline std::string BackendName(const ::testing::TestParamInfo<Backend>& info) {
  return info.param.name;
}

}  // namespace baimi::cache

#endif  // BAIMI_TESTS_CONFORMANCE_CACHE_CACHE_SUITE_H_
