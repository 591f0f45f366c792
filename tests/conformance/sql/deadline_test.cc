// Deadlines. They are the machine's time: a statement that would run for hours is given a moment.
#include "tests/conformance/sql/fixture.h"

namespace baimi::sql {
namespace {

constexpr Statement kForever = {
    "deadline_forever",
    "WITH RECURSIVE c(n) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM c"
    " WHERE n < 100000000000) SELECT count(*) FROM c"};
constexpr Statement kInsertForever = {
    "deadline_insert_forever",
    "INSERT INTO accounts(id, balance)"
    " WITH RECURSIVE c(n) AS (SELECT CAST(10 AS bigint) UNION ALL SELECT n + 1 FROM c"
    " WHERE n < 100000000000) SELECT n, n FROM c"};

Options Soon() { return {.deadline = SystemClock().Now() + absl::Milliseconds(30)}; }
Options Past() { return {.deadline = SystemClock().Now() - absl::Seconds(1)}; }
absl::Status Nothing(const Row&) { return absl::OkStatus(); }

TEST_P(SqlConformance, Deadline_LongRead_IsInterruptedAndTheConnectionStaysUsable) {
  // More often than there are read connections.
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(db_->Read(Soon(), [&](Reader& reader) { return reader.Query(kForever, {}, Nothing); })
                  .code(),
              absl::StatusCode::kDeadlineExceeded);
  }
  EXPECT_TRUE(AccountIds().empty());
}

TEST_P(SqlConformance, Deadline_LongWrite_IsRolledBackAndTheConnectionStaysUsable) {
  const absl::Status status = db_->Write(Soon(), [&](Tx& tx) {
    EXPECT_OK(tx.Execute(kAddAccount, {1, 1}).status());
    EXPECT_EQ(tx.Execute(kInsertForever, {}).status().code(), absl::StatusCode::kDeadlineExceeded);
    // The trap: SQLite has left the transaction by now, and this row would stay.
    EXPECT_EQ(tx.Execute(kAddAccount, {2, 1}).status().code(), absl::StatusCode::kDeadlineExceeded);
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(AccountIds().empty());
  EXPECT_OK(AddAccount(3, 1));
  EXPECT_EQ(AccountIds(), std::vector<int64_t>{3});
}

TEST_P(SqlConformance, Deadline_Passed_RunsNoBody) {
  bool ran = false;
  const auto body = [&](Reader&) {
    ran = true;
    return absl::OkStatus();
  };
  EXPECT_EQ(db_->Read(Past(), body).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(db_->Write(Past(), body).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(ran);
}

TEST_P(SqlConformance, Deadline_PassedInTheBody_StopsStatementsButNotTheCommit) {
  const Options soon = Soon();
  EXPECT_OK(db_->Write(soon, [&](Tx& tx) {
    EXPECT_OK(tx.Execute(kAddAccount, {1, 1}).status());
    while (SystemClock().Now() <= soon.deadline) {
    }
    return absl::OkStatus();
  }));
  EXPECT_EQ(AccountIds(), std::vector<int64_t>{1});
  const Options again = Soon();
  EXPECT_EQ(db_->Write(again,
                       [&](Tx& tx) {
                         while (SystemClock().Now() <= again.deadline) {
                         }
                         return tx.Execute(kAddAccount, {2, 1}).status();
                       })
                .code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(AccountIds(), std::vector<int64_t>{1});
}

}  // namespace
}  // namespace baimi::sql
