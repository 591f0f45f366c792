// A database that fails on purpose, for tests of what stands above the port.
#ifndef BAIMI_COMMON_SQL_FAULTY_H_
#define BAIMI_COMMON_SQL_FAULTY_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/base/fault_draws.h"
#include "common/sql/database.h"

namespace baimi::sql {

// Chances, drawn as common/base/fault_draws.h says. Default: no fault at all.
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
  FaultyDatabase(std::unique_ptr<Database> base, FaultPlan plan)
      : FaultyDatabase(std::move(base), std::make_shared<FaultDraws<FaultPlan>>(std::move(plan))) {}
  // Draws that several decorators share, or that go on after this one.
  FaultyDatabase(std::unique_ptr<Database> base, std::shared_ptr<FaultDraws<FaultPlan>> draws)
      : base_(std::move(base)), draws_(std::move(draws)) {}

  // Replaces the plan and starts its sequence; running transactions finish under either.
  void SetPlan(FaultPlan plan) { draws_->SetPlan(std::move(plan)); }
  // Faults and delays injected so far; of one kind: injected(&FaultPlan::start_error).
  int64_t injected() const { return draws_->injected(); }
  int64_t injected(double FaultPlan::*kind) const { return draws_->injected(kind); }

  absl::Status Read(const Options& options, absl::FunctionRef<absl::Status(Reader&)> body) override;
  absl::Status Write(const Options& options, absl::FunctionRef<absl::Status(Tx&)> body) override;
  absl::Status Ping() override { return base_->Ping(); }
  Dialect dialect() const override { return base_->dialect(); }

 private:
  class FaultyTx;
  class FaultyReader;

  // OK or the plan's error.
  absl::Status Draw(double FaultPlan::*kind);
  // Before each statement: the delay, then OK or the error.
  absl::Status BeforeStatement();

  const std::unique_ptr<Database> base_;
  const std::shared_ptr<FaultDraws<FaultPlan>> draws_;
};

}  // namespace baimi::sql

#endif  // BAIMI_COMMON_SQL_FAULTY_H_
