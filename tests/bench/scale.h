// The benchmark `scale`: lists over many orders. docs/bench.md.
#ifndef BAIMI_TESTS_BENCH_SCALE_H_
#define BAIMI_TESTS_BENCH_SCALE_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/bench/report.h"

namespace baimi::bench {

struct ScaleOptions {
  // Orders in the table.
  int orders = 1'000'000;
  // Lists of each kind.
  int lists = 500;
};

// Fills an SQLite file through the ticket store, in this process, and reads lists from it as the
// service does: one snapshot each, fifty a page, opened for the caller.
absl::Status RunScale(const ScaleOptions& options, Report& report);

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_SCALE_H_
