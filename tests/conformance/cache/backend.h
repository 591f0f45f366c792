// The back ends that every test of this folder runs on. A new one is one line in backend.cc.
#ifndef BAIMI_TESTS_CONFORMANCE_CACHE_BACKEND_H_
#define BAIMI_TESTS_CONFORMANCE_CACHE_BACKEND_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

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
  // Waits until the invalidations asked for are through; null where they are when the call returns.
  std::function<void(Cache&)> settle;
  // Why the tests of the budget do not apply; empty where they do.
  std::string no_budget;
};

std::ostream& operator<<(std::ostream& out, const Backend& backend);

std::vector<Backend> Backends();
// Those that honour SuiteOptions.budget and count bytes and evictions.
std::vector<Backend> BackendsWithBudget();

}  // namespace baimi::cache

#endif  // BAIMI_TESTS_CONFORMANCE_CACHE_BACKEND_H_
