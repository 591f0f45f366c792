// What the tests of the SQL suite share: an open database with the suite's tables, and statements.
#ifndef BAIMI_TESTS_CONFORMANCE_SQL_FIXTURE_H_
#define BAIMI_TESTS_CONFORMANCE_SQL_FIXTURE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/clock.h"
#include "common/sql/database.h"
#include "common/sql/migrate.h"
#include "gtest/gtest.h"
#include "tests/conformance/sql/backend.h"

#define EXPECT_OK(expr) EXPECT_EQ((expr), absl::OkStatus())
#define ASSERT_OK(expr) ASSERT_EQ((expr), absl::OkStatus())

namespace baimi::sql {

// INSERT INTO accounts(id, balance); balance >= 0 by the constraint balance_not_negative.
inline constexpr Statement kAddAccount = {"suite_add_account",
                                          "INSERT INTO accounts(id, balance) VALUES ($1, $2)"};
inline constexpr Statement kSetBalance = {"suite_set_balance",
                                          "UPDATE accounts SET balance = $2 WHERE id = $1"};
inline constexpr Statement kBalance = {"suite_balance",
                                       "SELECT balance FROM accounts WHERE id = $1 /*for update*/"};
inline constexpr Statement kAccountIds = {"suite_account_ids",
                                          "SELECT id FROM accounts ORDER BY id"};
inline constexpr Statement kBroken = {"suite_broken", "SELECT broken FROM nowhere"};

class SqlTest : public testing::TestWithParam<Backend> {
 protected:
  SqlTest();

  // Opens the same place again; the tables are there when the back end is durable.
  std::unique_ptr<Database> OpenAgain();
  void Close() { db_.reset(); }

  bool postgres() const { return db_->dialect() == Dialect::kPostgres; }
  absl::Status AddAccount(int64_t id, int64_t balance);
  // nullopt when there is no such account.
  static absl::StatusOr<std::optional<int64_t>> Balance(Reader& reader, int64_t id);
  static std::vector<int64_t> AccountIds(Reader& reader);
  std::vector<int64_t> AccountIds() { return AccountIds(*db_); }
  static std::vector<int64_t> AccountIds(Database& database);

  const SimulatedClock clock_{absl::FromUnixSeconds(1'790'000'000)};
  const std::unique_ptr<Site> site_;
  std::unique_ptr<Database> db_;
};

// Each suite is instantiated once, in fixture.cc, for the back ends that can run it.
class SqlConformance : public SqlTest {};
class SqlConcurrency : public SqlTest {};
class SqlDurability : public SqlTest {};

}  // namespace baimi::sql

#endif  // BAIMI_TESTS_CONFORMANCE_SQL_FIXTURE_H_
