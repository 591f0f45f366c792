// Commit, rollback, savepoints, and what a failed statement does to a transaction.
#include <array>

#include "absl/strings/str_cat.h"
#include "tests/conformance/sql/fixture.h"

namespace baimi::sql {
namespace {

using Ids = std::vector<int64_t>;

absl::Status Add(Tx& tx, int64_t id) { return tx.Execute(kAddAccount, {id, 1}).status(); }

TEST_P(SqlConformance, Write_BodyReturnsOk_IsCommitted) {
  EXPECT_OK(AddAccount(1, 7));
  EXPECT_EQ(AccountIds(), Ids{1});
}

TEST_P(SqlConformance, Write_BodyReturnsError_RollsBackAndReturnsIt) {
  EXPECT_EQ(db_->Write({},
                       [&](Tx& tx) {
                         EXPECT_OK(Add(tx, 1));
                         return absl::NotFoundError("mine");
                       }),
            absl::NotFoundError("mine"));
  EXPECT_TRUE(AccountIds().empty());
  EXPECT_OK(AddAccount(2, 1));
}

TEST_P(SqlConformance, Write_ReadsItsOwnWrites_BeforeAndAfterCommit) {
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(Add(tx, 1));
    EXPECT_EQ(AccountIds(tx), Ids{1});
    return absl::OkStatus();
  }));
  EXPECT_EQ(AccountIds(), Ids{1});
}

TEST_P(SqlConformance, Execute_Rows_AreThoseAffected) {
  const Statement all = {"tx_all", "UPDATE accounts SET balance = balance + $1"};
  const Statement none = {"tx_none", "DELETE FROM accounts WHERE balance < $1"};
  const Statement ddl = {"tx_ddl", "CREATE TABLE extra(id bigint PRIMARY KEY)"};
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_EQ(*tx.Execute(all, {1}), 0);
    EXPECT_EQ(*tx.Execute(kAddAccount, {1, 1}), 1);
    EXPECT_EQ(*tx.Execute(kAddAccount, {2, 1}), 1);
    EXPECT_EQ(*tx.Execute(all, {1}), 2);
    EXPECT_EQ(*tx.Execute(none, {0}), 0);
    EXPECT_EQ(*tx.Execute(all, {1}), 2);
    EXPECT_EQ(*tx.Execute(ddl, {}), 0) << "not the count of the statement before";
    return absl::OkStatus();
  }));
}

TEST_P(SqlConformance, AddAndGet_WithAndWithoutARow_GivesWhatTheRowHolds) {
  const Statement tally = {"tx_tally",
                           "INSERT INTO accounts(id, balance) VALUES ($1, $2) ON CONFLICT (id) "
                           "DO UPDATE SET balance = accounts.balance + $2 RETURNING balance"};
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_EQ(*tx.AddAndGet(tally, {7}, 5), 5);
    EXPECT_OK(tx.Add(tally, {7}, 10));
    EXPECT_OK(tx.Add(tally, {8}, 3));
    EXPECT_EQ(*tx.AddAndGet(tally, {7}, 2), 17);
    return absl::OkStatus();
  }));
  EXPECT_OK(db_->Read({}, [](Reader& reader) {
    EXPECT_EQ(**Balance(reader, 7), 17);
    EXPECT_EQ(**Balance(reader, 8), 3);
    return absl::OkStatus();
  }));
}

TEST_P(SqlConformance, Write_FailedStatementHidden_IsRolledBackWithItsError) {
  ASSERT_OK(AddAccount(1, 1));
  const absl::Status status = db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(Add(tx, 2));
    EXPECT_EQ(Add(tx, 1).code(), absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(Add(tx, 3).code(), absl::StatusCode::kAlreadyExists) << "all further ones fail";
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(AccountIds(), Ids{1});
}

TEST_P(SqlConformance, Read_FailedStatementHidden_ReturnsItsError) {
  EXPECT_EQ(
      db_->Read(
             {},
             [&](Reader& reader) {
               reader.Query(kBroken, {}, [](const Row&) { return absl::OkStatus(); }).IgnoreError();
               return absl::OkStatus();
             })
          .code(),
      absl::StatusCode::kInternal);
}

TEST_P(SqlConformance, Savepoint_RolledBack_UndoesOnlyWhatCameAfter) {
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(Add(tx, 1));
    EXPECT_OK(tx.Savepoint());
    EXPECT_OK(Add(tx, 2));
    EXPECT_OK(tx.RollbackSavepoint());
    EXPECT_OK(tx.Savepoint());
    EXPECT_OK(Add(tx, 3));
    EXPECT_OK(tx.ReleaseSavepoint());
    return absl::OkStatus();
  }));
  EXPECT_EQ(AccountIds(), (Ids{1, 3}));
}

TEST_P(SqlConformance, Savepoint_AfterAFailedStatement_MakesTheTransactionUsable) {
  ASSERT_OK(AddAccount(1, 1));
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(Add(tx, 2));
    EXPECT_OK(tx.Savepoint());
    EXPECT_OK(Add(tx, 3));
    EXPECT_EQ(Add(tx, 1).code(), absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(tx.Savepoint().code(), absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(tx.ReleaseSavepoint().code(), absl::StatusCode::kAlreadyExists);
    EXPECT_OK(tx.RollbackSavepoint());
    return Add(tx, 4);
  }));
  EXPECT_EQ(AccountIds(), (Ids{1, 2, 4}));
}

TEST_P(SqlConformance, Savepoint_Nested_IsAStack) {
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(tx.Savepoint());
    EXPECT_OK(Add(tx, 1));
    EXPECT_OK(tx.Savepoint());
    EXPECT_OK(Add(tx, 2));
    EXPECT_EQ(Add(tx, 2).code(), absl::StatusCode::kAlreadyExists);
    EXPECT_OK(tx.RollbackSavepoint());
    EXPECT_OK(tx.Savepoint());
    EXPECT_OK(Add(tx, 3));
    EXPECT_OK(tx.ReleaseSavepoint());
    EXPECT_EQ(AccountIds(tx), (Ids{1, 3}));
    EXPECT_OK(tx.RollbackSavepoint()) << "takes the released one with it";
    return Add(tx, 4);
  }));
  EXPECT_EQ(AccountIds(), Ids{4});
}

TEST_P(SqlConformance, Savepoint_LeftOpen_IsCommitted) {
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(tx.Savepoint());
    return Add(tx, 1);
  }));
  EXPECT_EQ(AccountIds(), Ids{1});
}

TEST_P(SqlConformance, Savepoint_AroundSqlThatDoesNotCompile_StillUndoes) {
  const Statement broken = {"tx_broken", "SELECT no_such_column FROM accounts"};
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(Add(tx, 1));
    EXPECT_OK(tx.Savepoint());
    EXPECT_EQ(tx.Execute(broken, {}).status().code(), absl::StatusCode::kInternal);
    EXPECT_OK(tx.RollbackSavepoint());
    return Add(tx, 2);
  }));
  EXPECT_EQ(AccountIds(), (Ids{1, 2}));
}

TEST_P(SqlConformance, Savepoint_WithoutOne_IsInternal) {
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_EQ(tx.ReleaseSavepoint().code(), absl::StatusCode::kInternal);
    EXPECT_EQ(tx.RollbackSavepoint().code(), absl::StatusCode::kInternal);
    return absl::OkStatus();
  }));
}

TEST_P(SqlConformance, Queue_Statements_AreThereForTheNextOneAndCommitted) {
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(tx.Queue(kAddAccount, {1, 1}));
    EXPECT_OK(tx.Queue(kAddAccount, {2, 1}));
    EXPECT_EQ(AccountIds(tx), (Ids{1, 2}));
    return tx.Queue(kAddAccount, {3, 1});
  }));
  EXPECT_EQ(AccountIds(), (Ids{1, 2, 3}));
}

TEST_P(SqlConformance, Queue_Parameters_MayChangeAfterTheCall) {
  const Statement put = {"tx_put_owner",
                         "INSERT INTO owners(county, id, name) VALUES ($1, $2, $3)"};
  const Statement get = {"tx_get_owner", "SELECT name FROM owners WHERE id = $1"};
  std::string name = "before";
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(tx.Queue(put, {"469030", "o1", name}));
    name = "after!";
    return absl::OkStatus();
  }));
  EXPECT_OK(db_->Read({}, [&](Reader& reader) {
    return reader.Query(get, {"o1"}, [&](const Row& row) {
      EXPECT_EQ(row.Text(0), "before");
      return absl::OkStatus();
    });
  }));
}

TEST_P(SqlConformance, QueryEach_Rows_ComeWithTheirSetInOrder) {
  const Statement up_to = {"tx_up_to", "SELECT id FROM accounts WHERE id <= $1 ORDER BY id"};
  for (int64_t id = 1; id <= 3; ++id) {
    ASSERT_OK(AddAccount(id, 1));
  }
  // More sets than go out at once.
  std::vector<std::array<Param, 1>> values;
  std::string want;
  for (int64_t i = 0; i < 300; ++i) {
    values.push_back({i % 4});
    for (int64_t id = 1; id <= i % 4; ++id) {
      absl::StrAppend(&want, i, ":", id, " ");
    }
  }
  const std::vector<Params> sets(values.begin(), values.end());
  std::string got;
  const auto run = [&](Reader& reader) {
    got.clear();
    return reader.QueryEach(up_to, sets, [&](size_t set, const Row& row) {
      absl::StrAppend(&got, set, ":", row.Int64(0), " ");
      return absl::OkStatus();
    });
  };
  EXPECT_OK(db_->Read({}, run));
  EXPECT_EQ(got, want);
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(tx.Savepoint());
    EXPECT_OK(tx.Queue(kSetBalance, {1, 5}));
    EXPECT_OK(run(tx));
    return tx.ReleaseSavepoint();
  }));
  EXPECT_EQ(got, want);
}

TEST_P(SqlConformance, QueryEach_CallbackError_EndsIt) {
  ASSERT_OK(AddAccount(1, 1));
  const std::array<Param, 1> one = {1};
  const std::vector<Params> sets = {one, one, one};
  int rows = 0;
  EXPECT_EQ(db_->Read({},
                      [&](Reader& reader) {
                        return reader.QueryEach(kBalance, sets, [&](size_t, const Row&) {
                          return ++rows == 2 ? absl::CancelledError("enough") : absl::OkStatus();
                        });
                      })
                .code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(rows, 2);
}

TEST_P(SqlConformance, Queue_Many_AllArrive) {
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    for (int64_t id = 0; id < 500; ++id) {
      EXPECT_OK(tx.Queue(kAddAccount, {id, 1}));
    }
    return absl::OkStatus();
  }));
  EXPECT_EQ(AccountIds().size(), 500u);
}

TEST_P(SqlConformance, Queue_Failing_FailsTheTransaction) {
  ASSERT_OK(AddAccount(1, 1));
  const absl::Status status = db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(Add(tx, 2));
    tx.Queue(kAddAccount, {1, 1}).IgnoreError();
    tx.Queue(kAddAccount, {3, 1}).IgnoreError();
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << status;
  EXPECT_EQ(AccountIds(), Ids{1});
}

TEST_P(SqlConformance, Queue_FailingInASavepoint_IsUndoneWithIt) {
  ASSERT_OK(AddAccount(1, 1));
  for (const bool notice : {false, true}) {
    EXPECT_OK(db_->Write({}, [&](Tx& tx) {
      EXPECT_OK(tx.Savepoint());
      EXPECT_OK(tx.Queue(kAddAccount, {notice ? 20 : 10, 1}));
      tx.Queue(kAddAccount, {1, 1}).IgnoreError();
      if (notice) {
        EXPECT_EQ(Add(tx, 21).code(), absl::StatusCode::kAlreadyExists) << "the queued one's error";
      }
      EXPECT_OK(tx.RollbackSavepoint());
      return Add(tx, notice ? 3 : 2);
    }));
  }
  EXPECT_EQ(AccountIds(), (Ids{1, 2, 3}));
}

TEST_P(SqlConformance, Queue_FailingInAReleasedSavepoint_FailsTheTransaction) {
  ASSERT_OK(AddAccount(1, 1));
  const absl::Status status = db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(Add(tx, 2));
    EXPECT_OK(tx.Savepoint());
    tx.Queue(kAddAccount, {1, 1}).IgnoreError();
    tx.ReleaseSavepoint().IgnoreError();
    tx.Savepoint().IgnoreError();
    EXPECT_EQ(Add(tx, 3).code(), absl::StatusCode::kAlreadyExists);
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << status;
  EXPECT_EQ(AccountIds(), Ids{1});
}

TEST_P(SqlConformance, Savepoint_Siblings_AreUndoneOneByOne) {
  // Each pair: whether the savepoint holds a statement, and whether it is rolled back.
  const bool plans[][2] = {{true, false}, {false, false}, {true, true}, {false, true}};
  Ids want;
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    for (int64_t id = 0; id < 32; ++id) {
      const auto& [fill, undo] = plans[(id * 7 + id / 4) % 4];
      EXPECT_OK(tx.Savepoint());
      if (fill) {
        EXPECT_OK(id % 2 == 0 ? Add(tx, id) : tx.Queue(kAddAccount, {id, 1}));
      }
      EXPECT_OK(undo ? tx.RollbackSavepoint() : tx.ReleaseSavepoint());
      if (fill && !undo) {
        want.push_back(id);
      }
    }
    EXPECT_EQ(AccountIds(tx), want);
    return absl::OkStatus();
  }));
  EXPECT_EQ(AccountIds(), want);
  EXPECT_GE(want.size(), 8u);
}

TEST_P(SqlConformance, Query_InsideARowCallback_RunsAlsoWhenItIsTheSame) {
  for (int64_t id = 1; id <= 3; ++id) {
    ASSERT_OK(AddAccount(id, id));
  }
  int pairs = 0;
  EXPECT_OK(db_->Read({}, [&](Reader& reader) {
    return reader.Query(kAccountIds, {}, [&](const Row& outer) {
      const int64_t id = outer.Int64(0);
      EXPECT_EQ(*Balance(reader, id), id);
      EXPECT_OK(reader.Query(kAccountIds, {}, [&](const Row&) {
        ++pairs;
        return absl::OkStatus();
      }));
      EXPECT_EQ(outer.Int64(0), id);
      return absl::OkStatus();
    });
  }));
  EXPECT_EQ(pairs, 9);
}

TEST_P(SqlConformance, ExecuteScript_FailingInTheMiddle_LeavesNothing) {
  EXPECT_FALSE(db_->Write({},
                          [&](Tx& tx) {
                            return tx.ExecuteScript(
                                "INSERT INTO accounts VALUES (1, 1);"
                                "INSERT INTO accounts VALUES (2, 1); SELECT broken;");
                          })
                   .ok());
  EXPECT_TRUE(AccountIds().empty());
}

}  // namespace
}  // namespace baimi::sql
