#include "tests/integration/suite_faults.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>

#include "absl/base/internal/raw_logging.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "common/base/digest.h"
#include "common/testing/redis/redis_server.h"
#include "services/ticket/testing/faulty_registry_peer.h"

namespace baimi::integration {
namespace {

// Draws that a few statements of each test lose: a test is a few hundred statements long.
constexpr double kOften = 0.05;
constexpr double kSeldom = 0.01;

template <typename Plan>
struct Kind {
  const char* name;
  double Plan::*chance;
  double value;
};

constexpr Kind<sql::FaultPlan> kSqlKinds[] = {
    {"sql error: no transaction", &sql::FaultPlan::start_error, kOften},
    {"sql error: statement", &sql::FaultPlan::statement_error, kSeldom},
    {"sql delay", &sql::FaultPlan::delay_chance, kSeldom},
    {"sql commit, then timeout", &sql::FaultPlan::commit_then_unknown, kOften},
    {"sql commit dropped", &sql::FaultPlan::lose_then_unknown, kOften},
};
// Far fewer operations, and a suite that can live without any of them.
constexpr Kind<cache::FaultPlan> kCacheKinds[] = {
    {"cache error: get", &cache::FaultPlan::get_error, 0.2},
    {"cache error: invalidate", &cache::FaultPlan::failed_invalidation, 0.2},
    {"cache delay", &cache::FaultPlan::delay_chance, kOften},
    {"cache invalidated, then timeout", &cache::FaultPlan::unknown_invalidation, 0.2},
    {"cache put dropped", &cache::FaultPlan::lost_put, 0.2},
    {"cache invalidation dropped", &cache::FaultPlan::lost_invalidation, 0.2},
};
constexpr Kind<test::PeerFaultPlan> kPeerKinds[] = {
    {"peer error", &test::PeerFaultPlan::error_chance, 0.1},
    {"peer delay", &test::PeerFaultPlan::delay_chance, 0.1},
    {"peer done, then timeout", &test::PeerFaultPlan::timeout_chance, 0.1},
    {"peer answer dropped", &test::PeerFaultPlan::drop_chance, 0.1},
};

constexpr unsigned kAll = kSql | kCache | kPeer;

// A delay lets others overtake: it ends when the next one begins, at the latest after 2 ms.
void Delay() {
  static absl::Mutex mu(absl::kConstInit);
  static int64_t begun ABSL_GUARDED_BY(mu) = 0;
  absl::MutexLock lock(&mu);
  const int64_t own = ++begun;
  const auto overtaken = [own]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) { return begun > own; };
  mu.AwaitWithTimeout(absl::Condition(&overtaken), absl::Milliseconds(2));
}

uint64_t BaseSeed() {
  const char* text = std::getenv("BAIMI_TEST_SEED");
  uint64_t seed = 1;
  ABSL_RAW_CHECK(text == nullptr || absl::SimpleAtoi(text, &seed),
                 "BAIMI_TEST_SEED: want a number");
  return seed;
}

std::string TestName(const testing::TestInfo& test) {
  return absl::StrCat(test.test_suite_name(), ".", test.name());
}

uint64_t SeedOfThisTest() {
  const std::string name = TestName(*testing::UnitTest::GetInstance()->current_test_info());
  const std::string digest = Sha256(absl::StrCat(BaseSeed(), " ", name));
  uint64_t seed = 0;
  std::memcpy(&seed, digest.data(), sizeof(seed));
  return seed;
}

template <typename Plan>
Plan PlanOf(absl::Span<const Kind<Plan>> kinds) {
  Plan plan;
  plan.seed = SeedOfThisTest();
  plan.delay = Delay;
  for (const Kind<Plan>& kind : kinds) {
    plan.*kind.chance = kind.value;
  }
  return plan;
}

// Kind -> how often it happened in this run. Of the thread that runs the tests.
std::map<std::string, int64_t>& Counts() {
  static auto& counts = *new std::map<std::string, int64_t>;
  return counts;
}

template <typename Plan, typename Source>
void Count(absl::Span<const Kind<Plan>> kinds, const Source& source) {
  for (const Kind<Plan>& kind : kinds) {
    Counts()[kind.name] += source.injected(kind.chance);
  }
}

template <typename Plan>
void ExpectAll(absl::Span<const Kind<Plan>> kinds) {
  for (const Kind<Plan>& kind : kinds) {
    const int64_t count = Counts()[kind.name];
    EXPECT_GT(count, 0) << kind.name << " never happened";
    absl::FPrintF(stderr, "%s: %d\n", kind.name, count);
  }
}

// One server for the run; each test begins with nothing in it.
fixture::RedisServer& Redis() {
  static const std::unique_ptr<fixture::RedisServer> server = [] {
    auto started = fixture::RedisServer::Start();
    ABSL_RAW_CHECK(started.ok(), started.status().ToString().c_str());
    return *std::move(started);
  }();
  return *server;
}

class SeedPrinter final : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo& test) override {
    if (test.result()->Failed()) {
      absl::FPrintF(stderr, "%s failed with BAIMI_TEST_FAULTS=%s BAIMI_TEST_SEED=%d\n",
                    TestName(test), std::getenv("BAIMI_TEST_FAULTS"), BaseSeed());
    }
  }
};

class WholeRun final : public testing::Environment {
  void TearDown() override {
    switch (FaultsOfThisRun()) {
      case kSql:
        return ExpectAll<sql::FaultPlan>(kSqlKinds);
      case kCache:
        return ExpectAll<cache::FaultPlan>(kCacheKinds);
      case kPeer:
        return ExpectAll<test::PeerFaultPlan>(kPeerKinds);
      case kNoFaults:
        return;
    }
  }
};

}  // namespace

FaultPlace FaultsOfThisRun() {
  static const FaultPlace place = [] {
    const char* text = std::getenv("BAIMI_TEST_FAULTS");
    const std::map<std::string, FaultPlace> places = {
        {"", kNoFaults}, {"sql", kSql}, {"cache", kCache}, {"peer", kPeer}};
    const auto found = places.find(text == nullptr ? "" : text);
    ABSL_RAW_CHECK(found != places.end(), "BAIMI_TEST_FAULTS: want sql, cache or peer");
    return found->second;
  }();
  return place;
}

absl::Span<const FaultExclusion> FaultExclusions() {
  static constexpr FaultExclusion kExclusions[] = {
      {"TicketFaultsTest.*", kAll, "has faults of its own, and no suite"},
      {"QuotaTest.Reads_MoreThanTheLimit_Are429WithRetryAfterForThatKeyOnly", kSql,
       "a call that is made again counts once more"},
      {"QuotaTest.Reads_FromTheCache_CountToo", kSql, "a call that is made again counts once more"},
      {"QuotaTest.Writes_OwnLimitOfTheKey_RefusesBeforeAnythingIsDone", kSql | kPeer,
       "a call that is made again counts once more"},
      {"OverloadTest.Lane_Full_RefusesWithRetryInfoWhileOperatorsAreAnswered", kSql | kPeer,
       "uses up the stock of data keys to the last, and every attempt takes one"},
      {"DrainTest.Stop_DuringACall_FinishesItAndRefusesNewOnes", kSql | kPeer,
       "what fails in a service that closes can not be made again there"},
      {"DrainTest.Stop_GraceOver_CutsWhatIsLeft", kAll,
       "what is cut must not be made again on the channel of a server that is gone"},
      {"DrainTest.Stop_UnderHttpLoad_EveryAnswerIsWholeOrSaysDraining", kSql,
       "says that no answer but one of the drain is refused"},
      {"OnceTest.RequestId_ConnectionDroppedBeforeTheAnswer_RetryFindsTheOrder", kSql | kPeer,
       "its first attempt is the only one, and must be committed"},
      {"CitizenTest.LookUp_NumberAndPhone_SayWhoHasItAndUntilWhen", kPeer,
       "the registry says what the holder is called; without it he is \"the unit\""},
      {"LifecycleTest.ClockThatRunsOut_IsPutOnRecordOnce", kSql,
       "an alarm that did not ring is leased, and rings when the lease is over"},
      {"CooperationTest.HelperTooLate_IsOnRecordAndCountedForTheHelper", kSql,
       "an alarm that did not ring is leased, and rings when the lease is over"},
      {"SupervisionTest.Ladder_EveryLevelAtItsTick_AnsweredByTheUnitAndEndedWithTheOrder", kSql,
       "an alarm that did not ring is leased, and rings when the lease is over"},
      {"ReportSweepTest.SameCalls_TellTheCentre", kSql | kPeer,
       "makes each call once, and wants its answer"},
      {"SupervisionTest.Suspension_PastItsTargetDate_GoesOnSupervised", kSql,
       "an alarm that did not ring is leased, and rings when the lease is over"},
      {"LineTest.EmergencyWithoutReceipt_AlarmsTheCentreExactlyThenAndOnce", kSql,
       "an alarm that did not ring is leased, and rings when the lease is over"},
      {"CarrierTest.*", kSql,
       "a message whose step is not recorded is leased, and sent again when the lease is over"},
      {"ContactTest.LeadSpeaksTooLate_IsOnRecordToldAndNoResponse", kSql,
       "an alarm that did not ring is leased, and rings when the lease is over"},
      {"ContactTest.BadRatingLeftAlone_IsOnRecordOnceAndTheCentreIsTold", kSql,
       "an alarm that did not ring is leased, and rings when the lease is over"},
      {"SyncTest.Outcome_OfAFirstCall_IsFiled", kSql | kPeer,
       "a call that is made again finds what it filed"},
      {"SyncTest.Drafts_AreFiledOneByOne_AndWhatIsWrongStopsNoOther", kSql | kPeer,
       "a draft that failed once is filed after those behind it"},
  };
  return kExclusions;
}

void PrepareFaultRun() {
  if (FaultsOfThisRun() == kNoFaults) {
    return;
  }
  testing::UnitTest::GetInstance()->listeners().Append(new SeedPrinter);
  if (GTEST_FLAG_GET(filter) != "*") {
    return;
  }
  std::vector<std::string> left_out;
  for (const FaultExclusion& exclusion : FaultExclusions()) {
    if ((exclusion.places & FaultsOfThisRun()) != 0) {
      left_out.emplace_back(exclusion.test);
    }
  }
  GTEST_FLAG_SET(filter, absl::StrCat("*-", absl::StrJoin(left_out, ":")));
  testing::AddGlobalTestEnvironment(new WholeRun);
}

SuiteFaults::SuiteFaults()
    : place_(FaultsOfThisRun()),
      sql_(std::make_shared<FaultDraws<sql::FaultPlan>>(PlanOf<sql::FaultPlan>(kSqlKinds))),
      cache_(std::make_shared<FaultDraws<cache::FaultPlan>>(PlanOf<cache::FaultPlan>(kCacheKinds))),
      peer_(PlanOf<test::PeerFaultPlan>(kPeerKinds)) {}

SuiteFaults::~SuiteFaults() {
  Count<sql::FaultPlan>(kSqlKinds, *sql_);
  Count<cache::FaultPlan>(kCacheKinds, *cache_);
  Count<test::PeerFaultPlan>(kPeerKinds, peer_);
}

void SuiteFaults::Apply(suite::SuiteOptions* options) {
  if (place_ == kSql) {
    options->node.decorators.database = [this](std::unique_ptr<sql::Database> base) {
      return std::make_unique<sql::FaultyDatabase>(std::move(base), sql_);
    };
  } else if (place_ == kCache) {
    EXPECT_TRUE(Redis().Flush().ok());
    options->node.cache = Redis().uri();
    // Faults are drawn; a busy machine adds none.
    options->node.redis.connect_timeout = absl::Seconds(10);
    options->node.redis.command_timeout = absl::Seconds(10);
    options->node.decorators.cache = [this](std::unique_ptr<cache::Cache> base) {
      return std::make_unique<cache::FaultyCache>(std::move(base), cache_);
    };
  } else if (place_ == kPeer) {
    options->decorate_registry = [this](std::unique_ptr<ticket::api::RegistryPeer> base) {
      return std::make_unique<ticket::testing::FaultyRegistryPeer>(std::move(base), &peer_);
    };
  }
}

}  // namespace baimi::integration
