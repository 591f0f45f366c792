// The benchmark `flow`: the matching and pairing problems, solved. docs/bench.md.
#ifndef BAIMI_TESTS_BENCH_FLOW_H_
#define BAIMI_TESTS_BENCH_FLOW_H_

#include "absl/status/status.h"
#include "tests/bench/report.h"

namespace baimi::bench {

struct FlowOptions {
  int rounds = 3;
};

// Solves each instance with common/flow, with LEMON's network simplex and by greed, one after the
// other in each round. An error when the two solvers differ or the optimum is not proven.
absl::Status RunFlow(const FlowOptions& options, Report& report);

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_FLOW_H_
