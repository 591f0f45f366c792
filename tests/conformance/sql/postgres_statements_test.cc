// Statements on a real server: prepared, dropped, and how many round trips they cost.
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/sql/postgres/connection.h"
#include "common/sql/postgres/target.h"
#include "common/sql/postgres/transaction.h"
#include "gmock/gmock.h"
#include "tests/conformance/sql/postgres_server.h"

namespace baimi::sql {
namespace {

TEST_F(PostgresServer, ColumnTypeChangedUnderAPlan_AbortsOnceAndIsPreparedAnew) {
  const Statement ids = {"server_ids", "SELECT id FROM t"};
  const auto read = [&] {
    return db_->Read({}, [&](Reader& reader) { return reader.Query(ids, {}, Nothing); });
  };
  EXPECT_OK(read());
  EXPECT_OK(db_->Write(
      {}, [](Tx& tx) { return tx.ExecuteScript("ALTER TABLE t ALTER COLUMN id TYPE integer"); }));
  EXPECT_EQ(read().code(), absl::StatusCode::kAborted);
  EXPECT_OK(read());
}

TEST_F(PostgresServer, MoreStatementsThanAreKept_StillRun) {
  for (int round = 0; round < 2; ++round) {
    for (size_t i = 0; i < postgres::Connection::kMaxStatements + 40; ++i) {
      const std::string text = absl::StrCat("SELECT CAST(", i, " AS bigint)");
      const Statement statement = {"server_many", text.c_str()};
      EXPECT_OK(db_->Read({}, [&](Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const int64_t number, Number(reader, statement));
        EXPECT_EQ(number, static_cast<int64_t>(i));
        return absl::OkStatus();
      }));
    }
  }
}

TEST_F(PostgresServer, StatementThatEndsTheTransaction_IsInternal) {
  const Statement commit = {"server_commit", "COMMIT"};
  const absl::Status status = db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(tx.Execute(kAdd, {1}).status());
    EXPECT_EQ(tx.Execute(commit, {}).status().code(), absl::StatusCode::kInternal);
    EXPECT_FALSE(tx.Execute(kAdd, {2}).ok());
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Count().value_or(-1), 1) << "what the body committed itself";
}

// What a group of the journal costs: the savepoints, the queued statements, BEGIN and the release
// of the one before travel with a statement that is waited for anyway.
TEST_F(PostgresServer, Pipeline_CostsOneRoundTripPerAwaitedStatement) {
  const auto target = postgres::ParseTarget(uri_);
  ASSERT_TRUE(target.ok());
  const LogSink log = [](absl::string_view) {};
  const auto opened =
      postgres::Connection::Open(target->servers[0], false, absl::InfiniteFuture(), log);
  ASSERT_TRUE(opened.ok()) << opened.status();
  postgres::Connection& connection = **opened;
  const auto group = [&](int64_t base) {
    postgres::Transaction tx(connection, false, absl::InfiniteFuture(), log);
    EXPECT_OK(tx.Query(kLock, {1}, Nothing));
    for (int64_t job = 0; job < 3; ++job) {
      EXPECT_OK(tx.Savepoint());
      EXPECT_OK(tx.Query(kCount, {}, Nothing));
      EXPECT_OK(tx.Queue(kAdd, {base + job * 2}));
      EXPECT_OK(tx.Queue(kAdd, {base + job * 2 + 1}));
      EXPECT_OK(tx.ReleaseSavepoint());
    }
    EXPECT_OK(tx.Commit(absl::Seconds(30)));
  };
  group(10);  // Prepares.
  const int64_t before = connection.round_trips();
  group(20);
  EXPECT_EQ(connection.round_trips() - before, 1 + 3 + 1);
  EXPECT_EQ(Count().value_or(-1), 12);
}

TEST_F(PostgresServer, Read_OfOneStatement_CostsOneRoundTrip) {
  const auto target = postgres::ParseTarget(uri_);
  ASSERT_TRUE(target.ok());
  const LogSink log = [](absl::string_view) {};
  const auto opened =
      postgres::Connection::Open(target->servers[0], true, absl::InfiniteFuture(), log);
  ASSERT_TRUE(opened.ok()) << opened.status();
  postgres::Connection& connection = **opened;
  int64_t before = 0;
  for (int i = 0; i < 5; ++i) {
    before = connection.round_trips();
    postgres::Transaction tx(connection, true, absl::InfiniteFuture(), log);
    EXPECT_OK(tx.Query(kCount, {}, Nothing));
    tx.Rollback();
    EXPECT_TRUE(connection.idle());
  }
  EXPECT_EQ(connection.round_trips() - before, 1);
  // Its end reaches the server by itself: no snapshot is held by an idle connection.
  EXPECT_TRUE(
      Await("SELECT count(*) FROM pg_stat_activity"
            " WHERE state = 'idle in transaction' OR backend_xmin IS NOT NULL"
            " AND pid <> pg_backend_pid()",
            "0"));
}

}  // namespace
}  // namespace baimi::sql
