// What only SQLite has: the file, its settings, its log, its lock. The port's behaviour is tested
// in tests/conformance/sql.
#include "common/sql/sqlite/sqlite_database.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/sql/sqlite/connection.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baimi::sql::sqlite {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr Statement kCreate = {"create", "CREATE TABLE t(id INTEGER PRIMARY KEY, x BLOB) STRICT"};
constexpr Statement kAdd = {"add", "INSERT INTO t(x) VALUES ($1)"};
constexpr Statement kCount = {"count", "SELECT count(*) FROM t"};

class SqliteDatabaseTest : public testing::Test {
 protected:
  SqliteDatabaseTest() : directory_(testing::TempDir() + "baimi_sqlite_XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
  }
  ~SqliteDatabaseTest() override { fs::remove_all(directory_); }

  std::string Path(absl::string_view name = "a.db") const {
    return absl::StrCat(directory_, "/", name);
  }
  std::unique_ptr<Database> OpenFile(const OpenOptions& options = {}) {
    auto database = OpenDatabase(Path(), options);
    EXPECT_EQ(database.status(), absl::OkStatus());
    return *std::move(database);
  }
  static absl::Status Do(Database& database, const Statement& statement, Params params = {}) {
    return database.Write({}, [&](Tx& tx) { return tx.Execute(statement, params).status(); });
  }
  static std::string Setting(Database& database, const Statement& pragma) {
    std::string value;
    EXPECT_EQ(database.Write({},
                             [&](Tx& tx) {
                               return tx.Query(pragma, {}, [&](const Row& row) {
                                 value = std::string(row.Text(0));
                                 return absl::OkStatus();
                               });
                             }),
              absl::OkStatus());
    return value;
  }

  std::string directory_;
};

TEST_F(SqliteDatabaseTest, Open_MissingDirectory_IsNamed) {
  const absl::Status status = OpenDatabase(Path("no/such/a.db"), {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(Path("no/such") + ", create it"));
}

TEST_F(SqliteDatabaseTest, Open_NotADatabase_IsUnavailableAndLogged) {
  std::ofstream(Path()) << std::string(8192, 'x');
  std::string logged;
  OpenOptions options;
  options.log = [&](absl::string_view text) { logged += std::string(text); };
  const absl::Status status = OpenDatabase(Path(), options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(Path()));
  EXPECT_THAT(logged, HasSubstr("not a database"));
}

TEST_F(SqliteDatabaseTest, Open_ADirectory_IsUnavailable) {
  EXPECT_EQ(OpenDatabase(directory_, {}).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(SqliteDatabaseTest, Open_Settings_AreDurableAndStrict) {
  auto database = OpenFile();
  EXPECT_EQ(Setting(*database, {"j", "SELECT journal_mode FROM pragma_journal_mode"}), "wal");
  EXPECT_EQ(Setting(*database, {"s", "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous"}),
            "2");
  EXPECT_EQ(Setting(*database, {"f", "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys"}),
            "1");
}

TEST_F(SqliteDatabaseTest, Close_MovesTheLogIntoTheFile) {
  auto database = OpenFile();
  ASSERT_EQ(Do(*database, kCreate), absl::OkStatus());
  EXPECT_TRUE(fs::exists(Path("a.db-wal")));
  database.reset();
  EXPECT_FALSE(fs::exists(Path("a.db-wal")));
  EXPECT_GT(fs::file_size(Path()), 0u);
}

TEST_F(SqliteDatabaseTest, Write_LogAtItsLimit_IsMovedIntoTheFileWhileOpen) {
  OpenOptions options;
  options.checkpoint_kib = 256;
  auto database = OpenFile(options);
  ASSERT_EQ(Do(*database, kCreate), absl::OkStatus());
  const std::string blob(size_t{64} * 1024, 'x');
  int writes = 0;
  while (fs::file_size(Path()) < 256u << 10 && ++writes < 2'000) {
    ASSERT_EQ(Do(*database, kAdd, {Param::Bytes(blob)}), absl::OkStatus());
  }
  EXPECT_LT(writes, 2'000);
}

TEST_F(SqliteDatabaseTest, Write_WaitingBehindAnother_MindsItsDeadline) {
  auto database = OpenFile();
  EXPECT_EQ(database->Write(
                {},
                [&](Tx&) {
                  std::thread([&] {
                    const Options soon = {.deadline = SystemClock().Now() + absl::Milliseconds(10)};
                    EXPECT_EQ(database->Write(soon, [](Tx&) { return absl::OkStatus(); }).code(),
                              absl::StatusCode::kDeadlineExceeded);
                  }).join();
                  return absl::OkStatus();
                }),
            absl::OkStatus());
}

TEST_F(SqliteDatabaseTest, Write_FileLockedByAnotherProcess_EndsAtTheDeadline) {
  auto database = OpenFile();
  auto other = OpenFile();
  EXPECT_EQ(other->Write(
                {},
                [&](Tx&) {
                  const Options soon = {.deadline = SystemClock().Now() + absl::Milliseconds(10)};
                  EXPECT_EQ(database->Write(soon, [](Tx&) { return absl::OkStatus(); }).code(),
                            absl::StatusCode::kDeadlineExceeded);
                  return absl::OkStatus();
                }),
            absl::OkStatus());
}

TEST_F(SqliteDatabaseTest, Read_AllConnectionsTaken_MindsItsDeadline) {
  OpenOptions options;
  options.readers = 1;
  auto database = OpenFile(options);
  EXPECT_EQ(database->Read(
                {},
                [&](Reader&) {
                  std::thread([&] {
                    const Options soon = {.deadline = SystemClock().Now() + absl::Milliseconds(10)};
                    EXPECT_EQ(database->Read(soon, [](Reader&) { return absl::OkStatus(); }).code(),
                              absl::StatusCode::kDeadlineExceeded);
                  }).join();
                  return absl::OkStatus();
                }),
            absl::OkStatus());
}

TEST_F(SqliteDatabaseTest, Statement_ThatEndsTheTransaction_IsInternalAndKeepsNothingAfterIt) {
  auto database = OpenFile();
  ASSERT_EQ(Do(*database, kCreate), absl::OkStatus());
  constexpr Statement rollback = {"bad", "ROLLBACK"};
  EXPECT_EQ(database
                ->Write({},
                        [&](Tx& tx) {
                          EXPECT_FALSE(tx.Execute(rollback, {}).ok());
                          EXPECT_FALSE(tx.Execute(kAdd, {Null{}}).ok());
                          return absl::OkStatus();
                        })
                .code(),
            absl::StatusCode::kInternal);
  int64_t count = -1;
  EXPECT_EQ(database->Read({},
                           [&](Reader& reader) {
                             return reader.Query(kCount, {}, [&](const Row& row) {
                               count = row.Int64(0);
                               return absl::OkStatus();
                             });
                           }),
            absl::OkStatus());
  EXPECT_EQ(count, 0);
}

TEST_F(SqliteDatabaseTest, Statement_BadShape_IsInternal) {
  auto database = OpenFile();
  for (const char* text : {"", "-- nothing", "SELECT 1; SELECT 2", "SELECT ?", "SELECT :a",
                           "SELECT $2", "SELECT $1 + $3", "SELECT $0"}) {
    EXPECT_EQ(Do(*database, {"bad", text}, {1}).code(), absl::StatusCode::kInternal) << text;
  }
}

TEST_F(SqliteDatabaseTest, Log_InternalErrors_HoldTheStatementsName) {
  std::string logged;
  OpenOptions options;
  options.log = [&](absl::string_view text) { logged += std::string(text); };
  auto database = OpenFile(options);
  EXPECT_FALSE(Do(*database, {"wrong", "SELECT x FROM nowhere"}).ok());
  EXPECT_THAT(logged, HasSubstr("wrong"));
  EXPECT_THAT(logged, HasSubstr("nowhere"));
}

TEST_F(SqliteDatabaseTest, Connection_ManyTexts_KeepsABoundedNumberPrepared) {
  auto connection = Connection::Open(Path(), 64, [](absl::string_view) {});
  ASSERT_EQ(connection.status(), absl::OkStatus());
  const auto all = [](const Row&) { return true; };
  for (size_t i = 0; i < 3 * Connection::kMaxStatements; ++i) {
    const std::string text = absl::StrCat("SELECT ", i);
    int64_t got = -1;
    ASSERT_EQ((*connection)
                  ->Query({"many", text.c_str()}, {}, false,
                          [&](const Row& row) {
                            got = row.Int64(0);
                            return true;
                          }),
              absl::OkStatus());
    ASSERT_EQ(got, static_cast<int64_t>(i));
    ASSERT_EQ((*connection)->Query({"often", "SELECT 'kept'"}, {}, false, all), absl::OkStatus());
  }
  EXPECT_EQ((*connection)->cached_statements(), Connection::kMaxStatements);
}

}  // namespace
}  // namespace baimi::sql::sqlite
