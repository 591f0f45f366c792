// Every class of error, with its constraint.
#include "tests/conformance/sql/fixture.h"

namespace baimi::sql {
namespace {

constexpr Statement kAddOwner = {"errors_add_owner",
                                 "INSERT INTO owners(county, id, name) VALUES ($1, $2, $3)"};
constexpr Statement kAddWish = {
    "errors_add_wish", "INSERT INTO wishes(county, id, owner, state) VALUES ($1, $2, $3, $4)"};
constexpr Statement kDropOwner = {"errors_drop_owner",
                                  "DELETE FROM owners WHERE county = $1 AND id = $2"};
constexpr Statement kAddInRead = {"errors_add_in_read",
                                  "INSERT INTO accounts(id, balance) VALUES ($1, $2) RETURNING id"};

absl::Status Nothing(const Row&) { return absl::OkStatus(); }

absl::Status Do(Database& database, const Statement& statement, Params params) {
  return database.Write({}, [&](Tx& tx) { return tx.Execute(statement, params).status(); });
}

TEST_P(SqlConformance, Errors_EachClass_HasItsCodeAndConstraint) {
  ASSERT_OK(Do(*db_, kAddOwner, {"469030", "o1", "n"}));
  ASSERT_OK(Do(*db_, kAddWish, {"469030", "w1", "o1", "OPEN"}));
  ASSERT_OK(AddAccount(1, 5));
  const struct {
    Statement statement;
    std::vector<Param> params;
    absl::StatusCode code;
    const char* sqlite;
    const char* postgres;
  } table[] = {
      {kAddAccount, {1, 5}, absl::StatusCode::kAlreadyExists, "accounts.id", "accounts_pkey"},
      {kAddOwner,
       {"469030", "o1", "n"},
       absl::StatusCode::kAlreadyExists,
       "owners.county, owners.id",
       "owners_pkey"},
      {kAddWish,
       {"469030", "w2", "o1", "OPEN"},
       absl::StatusCode::kAlreadyExists,
       "wishes.county, wishes.owner",
       "wishes_one_open"},
      {kAddAccount,
       {2, -1},
       absl::StatusCode::kFailedPrecondition,
       "balance_not_negative",
       "balance_not_negative"},
      {kSetBalance,
       {1, -1},
       absl::StatusCode::kFailedPrecondition,
       "balance_not_negative",
       "balance_not_negative"},
      {kAddAccount,
       {2, Null{}},
       absl::StatusCode::kFailedPrecondition,
       "accounts.balance",
       "balance"},
      {kAddWish,
       {"469030", "w3", "o9", "OPEN"},
       absl::StatusCode::kFailedPrecondition,
       "",
       "wishes_owner"},
      {kDropOwner, {"469030", "o1"}, absl::StatusCode::kFailedPrecondition, "", "wishes_owner"},
      {kBroken, {}, absl::StatusCode::kInternal, "", ""},
  };
  for (const auto& row : table) {
    const absl::Status status = Do(*db_, row.statement, row.params);
    EXPECT_EQ(status.code(), row.code) << row.statement.name << ": " << status;
    EXPECT_EQ(ConstraintOf(status), postgres() ? row.postgres : row.sqlite) << status;
    EXPECT_FALSE(IsCommitUnknown(status));
  }
  EXPECT_EQ(AccountIds(), std::vector<int64_t>{1});
}

TEST_P(SqlConformance, Errors_PartialUniqueIndex_BindsOnlyItsRows) {
  ASSERT_OK(Do(*db_, kAddOwner, {"469030", "o1", "n"}));
  EXPECT_OK(Do(*db_, kAddWish, {"469030", "w1", "o1", "DONE"}));
  EXPECT_OK(Do(*db_, kAddWish, {"469030", "w2", "o1", "DONE"}));
  EXPECT_OK(Do(*db_, kAddWish, {"469030", "w3", "o1", "OPEN"}));
  EXPECT_EQ(Do(*db_, kAddWish, {"469030", "w4", "o1", "OPEN"}).code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_P(SqlConformance, Errors_Text_DoesNotCarryValuesOrDriverText) {
  const absl::Status status = Do(*db_, kAddWish, {"469030", "w1", "13800138000", "OPEN"});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message().find("13800138000"), absl::string_view::npos);
  const absl::Status broken = Do(*db_, kBroken, {});
  EXPECT_EQ(broken.message().find("nowhere"), absl::string_view::npos);
}

TEST_P(SqlConformance, Errors_WriteInsideRead_IsInternalAndWritesNothing) {
  EXPECT_EQ(db_->Read({},
                      [&](Reader& reader) {
                        return reader.Query(kAddInRead, {1, 2}, Nothing);
                      })
                .code(),
            absl::StatusCode::kInternal);
  EXPECT_TRUE(AccountIds().empty());
}

TEST_P(SqlConformance, Errors_CallInsideABody_IsInternalAndDoesNotHang) {
  const auto read = [](Reader&) { return absl::OkStatus(); };
  const auto write = [](Tx&) { return absl::OkStatus(); };
  EXPECT_EQ(db_->Write({}, [&](Tx&) { return db_->Write({}, write); }).code(),
            absl::StatusCode::kInternal);
  EXPECT_EQ(db_->Write({}, [&](Tx&) { return db_->Read({}, read); }).code(),
            absl::StatusCode::kInternal);
  EXPECT_EQ(db_->Read({}, [&](Reader&) { return db_->Write({}, write); }).code(),
            absl::StatusCode::kInternal);
  EXPECT_OK(db_->Write({}, write));
}

TEST_P(SqlConformance, Errors_QueryOneWithTwoRows_IsInternal) {
  ASSERT_OK(AddAccount(1, 5));
  ASSERT_OK(AddAccount(2, 5));
  EXPECT_EQ(
      db_->Read({},
                [&](Reader& reader) { return reader.QueryOne(kAccountIds, {}, Nothing).status(); })
          .code(),
      absl::StatusCode::kInternal);
}

TEST_P(SqlConformance, Errors_RowCallback_EndsTheQueryAndIsReturned) {
  ASSERT_OK(AddAccount(1, 5));
  ASSERT_OK(AddAccount(2, 5));
  int rows = 0;
  EXPECT_EQ(db_->Write({},
                       [&](Tx& tx) {
                         const absl::Status first = tx.Query(kAccountIds, {}, [&](const Row&) {
                           ++rows;
                           return absl::CancelledError("enough");
                         });
                         EXPECT_EQ(first.code(), absl::StatusCode::kCancelled);
                         return tx.Execute(kAddAccount, {3, 5}).status();
                       }),
            absl::OkStatus());
  EXPECT_EQ(rows, 1);
  EXPECT_EQ(AccountIds(), (std::vector<int64_t>{1, 2, 3}));
}

TEST_P(SqlConformance, Errors_DeferredForeignKey_FailsTheCommitAndKeepsNothing) {
  ASSERT_OK(db_->Write({}, [](Tx& tx) {
    return tx.ExecuteScript(
        "CREATE TABLE nodes(id bigint PRIMARY KEY,"
        " parent bigint REFERENCES nodes(id) DEFERRABLE INITIALLY DEFERRED)");
  }));
  constexpr Statement add = {"errors_add_node", "INSERT INTO nodes(id, parent) VALUES ($1, $2)"};
  const absl::Status status = db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(tx.Execute(kAddAccount, {1, 5}).status());
    return tx.Execute(add, {1, 2}).status();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_FALSE(IsCommitUnknown(status));
  EXPECT_TRUE(AccountIds().empty());
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(tx.Execute(add, {1, 2}).status());
    return tx.Execute(add, {2, Null{}}).status();
  })) << "whole at the end";
}

TEST_P(SqlConformance, Ping_OnAWorkingDatabase_IsOk) { EXPECT_OK(db_->Ping()); }

}  // namespace
}  // namespace baimi::sql
