// Migrations: applied once and in order, refused when they do not fit.
#include <thread>

#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "tests/conformance/sql/fixture.h"

namespace baimi::sql {
namespace {

using testing::HasSubstr;

constexpr Migration kSteps[] = {
    {1, "create",
     "CREATE TABLE things(id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"
     "CREATE INDEX things_name ON things(name);",
     "CREATE TABLE things(id bigint PRIMARY KEY, name text NOT NULL);"
     "CREATE INDEX things_name ON things(name);"},
    {2, "colour", "ALTER TABLE things ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'",
     "ALTER TABLE things ADD COLUMN colour text NOT NULL DEFAULT 'red'"},
    {3, "rename; with 'quotes'",
     "-- a comment; with a semicolon\n"
     "CREATE TABLE tags(thing INTEGER PRIMARY KEY, tag TEXT NOT NULL) STRICT;\n"
     "INSERT INTO tags SELECT id, name || ';' || colour FROM things;\n",
     "-- a comment; with a semicolon\n"
     "CREATE TABLE tags(thing bigint PRIMARY KEY, tag text NOT NULL);\n"
     "INSERT INTO tags SELECT id, name || ';' || colour FROM things;\n"},
};
constexpr Statement kAddThing = {"migrate_test_add",
                                 "INSERT INTO things(id, name) VALUES ($1, $2)"};
constexpr Statement kNames = {"migrate_test_names", "SELECT name FROM things ORDER BY id"};
constexpr Statement kTags = {"migrate_test_tags", "SELECT tag FROM tags ORDER BY thing"};
constexpr Statement kHistory = {
    "migrate_test_history",
    "SELECT version, name, checksum, applied_at_us FROM schema_migrations WHERE component = $1"
    " ORDER BY version"};

absl::Span<const Migration> First(size_t n) { return absl::MakeSpan(kSteps).subspan(0, n); }

std::vector<std::string> Texts(Database& database, const Statement& statement) {
  std::vector<std::string> texts;
  EXPECT_OK(database.Read({}, [&](Reader& reader) {
    return reader.Query(statement, {}, [&](const Row& row) {
      texts.emplace_back(row.Text(0));
      return absl::OkStatus();
    });
  }));
  return texts;
}

// "version name time" of each applied step.
std::vector<std::string> History(Database& database, absl::string_view component) {
  std::vector<std::string> history;
  EXPECT_OK(database.Read({}, [&](Reader& reader) {
    return reader.Query(kHistory, {component}, [&](const Row& row) {
      EXPECT_EQ(row.Text(2).size(), 64u) << "SHA-256 in hex";
      history.push_back(absl::StrCat(row.Int64(0), " ", row.Text(1), " ", row.Int64(3)));
      return absl::OkStatus();
    });
  }));
  return history;
}

TEST_P(SqlConformance, Migrate_OneStepAtATime_KeepsDataWrittenBetween) {
  std::vector<std::string> want;
  for (size_t n = 1; n <= std::size(kSteps); ++n) {
    ASSERT_OK(Migrate(*db_, "things", First(n), clock_));
    EXPECT_OK(CheckSchema(*db_, "things", First(n)));
    want.push_back(absl::StrCat("thing", n));
    EXPECT_OK(db_->Write({}, [&](Tx& tx) {
      return tx.Execute(kAddThing, {static_cast<int64_t>(n), want.back()}).status();
    }));
    EXPECT_EQ(Texts(*db_, kNames), want);
  }
  EXPECT_EQ(Texts(*db_, kTags), (std::vector<std::string>{"thing1;red", "thing2;red"}));
}

TEST_P(SqlConformance, Migrate_Again_DoesNothing) {
  ASSERT_OK(Migrate(*db_, "things", kSteps, clock_));
  const std::vector<std::string> before = History(*db_, "things");
  ASSERT_EQ(before.size(), 3u);
  EXPECT_EQ(before[1], absl::StrCat("2 colour ", absl::ToUnixMicros(clock_.Now())));
  EXPECT_OK(Migrate(*db_, "things", kSteps, SimulatedClock(absl::FromUnixSeconds(1))));
  EXPECT_EQ(History(*db_, "things"), before);
}

TEST_P(SqlConformance, IncarnationOf_FromTheFirstMigrationOn_StaysTheSame) {
  const std::unique_ptr<Site> empty = GetParam().make_site();
  const absl::StatusOr<std::unique_ptr<Database>> opened = Open(empty->Uri(), {});
  ASSERT_OK(opened.status());
  Database& database = **opened;
  EXPECT_EQ(IncarnationOf(database).status().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_OK(Migrate(database, "things", First(1), clock_));
  const absl::StatusOr<std::string> made = IncarnationOf(database);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(*made, absl::StrCat(absl::Hex(absl::ToUnixMicros(clock_.Now()))));
  ASSERT_OK(Migrate(database, "things", kSteps, SimulatedClock(clock_.Now() + absl::Hours(1))));
  EXPECT_EQ(*IncarnationOf(database), *made);
}

TEST_P(SqlConformance, Migrate_Components_DoNotSeeEachOther) {
  constexpr Migration other[] = {
      {1, "other", "CREATE TABLE o(id INTEGER) STRICT", "CREATE TABLE o(id bigint)"}};
  ASSERT_OK(Migrate(*db_, "things", kSteps, clock_));
  EXPECT_EQ(CheckSchema(*db_, "other", other).code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_OK(Migrate(*db_, "other", other, clock_));
  EXPECT_OK(CheckSchema(*db_, "things", kSteps));
  EXPECT_OK(CheckSchema(*db_, "other", other));
}

TEST_P(SqlConformance, Migrate_FailingStep_LeavesTheEarlierOnesAndNothingOfItself) {
  const Migration steps[] = {kSteps[0],
                             {2, "broken", "CREATE TABLE half(id INTEGER) STRICT; SELECT broken;",
                              "CREATE TABLE half(id bigint); SELECT broken;"}};
  EXPECT_EQ(Migrate(*db_, "things", steps, clock_).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(History(*db_, "things").size(), 1u);
  EXPECT_TRUE(Texts(*db_, kNames).empty());
  EXPECT_OK(db_->Write({}, [](Tx& tx) { return tx.ExecuteScript("CREATE TABLE half(id text)"); }))
      << "the name is free";
}

TEST_P(SqlConformance, CheckSchema_Older_SaysRunMigrate) {
  ASSERT_OK(Migrate(*db_, "things", First(1), clock_));
  const absl::Status status = CheckSchema(*db_, "things", kSteps);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("schema things: got version 1, want 3; run migrate"));
}

TEST_P(SqlConformance, CheckSchema_Newer_IsRefusedByBoth) {
  ASSERT_OK(Migrate(*db_, "things", kSteps, clock_));
  for (const absl::Status& status :
       {CheckSchema(*db_, "things", First(2)), Migrate(*db_, "things", First(2), clock_)}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()), HasSubstr("got version 3"));
  }
}

TEST_P(SqlConformance, CheckSchema_EditedStep_IsRefusedByBoth) {
  ASSERT_OK(Migrate(*db_, "things", First(2), clock_));
  Migration edited[] = {kSteps[0], kSteps[1], kSteps[2]};
  edited[1].sqlite = "ALTER TABLE things ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'";
  edited[1].postgres = "ALTER TABLE things ADD COLUMN colour text NOT NULL DEFAULT 'blue'";
  for (const absl::Status& status :
       {CheckSchema(*db_, "things", edited), Migrate(*db_, "things", edited, clock_)}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()), HasSubstr("version 2 (colour)"));
  }
  EXPECT_EQ(History(*db_, "things").size(), 2u);
}

TEST_P(SqlConformance, Migrate_BadList_IsInvalidArgument) {
  Migration gap[] = {kSteps[0], kSteps[2]};
  EXPECT_EQ(Migrate(*db_, "things", gap, clock_).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Migrate(*db_, "", kSteps, clock_).code(), absl::StatusCode::kInvalidArgument);
  Migration missing[] = {{1, "none", nullptr, nullptr}};
  EXPECT_EQ(Migrate(*db_, "things", missing, clock_).code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(SqlDurability, CheckSchema_OnAnEmptyDatabase_SaysRunMigrate) {
  const std::unique_ptr<Site> empty = GetParam().make_site();
  const absl::StatusOr<std::unique_ptr<Database>> database = Open(empty->Uri(), {});
  ASSERT_OK(database.status());
  EXPECT_EQ(CheckSchema(**database, "things", kSteps).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_P(SqlDurability, Migrate_FromSeveralDatabasesAtOnce_AppliesOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      const std::unique_ptr<Database> mine = OpenAgain();
      EXPECT_OK(Migrate(*mine, "things", kSteps, clock_));
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(History(*db_, "things").size(), 3u);
}

}  // namespace
}  // namespace baimi::sql
