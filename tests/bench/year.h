// A year of a county's hotline on a simulated clock, with every rule of the suite at work, and what
// must hold of it when it is over.
#ifndef BAIMI_TESTS_BENCH_YEAR_H_
#define BAIMI_TESTS_BENCH_YEAR_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "tests/bench/report.h"

namespace baimi::bench {

struct YearOptions {
  std::string sample_dir = "deploy/sample";
  // Filed over the 365 days of 2025.
  int orders = 100'000;
  // Calls under way at the same time.
  int in_flight = 64;
  // Equal seeds make equal decisions; which of two calls of one hour comes first is the machine's.
  uint32_t seed = 20250101;
};

// Files the orders in the mix of types of domain.md §9 and leads each through its life, hour by
// hour, through the RPCs of a whole suite in this process on SQLite files. A refusal for a reason
// of the rules is part of life and counted; any other error ends the run. Then checks, and fails
// with the first that does not hold:
//   * every order has ended and no clock is open,
//   * the events of every order, applied in their sequence, give its row,
//   * no order that was dispatched is without exactly one lead,
//   * the figures of the year, for the county and by unit, community and category, equal a recount
//     from rows and events,
//   * every chain of the journal is whole.
absl::Status RunYear(const YearOptions& options, Report& report);

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_YEAR_H_
