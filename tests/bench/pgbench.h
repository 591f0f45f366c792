// pgbench, PostgreSQL's own benchmark, beside us: what the server does for a client that writes an
// order's rows with one statement a transaction.
#ifndef BAIMI_TESTS_BENCH_PGBENCH_H_
#define BAIMI_TESTS_BENCH_PGBENCH_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/testing/postgres/cluster.h"
#include "tests/bench/report.h"

namespace baimi::bench {

// Not thread-safe.
class PgBench {
 public:
  // Makes the journal's and the ticket service's tables in a schema of `cluster`, which outlives
  // this object, for rows that are as those of the newest order in the schema of `like`: as many
  // in the same tables, of the same lengths, in the same indexes. Each client has a row of numbers
  // and a row of counts for itself, so that none waits for another.
  static absl::StatusOr<std::unique_ptr<PgBench>> Make(pgtest::Cluster& cluster,
                                                       const std::string& like);

  // Runs 128 clients for about `duration` (whole seconds, at least one) and notes the transactions
  // a second, which it gives, and what the server, `cluster`, took for one.
  absl::StatusOr<double> Measure(absl::Duration duration, const pgtest::Cluster& cluster,
                                 Report& report) const;

  // What an order writes: tables, rows, bytes.
  const std::string& rows() const { return rows_; }

 private:
  PgBench(std::string program, std::string script, std::string uri, std::string rows)
      : program_(std::move(program)),
        script_(std::move(script)),
        uri_(std::move(uri)),
        rows_(std::move(rows)) {}

  const std::string program_;
  const std::string script_;
  const std::string uri_;
  const std::string rows_;
};

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_PGBENCH_H_
