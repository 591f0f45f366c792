// What is committed stays, whatever happens to the process.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/conformance/sql/fixture.h"

namespace baimi::sql {
namespace {

constexpr int kCommits = 25;

TEST_P(SqlDurability, Reopen_KeepsWhatWasCommitted) {
  ASSERT_OK(AddAccount(1, 7));
  Close();
  db_ = OpenAgain();
  EXPECT_EQ(AccountIds(), std::vector<int64_t>{1});
  EXPECT_OK(AddAccount(2, 7));
}

TEST_P(SqlDurability, TwoDatabasesOnOnePlace_SeeEachOthersCommits) {
  const std::unique_ptr<Database> other = OpenAgain();
  ASSERT_OK(AddAccount(1, 7));
  EXPECT_EQ(AccountIds(*other), std::vector<int64_t>{1});
  EXPECT_OK(other->Write({}, [](Tx& tx) { return tx.Execute(kAddAccount, {2, 7}).status(); }));
  EXPECT_EQ(AccountIds(), (std::vector<int64_t>{1, 2}));
}

// Commits rows, reports each through the pipe, and dies in the middle of the next transaction.
[[noreturn]] void CommitAndDie(const std::string& uri, int report) {
  absl::StatusOr<std::unique_ptr<Database>> database = Open(uri, {});
  for (int64_t id = 0; database.ok() && id < kCommits; ++id) {
    const absl::Status status = (*database)->Write({}, [&](Tx& tx) {
      return tx.Execute(kAddAccount, {id, 1}).status();
    });
    if (!status.ok() || write(report, "+", 1) != 1) {
      _exit(1);
    }
  }
  (*database)
      ->Write({},
              [&](Tx& tx) {
                tx.Execute(kAddAccount, {999, 1}).IgnoreError();
                kill(getpid(), SIGKILL);
                return absl::OkStatus();
              })
      .IgnoreError();
  _exit(2);
}

TEST_P(SqlDurability, Kill9_KeepsEveryCommitAndNothingElse) {
  const std::string uri = site_->Uri();
  // A connection must not be carried through fork.
  Close();
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    CommitAndDie(uri, ends[1]);
  }
  close(ends[1]);
  int64_t acknowledged = 0;
  for (char byte = 0; read(ends[0], &byte, 1) == 1;) {
    ++acknowledged;
  }
  close(ends[0]);
  int how = 0;
  ASSERT_EQ(waitpid(child, &how, 0), child);
  ASSERT_TRUE(WIFSIGNALED(how)) << "exit code " << WEXITSTATUS(how);
  ASSERT_EQ(acknowledged, kCommits);

  db_ = OpenAgain();
  std::vector<int64_t> want;
  for (int64_t id = 0; id < kCommits; ++id) {
    want.push_back(id);
  }
  EXPECT_EQ(AccountIds(), want);
  EXPECT_OK(AddAccount(999, 1)) << "the dead writer's lock is gone";
}

}  // namespace
}  // namespace baimi::sql
