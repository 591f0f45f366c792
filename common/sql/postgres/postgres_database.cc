#include "common/sql/postgres/postgres_database.h"

#include <algorithm>
#include <utility>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/sql/log_sink.h"
#include "common/sql/nesting.h"
#include "common/sql/postgres/pool.h"
#include "common/sql/postgres/transaction.h"

namespace baimi::sql::postgres {
namespace {

constexpr Statement kPing = {"ping", "SELECT 1"};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(const Target& target, const OpenOptions& options, const LogSink& log)
      : log_(log),
        commit_wait_(options.commit_wait),
        writers_(target, false, std::max(options.writers, 1), log),
        readers_(target, true, std::max(options.readers, 1), log) {}

  absl::Status Read(const Options& options, absl::FunctionRef<absl::Status(Reader&)> body) override;
  absl::Status Write(const Options& options, absl::FunctionRef<absl::Status(Tx&)> body) override;
  absl::Status Ping() override;
  Dialect dialect() const override { return Dialect::kPostgres; }

  // Whether a server can be used; its connection is kept.
  absl::Status Try();

 private:
  const LogSink log_;
  const absl::Duration commit_wait_;
  Pool writers_;
  Pool readers_;
};

absl::Status Late() { return absl::DeadlineExceededError("sql: deadline passed before the start"); }

bool Passed(absl::Time deadline) {
  return deadline != absl::InfiniteFuture() && SystemClock().Now() >= deadline;
}

absl::Status PostgresDatabase::Read(const Options& options,
                                    absl::FunctionRef<absl::Status(Reader&)> body) {
  if (Nesting::Inside(this)) {
    return Internal("sql: got a read inside another transaction of this database");
  }
  if (Passed(options.deadline)) {
    return Late();
  }
  const Nesting nesting(this);
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, readers_.Take(options.deadline));
  absl::Status result;
  {
    Transaction transaction(*connection, true, options.deadline, log_);
    result = body(transaction);
    if (result.ok()) {
      result = transaction.failure();
    }
    transaction.Rollback();
  }
  readers_.Return(std::move(connection));
  return result;
}

absl::Status PostgresDatabase::Write(const Options& options,
                                     absl::FunctionRef<absl::Status(Tx&)> body) {
  if (Nesting::Inside(this)) {
    return Internal("sql: got a write inside another transaction of this database");
  }
  if (Passed(options.deadline)) {
    return Late();
  }
  const Nesting nesting(this);
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, writers_.Take(options.deadline));
  absl::Status result;
  {
    Transaction transaction(*connection, false, options.deadline, log_);
    result = body(transaction);
    if (result.ok()) {
      result = transaction.failure();
    }
    if (result.ok()) {
      result = transaction.Commit(commit_wait_);
    }
    if (!result.ok()) {
      transaction.Rollback();
    }
  }
  writers_.Return(std::move(connection));
  return result;
}

absl::Status PostgresDatabase::Ping() {
  return Read({.deadline = SystemClock().Now() + absl::Seconds(1)}, [](Reader& reader) {
    return reader.Query(kPing, {}, [](const Row&) { return absl::OkStatus(); });
  });
}

absl::Status PostgresDatabase::Try() {
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                         writers_.Take(absl::InfiniteFuture()));
  writers_.Return(std::move(connection));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenDatabase(const std::string& uri,
                                                       const OpenOptions& options) {
  BAIMI_ASSIGN_OR_RETURN(const Target target, ParseTarget(uri));
  auto database = std::make_unique<PostgresDatabase>(target, options, SinkOf(options));
  BAIMI_RETURN_IF_ERROR(database->Try());
  return database;
}

}  // namespace baimi::sql::postgres
