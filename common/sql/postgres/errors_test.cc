#include "common/sql/postgres/errors.h"

#include "common/base/error.h"
#include "common/sql/database.h"
#include "gtest/gtest.h"

namespace baimi::sql::postgres {
namespace {

const LogSink kNoLog = [](absl::string_view) {};

TEST(PostgresErrors, EachState_HasItsStatusConstraintAndLog) {
  using absl::StatusCode;
  const struct {
    const char* sqlstate;
    StatusCode want;
    const char* constraint;
    bool logged;
    bool spoils;
  } table[] = {
      {"23505", StatusCode::kAlreadyExists, "t_key", false, false},
      {"23P01", StatusCode::kAlreadyExists, "t_key", false, false},
      {"23503", StatusCode::kFailedPrecondition, "t_key", false, false},
      {"23514", StatusCode::kFailedPrecondition, "t_key", false, false},
      {"23502", StatusCode::kFailedPrecondition, "a", false, false},
      {"22001", StatusCode::kFailedPrecondition, "t_key", false, false},
      {"22003", StatusCode::kFailedPrecondition, "t_key", false, false},
      {"22021", StatusCode::kInvalidArgument, "", false, false},
      {"40001", StatusCode::kAborted, "", false, false},
      {"40P01", StatusCode::kAborted, "", false, false},
      {"40003", StatusCode::kUnavailable, "", true, false},
      {"55P03", StatusCode::kAborted, "", false, false},
      {"0A000", StatusCode::kAborted, "", false, true},
      {"26000", StatusCode::kAborted, "", false, true},
      {"57014", StatusCode::kDeadlineExceeded, "", false, false},
      {"25006", StatusCode::kUnavailable, "", true, true},
      {"25P03", StatusCode::kUnavailable, "", true, true},
      {"08006", StatusCode::kUnavailable, "", true, true},
      {"28P01", StatusCode::kUnavailable, "", true, false},
      {"3D000", StatusCode::kUnavailable, "", true, false},
      {"53100", StatusCode::kUnavailable, "", true, false},
      {"53300", StatusCode::kUnavailable, "", true, false},
      {"57P01", StatusCode::kUnavailable, "", true, true},
      {"57P03", StatusCode::kUnavailable, "", true, true},
      {"58030", StatusCode::kUnavailable, "", true, true},
      {"XX001", StatusCode::kUnavailable, "", true, false},
      {"", StatusCode::kUnavailable, "", true, true},
      {"42601", StatusCode::kInternal, "", true, false},
      {"42P01", StatusCode::kInternal, "", true, false},
      {"22P02", StatusCode::kInternal, "", true, false},
      {"25P02", StatusCode::kInternal, "", true, false},
      {"XX000", StatusCode::kInternal, "", true, false},
      {"99999", StatusCode::kInternal, "", true, false},
  };
  for (const auto& row : table) {
    bool logged = false;
    const absl::Status status = ToStatus(
        {.sqlstate = row.sqlstate, .text = "driver text", .constraint = "t_key", .column = "a"},
        {.statement = "name", .has_deadline = true}, [&](absl::string_view) { logged = true; });
    EXPECT_EQ(status.code(), row.want) << row.sqlstate;
    EXPECT_EQ(ConstraintOf(status), row.constraint) << row.sqlstate;
    EXPECT_EQ(logged, row.logged) << row.sqlstate;
    EXPECT_EQ(SpoilsConnection(row.sqlstate), row.spoils) << row.sqlstate;
    EXPECT_FALSE(IsCommitUnknown(status)) << row.sqlstate;
    EXPECT_EQ(RetryAfterOf(status).has_value(), absl::IsUnavailable(status)) << row.sqlstate;
    EXPECT_EQ(status.message().find("driver text"), absl::string_view::npos) << row.sqlstate;
  }
}

TEST(PostgresErrors, WriteInsideRead_IsInternal) {
  EXPECT_EQ(
      ToStatus({.sqlstate = "25006"}, {.statement = "name", .read_only = true}, kNoLog).code(),
      absl::StatusCode::kInternal);
}

TEST(PostgresErrors, CancelledWithoutADeadline_MayRunAgain) {
  EXPECT_EQ(ToStatus({.sqlstate = "57014"}, {.statement = "name"}, kNoLog).code(),
            absl::StatusCode::kAborted);
}

TEST(PostgresErrors, DataError_LogsNoValue) {
  std::string logged;
  const LogSink log = [&](absl::string_view text) { logged = std::string(text); };
  EXPECT_EQ(ToStatus({.sqlstate = "22P02", .text = "invalid input: \"13800138000\""},
                     {.statement = "name"}, log)
                .code(),
            absl::StatusCode::kInternal);
  EXPECT_NE(logged.find("22P02"), std::string::npos);
  EXPECT_EQ(logged.find("13800138000"), std::string::npos);
}

TEST(PostgresErrors, Commit_IsUnknownWhenTheServerWasLost) {
  for (const char* sqlstate : {"", "08006", "57P01", "57P02", "58030", "53100", "40003"}) {
    const absl::Status status =
        CommitStatus({.sqlstate = sqlstate}, {.statement = "commit"}, kNoLog);
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << sqlstate;
    EXPECT_TRUE(IsCommitUnknown(status)) << sqlstate;
    EXPECT_EQ(ReasonOf(status), "COMMIT_OUTCOME_UNKNOWN") << sqlstate;
    EXPECT_TRUE(RetryAfterOf(status).has_value()) << sqlstate;
  }
  for (const char* sqlstate : {"23503", "40001", "57014", "XX000"}) {
    EXPECT_FALSE(
        IsCommitUnknown(CommitStatus({.sqlstate = sqlstate}, {.statement = "commit"}, kNoLog)))
        << sqlstate;
  }
}

}  // namespace
}  // namespace baimi::sql::postgres
