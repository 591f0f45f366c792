// The benchmark `search`: duplicates, words and places over many orders. docs/bench.md.
#ifndef BAIMI_TESTS_BENCH_SEARCH_H_
#define BAIMI_TESTS_BENCH_SEARCH_H_

#include "absl/status/status.h"
#include "tests/bench/report.h"

namespace baimi::bench {

struct SearchOptions {
  // Orders in the table and in the index.
  int orders = 50'000;
  // Searches of each kind.
  int searches = 300;
  // On a PostgreSQL of its own, in place of an SQLite file.
  bool postgres = false;
};

// Fills a database through the ticket store and the search index, in this process, and searches in
// it as the service does: one snapshot each, fifty orders a page, opened for the caller.
absl::Status RunSearch(const SearchOptions& options, Report& report);

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_SEARCH_H_
