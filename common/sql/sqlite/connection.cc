#include "common/sql/sqlite/connection.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/sql/params.h"

namespace baimi::sql::sqlite {
namespace {

constexpr int kBusyTimeoutMs = 5000;
// Instructions between two looks at the clock: some tens of microseconds.
constexpr int kProgressSteps = 2000;
// The log's size on disk after it was moved into the file, however large it had grown.
constexpr int64_t kJournalSizeLimit = int64_t{64} << 20;

// SQLite takes a null pointer for NULL, which an empty view may well hold.
const char* NotNull(absl::string_view view) { return view.data() == nullptr ? "" : view.data(); }

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}

  bool IsNull(int column) const override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  int64_t Int64(int column) const override {
    Expect(column, SQLITE_INTEGER);
    return sqlite3_column_int64(statement_, column);
  }
  bool Bool(int column) const override {
    Expect(column, SQLITE_INTEGER);
    return sqlite3_column_int64(statement_, column) != 0;
  }
  double Double(int column) const override {
    Expect(column, SQLITE_FLOAT);
    return sqlite3_column_double(statement_, column);
  }
  absl::string_view Text(int column) const override {
    Expect(column, SQLITE_TEXT);
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return {text, Size(column)};
  }
  absl::string_view Bytes(int column) const override {
    Expect(column, SQLITE_BLOB);
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return {bytes, Size(column)};
  }

 private:
  size_t Size(int column) const {
    return static_cast<size_t>(sqlite3_column_bytes(statement_, column));
  }
  void Expect([[maybe_unused]] int column, [[maybe_unused]] int type) const {
    assert(column >= 0 && column < sqlite3_column_count(statement_));
    assert(sqlite3_column_type(statement_, column) == type || IsNull(column));
  }

  sqlite3_stmt* const statement_;
};

struct Binder {
  sqlite3_stmt* statement;
  int index;

  int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
  int operator()(int64_t value) const { return sqlite3_bind_int64(statement, index, value); }
  int operator()(bool value) const { return sqlite3_bind_int(statement, index, value ? 1 : 0); }
  int operator()(double value) const { return sqlite3_bind_double(statement, index, value); }
  int operator()(absl::string_view value) const {
    return sqlite3_bind_text64(statement, index, NotNull(value), value.size(), SQLITE_STATIC,
                               SQLITE_UTF8);
  }
  int operator()(Param::BytesView value) const {
    return sqlite3_bind_blob64(statement, index, NotNull(value.bytes), value.bytes.size(),
                               SQLITE_STATIC);
  }
};

}  // namespace

// A prepared statement while it runs; reset afterwards, so that it holds no snapshot.
class Connection::Lease {
 public:
  explicit Lease(Prepared* cached) : prepared_(cached) { prepared_->busy = true; }
  explicit Lease(std::unique_ptr<Prepared> own) : own_(std::move(own)), prepared_(own_.get()) {}
  Lease(Lease&& other) noexcept
      : own_(std::move(other.own_)), prepared_(std::exchange(other.prepared_, nullptr)) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (prepared_ != nullptr) {
      sqlite3_reset(prepared_->statement.get());
      prepared_->busy = false;
    }
  }

  const Prepared& prepared() const { return *prepared_; }
  sqlite3_stmt* statement() const { return prepared_->statement.get(); }

 private:
  std::unique_ptr<Prepared> own_;
  Prepared* prepared_;
};

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& path, int cache_kib,
                                                             const LogSink& log) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  auto connection = std::unique_ptr<Connection>(new Connection(db, log));
  if (code != SQLITE_OK) {
    return ToStatus(code, db == nullptr ? "out of memory" : sqlite3_errmsg(db), "open", log);
  }
  BAIMI_RETURN_IF_ERROR(connection->Configure(path == ":memory:", cache_kib));
  return connection;
}

absl::Status Connection::Configure(bool memory, int cache_kib) {
  sqlite3_extended_result_codes(db_.get(), 1);
  sqlite3_busy_timeout(db_.get(), kBusyTimeoutMs);
  // Without these "typo" would quietly be a string, on SQLite only.
  sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  std::string mode;
  BAIMI_RETURN_IF_ERROR(Pragma("PRAGMA journal_mode = WAL", &mode));
  if (!memory && mode != "wal") {
    return Error(absl::StatusCode::kUnavailable, type::v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE,
                 absl::StrCat("database file: got journal mode ", mode,
                              ", want wal (a local file system with shared memory)"),
                 "数据库文件须位于支持 WAL 的本地文件系统");
  }
  for (const std::string& pragma :
       {std::string("PRAGMA synchronous = FULL"), std::string("PRAGMA foreign_keys = ON"),
        std::string("PRAGMA temp_store = MEMORY"), std::string("PRAGMA case_sensitive_like = ON"),
        absl::StrCat("PRAGMA cache_size = -", cache_kib),
        absl::StrCat("PRAGMA journal_size_limit = ", kJournalSizeLimit)}) {
    BAIMI_RETURN_IF_ERROR(Pragma(pragma));
  }
  return absl::OkStatus();
}

absl::Status Connection::Pragma(const std::string& text, std::string* answer) {
  const auto keep = [](void* out, int columns, char** values, char**) {
    if (out != nullptr && columns > 0 && values[0] != nullptr) {
      *static_cast<std::string*>(out) = values[0];
    }
    return 0;
  };
  const int code = sqlite3_exec(db_.get(), text.c_str(), keep, answer, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Fail(code, text);
}

absl::Status Connection::Fail(int code, absl::string_view statement) {
  if ((code & 0xFF) == SQLITE_BUSY && Late()) {
    code = SQLITE_INTERRUPT;
  }
  return ToStatus(code, sqlite3_errmsg(db_.get()), statement, log_);
}

bool Connection::Late() const {
  return deadline_ != absl::InfiniteFuture() && SystemClock().Now() >= deadline_;
}

int Connection::OnProgress(void* self) { return static_cast<Connection*>(self)->Late() ? 1 : 0; }

void Connection::SetDeadline(absl::Time deadline) {
  if (deadline == deadline_) {
    return;
  }
  deadline_ = deadline;
  if (deadline == absl::InfiniteFuture()) {
    sqlite3_progress_handler(db_.get(), 0, nullptr, nullptr);
    sqlite3_busy_timeout(db_.get(), kBusyTimeoutMs);
    return;
  }
  sqlite3_progress_handler(db_.get(), kProgressSteps, &Connection::OnProgress, this);
  const int64_t left = absl::ToInt64Milliseconds(deadline - SystemClock().Now()) + 1;
  sqlite3_busy_timeout(db_.get(), static_cast<int>(std::clamp<int64_t>(left, 1, kBusyTimeoutMs)));
}

absl::Status Connection::NumberParameters(const Statement& statement, Prepared& prepared) {
  sqlite3_stmt* raw = prepared.statement.get();
  const int count = sqlite3_bind_parameter_count(raw);
  prepared.index_of.assign(static_cast<size_t>(count), 0);
  for (int index = 1; index <= count; ++index) {
    const char* name = sqlite3_bind_parameter_name(raw, index);
    int number = 0;
    if (name == nullptr || name[0] != '$' || !absl::SimpleAtoi(name + 1, &number) || number < 1 ||
        number > count) {
      return Internal(absl::StrCat("sql ", statement.name, ": got parameter ",
                                   name == nullptr ? "?" : name, ", want $1 to $", count));
    }
    prepared.index_of[static_cast<size_t>(number) - 1] = index;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Connection::Prepared>> Connection::Prepare(
    const Statement& statement) {
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const int code =
      sqlite3_prepare_v3(db_.get(), statement.text, -1, SQLITE_PREPARE_PERSISTENT, &raw, &tail);
  if (code != SQLITE_OK) {
    return Fail(code, statement.name);
  }
  auto prepared = std::make_unique<Prepared>();
  prepared->statement.reset(raw);
  if (raw == nullptr ||
      absl::string_view(tail).find_first_not_of(" \t\r\n;") != absl::string_view::npos) {
    return Internal(absl::StrCat("sql ", statement.name, ": want exactly one command"));
  }
  BAIMI_RETURN_IF_ERROR(NumberParameters(statement, *prepared));
  return prepared;
}

absl::StatusOr<Connection::Lease> Connection::Acquire(const Statement& statement) {
  const auto found = statements_.find(absl::string_view(statement.text));
  if (found != statements_.end() && !found->second->busy) {
    found->second->last_used = ++uses_;
    return Lease(found->second.get());
  }
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<Prepared> fresh, Prepare(statement));
  if (found != statements_.end()) {
    return Lease(std::move(fresh));
  }
  if (statements_.size() >= kMaxStatements) {
    EvictOldest();
  }
  Prepared* prepared = fresh.get();
  prepared->last_used = ++uses_;
  statements_.emplace(statement.text, std::move(fresh));
  return Lease(prepared);
}

void Connection::EvictOldest() {
  auto oldest = statements_.end();
  for (auto it = statements_.begin(); it != statements_.end(); ++it) {
    if (!it->second->busy &&
        (oldest == statements_.end() || it->second->last_used < oldest->second->last_used)) {
      oldest = it;
    }
  }
  if (oldest != statements_.end()) {
    statements_.erase(oldest);
  }
}

absl::Status Connection::Bind(const Statement& statement, const Prepared& prepared, Params params) {
  if (params.size() != prepared.index_of.size()) {
    return Internal(absl::StrCat("sql ", statement.name, ": got ", params.size(),
                                 " parameters, want ", prepared.index_of.size()));
  }
  BAIMI_RETURN_IF_ERROR(CheckParams(statement, params));
  for (size_t i = 0; i < params.size(); ++i) {
    const int code =
        std::visit(Binder{prepared.statement.get(), prepared.index_of[i]}, params[i].value());
    if (code != SQLITE_OK) {
      return Fail(code, statement.name);
    }
  }
  return absl::OkStatus();
}

absl::Status Connection::Start(const Statement& statement, Params params,
                               const Prepared& prepared) {
  if (Late()) {
    return Fail(SQLITE_INTERRUPT, statement.name);
  }
  return Bind(statement, prepared, params);
}

absl::Status Connection::Query(const Statement& statement, Params params, bool may_write,
                               absl::FunctionRef<bool(const Row&)> on_row) {
  BAIMI_ASSIGN_OR_RETURN(const Lease lease, Acquire(statement));
  if (!may_write && sqlite3_stmt_readonly(lease.statement()) == 0) {
    return Internal(absl::StrCat("sql ", statement.name, ": got a write, want a read"));
  }
  BAIMI_RETURN_IF_ERROR(Start(statement, params, lease.prepared()));
  const SqliteRow row(lease.statement());
  for (;;) {
    const int code = sqlite3_step(lease.statement());
    if (code == SQLITE_DONE) {
      return absl::OkStatus();
    }
    if (code != SQLITE_ROW) {
      return Fail(code, statement.name);
    }
    if (!on_row(row)) {
      return absl::OkStatus();
    }
  }
}

absl::StatusOr<int64_t> Connection::Execute(const Statement& statement, Params params) {
  // sqlite3_changes() keeps the count of an earlier statement when this one changes nothing.
  const sqlite3_int64 before = sqlite3_total_changes64(db_.get());
  BAIMI_RETURN_IF_ERROR(Query(statement, params, true, [](const Row&) { return true; }));
  return sqlite3_total_changes64(db_.get()) == before ? 0 : sqlite3_changes64(db_.get());
}

absl::Status Connection::Script(absl::string_view sql) {
  const int code = sqlite3_exec(db_.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Fail(code, "script");
}

absl::Status Connection::Control(const Statement& statement) {
  BAIMI_ASSIGN_OR_RETURN(const Lease lease, Acquire(statement));
  const int code = sqlite3_step(lease.statement());
  return code == SQLITE_DONE ? absl::OkStatus() : Fail(code, statement.name);
}

absl::Status Connection::Commit() {
  static constexpr Statement kCommit = {"commit", "COMMIT"};
  BAIMI_ASSIGN_OR_RETURN(const Lease lease, Acquire(kCommit));
  const int code = sqlite3_step(lease.statement());
  return code == SQLITE_DONE ? absl::OkStatus()
                             : CommitStatus(code, sqlite3_errmsg(db_.get()), log_);
}

}  // namespace baimi::sql::sqlite
