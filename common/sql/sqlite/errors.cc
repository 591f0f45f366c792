#include "common/sql/sqlite/errors.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/sql/database.h"

namespace baimi::sql::sqlite {
namespace {

using type::v1::ErrorReason;

// "UNIQUE constraint failed: t.a, t.b", "... failed: index 'name'", "CHECK ... failed: name".
absl::string_view ConstraintIn(absl::string_view text) {
  constexpr absl::string_view kMarker = "constraint failed: ";
  const size_t at = text.find(kMarker);
  if (at == absl::string_view::npos) {
    return "";
  }
  text.remove_prefix(at + kMarker.size());
  if (absl::ConsumePrefix(&text, "index '")) {
    absl::ConsumeSuffix(&text, "'");
  }
  return text;
}

void Log(const LogSink& log, absl::string_view statement, int code, absl::string_view text) {
  log(absl::StrCat("sqlite: statement ", statement, " failed with code ", code, ": ", text));
}

absl::Status Unavailable(absl::string_view statement) {
  return Error(absl::StatusCode::kUnavailable, ErrorReason::ERROR_REASON_DEPENDENCY_UNAVAILABLE,
               absl::StrCat("sql ", statement, ": the database file cannot be used"),
               "数据库文件暂不可用");
}

bool IsStorageFailure(int code) {
  switch (code & 0xFF) {
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::Status ToStatus(int code, absl::string_view text, absl::string_view statement,
                      const LogSink& log) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return WithConstraint(
          absl::AlreadyExistsError(absl::StrCat("sql ", statement, ": unique constraint")),
          ConstraintIn(text));
    case SQLITE_CONSTRAINT_FOREIGNKEY:
    case SQLITE_CONSTRAINT_CHECK:
    case SQLITE_CONSTRAINT_NOTNULL:
      return WithConstraint(
          absl::FailedPreconditionError(absl::StrCat("sql ", statement, ": constraint")),
          ConstraintIn(text));
    default:
      break;
  }
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::AbortedError(absl::StrCat("sql ", statement, ": the database is busy"));
    case SQLITE_INTERRUPT:
      return absl::DeadlineExceededError(absl::StrCat("sql ", statement, ": interrupted"));
    default:
      break;
  }
  Log(log, statement, code, text);
  return IsStorageFailure(code) ? Unavailable(statement)
                                : Internal(absl::StrCat("sql ", statement, " failed"));
}

absl::Status CommitStatus(int code, absl::string_view text, const LogSink& log) {
  const int primary = code & 0xFF;
  if (primary != SQLITE_IOERR && primary != SQLITE_FULL) {
    return ToStatus(code, text, "commit", log);
  }
  Log(log, "commit", code, text);
  return WithCommitUnknown(Error(
      absl::StatusCode::kUnavailable, ErrorReason::ERROR_REASON_COMMIT_OUTCOME_UNKNOWN,
      "sql commit: whether it was stored is not known", "提交结果未知，请用同一请求编号重试"));
}

}  // namespace baimi::sql::sqlite
