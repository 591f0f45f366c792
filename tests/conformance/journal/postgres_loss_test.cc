// The server dies under the writer: in the middle of a COMMIT, and for good, with a standby in its
// place. What was acknowledged is there, once.
#include <atomic>
#include <cstdio>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/testing/postgres/cluster.h"
#include "tests/conformance/journal/fixture.h"

namespace baimi::journal {
namespace {

using ticket::v1::Ticket;

class FixedSite final : public sql::Site {
 public:
  explicit FixedSite(std::string uri) : uri_(std::move(uri)) {}
  std::string Uri() const override { return uri_; }

 private:
  const std::string uri_;
};

sql::Backend On(const std::string& uri) {
  return {.name = "postgres", .make_site = [uri] { return std::make_unique<FixedSite>(uri); }};
}

// A journal and its keys in one schema of a cluster.
class PostgresLoss : public JournalFixture {
 protected:
  // `servers` is the host of the URI: one directory, or several.
  void Begin(const std::string& servers) {
    Open(On(absl::StrCat("postgresql:///postgres?user=postgres&host=", servers)));
  }

  static bool Await(const pgtest::Cluster& cluster, const std::string& sql,
                    const std::string& want) {
    for (int i = 0; i < 20'000; ++i) {
      if (cluster.Run(sql).value_or("") == want) {
        return true;
      }
    }
    return false;
  }

  static std::unique_ptr<pgtest::Cluster> NewCluster() {
    auto cluster = pgtest::Cluster::Start();
    EXPECT_TRUE(cluster.ok()) << cluster.status();
    return *std::move(cluster);
  }
};

TEST_F(PostgresLoss, KilledInCommitThatHappened_IsAnsweredOnceTheServerIsBack) {
  const auto cluster = NewCluster();
  Begin(cluster->directory());
  ASSERT_TRUE(Add(MakeCall("r0"), "before").Wait().ok());
  // Commits and then waits for a standby that does not exist; after a restart it does not wait.
  ASSERT_TRUE(cluster->Run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'").ok());
  ASSERT_TRUE(cluster->Run("SELECT pg_reload_conf()").ok());
  ASSERT_TRUE(Await(*cluster, "SHOW synchronous_standby_names", "nobody"));
  ASSERT_TRUE(cluster->Run("ALTER SYSTEM RESET synchronous_standby_names").ok());
  auto answer = Add(MakeCall("r1"), "one");
  ASSERT_TRUE(
      Await(*cluster, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", "1"));
  cluster->Kill();
  ASSERT_TRUE(cluster->StartAgain().ok());
  const auto got = std::move(answer).Wait();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->title(), "one");
  EXPECT_EQ(writer_->stats().reruns, 0) << "it was found, not done again";
  EXPECT_EQ(Rows(), 2);
  EXPECT_EQ(Head(), 2);
  ExpectChainWhole();
}

TEST_F(PostgresLoss, KilledInCommitThatDidNotHappen_IsRunAgain) {
  const auto cluster = NewCluster();
  Begin(cluster->directory());
  ASSERT_TRUE(Add(MakeCall("r0"), "before").Wait().ok());
  // COMMIT waits in a deferred trigger for a lock of the test's session, which dies with the
  // server.
  ASSERT_TRUE(cluster
                  ->Run("CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS"
                        " $$BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END$$;"
                        "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON things"
                        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_here()")
                  .ok());
  std::thread holder([&] {
    EXPECT_FALSE(cluster->Run("SELECT pg_advisory_lock(4711); SELECT pg_sleep(100)").ok());
  });
  ASSERT_TRUE(Await(*cluster,
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted", "1"));
  auto answer = Add(MakeCall("r1"), "one");
  ASSERT_TRUE(
      Await(*cluster, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'", "1"));
  cluster->Kill();
  holder.join();
  ASSERT_TRUE(cluster->StartAgain().ok());
  const auto got = std::move(answer).Wait();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_GE(writer_->stats().reruns, 1);
  EXPECT_EQ(Rows(), 2);
  EXPECT_EQ(Head(), 2);
  ExpectChainWhole();
}

// The primary dies without a word under many callers, its synchronous standby takes over.
TEST_F(PostgresLoss, Failover_LosesAndDoublesNothingAcknowledged) {
  constexpr int kCallers = 16;
  constexpr int kEach = 60;
  constexpr int kBeforeTheKill = kCallers * kEach / 3;
  const auto primary = NewCluster();
  const auto started = pgtest::Cluster::StartStandby(*primary, "second");
  ASSERT_TRUE(started.ok()) << started.status();
  const std::unique_ptr<pgtest::Cluster>& standby = *started;
  ASSERT_TRUE(primary->Run("ALTER SYSTEM SET synchronous_standby_names = 'second'").ok());
  ASSERT_TRUE(primary->Run("SELECT pg_reload_conf()").ok());
  ASSERT_TRUE(
      Await(*primary, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'", "1"));
  // The standby first: it must be passed over while it takes no writes.
  Begin(absl::StrCat(standby->directory(), ",", primary->directory()));

  std::atomic<int> acknowledged = 0;
  std::atomic<int> retries = 0;
  absl::Mutex mu;
  std::set<std::string> values;
  absl::Time lost = absl::InfiniteFuture();
  absl::Time back = absl::InfiniteFuture();
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < kEach; ++i) {
        const std::string value = absl::StrCat("c", caller, "-", i);
        absl::Status status;
        do {
          const auto key = keys_->NewKey();
          status = key.ok() ? Add(MakeCall(value), value, *key).Wait().status() : key.status();
          retries += status.ok() ? 0 : 1;
          ASSERT_TRUE(status.ok() || absl::IsUnavailable(status) ||
                      absl::IsDeadlineExceeded(status))
              << status;
        } while (!status.ok());
        ++acknowledged;
        absl::MutexLock lock(&mu);
        values.insert(value);
        if (lost != absl::InfiniteFuture() && back == absl::InfiniteFuture()) {
          back = SystemClock().Now();
        }
      }
    });
  }
  while (acknowledged < kBeforeTheKill) {
    std::this_thread::yield();
  }
  primary->Kill();
  {
    absl::MutexLock lock(&mu);
    lost = SystemClock().Now();
  }
  ASSERT_TRUE(standby->Promote().ok());
  for (std::thread& caller : callers) {
    caller.join();
  }
  std::printf("failover: %d acknowledged, %d retries, %.2f s from the kill to the first answer\n",
              acknowledged.load(), retries.load(), absl::ToDoubleSeconds(back - lost));
  EXPECT_EQ(acknowledged, kCallers * kEach);
  EXPECT_EQ(values.size(), static_cast<size_t>(kCallers * kEach));
  EXPECT_EQ(Rows(), kCallers * kEach) << "lost";
  EXPECT_EQ(Head(), kCallers * kEach) << "doubled";
  ExpectChainWhole();
}

}  // namespace
}  // namespace baimi::journal
