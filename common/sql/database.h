// The SQL port: what a store may ask of a database. Two adapters implement it (SQLite embedded,
// PostgreSQL) and both must pass tests/conformance/sql; nothing above this header knows which one
// it talks to.
//
// SQL text uses $1, $2 ... in any order and any number of times, and the subset that both databases
// run: ON CONFLICT ... DO UPDATE ... RETURNING, row-value comparison, CTEs, partial indexes. The
// comment `/*for update*/` is a row lock on PostgreSQL and nothing on SQLite, where a write
// transaction excludes every other one from its first statement; `/*for update skip locked*/`
// likewise, passing over rows that another transaction has locked.
//
// Errors are absl statuses without driver text (that is logged at the adapter):
//   ALREADY_EXISTS       unique violation; ConstraintOf(status) names the constraint or index
//   FAILED_PRECONDITION  foreign key, CHECK or NOT NULL violation; ConstraintOf(status) as above
//   ABORTED              serialization failure, deadlock, busy: the transaction may be run again
//   DEADLINE_EXCEEDED    the options' deadline passed
//   INVALID_ARGUMENT     a parameter that the other database could not keep: text that is not UTF-8
//                        or holds a NUL byte, a NaN
//   UNAVAILABLE          no connection, disk full or failing; with IsCommitUnknown(status): the
//                        COMMIT was sent and its outcome is not known
//   INTERNAL             anything else, such as SQL that does not compile, a wrong number of
//                        parameters, a statement that writes inside Read, a nested transaction
//
// After a statement has failed, all further ones of that transaction return the same error until
// RollbackSavepoint, and a body that hides it is rolled back (what PostgreSQL does by nature).
#ifndef BAIMI_COMMON_SQL_DATABASE_H_
#define BAIMI_COMMON_SQL_DATABASE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace baimi::sql {

// A named statement. Must outlive every database it is used with (a namespace-scope constant); the
// name labels metrics and prepared statements and is unique in its service. One SQL command, no
// transaction control. Strings stand in single quotes, "x" is an identifier, LIKE minds case.
struct Statement {
  const char* name;
  const char* text;
};

struct Null {};

// One bound value. Text and bytes are viewed, not copied: they must live until the call returns.
class Param {
 public:
  // NOLINTBEGIN(google-explicit-constructor): parameters are written as a plain list.
  Param(Null) {}
  Param(int value) : value_(int64_t{value}) {}
  Param(int64_t value) : value_(value) {}
  Param(bool value) : value_(value) {}
  Param(double value) : value_(value) {}
  Param(absl::string_view text) : value_(text) {}
  Param(const std::string& text) : value_(absl::string_view(text)) {}
  Param(const char* text) : value_(absl::string_view(text)) {}
  // NOLINTEND(google-explicit-constructor)
  static Param Bytes(absl::string_view bytes) { return Param(BytesView{bytes}); }
  // Microseconds since the epoch, the stored form of every time.
  static Param Time(absl::Time time) { return Param(absl::ToUnixMicros(time)); }

  struct BytesView {
    absl::string_view bytes;
  };
  using Variant = std::variant<std::monostate, int64_t, bool, double, absl::string_view, BytesView>;
  const Variant& value() const { return value_; }

 private:
  explicit Param(BytesView bytes) : value_(bytes) {}
  Variant value_;
};

using Params = absl::Span<const Param>;

// One result row. Views stay valid until the row callback returns, or until the same column is read
// as another type. Reading a column as another type
// than it has, or out of range, is a programming error and aborts in debug builds; NULL reads as
// 0, false or "".
class Row {
 public:
  virtual ~Row() = default;
  virtual bool IsNull(int column) const = 0;
  virtual int64_t Int64(int column) const = 0;
  virtual bool Bool(int column) const = 0;
  virtual double Double(int column) const = 0;
  virtual absl::string_view Text(int column) const = 0;
  virtual absl::string_view Bytes(int column) const = 0;
  absl::Time Time(int column) const { return absl::FromUnixMicros(Int64(column)); }
};

using RowCallback = absl::FunctionRef<absl::Status(const Row&)>;
using EachRowCallback = absl::FunctionRef<absl::Status(size_t set, const Row&)>;

// Reads inside one consistent snapshot. Not thread-safe; lives only during its callback.
class Reader {
 public:
  virtual ~Reader() = default;
  // Calls `on_row` for each row in order; an error of it ends the query and is returned (it is not
  // a failed statement: the transaction goes on). `on_row` may run other statements of the same
  // transaction, the same one included, that do not change the rows being read.
  virtual absl::Status Query(const Statement& statement, Params params, RowCallback on_row) = 0;

  // Runs the statement once for each set of parameters, in order, and tells which set a row belongs
  // to. One round trip where Query would need one for each.
  virtual absl::Status QueryEach(const Statement& statement, absl::Span<const Params> sets,
                                 EachRowCallback on_row);

  // True and `on_row` called once if there is a row; further rows are an INTERNAL error.
  absl::StatusOr<bool> QueryOne(const Statement& statement, Params params, RowCallback on_row);
};

class Tx : public Reader {
 public:
  // Rows affected. RETURNING rows are read with Query.
  virtual absl::StatusOr<int64_t> Execute(const Statement& statement, Params params) = 0;
  // Like Execute where neither the count nor this moment's error is needed: the statement may be
  // sent together with the next one whose answer is, or with COMMIT. Its failure is then that one's
  // error, or the transaction's; inside a savepoint that was released meanwhile it fails the
  // transaction for good. Parameters are copied. Adapters without a round trip execute at once.
  virtual absl::Status Queue(const Statement& statement, Params params) {
    return Execute(statement, params).status();
  }

  // Rows that count. `statement` adds its last parameter to a row, which it makes when there is
  // none, and returns what the row then holds in its only column; the parameters before are `key`,
  // texts and whole numbers. A transaction that many share (journal/writer.h) may keep what is
  // added and write each row once, before COMMIT: other statements may not see it until then.
  // Like Queue.
  virtual absl::Status Add(const Statement& statement, Params key, int64_t delta);
  // Adds `delta` and gives what the row then holds.
  virtual absl::StatusOr<int64_t> AddAndGet(const Statement& statement, Params key, int64_t delta);

  // Nested savepoints, a stack: Release and Rollback act on the innermost one and remove it.
  // After a failed statement inside a savepoint, RollbackSavepoint makes the transaction usable.
  // INTERNAL when there is none. Those left at the end are released. They mind no deadline.
  virtual absl::Status Savepoint() = 0;
  virtual absl::Status ReleaseSavepoint() = 0;
  virtual absl::Status RollbackSavepoint() = 0;
  // For migrations only: any number of commands separated by semicolons, without parameters,
  // results or transaction control.
  virtual absl::Status ExecuteScript(absl::string_view sql) = 0;
};

struct Options {
  // By the machine's clock, also under a simulated service clock. Bounds the wait for a connection
  // and every statement, which is interrupted when it passes. COMMIT never is. Default: none.
  absl::Time deadline = absl::InfiniteFuture();
};

enum class Dialect { kSqlite, kPostgres };

// Thread-safe. A body must not call the same database again (INTERNAL): it has its Reader or Tx.
class Database {
 public:
  // No call may be running. SQLite: moves the write-ahead log into the file.
  virtual ~Database() = default;

  // Runs `body` on a read connection in one snapshot. Reads see every write committed before.
  virtual absl::Status Read(const Options& options,
                            absl::FunctionRef<absl::Status(Reader&)> body) = 0;

  // Runs `body` in a write transaction (READ COMMITTED or stronger) and commits if it returns OK;
  // any error rolls back and is returned. Does not retry: on ABORTED the caller may run it again.
  // On SQLite writers queue, first come first served; on PostgreSQL they run side by side.
  virtual absl::Status Write(const Options& options, absl::FunctionRef<absl::Status(Tx&)> body) = 0;

  // OK when a trivial query works within a second.
  virtual absl::Status Ping() = 0;

  virtual Dialect dialect() const = 0;
};

// The violated constraint, or "" when unknown or another error. SQLite reports the list of columns
// ("t.a, t.b") of a unique constraint unless it is an index over expressions, the column ("t.a") of
// NOT NULL, and nothing for a foreign key.
std::string ConstraintOf(const absl::Status& status);
bool IsCommitUnknown(const absl::Status& status);
// For adapters.
absl::Status WithConstraint(absl::Status status, absl::string_view constraint);
absl::Status WithCommitUnknown(absl::Status status);

struct OpenOptions {
  // Read connections. PostgreSQL opens them as they are needed. Default: 4.
  int readers = 4;
  // PostgreSQL: write connections, opened as they are needed; SQLite has one. Default: 4, what a
  // journal's writer uses.
  int writers = 4;
  // PostgreSQL: how long a COMMIT may take before its outcome is given up as unknown. A commit that
  // waits for a synchronous standby takes that long when there is none. Default: 30 s.
  absl::Duration commit_wait = absl::Seconds(30);
  // SQLite page cache in KiB for the writer and for each reader. Default: 16 MiB / 4 MiB.
  int writer_cache_kib = 16 * 1024;
  int reader_cache_kib = 4 * 1024;
  // SQLite: size of the write-ahead log at which a background thread starts to move it into the
  // file. Writers go on meanwhile and pause only for what they added since, and for at most 100 ms
  // when old readers kept the log growing to four times this size. Default: 16 MiB.
  int checkpoint_kib = 16 * 1024;
  // Receives the driver's text of INTERNAL and UNAVAILABLE errors, which holds no stored values.
  // Called on the thread that failed. Default: a line on stderr.
  std::function<void(absl::string_view)> log = {};
};

// Opens by URI: "sqlite:/path/to/file.db" ("sqlite::memory:" for tests), or
// "postgresql://user@host1,host2/database?..." as libpq reads it (common/sql/postgres).
// An SQLite file is created when absent, its directory is not. In memory there is one connection,
// so that readers and writers take turns.
// INVALID_ARGUMENT for a scheme nobody knows or a malformed URI, UNAVAILABLE when it cannot be
// opened now. Errors and log lines never hold the URI, which may hold a password.
absl::StatusOr<std::unique_ptr<Database>> Open(absl::string_view uri, const OpenOptions& options);

}  // namespace baimi::sql

#endif  // BAIMI_COMMON_SQL_DATABASE_H_
