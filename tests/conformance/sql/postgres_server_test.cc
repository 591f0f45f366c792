// What only a server can do to its clients: go away, refuse, make wait, and leave a COMMIT's
// outcome open. One cluster for this program, which the tests stop and start.
#include <signal.h>

#include <atomic>
#include <string>
#include <thread>

#include "absl/synchronization/barrier.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/sql/database.h"
#include "common/sql/migrate.h"
#include "common/sql/postgres/connection.h"
#include "common/sql/postgres/target.h"
#include "common/sql/postgres/transaction.h"
#include "common/testing/postgres/cluster.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/sql/postgres_server.h"

namespace baimi::sql {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(PostgresServer, Restart_IdleConnectionsAreReplacedUnnoticed) {
  EXPECT_OK(Add(*db_, 1));
  EXPECT_EQ(Count().value_or(-1), 1);
  cluster_.Stop();
  EXPECT_EQ(Add(*db_, 2).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(db_->Ping().code(), absl::StatusCode::kUnavailable);
  EXPECT_OK(cluster_.StartAgain());
  EXPECT_OK(Add(*db_, 3));
  EXPECT_EQ(Count().value_or(-1), 2);
}

TEST_F(PostgresServer, BackendGoneInATransaction_IsUnavailableAndUndone) {
  const absl::Status status = db_->Write({}, [&](Tx& tx) -> absl::Status {
    EXPECT_OK(tx.Execute(kAdd, {1}).status());
    BAIMI_ASSIGN_OR_RETURN(const int64_t pid, Number(tx, kPid));
    EXPECT_TRUE(cluster_.Run(absl::StrCat("SELECT pg_terminate_backend(", pid, ", 60000)")).ok());
    EXPECT_EQ(tx.Execute(kAdd, {2}).status().code(), absl::StatusCode::kUnavailable);
    EXPECT_FALSE(tx.Execute(kAdd, {3}).ok()) << "gone for good";
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_FALSE(IsCommitUnknown(status)) << "no COMMIT was sent";
  EXPECT_OK(Add(*db_, 2));
  EXPECT_EQ(Count().value_or(-1), 1);
}

TEST_F(PostgresServer, KilledBeforeTheCommitHappened_IsUnknownAndNotThere) {
  // A trigger at COMMIT that waits for a lock which the test holds.
  EXPECT_OK(db_->Write({}, [](Tx& tx) {
    return tx.ExecuteScript(
        "CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END$$;"
        "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION wait_here();");
  }));
  constexpr Statement hold = {"server_hold", "SELECT pg_advisory_xact_lock(4711)"};
  absl::Status status;
  std::thread writer;
  db_->Write({},
             [&](Tx& tx) {
               EXPECT_OK(tx.Query(hold, {}, Nothing));
               writer = std::thread([&] { status = Add(*db_, 1); });
               EXPECT_TRUE(Await(
                   "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'", "1"));
               cluster_.Kill();
               return absl::OkStatus();
             })
      .IgnoreError();
  writer.join();
  EXPECT_TRUE(IsCommitUnknown(status)) << status;
  EXPECT_OK(cluster_.StartAgain());
  EXPECT_EQ(Count().value_or(-1), 0);
}

TEST_F(PostgresServer, KilledAfterTheCommitHappened_IsUnknownAndThere) {
  SetStandbyNames("nobody");
  absl::Status status;
  std::thread writer([&] { status = Add(*db_, 1); });
  EXPECT_TRUE(AwaitCommitWait());
  cluster_.Kill();
  writer.join();
  EXPECT_TRUE(IsCommitUnknown(status)) << status;
  EXPECT_OK(cluster_.StartAgain());
  SetStandbyNames("");
  EXPECT_EQ(Count().value_or(-1), 1);
}

TEST_F(PostgresServer, CancelledWaitForTheStandby_IsUnknownThoughTheServerSaysCommit) {
  SetStandbyNames("nobody");
  absl::Status status;
  std::thread writer([&] { status = Add(*db_, 1); });
  EXPECT_TRUE(AwaitCommitWait());
  CancelCommitWait();
  writer.join();
  SetStandbyNames("");
  EXPECT_TRUE(IsCommitUnknown(status)) << status;
  EXPECT_EQ(Count().value_or(-1), 1);
}

TEST_F(PostgresServer, CommitPastItsWait_IsUnknown) {
  SetStandbyNames("nobody");
  // A connection of before may hear of it late.
  const auto impatient = OpenDatabase({.commit_wait = absl::Milliseconds(50)});
  EXPECT_TRUE(IsCommitUnknown(Add(*impatient, 1)));
  SetStandbyNames("");
  EXPECT_OK(Add(*impatient, 2)) << "on another connection";
}

TEST_F(PostgresServer, DeadlineWhileCommitting_DoesNotCutTheCommit) {
  SetStandbyNames("nobody");
  absl::Status status;
  std::thread writer(
      [&] { status = Add(*db_, 1, {.deadline = SystemClock().Now() + absl::Milliseconds(300)}); });
  EXPECT_TRUE(AwaitCommitWait());
  // Longer than the deadline, by the server's clock.
  EXPECT_TRUE(cluster_.Run("SELECT pg_sleep(0.4)").ok());
  SetStandbyNames("");
  writer.join();
  EXPECT_OK(status);
}

TEST_F(PostgresServer, DeadlineWhileWaitingForALock_IsDeadlineExceeded) {
  EXPECT_OK(Add(*db_, 1));
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(tx.Query(kLock, {1}, Nothing));
    std::thread([&] {
      const Options soon = {.deadline = SystemClock().Now() + absl::Milliseconds(50)};
      EXPECT_EQ(db_->Write(soon, [&](Tx& late) { return late.Query(kLock, {1}, Nothing); }).code(),
                absl::StatusCode::kDeadlineExceeded);
    }).join();
    return tx.Execute(kAdd, {2}).status();
  }));
  EXPECT_EQ(Count().value_or(-1), 2);
}

TEST_F(PostgresServer, ConnectWithoutAnAnswer_EndsAtTheDeadline) {
  const auto pid = cluster_.Run("SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)");
  ASSERT_TRUE(pid.ok()) << pid.status();
  const pid_t postmaster = std::stoi(*pid);
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    // This connection goes on; the other one that is wanted is taken up by nobody.
    EXPECT_EQ(kill(postmaster, SIGSTOP), 0);
    std::thread([&] {
      const Options soon = {.deadline = SystemClock().Now() + absl::Milliseconds(50)};
      EXPECT_EQ(Add(*db_, 2, soon).code(), absl::StatusCode::kDeadlineExceeded);
    }).join();
    EXPECT_EQ(kill(postmaster, SIGCONT), 0);
    return tx.Execute(kAdd, {1}).status();
  }));
  EXPECT_EQ(Count().value_or(-1), 1);
}

TEST_F(PostgresServer, CheckSchema_ServerDoesNotAnswer_EndsAtItsDeadline) {
  constexpr Migration known[] = {{1, "known", "", "SELECT 1"}};
  EXPECT_OK(Migrate(*db_, "known", known, SystemClock()));
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(tx.ExecuteScript("LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE"));
    std::thread([&] {
      const Options soon = {.deadline = SystemClock().Now() + absl::Milliseconds(50)};
      EXPECT_EQ(CheckSchema(*db_, "known", known, soon).code(),
                absl::StatusCode::kDeadlineExceeded);
    }).join();
    return absl::OkStatus();
  }));
  EXPECT_OK(CheckSchema(*db_, "known", known));
}

TEST_F(PostgresServer, Deadlock_AbortsOneAndTheOtherGoesOn) {
  EXPECT_OK(Add(*db_, 1));
  EXPECT_OK(Add(*db_, 2));
  absl::Barrier both(2);
  std::atomic<int> fine = 0;
  std::atomic<int> aborted = 0;
  const auto cross = [&](int64_t first, int64_t second) {
    const absl::Status status = db_->Write({}, [&](Tx& tx) -> absl::Status {
      EXPECT_OK(tx.Query(kLock, {first}, Nothing));
      both.Block();
      return tx.Query(kLock, {second}, Nothing);
    });
    fine += status.ok() ? 1 : 0;
    aborted += absl::IsAborted(status) ? 1 : 0;
  };
  std::thread one([&] { cross(1, 2); });
  cross(2, 1);
  one.join();
  EXPECT_EQ(fine, 1);
  EXPECT_EQ(aborted, 1);
}

TEST_F(PostgresServer, Pool_NeverUsesMoreThanItsBound) {
  const auto small = OpenDatabase({.readers = 1, .writers = 2});
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 20; ++n) {
        EXPECT_OK(small->Write({}, [&](Tx& tx) {
          const int now = ++inside;
          most = std::max(most.load(), now);
          absl::Status status = tx.Execute(kAdd, {i * 100 + n}).status();
          --inside;
          return status;
        }));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_LE(most, 2);
  EXPECT_EQ(Count().value_or(-1), 160);
}

TEST_F(PostgresServer, PoolUsedUp_WaitsUntilTheDeadline) {
  const auto small = OpenDatabase({.readers = 1, .writers = 1});
  EXPECT_OK(small->Write({}, [&](Tx& tx) {
    std::thread([&] {
      EXPECT_EQ(Add(*small, 1, {.deadline = SystemClock().Now() + absl::Milliseconds(30)}).code(),
                absl::StatusCode::kDeadlineExceeded);
    }).join();
    return tx.Execute(kAdd, {2}).status();
  }));
  EXPECT_EQ(Count().value_or(-1), 1);
}

TEST_F(PostgresServer, Connection_HasItsSettings) {
  const Statement settings = {
      "server_settings",
      "SELECT current_setting('idle_in_transaction_session_timeout'),"
      " current_setting('transaction_isolation'), current_setting('transaction_read_only'),"
      " current_setting('client_encoding'), current_setting('application_name')"};
  const auto all = [&](Reader& reader) {
    std::string text;
    EXPECT_OK(reader.Query(settings, {}, [&](const Row& row) {
      for (int column = 0; column < 5; ++column) {
        absl::StrAppend(&text, row.Text(column), " ");
      }
      return absl::OkStatus();
    }));
    return text;
  };
  EXPECT_OK(db_->Read({}, [&](Reader& reader) {
    EXPECT_EQ(all(reader), "1min repeatable read on UTF8 baimi ");
    return absl::OkStatus();
  }));
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_EQ(all(tx), "1min read committed off UTF8 baimi ");
    return absl::OkStatus();
  }));
}

TEST_F(PostgresServer, Open_WhereItCannot_IsUnavailableAndSaysNoPassword) {
  EXPECT_TRUE(
      cluster_.Run("CREATE DATABASE other ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
          .ok());
  std::string logged;
  OpenOptions options;
  options.log = [&](absl::string_view text) { absl::StrAppend(&logged, text, "\n"); };
  for (const std::string& uri :
       {absl::StrCat("postgresql:///nowhere?user=postgres&password=secret&host=",
                     cluster_.directory()),
        absl::StrCat("postgresql:///other?user=postgres&password=secret&host=",
                     cluster_.directory()),
        absl::StrCat("postgresql:///x?user=postgres&password=secret&host=", cluster_.directory(),
                     "/no,", cluster_.directory(), "/neither")}) {
    const absl::Status status = Open(uri, options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    EXPECT_THAT(status.ToString(), Not(HasSubstr("secret")));
  }
  EXPECT_THAT(logged, HasSubstr("\"nowhere\" does not exist"));
  EXPECT_THAT(logged, HasSubstr("database encoding: got SQL_ASCII, want UTF8"));
  EXPECT_THAT(logged, Not(HasSubstr("secret")));
  EXPECT_TRUE(cluster_.Run("DROP DATABASE other").ok());
}

}  // namespace
}  // namespace baimi::sql
