#include "common/sql/faulty.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/sql/tx_state.h"

namespace baimi::sql {
namespace {

absl::Status Unknown() {
  return WithCommitUnknown(absl::UnavailableError("injected: commit outcome unknown"));
}

}  // namespace

class FaultyDatabase::FaultyReader final : public Reader {
 public:
  FaultyReader(FaultyDatabase& faults, Reader& base) : faults_(faults), base_(base) {}

  absl::Status Query(const Statement& statement, Params params, RowCallback on_row) override {
    BAIMI_RETURN_IF_ERROR(failure_);
    failure_ = faults_.BeforeStatement();
    return failure_.ok() ? base_.Query(statement, params, on_row) : failure_;
  }

  const absl::Status& failure() const { return failure_; }

 private:
  FaultyDatabase& faults_;
  Reader& base_;
  absl::Status failure_;
};

// The base sees no failed statement where one was injected, so the rule is kept here.
class FaultyDatabase::FaultyTx final : public Tx {
 public:
  FaultyTx(FaultyDatabase& faults, Tx& base) : faults_(faults), base_(base) {}

  absl::Status Query(const Statement& statement, Params params, RowCallback on_row) override {
    BAIMI_RETURN_IF_ERROR(Before());
    return base_.Query(statement, params, on_row);
  }
  absl::StatusOr<int64_t> Execute(const Statement& statement, Params params) override {
    BAIMI_RETURN_IF_ERROR(Before());
    return base_.Execute(statement, params);
  }
  absl::Status Queue(const Statement& statement, Params params) override {
    BAIMI_RETURN_IF_ERROR(Before());
    return base_.Queue(statement, params);
  }
  absl::Status ExecuteScript(absl::string_view sql) override {
    BAIMI_RETURN_IF_ERROR(Before());
    return base_.ExecuteScript(sql);
  }
  absl::Status Savepoint() override {
    BAIMI_RETURN_IF_ERROR(state_.failure());
    BAIMI_RETURN_IF_ERROR(base_.Savepoint());
    state_.Saved();
    return absl::OkStatus();
  }
  absl::Status ReleaseSavepoint() override {
    BAIMI_RETURN_IF_ERROR(state_.MayRelease());
    BAIMI_RETURN_IF_ERROR(base_.ReleaseSavepoint());
    state_.Released();
    return absl::OkStatus();
  }
  absl::Status RollbackSavepoint() override {
    BAIMI_RETURN_IF_ERROR(state_.MayRollback());
    BAIMI_RETURN_IF_ERROR(base_.RollbackSavepoint());
    state_.RolledBack();
    return absl::OkStatus();
  }

  const absl::Status& failure() const { return state_.failure(); }

 private:
  absl::Status Before() {
    BAIMI_RETURN_IF_ERROR(state_.failure());
    absl::Status fault = faults_.BeforeStatement();
    return fault.ok() ? fault : state_.Fail(std::move(fault));
  }

  FaultyDatabase& faults_;
  Tx& base_;
  TxState state_;
};

absl::Status FaultyDatabase::Draw(double FaultPlan::*kind) {
  return draws_->Hit(kind) ? draws_->plan()->error : absl::OkStatus();
}

absl::Status FaultyDatabase::BeforeStatement() {
  draws_->MayDelay();
  return Draw(&FaultPlan::statement_error);
}

absl::Status FaultyDatabase::Read(const Options& options,
                                  absl::FunctionRef<absl::Status(Reader&)> body) {
  BAIMI_RETURN_IF_ERROR(Draw(&FaultPlan::start_error));
  return base_->Read(options, [&](Reader& base) {
    FaultyReader reader(*this, base);
    absl::Status result = body(reader);
    return result.ok() ? reader.failure() : result;
  });
}

absl::Status FaultyDatabase::Write(const Options& options,
                                   absl::FunctionRef<absl::Status(Tx&)> body) {
  BAIMI_RETURN_IF_ERROR(Draw(&FaultPlan::start_error));
  BAIMI_RETURN_IF_ERROR(base_->Write(options, [&](Tx& base) {
    FaultyTx tx(*this, base);
    absl::Status result = body(tx);
    if (result.ok()) {
      result = tx.failure();
    }
    return result.ok() && draws_->Hit(&FaultPlan::lose_then_unknown) ? Unknown() : result;
  }));
  return draws_->Hit(&FaultPlan::commit_then_unknown) ? Unknown() : absl::OkStatus();
}

}  // namespace baimi::sql
