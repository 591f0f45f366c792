#include "common/sql/postgres/errors.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/error.h"
#include "common/sql/database.h"

namespace baimi::sql::postgres {
namespace {

using type::v1::ErrorReason;

enum class Kind { kUnique, kConstraint, kNotNull, kAgain, kCancelled, kText, kReadOnly, kDown };

// The first prefix that fits decides; what fits none is INTERNAL.
constexpr struct {
  absl::string_view prefix;
  Kind kind;
} kKinds[] = {
    {"23505", Kind::kUnique},     {"23P01", Kind::kUnique},   // exclusion constraint
    {"23502", Kind::kNotNull},    {"23", Kind::kConstraint},  // foreign key, CHECK, RESTRICT
    {"22001", Kind::kConstraint},  // longer than varchar(n): a CHECK on SQLite
    {"22003", Kind::kConstraint},  // number out of the column's range
    {"22021", Kind::kText},        // not UTF-8
    {"40003", Kind::kDown},        // completion unknown
    {"40", Kind::kAgain},          // serialization failure, deadlock
    {"55P03", Kind::kAgain},       // lock not available
    {"0A000", Kind::kAgain},       // a cached plan's result type changed by a migration
    {"26000", Kind::kAgain},       // the prepared statement was dropped by somebody
    {"57014", Kind::kCancelled},  {"25006", Kind::kReadOnly},
    {"25P03", Kind::kDown},  // idle in transaction for too long
    {"08", Kind::kDown},     // connection
    {"28", Kind::kDown},     // may not log in
    {"3D000", Kind::kDown},  // no such database
    {"53", Kind::kDown},     // disk full, out of memory, too many connections
    {"57P", Kind::kDown},    // shutting down, starting up
    {"58", Kind::kDown},     // system error
    {"XX001", Kind::kDown},  // data corrupted
    {"XX002", Kind::kDown},  // index corrupted
};

const Kind* KindOf(absl::string_view sqlstate) {
  static constexpr Kind kLost = Kind::kDown;
  if (sqlstate.empty()) {
    return &kLost;
  }
  const auto* found =
      std::find_if(std::begin(kKinds), std::end(kKinds),
                   [sqlstate](const auto& row) { return absl::StartsWith(sqlstate, row.prefix); });
  return found == std::end(kKinds) ? nullptr : &found->kind;
}

void Log(const ServerError& error, absl::string_view statement, const LogSink& log) {
  const bool quotes_values = absl::StartsWith(error.sqlstate, "22");
  log(absl::StrCat("postgresql: statement ", statement, " failed with ",
                   error.sqlstate.empty() ? "a lost connection" : error.sqlstate, ": ",
                   quotes_values ? "(a value was refused)" : error.text));
}

// How long callers are asked to wait before the same call again.
constexpr absl::Duration kRetryDelay = absl::Milliseconds(200);

absl::Status Down(absl::string_view statement) {
  return Error(absl::StatusCode::kUnavailable, ErrorReason::ERROR_REASON_DEPENDENCY_UNAVAILABLE,
               absl::StrCat("sql ", statement, ": the database cannot be used"), "数据库暂不可用")
      .RetryAfter(kRetryDelay);
}

absl::Status Refused(absl::StatusCode code, absl::string_view statement, absl::string_view what,
                     absl::string_view constraint) {
  return WithConstraint(absl::Status(code, absl::StrCat("sql ", statement, ": ", what)),
                        constraint);
}

}  // namespace

absl::Status ToStatus(const ServerError& error, const Scene& scene, const LogSink& log) {
  const Kind* kind = KindOf(error.sqlstate);
  if (kind != nullptr) {
    switch (*kind) {
      case Kind::kUnique:
        return Refused(absl::StatusCode::kAlreadyExists, scene.statement, "unique constraint",
                       error.constraint);
      case Kind::kConstraint:
        return Refused(absl::StatusCode::kFailedPrecondition, scene.statement, "constraint",
                       error.constraint);
      case Kind::kNotNull:
        return Refused(absl::StatusCode::kFailedPrecondition, scene.statement, "constraint",
                       error.column);
      case Kind::kAgain:
        return absl::AbortedError(
            absl::StrCat("sql ", scene.statement, ": another transaction was in the way"));
      case Kind::kCancelled:
        return scene.has_deadline
                   ? absl::DeadlineExceededError(
                         absl::StrCat("sql ", scene.statement, ": interrupted"))
                   : absl::AbortedError(absl::StrCat("sql ", scene.statement, ": cancelled"));
      case Kind::kText:
        return InvalidField(scene.statement, "other bytes", "UTF-8 text without NUL",
                            "不含空字符的 UTF-8 文本");
      case Kind::kReadOnly:
        if (scene.read_only) {
          break;
        }
        Log(error, scene.statement, log);
        return Down(scene.statement);
      case Kind::kDown:
        Log(error, scene.statement, log);
        return Down(scene.statement);
    }
  }
  Log(error, scene.statement, log);
  return Internal(absl::StrCat("sql ", scene.statement, " failed"));
}

absl::Status CommitStatus(const ServerError& error, const Scene& scene, const LogSink& log) {
  const Kind* kind = KindOf(error.sqlstate);
  if (kind == nullptr || *kind != Kind::kDown) {
    return ToStatus(error, scene, log);
  }
  Log(error, scene.statement, log);
  return CommitUnknown("the server was lost while committing", log);
}

absl::Status CommitUnknown(absl::string_view why, const LogSink& log) {
  log(absl::StrCat("postgresql: commit outcome unknown: ", why));
  return WithCommitUnknown(
      Error(absl::StatusCode::kUnavailable, ErrorReason::ERROR_REASON_COMMIT_OUTCOME_UNKNOWN,
            "sql commit: whether it was stored is not known", "提交结果未知，请用同一请求编号重试")
          .RetryAfter(kRetryDelay));
}

absl::Status Unavailable(absl::string_view statement, absl::string_view why, const LogSink& log) {
  log(absl::StrCat("postgresql: ", statement, ": ", why));
  return Down(statement);
}

bool SpoilsConnection(absl::string_view sqlstate) {
  if (sqlstate == "0A000" || sqlstate == "26000" || sqlstate == "25006" || sqlstate.empty()) {
    return true;
  }
  return absl::StartsWith(sqlstate, "08") || absl::StartsWith(sqlstate, "57P") ||
         absl::StartsWith(sqlstate, "58") || sqlstate == "25P03";
}

}  // namespace baimi::sql::postgres
