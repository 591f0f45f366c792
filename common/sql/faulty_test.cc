#include "common/sql/faulty.h"

#include <string>

#include "gtest/gtest.h"

namespace baimi::sql {
namespace {

constexpr Statement kAdd = {"faulty_add", "INSERT INTO t(id) VALUES ($1)"};
constexpr Statement kCount = {"faulty_count", "SELECT count(*) FROM t"};

class Faulty : public testing::Test {
 protected:
  Faulty() : database_(*Open("sqlite::memory:", {}), FaultPlan{}) {
    EXPECT_EQ(
        database_.Write(
            {}, [](Tx& tx) { return tx.ExecuteScript("CREATE TABLE t(id INTEGER PRIMARY KEY)"); }),
        absl::OkStatus());
  }

  absl::Status Add(int64_t id) {
    return database_.Write({}, [&](Tx& tx) { return tx.Execute(kAdd, {id}).status(); });
  }
  // Without faults.
  int64_t Count() {
    database_.SetPlan({});
    int64_t count = -1;
    EXPECT_EQ(database_.Read({},
                             [&](Reader& reader) {
                               return reader.Query(kCount, {}, [&](const Row& row) {
                                 count = row.Int64(0);
                                 return absl::OkStatus();
                               });
                             }),
              absl::OkStatus());
    return count;
  }
  // '.' where a write went through, 'x' where it did not.
  std::string Pattern(uint64_t seed) {
    FaultPlan plan{.seed = seed, .statement_error = 0.5};
    database_.SetPlan(plan);
    std::string pattern;
    for (int i = 0; i < 40; ++i) {
      pattern += Add(next_id_++).ok() ? '.' : 'x';
    }
    return pattern;
  }

  FaultyDatabase database_;
  int64_t next_id_ = 100;
};

TEST_F(Faulty, EmptyPlan_ChangesNothing) {
  EXPECT_EQ(Add(1), absl::OkStatus());
  EXPECT_EQ(Add(1).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Count(), 1);
  EXPECT_EQ(database_.injected(), 0);
}

TEST_F(Faulty, StartError_RunsNoBody) {
  database_.SetPlan({.start_error = 1, .error = absl::AbortedError("mine")});
  bool ran = false;
  const auto body = [&](Reader&) {
    ran = true;
    return absl::OkStatus();
  };
  EXPECT_EQ(database_.Read({}, body), absl::AbortedError("mine"));
  EXPECT_EQ(database_.Write({}, body), absl::AbortedError("mine"));
  EXPECT_FALSE(ran);
  EXPECT_EQ(database_.injected(), 2);
}

TEST_F(Faulty, StatementErrorHidden_StillRollsBack) {
  EXPECT_EQ(database_
                .Write({},
                       [&](Tx& tx) {
                         EXPECT_EQ(tx.Execute(kAdd, {1}).status(), absl::OkStatus());
                         database_.SetPlan({.statement_error = 1});
                         EXPECT_FALSE(tx.Execute(kAdd, {2}).ok());
                         database_.SetPlan({});
                         EXPECT_FALSE(tx.Execute(kAdd, {3}).ok()) << "as the port says";
                         return absl::OkStatus();
                       })
                .code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(Count(), 0);
}

TEST_F(Faulty, StatementErrorInASavepoint_IsUndoneByRollingItBack) {
  EXPECT_EQ(database_.Write({},
                            [&](Tx& tx) {
                              EXPECT_EQ(tx.Savepoint(), absl::OkStatus());
                              database_.SetPlan({.statement_error = 1});
                              EXPECT_FALSE(tx.Execute(kAdd, {2}).ok());
                              database_.SetPlan({});
                              EXPECT_EQ(tx.RollbackSavepoint(), absl::OkStatus());
                              return tx.Execute(kAdd, {3}).status();
                            }),
            absl::OkStatus());
  EXPECT_EQ(Count(), 1);
}

TEST_F(Faulty, CommitThenUnknown_HasCommitted) {
  database_.SetPlan({.commit_then_unknown = 1});
  EXPECT_TRUE(IsCommitUnknown(Add(1)));
  EXPECT_EQ(Count(), 1);
}

TEST_F(Faulty, LoseThenUnknown_HasNotCommitted) {
  database_.SetPlan({.lose_then_unknown = 1});
  EXPECT_TRUE(IsCommitUnknown(Add(1)));
  EXPECT_EQ(Count(), 0);
}

TEST_F(Faulty, Delay_CallsTheHookBeforeTheStatement) {
  int calls = 0;
  database_.SetPlan({.delay_chance = 1, .delay = [&] { ++calls; }});
  EXPECT_EQ(Add(1), absl::OkStatus());
  EXPECT_EQ(calls, 1);
}

TEST_F(Faulty, Seed_RepeatsTheSequence) {
  const std::string first = Pattern(7);
  EXPECT_EQ(Pattern(7), first);
  EXPECT_NE(Pattern(8), first);
  EXPECT_NE(first.find('.'), std::string::npos);
  EXPECT_NE(first.find('x'), std::string::npos);
}

}  // namespace
}  // namespace baimi::sql
