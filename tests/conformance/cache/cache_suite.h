// What every cache adapter must do. An adapter joins with one line in a file of its own:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, CacheConformance, testing::Values(MemoryBackend()),
//   BackendName);
#ifndef BAIMI_TESTS_CONFORMANCE_CACHE_CACHE_SUITE_H_
#define BAIMI_TESTS_CONFORMANCE_CACHE_CACHE_SUITE_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/cache/cache.h"

namespace baimi::cache {

struct SuiteOptions {
  // Bytes for everything, about; adapters whose server sets the limit ignore it.
  size_t budget = size_t{8} << 20;
  absl::Duration guard = absl::Seconds(30);
  // Expiry and guards follow this clock, also where a server has one of its own.
  const Clock* clock = nullptr;
};

struct Backend {
  std::string name;
  // A new, empty cache. Each test makes its own.
  std::function<std::unique_ptr<Cache>(const SuiteOptions&)> make;
  // Honours SuiteOptions.budget and counts bytes and evictions. Where it does not, the tests of the
  // budget do not apply: the server's configuration decides.
  bool has_budget = true;
};

class CacheConformance : public testing::TestWithParam<Backend> {
 protected:
  CacheConformance() : cache_(Make({})) {}

  std::unique_ptr<Cache> Make(SuiteOptions options) {
    options.clock = &clock_;
    return GetParam().make(options);
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

inline std::string BackendName(const testing::TestParamInfo<Backend>& info) {
  return info.param.name;
}

}  // namespace baimi::cache

#endif  // BAIMI_TESTS_CONFORMANCE_CACHE_CACHE_SUITE_H_
