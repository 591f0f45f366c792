// A database that fails on purpose, for tests of what stands above the port.
#ifndef BAIMI_COMMON_SQL_FAULTY_H_
#define BAIMI_COMMON_SQL_FAULTY_H_

#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/base/random.h"
#include "common/sql/database.h"

namespace baimi::sql {

// Chances lie in [0, 1]; each is drawn anew at each of its occasions from one seeded generator, so
// that a single-threaded test repeats exactly. Default: no fault at all.
struct FaultPlan {
  uint64_t seed = 1;
  // A Read or Write ends with `error` before its body runs.
  double start_error = 0;
  // A statement ends with `error` instead of running; the rest of the transaction follows the
  // port's rule for failed statements.
  double statement_error = 0;
  // The COMMIT's outcome is reported as unknown: after it was committed, or when it was not.
  double commit_then_unknown = 0;
  double lose_then_unknown = 0;
  // `delay` is called before a statement runs, on its thread. It may block as the test likes.
  double delay_chance = 0;
  std::function<void()> delay = {};
  absl::Status error = absl::UnavailableError("injected fault");
};

// Thread-safe as the port says. Savepoint operations are passed on unharmed.
class FaultyDatabase final : public Database {
 public:
  FaultyDatabase(std::unique_ptr<Database> base, FaultPlan plan);

  // Replaces the plan and starts its sequence; running transactions finish under either.
  void SetPlan(FaultPlan plan) ABSL_LOCKS_EXCLUDED(mu_);
  // Faults and delays injected so far.
  int64_t injected() const ABSL_LOCKS_EXCLUDED(mu_);

  absl::Status Read(const Options& options, absl::FunctionRef<absl::Status(Reader&)> body) override;
  absl::Status Write(const Options& options, absl::FunctionRef<absl::Status(Tx&)> body) override;
  absl::Status Ping() override { return base_->Ping(); }
  Dialect dialect() const override { return base_->dialect(); }

 private:
  class FaultyTx;
  class FaultyReader;

  bool Draw(double FaultPlan::*chance) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status DrawError(double FaultPlan::*chance) ABSL_LOCKS_EXCLUDED(mu_);
  // Before each statement: the delay, then OK or the error.
  absl::Status BeforeStatement() ABSL_LOCKS_EXCLUDED(mu_);

  const std::unique_ptr<Database> base_;
  mutable absl::Mutex mu_;
  FaultPlan plan_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Rng> rng_ ABSL_GUARDED_BY(mu_);
  int64_t injected_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace baimi::sql

#endif  // BAIMI_COMMON_SQL_FAULTY_H_
