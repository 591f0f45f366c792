// A schema of its own on one cluster for the whole program, which the tests stop and start.
#ifndef BAIMI_TESTS_CONFORMANCE_SQL_POSTGRES_SERVER_H_
#define BAIMI_TESTS_CONFORMANCE_SQL_POSTGRES_SERVER_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"
#include "common/sql/database.h"
#include "common/testing/postgres/cluster.h"
#include "gtest/gtest.h"

namespace baimi::sql {

#define EXPECT_OK(expr) EXPECT_EQ((expr), absl::OkStatus())

inline constexpr Statement kAdd = {"server_add", "INSERT INTO t(id) VALUES ($1)"};
inline constexpr Statement kLock = {"server_lock", "SELECT id FROM t WHERE id = $1 /*for update*/"};
inline constexpr Statement kCount = {"server_count", "SELECT count(*) FROM t"};
inline constexpr Statement kPid = {"server_pid", "SELECT pg_backend_pid()"};

inline absl::Status Nothing(const Row&) { return absl::OkStatus(); }

class PostgresServer : public testing::Test {
 protected:
  PostgresServer() {
    const auto uri = cluster_.NewSchema();
    EXPECT_TRUE(uri.ok()) << uri.status();
    uri_ = *uri;
    db_ = OpenDatabase();
    EXPECT_OK(db_->Write(
        {}, [](Tx& tx) { return tx.ExecuteScript("CREATE TABLE t(id bigint PRIMARY KEY)"); }));
  }

  std::unique_ptr<Database> OpenDatabase(OpenOptions options = {}) {
    options.log = [this](absl::string_view text) {
      absl::MutexLock lock(&mu_);
      absl::StrAppend(&log_, text, "\n");
    };
    auto database = Open(uri_, options);
    EXPECT_TRUE(database.ok()) << database.status();
    return *std::move(database);
  }

  static absl::Status Add(Database& database, int64_t id, const Options& options = {}) {
    return database.Write(options, [&](Tx& tx) { return tx.Execute(kAdd, {id}).status(); });
  }
  static absl::StatusOr<int64_t> Number(Reader& reader, const Statement& statement) {
    int64_t number = -1;
    BAIMI_RETURN_IF_ERROR(reader.Query(statement, {}, [&](const Row& row) {
      number = row.Int64(0);
      return absl::OkStatus();
    }));
    return number;
  }
  absl::StatusOr<int64_t> Count() {
    int64_t count = -1;
    BAIMI_RETURN_IF_ERROR(db_->Read({}, [&](Reader& reader) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(count, Number(reader, kCount));
      return absl::OkStatus();
    }));
    return count;
  }

  // Asks the server until it answers so; false when it never does.
  bool Await(const std::string& sql, const std::string& want) const {
    for (int i = 0; i < 20'000; ++i) {
      if (cluster_.Run(sql).value_or("") == want) {
        return true;
      }
    }
    return false;
  }
  bool AwaitCommitWait() const {
    return Await("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", "1");
  }
  // The checkpointer makes commits wait, and may hear of new names after all others have.
  void AwaitThatCommitsWait() const {
    std::atomic<bool> stop = false;
    std::thread commits([&] {
      while (!stop) {
        cluster_.Run("SELECT pg_logical_emit_message(true, 'test', 'commit')").IgnoreError();
      }
    });
    EXPECT_TRUE(AwaitCommitWait());
    stop = true;
    CancelCommitWait();
    commits.join();
  }
  // With names, every COMMIT waits from here on.
  void SetStandbyNames(const std::string& names) const {
    EXPECT_TRUE(cluster_.Run("ALTER SYSTEM SET synchronous_standby_names = '" + names + "'").ok());
    EXPECT_TRUE(cluster_.Run("SELECT pg_reload_conf()").ok());
    EXPECT_TRUE(Await("SHOW synchronous_standby_names", names));
    if (!names.empty()) {
      AwaitThatCommitsWait();
    }
  }
  void CancelCommitWait() const {
    EXPECT_TRUE(cluster_
                    .Run("SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
                         " WHERE wait_event = 'SyncRep'")
                    .ok());
  }
  std::string log() const {
    absl::MutexLock lock(&mu_);
    return log_;
  }

  pgtest::Cluster& cluster_ = pgtest::SharedCluster();
  std::string uri_;
  std::unique_ptr<Database> db_;
  mutable absl::Mutex mu_;
  std::string log_ ABSL_GUARDED_BY(mu_);
};

}  // namespace baimi::sql

#endif  // BAIMI_TESTS_CONFORMANCE_SQL_POSTGRES_SERVER_H_
