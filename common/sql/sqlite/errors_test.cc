#include "common/sql/sqlite/errors.h"

#include <sqlite3.h>

#include <string>

#include "common/base/error.h"
#include "common/sql/database.h"
#include "gtest/gtest.h"

namespace baimi::sql::sqlite {
namespace {

TEST(SqliteErrors, EachCode_HasItsStatusConstraintAndLog) {
  const struct {
    int code;
    const char* text;
    absl::StatusCode want;
    const char* constraint;
    bool logged;
  } table[] = {
      {SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: t.a, t.b",
       absl::StatusCode::kAlreadyExists, "t.a, t.b", false},
      {SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: index 'one_winner'",
       absl::StatusCode::kAlreadyExists, "one_winner", false},
      {SQLITE_CONSTRAINT_PRIMARYKEY, "UNIQUE constraint failed: t.id",
       absl::StatusCode::kAlreadyExists, "t.id", false},
      {SQLITE_CONSTRAINT_ROWID, "UNIQUE constraint failed: t.rowid",
       absl::StatusCode::kAlreadyExists, "t.rowid", false},
      {SQLITE_CONSTRAINT_CHECK, "CHECK constraint failed: positive",
       absl::StatusCode::kFailedPrecondition, "positive", false},
      {SQLITE_CONSTRAINT_NOTNULL, "NOT NULL constraint failed: t.a",
       absl::StatusCode::kFailedPrecondition, "t.a", false},
      {SQLITE_CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed",
       absl::StatusCode::kFailedPrecondition, "", false},
      {SQLITE_CONSTRAINT_DATATYPE, "cannot store TEXT value in INTEGER column t.a",
       absl::StatusCode::kInternal, "", true},
      {SQLITE_BUSY, "", absl::StatusCode::kAborted, "", false},
      {SQLITE_BUSY_SNAPSHOT, "", absl::StatusCode::kAborted, "", false},
      {SQLITE_INTERRUPT, "", absl::StatusCode::kDeadlineExceeded, "", false},
      {SQLITE_FULL, "", absl::StatusCode::kUnavailable, "", true},
      {SQLITE_IOERR_READ, "", absl::StatusCode::kUnavailable, "", true},
      {SQLITE_CANTOPEN, "", absl::StatusCode::kUnavailable, "", true},
      {SQLITE_CORRUPT, "", absl::StatusCode::kUnavailable, "", true},
      {SQLITE_ERROR, "no such table: t", absl::StatusCode::kInternal, "", true},
      {SQLITE_NOMEM, "", absl::StatusCode::kInternal, "", true},
  };
  for (const auto& row : table) {
    bool logged = false;
    const absl::Status status =
        ToStatus(row.code, row.text, "name", [&](absl::string_view) { logged = true; });
    EXPECT_EQ(status.code(), row.want) << row.code;
    EXPECT_EQ(ConstraintOf(status), row.constraint) << row.code;
    EXPECT_EQ(logged, row.logged) << row.code;
    EXPECT_FALSE(IsCommitUnknown(status)) << row.code;
  }
}

TEST(SqliteErrors, Commit_IsUnknownAfterStorageFailuresOnly) {
  const auto no_log = [](absl::string_view) {};
  for (const int code : {SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE, SQLITE_FULL}) {
    const absl::Status status = CommitStatus(code, "", no_log);
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << code;
    EXPECT_TRUE(IsCommitUnknown(status)) << code;
    EXPECT_EQ(ReasonOf(status), "COMMIT_OUTCOME_UNKNOWN") << code;
  }
  for (const int code : {SQLITE_BUSY, SQLITE_CONSTRAINT_FOREIGNKEY}) {
    EXPECT_FALSE(IsCommitUnknown(CommitStatus(code, "", no_log))) << code;
  }
}

}  // namespace
}  // namespace baimi::sql::sqlite
