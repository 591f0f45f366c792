// The benchmarks of `core`: docs/bench.md.
#ifndef BAIMI_TESTS_BENCH_CORE_H_
#define BAIMI_TESTS_BENCH_CORE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/bench/report.h"

namespace baimi::bench {

struct CoreOptions {
  std::string sample_dir = "deploy/sample";
  // Every bench runs once a round, so that what disturbs the machine disturbs all of them.
  int rounds = 3;
  // Of one load; the small ones take a third.
  absl::Duration duration = absl::Seconds(3);
};

absl::Status RunCore(const CoreOptions& options, Report& report);

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_CORE_H_
