#include "tests/conformance/sql/fixture.h"

#include "common/base/status_macros.h"

namespace baimi::sql {
namespace {

constexpr Migration kTables[] = {
    {1, "tables",
     R"(CREATE TABLE kinds(id INTEGER PRIMARY KEY, i INTEGER, b INTEGER CHECK (b IN (0, 1)),
          d REAL, t TEXT, x BLOB) STRICT;
        CREATE TABLE accounts(id INTEGER PRIMARY KEY,
          balance INTEGER NOT NULL CONSTRAINT balance_not_negative CHECK (balance >= 0)) STRICT;
        CREATE TABLE counters(county TEXT NOT NULL, day TEXT NOT NULL, n INTEGER NOT NULL,
          PRIMARY KEY (county, day)) STRICT;
        CREATE TABLE owners(county TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
          PRIMARY KEY (county, id)) STRICT;
        CREATE TABLE wishes(county TEXT NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL,
          state TEXT NOT NULL, PRIMARY KEY (county, id),
          CONSTRAINT wishes_owner FOREIGN KEY (county, owner) REFERENCES owners(county, id)) STRICT;
        CREATE UNIQUE INDEX wishes_one_open ON wishes(county, owner) WHERE state = 'OPEN';)",
     R"(CREATE TABLE kinds(id bigint PRIMARY KEY, i bigint, b boolean,
          d double precision, t text COLLATE "C", x bytea);
        CREATE TABLE accounts(id bigint PRIMARY KEY,
          balance bigint NOT NULL CONSTRAINT balance_not_negative CHECK (balance >= 0));
        CREATE TABLE counters(county text NOT NULL, day text NOT NULL, n bigint NOT NULL,
          PRIMARY KEY (county, day));
        CREATE TABLE owners(county text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
          name text NOT NULL, PRIMARY KEY (county, id));
        CREATE TABLE wishes(county text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
          owner text COLLATE "C" NOT NULL, state text NOT NULL, PRIMARY KEY (county, id),
          CONSTRAINT wishes_owner FOREIGN KEY (county, owner) REFERENCES owners(county, id));
        CREATE UNIQUE INDEX wishes_one_open ON wishes(county, owner) WHERE state = 'OPEN';)"},
};

std::string NameOf(const testing::TestParamInfo<Backend>& info) { return info.param.name; }

}  // namespace

SqlTest::SqlTest() : site_(GetParam().make_site()), db_(OpenAgain()) {
  const absl::Status migrated = Migrate(*db_, "suite", kTables, clock_);
  if (!migrated.ok()) {
    ADD_FAILURE() << migrated;
  }
}

std::unique_ptr<Database> SqlTest::OpenAgain() {
  absl::StatusOr<std::unique_ptr<Database>> database = Open(site_->Uri(), {});
  if (!database.ok()) {
    ADD_FAILURE() << database.status();
    std::abort();
  }
  return *std::move(database);
}

absl::Status SqlTest::AddAccount(int64_t id, int64_t balance) {
  return db_->Write({}, [&](Tx& tx) { return tx.Execute(kAddAccount, {id, balance}).status(); });
}

absl::StatusOr<std::optional<int64_t>> SqlTest::Balance(Reader& reader, int64_t id) {
  std::optional<int64_t> balance;
  BAIMI_RETURN_IF_ERROR(reader
                            .QueryOne(kBalance, {id},
                                      [&](const Row& row) {
                                        balance = row.Int64(0);
                                        return absl::OkStatus();
                                      })
                            .status());
  return balance;
}

std::vector<int64_t> SqlTest::AccountIds(Reader& reader) {
  std::vector<int64_t> ids;
  EXPECT_OK(reader.Query(kAccountIds, {}, [&](const Row& row) {
    ids.push_back(row.Int64(0));
    return absl::OkStatus();
  }));
  return ids;
}

std::vector<int64_t> SqlTest::AccountIds(Database& database) {
  std::vector<int64_t> ids;
  EXPECT_OK(database.Read({}, [&](Reader& reader) {
    ids = AccountIds(reader);
    return absl::OkStatus();
  }));
  return ids;
}

INSTANTIATE_TEST_SUITE_P(AllBackends, SqlConformance, testing::ValuesIn(AllBackends()), NameOf);
INSTANTIATE_TEST_SUITE_P(ConcurrentBackends, SqlConcurrency,
                         testing::ValuesIn(ConcurrentBackends()), NameOf);
INSTANTIATE_TEST_SUITE_P(DurableBackends, SqlDurability, testing::ValuesIn(DurableBackends()),
                         NameOf);

}  // namespace baimi::sql
