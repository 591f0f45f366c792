#include "common/sql/database.h"

#include "absl/container/inlined_vector.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/sql/postgres/postgres_database.h"
#include "common/sql/sqlite/sqlite_database.h"

namespace baimi::sql {
namespace {

constexpr absl::string_view kConstraintPayload = "baimi.sql/constraint";
constexpr absl::string_view kCommitUnknownPayload = "baimi.sql/commit-unknown";

absl::InlinedVector<Param, 8> WithDelta(Params key, int64_t delta) {
  absl::InlinedVector<Param, 8> params(key.begin(), key.end());
  params.push_back(delta);
  return params;
}

}  // namespace

absl::Status Reader::QueryEach(const Statement& statement, absl::Span<const Params> sets,
                               EachRowCallback on_row) {
  for (size_t set = 0; set < sets.size(); ++set) {
    BAIMI_RETURN_IF_ERROR(
        Query(statement, sets[set], [&](const Row& row) { return on_row(set, row); }));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Reader::QueryOne(const Statement& statement, Params params,
                                      RowCallback on_row) {
  bool found = false;
  BAIMI_RETURN_IF_ERROR(Query(statement, params, [&](const Row& row) {
    if (found) {
      return Internal(absl::StrCat("sql ", statement.name, ": got several rows, want one"));
    }
    found = true;
    return on_row(row);
  }));
  return found;
}

absl::Status Tx::Add(const Statement& statement, Params key, int64_t delta) {
  return Queue(statement, WithDelta(key, delta));
}

absl::StatusOr<int64_t> Tx::AddAndGet(const Statement& statement, Params key, int64_t delta) {
  int64_t value = 0;
  BAIMI_ASSIGN_OR_RETURN(const bool found,
                         QueryOne(statement, WithDelta(key, delta), [&](const Row& row) {
                           value = row.Int64(0);
                           return absl::OkStatus();
                         }));
  return found ? absl::StatusOr<int64_t>(value)
               : Internal(absl::StrCat("sql ", statement.name, ": got no row, want what it holds"));
}

std::string ConstraintOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kConstraintPayload);
  return payload ? std::string(*payload) : std::string();
}

absl::Status WithConstraint(absl::Status status, absl::string_view constraint) {
  status.SetPayload(kConstraintPayload, absl::Cord(constraint));
  return status;
}

bool IsCommitUnknown(const absl::Status& status) {
  return status.GetPayload(kCommitUnknownPayload).has_value();
}

absl::Status WithCommitUnknown(absl::Status status) {
  status.SetPayload(kCommitUnknownPayload, absl::Cord());
  return status;
}

absl::StatusOr<std::unique_ptr<Database>> Open(absl::string_view uri, const OpenOptions& options) {
  if (absl::StartsWith(uri, "postgresql://") || absl::StartsWith(uri, "postgres://")) {
    return postgres::OpenDatabase(std::string(uri), options);
  }
  absl::string_view path = uri;
  if (!absl::ConsumePrefix(&path, "sqlite:")) {
    // Only the scheme is named: the rest may hold a password.
    const absl::string_view scheme = uri.substr(0, uri.find(':'));
    return InvalidField("database.uri", absl::StrCat("scheme ", scheme),
                        "sqlite:/path/to/file.db, sqlite::memory: or postgresql://host/database",
                        "sqlite:/路径/文件.db、sqlite::memory: 或 postgresql://主机/数据库");
  }
  if (path.empty()) {
    return InvalidField("database.uri", "no path", "sqlite:/path/to/file.db",
                        "sqlite:/路径/文件.db");
  }
  return sqlite::OpenDatabase(std::string(path), options);
}

}  // namespace baimi::sql
