// The journal's writer with the ticket store on it, in this process and without RPC.
#ifndef BAIMI_TESTS_BENCH_WRITER_H_
#define BAIMI_TESTS_BENCH_WRITER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/async.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/journal/writer.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "common/testing/postgres/cluster.h"
#include "services/ticket/store/ticket_store.h"
#include "tests/bench/counting.h"
#include "tests/bench/load.h"
#include "tests/bench/report.h"

namespace baimi::bench {

// DESIGN.md §6: of what pgbench does with the same rows.
inline constexpr double kWriterTarget = 1.0;

// Not thread-safe.
class WriterBench {
 public:
  // On two empty databases; `folder` gets a master key.
  static absl::StatusOr<std::unique_ptr<WriterBench>> Make(const std::string& uri,
                                                           const std::string& key_uri,
                                                           const std::string& folder);
  ~WriterBench();

  // Creates orders for `duration` with `in_flight` of them under way: what TicketApi::Create
  // writes. The first error ends the run and is returned.
  absl::StatusOr<LoadResult> Run(int in_flight, absl::Duration duration);

  // Of the last run: closures a group, and what a group asks of the database.
  struct Groups {
    double closures = 0;
    double awaited = 0;
    double queued = 0;
  };
  const Groups& groups() const { return groups_; }

  // A run after a short warm-up, as figures that begin with `name`; gives the orders a second.
  // `server`: the PostgreSQL that it is on, if any.
  absl::StatusOr<Figure*> Measure(const std::string& name, absl::Duration duration,
                                  const pgtest::Cluster* server, Report& report);

 private:
  WriterBench() = default;
  struct Loop;
  Async<ticket::v1::Ticket> Create(int64_t n);
  void Next(Loop& loop);

  const SystemClock clock_{};
  const std::unique_ptr<Rng> rng_ = NewSystemRng();
  std::unique_ptr<CountingDatabase> database_;
  std::unique_ptr<sql::Database> key_database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  std::unique_ptr<privacy::Vault> vault_;
  std::unique_ptr<ticket::store::TicketStore> store_;
  std::unique_ptr<journal::Writer> writer_;
  int64_t next_ = 0;
  Groups groups_;
};

// The benchmark `writer`: SQLite, PostgreSQL and pgbench in turns. docs/bench.md.
absl::Status RunWriter(int rounds, absl::Duration duration, Report& report);

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_WRITER_H_
