// One SQLite connection with its prepared statements.
#ifndef BAIMI_COMMON_SQL_SQLITE_CONNECTION_H_
#define BAIMI_COMMON_SQL_SQLITE_CONNECTION_H_

#include <sqlite3.h>

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/sql/database.h"
#include "common/sql/sqlite/errors.h"

namespace baimi::sql::sqlite {

// Used by one thread at a time. Every error is a status as the port promises.
class Connection {
 public:
  // `path` is a file, created when absent and put into WAL mode with synchronous=FULL, or
  // ":memory:".
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& path, int cache_kib,
                                                          const LogSink& log);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Calls `on_row` until it returns false or no row is left. With `may_write` false a statement
  // that writes is refused.
  absl::Status Query(const Statement& statement, Params params, bool may_write,
                     absl::FunctionRef<bool(const Row&)> on_row);
  // Rows inserted, updated or deleted.
  absl::StatusOr<int64_t> Execute(const Statement& statement, Params params);
  absl::Status Script(absl::string_view sql);
  // BEGIN, SAVEPOINT and the like: no parameters, no deadline.
  absl::Status Control(const Statement& statement);
  absl::Status Commit();

  // Statements that start later fail, running ones and waits for other processes are interrupted.
  // InfiniteFuture() removes it.
  void SetDeadline(absl::Time deadline);

  bool in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }
  sqlite3* handle() const { return db_.get(); }
  // Prepared statements kept, at most kMaxStatements.
  size_t cached_statements() const { return statements_.size(); }

  static constexpr size_t kMaxStatements = 256;

 private:
  struct CloseDb {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
  };
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  struct Prepared {
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement;
    // SQLite's index of $1, $2 ...: to SQLite they are names, numbered by first appearance.
    absl::InlinedVector<int, 12> index_of;
    bool busy = false;
    uint64_t last_used = 0;
  };
  class Lease;

  Connection(sqlite3* db, const LogSink& log) : log_(log), db_(db) {}

  absl::Status Configure(bool memory, int cache_kib);
  absl::Status Pragma(const std::string& text, std::string* answer = nullptr);
  absl::StatusOr<Lease> Acquire(const Statement& statement);
  absl::StatusOr<std::unique_ptr<Prepared>> Prepare(const Statement& statement);
  absl::Status NumberParameters(const Statement& statement, Prepared& prepared);
  absl::Status Bind(const Statement& statement, const Prepared& prepared, Params params);
  absl::Status Start(const Statement& statement, Params params, const Prepared& prepared);
  absl::Status Fail(int code, absl::string_view statement);
  void EvictOldest();
  bool Late() const;
  static int OnProgress(void* self);

  const LogSink log_;
  // Before the statements, which must be finalized first.
  std::unique_ptr<sqlite3, CloseDb> db_;
  // By text, not by address: a Statement built on the stack must not get another one's plan.
  absl::flat_hash_map<std::string, std::unique_ptr<Prepared>> statements_;
  uint64_t uses_ = 0;
  absl::Time deadline_ = absl::InfiniteFuture();
};

}  // namespace baimi::sql::sqlite

#endif  // BAIMI_COMMON_SQL_SQLITE_CONNECTION_H_
