#include "common/sql/sqlite/sqlite_database.h"

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/sql/log_sink.h"
#include "common/sql/nesting.h"
#include "common/sql/sqlite/checkpointer.h"
#include "common/sql/sqlite/connection.h"
#include "common/sql/sqlite/fair_lock.h"
#include "common/sql/tx_state.h"

namespace baimi::sql::sqlite {
namespace {

constexpr char kMemory[] = ":memory:";
constexpr int kPageKib = 4;

constexpr Statement kBeginRead = {"begin_read", "BEGIN DEFERRED"};
// A deferred transaction that turns into a writer fails at once when another one wrote meanwhile,
// whatever the busy timeout.
constexpr Statement kBeginWrite = {"begin_write", "BEGIN IMMEDIATE"};
constexpr Statement kRollback = {"rollback", "ROLLBACK"};
constexpr Statement kSavepoint = {"savepoint", "SAVEPOINT s"};
constexpr Statement kRelease = {"release", "RELEASE s"};
constexpr Statement kRollbackTo = {"rollback_to", "ROLLBACK TO s"};
constexpr Statement kPing = {"ping", "SELECT count(*) FROM sqlite_schema"};

class SqliteTx final : public Tx {
 public:
  SqliteTx(Connection& connection, bool may_write)
      : connection_(connection), may_write_(may_write) {}

  absl::Status Query(const Statement& statement, Params params, RowCallback on_row) override {
    BAIMI_RETURN_IF_ERROR(state_.failure());
    absl::Status from_row;
    BAIMI_RETURN_IF_ERROR(
        Check(connection_.Query(statement, params, may_write_, [&](const Row& row) {
          from_row = on_row(row);
          return from_row.ok();
        })));
    return from_row;
  }

  absl::StatusOr<int64_t> Execute(const Statement& statement, Params params) override {
    BAIMI_RETURN_IF_ERROR(state_.failure());
    absl::StatusOr<int64_t> rows = connection_.Execute(statement, params);
    BAIMI_RETURN_IF_ERROR(Check(rows.status()));
    return rows;
  }

  absl::Status Savepoint() override {
    BAIMI_RETURN_IF_ERROR(state_.failure());
    BAIMI_RETURN_IF_ERROR(Check(connection_.Control(kSavepoint)));
    state_.Saved();
    return absl::OkStatus();
  }

  absl::Status ReleaseSavepoint() override {
    BAIMI_RETURN_IF_ERROR(state_.MayRelease());
    BAIMI_RETURN_IF_ERROR(Check(connection_.Control(kRelease)));
    state_.Released();
    return absl::OkStatus();
  }

  absl::Status RollbackSavepoint() override {
    BAIMI_RETURN_IF_ERROR(state_.MayRollback());
    BAIMI_RETURN_IF_ERROR(Check(connection_.Control(kRollbackTo)));
    BAIMI_RETURN_IF_ERROR(Check(connection_.Control(kRelease)));
    state_.RolledBack();
    return absl::OkStatus();
  }

  absl::Status ExecuteScript(absl::string_view sql) override {
    BAIMI_RETURN_IF_ERROR(state_.failure());
    return Check(connection_.Script(sql));
  }

  const absl::Status& failure() const { return state_.failure(); }

 private:
  // SQLite itself rolls back after an interrupted write, a full disk and the like. What followed
  // would run, and commit, on its own.
  absl::Status Check(absl::Status status) {
    if (!connection_.in_transaction()) {
      return state_.FailForGood(status.ok() ? Internal("sql: a statement ended the transaction")
                                            : std::move(status));
    }
    return status.ok() ? status : state_.Fail(std::move(status));
  }

  Connection& connection_;
  const bool may_write_;
  TxState state_;
};

absl::Status Late() { return absl::DeadlineExceededError("sql: deadline passed before the start"); }

absl::Status RunTransaction(Connection& connection, const Options& options, bool write,
                            absl::FunctionRef<absl::Status(Tx&)> body) {
  if (options.deadline != absl::InfiniteFuture() && SystemClock().Now() >= options.deadline) {
    return Late();
  }
  connection.SetDeadline(options.deadline);
  absl::Status result = connection.Control(write ? kBeginWrite : kBeginRead);
  if (result.ok()) {
    SqliteTx tx(connection, write);
    result = body(tx);
    if (result.ok()) {
      result = tx.failure();
    }
  }
  // COMMIT and ROLLBACK are never interrupted.
  connection.SetDeadline(absl::InfiniteFuture());
  if (result.ok()) {
    result = connection.Commit();
  }
  if (connection.in_transaction()) {
    connection.Control(kRollback).IgnoreError();
  }
  return result;
}

class SqliteDatabase final : public Database {
 public:
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path,
                                                        const OpenOptions& options,
                                                        const LogSink& log);
  ~SqliteDatabase() override {
    checkpointer_.reset();
    idle_readers_.clear();
    // Last, because closing the last connection moves the log into the file.
    writer_.reset();
  }

  absl::Status Read(const Options& options, absl::FunctionRef<absl::Status(Reader&)> body) override;
  absl::Status Write(const Options& options, absl::FunctionRef<absl::Status(Tx&)> body) override;
  absl::Status Ping() override;
  Dialect dialect() const override { return Dialect::kSqlite; }

 private:
  explicit SqliteDatabase(std::unique_ptr<Connection> writer) : writer_(std::move(writer)) {}

  absl::Status OnWriter(const Options& options, bool write,
                        absl::FunctionRef<absl::Status(Tx&)> body);
  absl::Status OnReader(const Options& options, absl::FunctionRef<absl::Status(Tx&)> body);

  bool memory_ = false;
  FairLock writers_;
  // Used while `writers_` is held.
  std::unique_ptr<Connection> writer_;
  std::unique_ptr<Checkpointer> checkpointer_;
  absl::Mutex mu_;
  std::vector<std::unique_ptr<Connection>> idle_readers_ ABSL_GUARDED_BY(mu_);
};

absl::StatusOr<std::unique_ptr<Database>> SqliteDatabase::Open(const std::string& path,
                                                               const OpenOptions& options,
                                                               const LogSink& log) {
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<Connection> writer,
                         Connection::Open(path, options.writer_cache_kib, log));
  auto database = std::unique_ptr<SqliteDatabase>(new SqliteDatabase(std::move(writer)));
  database->memory_ = path == kMemory;
  if (database->memory_) {
    return database;
  }
  for (int i = 0; i < std::max(options.readers, 1); ++i) {
    BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<Connection> reader,
                           Connection::Open(path, options.reader_cache_kib, log));
    absl::MutexLock lock(&database->mu_);
    database->idle_readers_.push_back(std::move(reader));
  }
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<Connection> own, Connection::Open(path, kPageKib, log));
  database->checkpointer_ =
      std::make_unique<Checkpointer>(std::move(own), *database->writer_, database->writers_,
                                     std::max(options.checkpoint_kib / kPageKib, 1));
  return database;
}

absl::Status SqliteDatabase::OnWriter(const Options& options, bool write,
                                      absl::FunctionRef<absl::Status(Tx&)> body) {
  const FairLockHold hold(writers_, options.deadline);
  return hold.held() ? RunTransaction(*writer_, options, write, body) : Late();
}

absl::Status SqliteDatabase::OnReader(const Options& options,
                                      absl::FunctionRef<absl::Status(Tx&)> body) {
  const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !idle_readers_.empty(); };
  std::unique_ptr<Connection> reader;
  {
    absl::MutexLock lock(&mu_);
    if (!mu_.AwaitWithDeadline(absl::Condition(&idle), options.deadline)) {
      return Late();
    }
    // The last one returned has the warmest cache.
    reader = std::move(idle_readers_.back());
    idle_readers_.pop_back();
  }
  absl::Status result = RunTransaction(*reader, options, false, body);
  absl::MutexLock lock(&mu_);
  idle_readers_.push_back(std::move(reader));
  return result;
}

absl::Status SqliteDatabase::Read(const Options& options,
                                  absl::FunctionRef<absl::Status(Reader&)> body) {
  const auto read = [&](Tx& tx) { return body(tx); };
  if (Nesting::Inside(this)) {
    return Internal("sql: got a read inside another transaction of this database");
  }
  const Nesting nesting(this);
  return memory_ ? OnWriter(options, false, read) : OnReader(options, read);
}

absl::Status SqliteDatabase::Write(const Options& options,
                                   absl::FunctionRef<absl::Status(Tx&)> body) {
  if (Nesting::Inside(this)) {
    return Internal("sql: got a write inside another transaction of this database");
  }
  const Nesting nesting(this);
  return OnWriter(options, true, body);
}

absl::Status SqliteDatabase::Ping() {
  return Read({.deadline = SystemClock().Now() + absl::Seconds(1)}, [](Reader& reader) {
    return reader.Query(kPing, {}, [](const Row&) { return absl::OkStatus(); });
  });
}

absl::Status CannotOpen(const std::string& path, absl::string_view why, absl::string_view why_zh) {
  return Error(absl::StatusCode::kUnavailable, type::v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE,
               absl::StrCat("database file ", path, ": ", why),
               absl::StrCat("数据库文件 ", path, "：", why_zh));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenDatabase(const std::string& path,
                                                       const OpenOptions& options) {
  const LogSink log = SinkOf(options);
  if (path != kMemory) {
    const std::filesystem::path directory = std::filesystem::path(path).parent_path();
    std::error_code error;
    if (!directory.empty() && !std::filesystem::is_directory(directory, error)) {
      return CannotOpen(path, absl::StrCat("got no directory ", directory.string(), ", create it"),
                        "所在目录不存在，请先创建");
    }
  }
  absl::StatusOr<std::unique_ptr<Database>> database = SqliteDatabase::Open(path, options, log);
  if (!database.ok()) {
    return CannotOpen(path,
                      absl::StrCat("want a readable and writable SQLite database on a local disk (",
                                   database.status().message(), ")"),
                      "须为本地磁盘上可读写的 SQLite 数据库");
  }
  return database;
}

}  // namespace baimi::sql::sqlite
