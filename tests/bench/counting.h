// A database that counts what is asked of it.
#ifndef BAIMI_TESTS_BENCH_COUNTING_H_
#define BAIMI_TESTS_BENCH_COUNTING_H_

#include <atomic>
#include <memory>
#include <utility>

#include "common/sql/database.h"

namespace baimi::bench {

// Of write transactions. A statement that is awaited costs PostgreSQL a round trip, a queued one
// and a savepoint do not.
struct Counts {
  int64_t awaited = 0;
  int64_t queued = 0;
  int64_t savepoints = 0;
};

class CountingDatabase final : public sql::Database {
 public:
  explicit CountingDatabase(std::unique_ptr<sql::Database> base) : base_(std::move(base)) {}

  void Reset() { awaited_ = queued_ = savepoints_ = 0; }
  Counts counts() const { return {awaited_, queued_, savepoints_}; }

  absl::Status Read(const sql::Options& options,
                    absl::FunctionRef<absl::Status(sql::Reader&)> body) override {
    return base_->Read(options, body);
  }
  absl::Status Write(const sql::Options& options,
                     absl::FunctionRef<absl::Status(sql::Tx&)> body) override {
    return base_->Write(options, [&](sql::Tx& tx) {
      CountingTx counting(*this, tx);
      return body(counting);
    });
  }
  absl::Status Ping() override { return base_->Ping(); }
  sql::Dialect dialect() const override { return base_->dialect(); }

 private:
  class CountingTx final : public sql::Tx {
   public:
    CountingTx(CountingDatabase& counts, sql::Tx& base) : counts_(counts), base_(base) {}
    absl::Status Query(const sql::Statement& statement, sql::Params params,
                       sql::RowCallback on_row) override {
      ++counts_.awaited_;
      return base_.Query(statement, params, on_row);
    }
    absl::Status QueryEach(const sql::Statement& statement, absl::Span<const sql::Params> sets,
                           sql::EachRowCallback on_row) override {
      counts_.awaited_ += sets.empty() ? 0 : 1;
      return base_.QueryEach(statement, sets, on_row);
    }
    absl::StatusOr<int64_t> Execute(const sql::Statement& statement, sql::Params params) override {
      ++counts_.awaited_;
      return base_.Execute(statement, params);
    }
    absl::Status Queue(const sql::Statement& statement, sql::Params params) override {
      ++counts_.queued_;
      return base_.Queue(statement, params);
    }
    absl::Status Savepoint() override {
      ++counts_.savepoints_;
      return base_.Savepoint();
    }
    absl::Status ReleaseSavepoint() override {
      ++counts_.savepoints_;
      return base_.ReleaseSavepoint();
    }
    absl::Status RollbackSavepoint() override {
      ++counts_.savepoints_;
      return base_.RollbackSavepoint();
    }
    absl::Status ExecuteScript(absl::string_view sql) override { return base_.ExecuteScript(sql); }

   private:
    CountingDatabase& counts_;
    sql::Tx& base_;
  };

  const std::unique_ptr<sql::Database> base_;
  std::atomic<int64_t> awaited_ = 0;
  std::atomic<int64_t> queued_ = 0;
  std::atomic<int64_t> savepoints_ = 0;
};

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_COUNTING_H_
