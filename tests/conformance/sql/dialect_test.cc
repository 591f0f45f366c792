// The SQL that stores may use because both databases run it alike.
#include "absl/strings/str_cat.h"
#include "tests/conformance/sql/fixture.h"

namespace baimi::sql {
namespace {

constexpr Statement kNextNumber = {
    "dialect_next_number",
    "INSERT INTO counters(county, day, n) VALUES ($1, $2, 1)"
    " ON CONFLICT (county, day) DO UPDATE SET n = counters.n + 1 RETURNING n"};
constexpr Statement kAddOwner = {"dialect_add_owner",
                                 "INSERT INTO owners(county, id, name) VALUES ($1, $2, $3)"};
constexpr Statement kIgnoreOwner = {
    "dialect_ignore_owner",
    "INSERT INTO owners(county, id, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"};
constexpr Statement kPage = {"dialect_page",
                             "SELECT county, id FROM owners WHERE (county, id) > ($1, $2)"
                             " ORDER BY county, id LIMIT $3"};
constexpr Statement kLike = {"dialect_like", "SELECT id FROM owners WHERE name LIKE $1"};
constexpr Statement kQuoted = {"dialect_quoted", "SELECT \"missing\" FROM owners"};
constexpr Statement kChain = {
    "dialect_chain",
    "WITH RECURSIVE up(n) AS (SELECT CAST($1 AS bigint) UNION ALL SELECT n - 1 FROM up WHERE n > 1)"
    " SELECT count(*) FROM up"};

TEST_P(SqlConformance, Dialect_OnConflictReturning_CountsUpPerKey) {
  std::vector<int64_t> numbers;
  for (const char* day : {"2026-11-22", "2026-11-22", "2026-11-23", "2026-11-22"}) {
    EXPECT_OK(db_->Write({}, [&](Tx& tx) {
      return tx.Query(kNextNumber, {"469030", day}, [&](const Row& row) {
        numbers.push_back(row.Int64(0));
        return absl::OkStatus();
      });
    }));
  }
  EXPECT_EQ(numbers, (std::vector<int64_t>{1, 2, 1, 3}));
}

TEST_P(SqlConformance, Dialect_OnConflictDoNothing_AffectsNoRow) {
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_EQ(*tx.Execute(kIgnoreOwner, {"469030", "o1", "n"}), 1);
    EXPECT_EQ(*tx.Execute(kIgnoreOwner, {"469030", "o1", "n"}), 0);
    return absl::OkStatus();
  }));
}

TEST_P(SqlConformance, Dialect_RowValuePaging_VisitsEachRowOnceInByteOrder) {
  const char* keys[][2] = {{"469001", "A"}, {"469001", "a"},  {"469001", "村"},
                           {"469030", "-"}, {"469030", "10"}, {"469030", "2"}};
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    for (size_t i = std::size(keys); i-- > 0;) {
      EXPECT_OK(tx.Execute(kAddOwner, {keys[i][0], keys[i][1], "n"}).status());
    }
    return absl::OkStatus();
  }));
  std::vector<std::string> seen;
  std::string county;
  std::string id;
  for (size_t before = 1; before != seen.size();) {
    before = seen.size();
    EXPECT_OK(db_->Read({}, [&](Reader& reader) {
      const std::string from_county = county;
      const std::string from_id = id;
      return reader.Query(kPage, {from_county, from_id, 4}, [&](const Row& row) {
        county = std::string(row.Text(0));
        id = std::string(row.Text(1));
        seen.push_back(absl::StrCat(county, "/", id));
        return absl::OkStatus();
      });
    }));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"469001/A", "469001/a", "469001/村", "469030/-",
                                            "469030/10", "469030/2"}));
}

TEST_P(SqlConformance, Dialect_Like_MindsCase) {
  std::vector<std::string> ids;
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(tx.Execute(kAddOwner, {"469030", "upper", "Abc"}).status());
    EXPECT_OK(tx.Execute(kAddOwner, {"469030", "lower", "abc"}).status());
    return tx.Query(kLike, {"a%"}, [&](const Row& row) {
      ids.emplace_back(row.Text(0));
      return absl::OkStatus();
    });
  }));
  EXPECT_EQ(ids, std::vector<std::string>{"lower"});
}

TEST_P(SqlConformance, Dialect_DoubleQuotes_NameColumnsAndAreNoStrings) {
  EXPECT_EQ(db_->Read({},
                      [&](Reader& reader) {
                        return reader.Query(kQuoted, {},
                                            [](const Row&) { return absl::OkStatus(); });
                      })
                .code(),
            absl::StatusCode::kInternal);
}

TEST_P(SqlConformance, Dialect_RecursiveCte_Runs) {
  int64_t count = 0;
  EXPECT_OK(db_->Read({}, [&](Reader& reader) {
    return reader.Query(kChain, {100}, [&](const Row& row) {
      count = row.Int64(0);
      return absl::OkStatus();
    });
  }));
  EXPECT_EQ(count, 100);
}

}  // namespace
}  // namespace baimi::sql
