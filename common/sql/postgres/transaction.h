// One transaction on one connection: what the port's Tx promises, in as few round trips as it
// allows.
#ifndef BAIMI_COMMON_SQL_POSTGRES_TRANSACTION_H_
#define BAIMI_COMMON_SQL_POSTGRES_TRANSACTION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/sql/database.h"
#include "common/sql/log_sink.h"
#include "common/sql/postgres/connection.h"
#include "common/sql/tx_state.h"

namespace baimi::sql::postgres {

// BEGIN, savepoints and queued statements are kept here and go out with the next statement whose
// answer is needed, so that they cost no round trip of their own. A savepoint that is rolled back
// before it went out never reaches the server.
//
// Deadlines are kept twice: the server's statement_timeout cuts the statement, and this side gives
// the connection up when the server does not answer a second after that. A transaction that left
// the constructor must be ended by Commit or Rollback.
class Transaction final : public Tx {
 public:
  // `connection` and `log` outlive it.
  Transaction(Connection& connection, bool read_only, absl::Time deadline, const LogSink& log);

  absl::Status Query(const Statement& statement, Params params, RowCallback on_row) override;
  absl::Status QueryEach(const Statement& statement, absl::Span<const Params> sets,
                         EachRowCallback on_row) override;
  absl::StatusOr<int64_t> Execute(const Statement& statement, Params params) override;
  absl::Status Queue(const Statement& statement, Params params) override;
  absl::Status Savepoint() override;
  absl::Status ReleaseSavepoint() override;
  absl::Status RollbackSavepoint() override;
  absl::Status ExecuteScript(absl::string_view sql) override;

  // Ends it well. The deadline does not count; after `wait` without an answer the outcome is
  // unknown.
  absl::Status Commit(absl::Duration wait);
  // Ends it otherwise. A connection that does not answer is spoilt.
  void Rollback();

  const absl::Status& failure() const { return state_.failure(); }

 private:
  // Whether a statement waits for its answer, and so need not copy its parameters.
  enum class Wait { kYes, kNo };
  // Prepares and adds the statement to what is to be sent.
  absl::Status Keep(const Statement& statement, Params params, Wait wait);
  absl::StatusOr<Result> RunStatement(const Statement& statement, Params params);
  // Sends everything that is kept; the results of what waits.
  absl::StatusOr<std::vector<Result>> Flush();
  void AddControl(absl::string_view name, absl::string_view text);
  void AddBegin();
  // Sets the server's timeout when it is not set or much longer than what is left.
  void Arm();
  absl::Status CheckDeadline(const Statement& statement) const;
  absl::Status Failed(const Outcome& outcome);
  bool HasBodyCommands() const;
  // When to give up waiting for an answer.
  absl::Time Patience() const;
  Scene SceneOf(absl::string_view statement) const;

  Connection& connection_;
  const bool read_only_;
  const absl::Time deadline_;
  const LogSink& log_;
  TxState state_;
  std::vector<Command> kept_;
  // For each open savepoint, outermost first: where its SAVEPOINT stands in `kept_`, or kSent.
  static constexpr int kSent = -1;
  std::vector<int> savepoints_;
  // BEGIN is kept or sent; it was sent.
  bool begun_ = false;
  bool sent_ = false;
  // What the server's statement_timeout is; 0 = none was set here.
  absl::Duration armed_ = absl::ZeroDuration();
};

}  // namespace baimi::sql::postgres

#endif  // BAIMI_COMMON_SQL_POSTGRES_TRANSACTION_H_
