#include "common/sql/migrate.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace baimi::sql {
namespace {

constexpr absl::string_view kSqliteTable =
    "CREATE TABLE IF NOT EXISTS schema_migrations("
    "  component TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL,"
    "  checksum TEXT NOT NULL, applied_at_us INTEGER NOT NULL,"
    "  PRIMARY KEY (component, version)) STRICT, WITHOUT ROWID";
constexpr absl::string_view kPostgresTable =
    "CREATE TABLE IF NOT EXISTS schema_migrations("
    "  component text NOT NULL, version bigint NOT NULL, name text NOT NULL,"
    "  checksum text NOT NULL, applied_at_us bigint NOT NULL,"
    "  PRIMARY KEY (component, version))";

// On SQLite the write transaction itself excludes other processes. On PostgreSQL even CREATE TABLE
// IF NOT EXISTS can fail when two run it at once.
constexpr Statement kPostgresLock = {"migrate_lock", "SELECT pg_advisory_xact_lock(7206834519)"};
constexpr Statement kSqliteTableExists = {
    "migrate_table_exists",
    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'"};
constexpr Statement kPostgresTableExists = {
    "migrate_table_exists",
    "SELECT 1 FROM information_schema.tables"
    " WHERE table_schema = current_schema() AND table_name = 'schema_migrations'"};
constexpr Statement kApplied = {
    "migrate_applied",
    "SELECT version, name, checksum FROM schema_migrations WHERE component = $1 ORDER BY version"};
constexpr Statement kRecord = {
    "migrate_record",
    "INSERT INTO schema_migrations(component, version, name, checksum, applied_at_us)"
    " VALUES ($1, $2, $3, $4, $5)"};

constexpr Statement kFirst = {"migrate_first", "SELECT MIN(applied_at_us) FROM schema_migrations"};

struct Applied {
  int64_t version;
  std::string name;
  std::string checksum;
};

const char* TextOf(const Migration& migration, Dialect dialect) {
  return dialect == Dialect::kSqlite ? migration.sqlite : migration.postgres;
}

std::string ChecksumOf(const Migration& migration, Dialect dialect) {
  return absl::BytesToHexString(Sha256(TextOf(migration, dialect)));
}

absl::Status CheckList(absl::string_view component, absl::Span<const Migration> migrations,
                       Dialect dialect) {
  if (component.empty()) {
    return InvalidField("component", "nothing", "a name", "名称");
  }
  for (size_t i = 0; i < migrations.size(); ++i) {
    const Migration& m = migrations[i];
    if (m.version != static_cast<int>(i) + 1) {
      return InvalidField(absl::StrCat("migrations.", component, "[", i, "].version"),
                          absl::StrCat(m.version), absl::StrCat(i + 1), absl::StrCat(i + 1));
    }
    if (m.name == nullptr || TextOf(m, dialect) == nullptr) {
      return InvalidField(absl::StrCat("migrations.", component, "[", i, "]"), "null",
                          "a name and SQL for this database", "名称和该数据库的 SQL");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> TableExists(Reader& reader, Dialect dialect) {
  return reader.QueryOne(dialect == Dialect::kSqlite ? kSqliteTableExists : kPostgresTableExists,
                         {}, [](const Row&) { return absl::OkStatus(); });
}

absl::StatusOr<std::vector<Applied>> LoadApplied(Reader& reader, absl::string_view component) {
  std::vector<Applied> applied;
  BAIMI_RETURN_IF_ERROR(reader.Query(kApplied, {component}, [&](const Row& row) {
    applied.push_back({row.Int64(0), std::string(row.Text(1)), std::string(row.Text(2))});
    return absl::OkStatus();
  }));
  return applied;
}

// What was applied must be a prefix of what is known, text for text.
absl::Status CheckApplied(absl::string_view component, const std::vector<Applied>& applied,
                          absl::Span<const Migration> migrations, Dialect dialect) {
  if (applied.size() > migrations.size()) {
    return absl::FailedPreconditionError(
        absl::StrCat("schema ", component, ": got version ", applied.back().version, " (",
                     applied.back().name, "), want at most ", migrations.size(),
                     "; run a program that knows it (数据库结构比程序新，请使用新版本程序)"));
  }
  for (size_t i = 0; i < applied.size(); ++i) {
    const Applied& a = applied[i];
    if (a.version != migrations[i].version || a.checksum != ChecksumOf(migrations[i], dialect)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "schema ", component, ": got version ", a.version, " (", a.name, ") with checksum ",
          a.checksum.substr(0, 12), ", want version ", migrations[i].version, " (",
          migrations[i].name, ") with ", ChecksumOf(migrations[i], dialect).substr(0, 12),
          "; an applied migration was edited (已执行的迁移脚本被改动，请恢复原文)"));
    }
  }
  return absl::OkStatus();
}

// Applies the first missing migration. False when there was none.
absl::StatusOr<bool> ApplyNext(Database& database, absl::string_view component,
                               absl::Span<const Migration> migrations, const Clock& clock) {
  const Dialect dialect = database.dialect();
  bool more = false;
  const absl::Status done = database.Write({}, [&](Tx& tx) -> absl::Status {
    if (dialect == Dialect::kPostgres) {
      BAIMI_RETURN_IF_ERROR(
          tx.Query(kPostgresLock, {}, [](const Row&) { return absl::OkStatus(); }));
    }
    BAIMI_RETURN_IF_ERROR(
        tx.ExecuteScript(dialect == Dialect::kSqlite ? kSqliteTable : kPostgresTable));
    BAIMI_ASSIGN_OR_RETURN(const std::vector<Applied> applied, LoadApplied(tx, component));
    BAIMI_RETURN_IF_ERROR(CheckApplied(component, applied, migrations, dialect));
    more = applied.size() < migrations.size();
    if (!more) {
      return absl::OkStatus();
    }
    const Migration& next = migrations[applied.size()];
    BAIMI_RETURN_IF_ERROR(tx.ExecuteScript(TextOf(next, dialect)));
    const std::string checksum = ChecksumOf(next, dialect);
    return tx
        .Execute(kRecord, {component, next.version, next.name, checksum, Param::Time(clock.Now())})
        .status();
  });
  BAIMI_RETURN_IF_ERROR(done);
  return more;
}

}  // namespace

absl::Status Migrate(Database& database, absl::string_view component,
                     absl::Span<const Migration> migrations, const Clock& clock) {
  BAIMI_RETURN_IF_ERROR(CheckList(component, migrations, database.dialect()));
  for (;;) {
    BAIMI_ASSIGN_OR_RETURN(const bool applied_one,
                           ApplyNext(database, component, migrations, clock));
    if (!applied_one) {
      return absl::OkStatus();
    }
  }
}

absl::Status CheckSchema(Database& database, absl::string_view component,
                         absl::Span<const Migration> migrations, const Options& options) {
  const Dialect dialect = database.dialect();
  BAIMI_RETURN_IF_ERROR(CheckList(component, migrations, dialect));
  std::vector<Applied> applied;
  const absl::Status read = database.Read(options, [&](Reader& reader) -> absl::Status {
    BAIMI_ASSIGN_OR_RETURN(const bool exists, TableExists(reader, dialect));
    if (exists) {
      BAIMI_ASSIGN_OR_RETURN(applied, LoadApplied(reader, component));
    }
    return absl::OkStatus();
  });
  BAIMI_RETURN_IF_ERROR(read);
  BAIMI_RETURN_IF_ERROR(CheckApplied(component, applied, migrations, dialect));
  if (applied.size() < migrations.size()) {
    return absl::FailedPreconditionError(
        absl::StrCat("schema ", component, ": got version ", applied.size(), ", want ",
                     migrations.size(), "; run migrate (数据库结构过旧，请先执行 migrate)"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> IncarnationOf(Database& database) {
  std::string incarnation;
  BAIMI_RETURN_IF_ERROR(database.Read({}, [&](Reader& reader) -> absl::Status {
    BAIMI_ASSIGN_OR_RETURN(const bool exists, TableExists(reader, database.dialect()));
    if (!exists) {
      return absl::OkStatus();
    }
    return reader
        .QueryOne(kFirst, {},
                  [&](const Row& row) {
                    incarnation = row.IsNull(0) ? "" : absl::StrCat(absl::Hex(row.Int64(0)));
                    return absl::OkStatus();
                  })
        .status();
  }));
  if (incarnation.empty()) {
    return absl::FailedPreconditionError("schema: got none, want one; run migrate");
  }
  return incarnation;
}

}  // namespace baimi::sql
