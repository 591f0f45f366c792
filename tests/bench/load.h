// What a closed loop of clients saw.
#ifndef BAIMI_TESTS_BENCH_LOAD_H_
#define BAIMI_TESTS_BENCH_LOAD_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace baimi::bench {

struct LoadResult {
  // Calls answered as wanted, from the first one sent to the last one answered.
  int64_t done = 0;
  absl::Duration elapsed;
  // Of each call, microseconds; in no order.
  std::vector<uint32_t> latencies_us;

  double per_second() const { return static_cast<double>(done) / absl::ToDoubleSeconds(elapsed); }
  // `share` of the calls were answered within this many microseconds; 0 without calls.
  double Quantile(double share) {
    if (latencies_us.empty()) {
      return 0;
    }
    const auto at =
        static_cast<std::ptrdiff_t>(share * static_cast<double>(latencies_us.size() - 1));
    std::nth_element(latencies_us.begin(), latencies_us.begin() + at, latencies_us.end());
    return latencies_us[static_cast<size_t>(at)];
  }
};

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_LOAD_H_
