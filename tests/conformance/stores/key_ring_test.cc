// The key ring on every database.
#include "common/privacy/key_ring.h"

#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "common/base/error.h"
#include "common/privacy/key_ring_fixture.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::privacy {
namespace {

constexpr sql::Statement kCountKeys = {"test.count_keys", "SELECT count(*) FROM data_keys"};
constexpr sql::Statement kCountUnderM1 = {"test.count_m1",
                                          "SELECT count(*) FROM data_keys WHERE master_id = 'm1'"};
constexpr sql::Statement kCountDestroyed = {
    "test.count_destroyed",
    "SELECT count(*) FROM data_keys WHERE wrapped IS NULL AND destroyed_us IS NOT NULL"};

struct OnSite {
  std::unique_ptr<sql::Site> site = testing::TestWithParam<sql::Backend>::GetParam().make_site();
};

class KeyRingTest : private OnSite,
                    public KeyRingFixture,
                    public testing::WithParamInterface<sql::Backend> {
 protected:
  KeyRingTest() : KeyRingFixture(site->Uri()) {}

  std::string Wrapped(KeyId id) {
    static constexpr sql::Statement kWrapped = {"test.wrapped",
                                                "SELECT wrapped FROM data_keys WHERE id = $1"};
    std::string wrapped;
    EXPECT_TRUE(database_
                    ->Read({},
                           [&](sql::Reader& reader) {
                             return reader.Query(kWrapped, {id}, [&](const sql::Row& row) {
                               wrapped = std::string(row.Bytes(0));
                               return absl::OkStatus();
                             });
                           })
                    .ok());
    return wrapped;
  }
};

TEST_P(KeyRingTest, NewKey_IsFreshDurableAndTheSameAfterARestart) {
  auto ring = OpenRing();
  const KeyId id = *ring->NewKey();
  const KeyId other = *ring->NewKey();
  const std::string key = *ring->Get(id);
  EXPECT_GT(id, kNoKey);
  EXPECT_NE(id, other);
  EXPECT_EQ(key.size(), 32U);
  EXPECT_NE(key, *ring->Get(other));
  ring = OpenRing();
  EXPECT_EQ(*ring->Get(id), key);
  EXPECT_NE(*ring->NewKey(), id);
}

TEST_P(KeyRingTest, NewKey_CommitsABatchAtATime) {
  KeyRingOptions options;
  options.batch = 8;
  auto ring = OpenRing(options);
  std::set<KeyId> ids;
  for (int i = 0; i < 20; ++i) {
    ids.insert(*ring->NewKey());
  }
  ring = nullptr;
  EXPECT_EQ(ids.size(), 20U);
  const int64_t stored = Count(kCountKeys);
  EXPECT_EQ(stored % 8, 0);
  EXPECT_GE(stored, 24);
  EXPECT_LE(stored, 40);
}

TEST_P(KeyRingTest, NewKey_FromManyThreadsAndTwoRings_NeverTheSame) {
  KeyRingOptions options;
  options.batch = 4;
  const auto one = OpenRing(options);
  const auto two = OpenRing(options);
  absl::Mutex mu;
  std::set<KeyId> ids;
  std::vector<std::thread> threads;
  for (KeyRing* ring : {one.get(), two.get(), one.get(), two.get()}) {
    threads.emplace_back([&, ring] {
      for (int i = 0; i < 25; ++i) {
        const auto id = ring->NewKey();
        ASSERT_TRUE(id.ok()) << id.status();
        absl::MutexLock lock(&mu);
        ids.insert(*id);
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(ids.size(), 100U);
}

TEST_P(KeyRingTest, NewKey_DatabaseDown_FailsAndRecovers) {
  sql::FaultPlan down;
  down.start_error = 1;
  KeyRingOptions options;
  options.batch = 2;
  const auto ring = OpenRing(options);
  ASSERT_TRUE(ring->NewKey().ok());
  database_->SetPlan(down);
  absl::Status status;
  for (int i = 0; i < 5 && status.ok(); ++i) {
    status = ring->NewKey().status();
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  database_->SetPlan({});
  // The failure of a filling that was under way may still be reported once.
  EXPECT_TRUE(ring->NewKey().ok() || ring->NewKey().ok());
  EXPECT_TRUE(ring->NewKey().ok());
}

TEST_P(KeyRingTest, Get_UnknownKey_IsInternal) {
  EXPECT_EQ(OpenRing()->Get(4711).status().code(), absl::StatusCode::kInternal);
}

TEST_P(KeyRingTest, Get_SwappedRows_DoNotUnwrap) {
  auto ring = OpenRing();
  const KeyId a = *ring->NewKey();
  const KeyId b = *ring->NewKey();
  const std::string wrapped = Wrapped(b);
  constexpr sql::Statement kSwap = {"test.swap", "UPDATE data_keys SET wrapped = $2 WHERE id = $1"};
  ASSERT_TRUE(database_
                  ->Write({},
                          [&](sql::Tx& tx) {
                            return tx.Execute(kSwap, {a, sql::Param::Bytes(wrapped)}).status();
                          })
                  .ok());
  ring = OpenRing();
  EXPECT_EQ(ring->Get(a).status().code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(ring->Get(b).ok());
}

TEST_P(KeyRingTest, Get_DatabaseDown_IsServedFromMemory) {
  const auto ring = OpenRing();
  const KeyId id = *ring->NewKey();
  sql::FaultPlan down;
  down.start_error = 1;
  database_->SetPlan(down);
  EXPECT_TRUE(ring->Get(id).ok());
  clock_.Advance(absl::Minutes(2));
  EXPECT_EQ(ring->Get(id).status().code(), absl::StatusCode::kUnavailable);
}

TEST_P(KeyRingTest, Holds_SaysWhetherGetWouldWait) {
  const auto ring = OpenRing();
  const KeyId id = *ring->NewKey();
  EXPECT_TRUE(ring->Holds(id));
  clock_.Advance(absl::Minutes(1) + absl::Seconds(1));
  EXPECT_FALSE(ring->Holds(id)) << "too old to be used without a look";
  ASSERT_TRUE(ring->Get(id).ok());
  EXPECT_TRUE(ring->Holds(id));
  ASSERT_TRUE(ring->Destroy(id).ok());
  EXPECT_FALSE(ring->Holds(id));
  EXPECT_FALSE(ring->Holds(kNoKey));
}

TEST_P(KeyRingTest, Destroy_ShredsAtOnceAndForEver) {
  auto ring = OpenRing();
  const KeyId id = *ring->NewKey();
  const KeyId kept = *ring->NewKey();
  ASSERT_TRUE(ring->Get(id).ok());
  ASSERT_TRUE(ring->Destroy(id).ok());
  EXPECT_EQ(ReasonOf(ring->Get(id).status()), "DATA_SHREDDED");
  EXPECT_EQ(ring->Get(id).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(ring->Get(kept).ok());
  EXPECT_TRUE(ring->Destroy(id).ok());
  EXPECT_EQ(Count(kCountDestroyed), 1);
  EXPECT_EQ(ring->Destroy(4711).code(), absl::StatusCode::kNotFound);
  ring = OpenRing();
  EXPECT_EQ(ReasonOf(ring->Get(id).status()), "DATA_SHREDDED");
}

TEST_P(KeyRingTest, Destroy_OtherReplica_SeesItWithinTheTtl) {
  const auto here = OpenRing();
  const auto there = OpenRing();
  const KeyId id = *here->NewKey();
  ASSERT_TRUE(there->Get(id).ok());
  ASSERT_TRUE(here->Destroy(id).ok());
  clock_.Advance(absl::Seconds(61));
  EXPECT_EQ(ReasonOf(there->Get(id).status()), "DATA_SHREDDED");
}

TEST_P(KeyRingTest, Destroy_UnknownOutcome_DropsTheMemoryCopy) {
  const auto ring = OpenRing();
  const KeyId id = *ring->NewKey();
  sql::FaultPlan plan;
  plan.commit_then_unknown = 1;
  database_->SetPlan(plan);
  EXPECT_EQ(ring->Destroy(id).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(ring->Get(id).status()), "DATA_SHREDDED");
}

TEST_P(KeyRingTest, Rewrap_MovesEveryKeyAndKeepsItsValue) {
  KeyRingOptions options;
  options.batch = 300;  // More than one transaction of Rewrap.
  auto ring = OpenRing(options);
  const KeyId id = *ring->NewKey();
  const KeyId gone = *ring->NewKey();
  const std::string key = *ring->Get(id);
  ASSERT_TRUE(ring->Destroy(gone).ok());
  ring = nullptr;
  const int64_t before = Count(kCountKeys);

  WriteMasters("m2 " + std::string(64, '2') + "\nm1 " + std::string(64, '1') + "\n");
  options.batch = 1;
  ring = OpenRing(options);
  EXPECT_EQ(*ring->Get(id), key);
  EXPECT_EQ(*ring->Rewrap(), before - 1);
  EXPECT_EQ(*ring->Rewrap(), 0);
  EXPECT_EQ(Count(kCountUnderM1), 1);  // The destroyed one.

  WriteMasters("m2 " + std::string(64, '2') + "\n");
  ring = OpenRing(options);
  EXPECT_EQ(*ring->Get(id), key);
  EXPECT_EQ(ReasonOf(ring->Get(gone).status()), "DATA_SHREDDED");
}

TEST_P(KeyRingTest, Open_MasterKeyOfAnotherInstallation_IsRefusedAndNamesIt) {
  const KeyId id = *OpenRing()->NewKey();
  // Another id, and another key of the same id.
  for (const char* master : {"m9", "m1"}) {
    WriteMasters(std::string(master) + " " + std::string(64, '9') + "\n");
    const absl::Status status =
        KeyRing::Open(database_.get(), Masters(), &clock_, rng_.get(), {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(absl::StrContains(status.message(), "master key m1")) << status;
  }
  WriteMasters("m9 " + std::string(64, '9') + "\nm1 " + std::string(64, '1') + "\n");
  EXPECT_TRUE(OpenRing()->Get(id).ok());
}

TEST_P(KeyRingTest, MasterKeyMissing_NamesIt) {
  auto ring = OpenRing();
  const KeyId id = *ring->NewKey();
  WriteMasters("m9 " + std::string(64, '9') + "\nm1 " + std::string(64, '1') + "\n");
  KeyRingOptions options;
  options.batch = 1;
  ring = OpenRing(options);
  EXPECT_TRUE(ring->NewKey().ok());
  WriteMasters("m9 " + std::string(64, '9') + "\n");
  ring = OpenRing();
  const absl::Status status = ring->Get(id).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(absl::StrContains(status.message(), "master key m1")) << status;
  EXPECT_EQ(ring->Rewrap().status().code(), absl::StatusCode::kInternal);
}

TEST_P(KeyRingTest, Open_WithoutSchema_IsRefused) {
  const std::unique_ptr<sql::Site> nothing = GetParam().make_site();
  const auto empty = sql::Open(nothing->Uri(), {});
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(KeyRing::Open(empty->get(), Masters(), &clock_, rng_.get(), {}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

INSTANTIATE_TEST_SUITE_P(Backends, KeyRingTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::privacy
