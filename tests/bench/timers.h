// The benchmark `timers`: how late what is due becomes with very many timers open. docs/bench.md.
#ifndef BAIMI_TESTS_BENCH_TIMERS_H_
#define BAIMI_TESTS_BENCH_TIMERS_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/bench/report.h"

namespace baimi::bench {

struct TimersOptions {
  // Orders with a handling clock that runs: timers open at the start.
  int timers = 1'000'000;
  // How many come due a second.
  int per_second = 1'000;
  // How long they come due at that rate.
  absl::Duration duration = absl::Seconds(60);
  // Timers that are overdue all at once afterwards, as when the service was away.
  int backlog = 20'000;
  // On a PostgreSQL of its own, in place of an SQLite file.
  bool postgres = false;
};

// Fills a database through the ticket store, serves it by a ticket service whose clock runs from
// the first due time on, and looks at what the orders say about when each clock was put on record
// as run out. An error when one was before its time, twice, or not at all.
absl::Status RunTimers(const TimersOptions& options, Report& report);

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_TIMERS_H_
