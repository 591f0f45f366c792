// Alarms on every database: rung once however many replicas look for them, and never lost.
#include "common/journal/alarm_clock.h"

#include <map>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/sql/migrate.h"
#include "gmock/gmock.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::journal {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr sql::Migration kTable[] = {
    {1, "test",
     "CREATE TABLE things (county TEXT NOT NULL, id TEXT NOT NULL, alarm_us INTEGER, "
     "lease_us INTEGER NOT NULL DEFAULT 0, effects INTEGER NOT NULL DEFAULT 0, "
     "PRIMARY KEY (county, id)) STRICT;",
     "CREATE TABLE things (county varchar(6) NOT NULL, id text COLLATE \"C\" NOT NULL, "
     "alarm_us bigint, lease_us bigint NOT NULL DEFAULT 0, effects bigint NOT NULL DEFAULT 0, "
     "PRIMARY KEY (county, id));"}};
constexpr sql::Statement kInsert = {
    "test.insert", "INSERT INTO things (county, id, alarm_us) VALUES ('469030', $1, $2)"};
constexpr sql::Statement kLease = {
    "test.lease",
    "UPDATE things SET lease_us = $2 WHERE (county, id) IN (SELECT county, id FROM things "
    "WHERE alarm_us <= $1 AND lease_us <= $1 ORDER BY alarm_us LIMIT $3 "
    "/*for update skip locked*/) RETURNING county, id"};
constexpr sql::Statement kRing = {"test.ring",
                                  "UPDATE things SET effects = effects + 1, alarm_us = NULL "
                                  "WHERE county = $1 AND id = $2 AND alarm_us <= $3"};
constexpr sql::Statement kEffects = {"test.effects", "SELECT id, effects FROM things ORDER BY id"};

absl::StatusOr<std::vector<Alarm>> LeaseThings(sql::Tx& tx, absl::Time now, absl::Time until,
                                               int limit) {
  std::vector<Alarm> alarms;
  BAIMI_RETURN_IF_ERROR(tx.Query(
      kLease, {sql::Param::Time(now), sql::Param::Time(until), limit}, [&](const sql::Row& row) {
        alarms.push_back({std::string(row.Text(0)), std::string(row.Text(1))});
        return absl::OkStatus();
      }));
  return alarms;
}

AlarmClockOptions ByHand() {
  AlarmClockOptions options;
  options.poll = absl::InfiniteDuration();
  return options;
}

class AlarmClockTest : public testing::TestWithParam<sql::Backend> {
 protected:
  void SetUp() override {
    site_ = GetParam().make_site();
    database_ = *sql::Open(site_->Uri(), {});
    ASSERT_TRUE(sql::Migrate(*database_, "test", kTable, clock_).ok());
  }

  void Set(const std::string& id, absl::Time alarm) {
    const absl::Status status = database_->Write({}, [&](sql::Tx& tx) {
      return tx.Execute(kInsert, {id, sql::Param::Time(alarm)}).status();
    });
    ASSERT_TRUE(status.ok()) << status;
  }

  // The effect as a service has it: only while the alarm still stands.
  void Ring(sql::Database& database, const Alarm& alarm, const AlarmClock::Done& done) {
    rung_.push_back(alarm.id);
    done(database.Write({}, [&](sql::Tx& tx) {
      return tx.Execute(kRing, {alarm.county, alarm.id, sql::Param::Time(clock_.Now())}).status();
    }));
  }

  AlarmClock::Ring Ringing() {
    return
        [this](const Alarm& alarm, const AlarmClock::Done& done) { Ring(*database_, alarm, done); };
  }

  std::map<std::string, int64_t> Effects() {
    std::map<std::string, int64_t> effects;
    const absl::Status status = database_->Read({}, [&](sql::Reader& reader) {
      return reader.Query(kEffects, {}, [&](const sql::Row& row) {
        effects[std::string(row.Text(0))] = row.Int64(1);
        return absl::OkStatus();
      });
    });
    EXPECT_TRUE(status.ok()) << status;
    return effects;
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'780'000'000)};
  std::unique_ptr<sql::Site> site_;
  std::unique_ptr<sql::Database> database_;
  std::vector<std::string> rung_;
};

INSTANTIATE_TEST_SUITE_P(AllBackends, AlarmClockTest, testing::ValuesIn(sql::AllBackends()),
                         testing::PrintToStringParamName());

TEST_P(AlarmClockTest, RunDue_RingsWhatIsDueEarliestFirstInManyLeases) {
  for (int i = 9; i >= 0; --i) {
    Set(absl::StrCat("t", i), clock_.Now() - absl::Seconds(10 - i));
  }
  Set("later", clock_.Now() + absl::Microseconds(1));
  AlarmClockOptions options = ByHand();
  options.batch = 1;
  AlarmClock alarms(database_.get(), &clock_, LeaseThings, Ringing(), options);
  EXPECT_EQ(alarms.RunDue().value_or(-1), 10);
  EXPECT_THAT(rung_, ElementsAre("t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9"));
  EXPECT_EQ(alarms.RunDue().value_or(-1), 0);

  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(alarms.RunDue().value_or(-1), 1);
  EXPECT_EQ(rung_.back(), "later");
}

TEST_P(AlarmClockTest, FailedRing_RingsAgainAfterTheLeaseOnly) {
  Set("a", clock_.Now());
  int failures = 1;
  AlarmClock alarms(
      database_.get(), &clock_, LeaseThings,
      [&](const Alarm& alarm, const AlarmClock::Done& done) {
        if (failures-- > 0) {
          done(absl::UnavailableError("planned"));
        } else {
          Ring(*database_, alarm, done);
        }
      },
      ByHand());
  EXPECT_EQ(alarms.RunDue().value_or(-1), 0);
  clock_.Advance(absl::Seconds(30) - absl::Microseconds(1));
  EXPECT_EQ(alarms.RunDue().value_or(-1), 0) << "still leased";
  EXPECT_THAT(rung_, IsEmpty());
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(alarms.RunDue().value_or(-1), 1);
  EXPECT_THAT(Effects(), ElementsAre(testing::Pair("a", 1)));
}

TEST_P(AlarmClockTest, Poll_RingsByItselfAndStopIsTheEnd) {
  Set("a", clock_.Now());
  absl::Mutex mu;
  int rings = 0;
  AlarmClockOptions options;
  options.poll = absl::Milliseconds(1);
  AlarmClock alarms(
      database_.get(), &clock_, LeaseThings,
      [&](const Alarm&, const AlarmClock::Done& done) {
        {
          absl::MutexLock lock(&mu);
          ++rings;
        }
        done(absl::OkStatus());
      },
      options);
  {
    absl::MutexLock lock(&mu);
    const auto rang = [&] { return rings > 0; };
    EXPECT_TRUE(mu.AwaitWithTimeout(absl::Condition(&rang), absl::Seconds(20)));
  }
  alarms.Stop();
  Set("b", clock_.Now());
  absl::MutexLock lock(&mu);
  EXPECT_EQ(rings, 1) << "leased, and then stopped";
}

// What only a database that two processes can open is able to do.
class AlarmReplicas : public AlarmClockTest {};
INSTANTIATE_TEST_SUITE_P(DurableBackends, AlarmReplicas, testing::ValuesIn(sql::DurableBackends()),
                         testing::PrintToStringParamName());

TEST_P(AlarmReplicas, ReplicasThatLookTogether_RingEachAlarmOnce) {
  constexpr int kThings = 200;
  for (int i = 0; i < kThings; ++i) {
    Set(absl::StrCat("t", i), clock_.Now());
  }
  constexpr int kReplicas = 3;
  std::vector<std::unique_ptr<sql::Database>> databases;
  std::vector<std::unique_ptr<AlarmClock>> replicas;
  absl::Mutex mu;
  std::map<std::string, int> rings;
  AlarmClockOptions options = ByHand();
  options.batch = 8;
  for (int i = 0; i < kReplicas; ++i) {
    databases.push_back(*sql::Open(site_->Uri(), {}));
    replicas.push_back(std::make_unique<AlarmClock>(
        databases.back().get(), &clock_, LeaseThings,
        [&, database = databases.back().get()](const Alarm& alarm, const AlarmClock::Done& done) {
          {
            absl::MutexLock lock(&mu);
            ++rings[alarm.id];
          }
          done(database->Write({}, [&](sql::Tx& tx) {
            return tx.Execute(kRing, {alarm.county, alarm.id, sql::Param::Time(clock_.Now())})
                .status();
          }));
        },
        options));
  }
  std::vector<std::thread> threads;
  std::atomic<int> rang{0};
  for (auto& replica : replicas) {
    threads.emplace_back([&] { rang += replica->RunDue().value_or(0); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(rang.load(), kThings);
  EXPECT_EQ(rings.size(), size_t{kThings});
  for (const auto& [id, times] : rings) {
    EXPECT_EQ(times, 1) << id << " was leased to two replicas";
  }
  for (const auto& [id, effects] : Effects()) {
    EXPECT_EQ(effects, 1) << id;
  }
}

TEST_P(AlarmReplicas, ReplicaThatDiedWithALease_IsFollowedByAnother) {
  Set("a", clock_.Now());
  {
    AlarmClock dead(
        database_.get(), &clock_, LeaseThings,
        [](const Alarm&, const AlarmClock::Done& done) { done(absl::CancelledError("died")); },
        ByHand());
    EXPECT_EQ(dead.RunDue().value_or(-1), 0);
  }
  const auto other = *sql::Open(site_->Uri(), {});
  AlarmClock alarms(
      other.get(), &clock_, LeaseThings,
      [&](const Alarm& alarm, const AlarmClock::Done& done) { Ring(*other, alarm, done); },
      ByHand());
  EXPECT_EQ(alarms.RunDue().value_or(-1), 0);
  clock_.Advance(absl::Seconds(30));
  EXPECT_EQ(alarms.RunDue().value_or(-1), 1);
  EXPECT_THAT(Effects(), ElementsAre(testing::Pair("a", 1)));
}

}  // namespace
}  // namespace baimi::journal
