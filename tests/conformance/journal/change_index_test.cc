// The bound on staleness of a shared cache: what the journal says, with invalidations lost on
// purpose and a real Redis.
#include "common/journal/change_index.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cache/redis_cache.h"
#include "common/journal/shared_cache.h"
#include "common/testing/redis/redis_server.h"
#include "gmock/gmock.h"
#include "tests/conformance/journal/fixture.h"

namespace baimi::journal {
namespace {

// What the index looks for; the fixture's facts are about "things/..." of no county.
std::string Name(absl::string_view id) {
  return absl::StrCat("counties/", kCounty, "/tickets/", id);
}

class Changes : public JournalTest {
 protected:
  void SetUp() override {
    JournalTest::SetUp();
    index_ = ChangeIndex::Create(database_.get(), &clock_,
                                 {.poll = absl::Milliseconds(1), .window = 10});
  }
  void TearDown() override {
    index_.reset();
    JournalTest::TearDown();
  }

  // Records a change of `id`; returns its sequence.
  int64_t Change(absl::string_view id) {
    const privacy::KeyId key = *keys_->NewKey();
    const Call call = MakeCall();
    EXPECT_TRUE(writer_
                    ->Execute<ticket::v1::Ticket>(
                        call,
                        [name = Name(id), key](Tx& tx) -> absl::StatusOr<ticket::v1::Ticket> {
                          ticket::v1::TicketFact fact;
                          fact.set_transition("T2");
                          BAIMI_RETURN_IF_ERROR(tx.Record(name, fact, key).status());
                          return ticket::v1::Ticket();
                        })
                    .Wait()
                    .ok());
    return call.committed_seq->load();
  }
  // True when the floor of `id` comes to be `floor`; the index looks every millisecond.
  bool AwaitFloor(absl::string_view id, std::optional<int64_t> floor) {
    for (int i = 0; i < 1'000'000; ++i) {
      if (index_->Floor(Name(id)) == floor) {
        return true;
      }
      std::this_thread::yield();
    }
    return false;
  }

  std::unique_ptr<ChangeIndex> index_;
};

TEST_P(Changes, Floor_CountyNotFollowedYet_VouchesForNothingAndThenForTheHead) {
  Change("a");
  const int64_t head = Change("b");
  EXPECT_EQ(index_->Floor(Name("a")), std::nullopt);
  EXPECT_TRUE(AwaitFloor("a", head));
  EXPECT_TRUE(AwaitFloor("unknown", head));
}

TEST_P(Changes, Floor_KeyOfNoCounty_VouchesForNothing) {
  EXPECT_EQ(index_->Floor("things/1"), std::nullopt);
  EXPECT_EQ(index_->Floor("counties/"), std::nullopt);
}

TEST_P(Changes, Floor_Change_RaisesThatResourceOnly) {
  const int64_t start = Change("a");
  ASSERT_TRUE(AwaitFloor("a", start));
  const int64_t first = Change("b");
  const int64_t second = Change("b");
  EXPECT_GT(second, first);
  EXPECT_TRUE(AwaitFloor("b", second));
  EXPECT_EQ(index_->Floor(Name("a")), start);
}

TEST_P(Changes, Floor_MoreChangesThanTheWindow_ForgetsTheOldestByRaisingAll) {
  const int64_t start = Change("a");
  ASSERT_TRUE(AwaitFloor("a", start));
  std::vector<int64_t> seqs;
  for (int i = 0; i < 15; ++i) {
    seqs.push_back(Change(absl::StrCat("b", i)));
    ASSERT_TRUE(AwaitFloor(absl::StrCat("b", i), seqs.back()));
  }
  EXPECT_EQ(index_->Floor(Name("a")), seqs[4]);
  EXPECT_EQ(index_->Floor(Name("b0")), seqs[4]);
  EXPECT_EQ(index_->Floor(Name("b5")), seqs[5]);
}

TEST_P(Changes, Floor_DatabaseDoesNotAnswer_VouchesForNothingAfterMaxAge) {
  const int64_t start = Change("a");
  ASSERT_TRUE(AwaitFloor("a", start));
  database_->SetPlan({.start_error = 1});
  clock_.Advance(absl::Milliseconds(501));
  // A look that was under way may still confirm; the next ones fail.
  EXPECT_TRUE(AwaitFloor("a", std::nullopt) ||
              (clock_.Advance(absl::Milliseconds(501)), AwaitFloor("a", std::nullopt)));
  EXPECT_EQ(index_->Floor(Name("a")), std::nullopt);
  database_->SetPlan({});
  EXPECT_TRUE(AwaitFloor("a", start));
}

TEST_P(Changes, Floor_ClockSetBack_VouchesForNothingUntilTheNextLook) {
  const int64_t start = Change("a");
  ASSERT_TRUE(AwaitFloor("a", start));
  database_->SetPlan({.start_error = 1});
  clock_.Advance(-absl::Hours(1));
  // A look that was under way may still confirm, by a time before or after.
  EXPECT_TRUE(AwaitFloor("a", std::nullopt) ||
              (clock_.Advance(-absl::Hours(1)), AwaitFloor("a", std::nullopt)));
  database_->SetPlan({});
  EXPECT_TRUE(AwaitFloor("a", start));
}

TEST_P(Changes, SharedCache_InvalidationsLost_OtherReplicaDoesNotSeeTheOldValueForLong) {
  auto server = fixture::RedisServer::Start();
  ASSERT_TRUE(server.ok()) << server.status();
  SharedCacheOptions options;
  options.redis.prefix = "baimi/1/ticket/";
  options.redis.clock = &clock_;
  options.redis.connection.command_timeout = absl::Seconds(10);
  options.changes.poll = absl::Milliseconds(1);
  auto replica = OpenSharedCache((*server)->uri(), database_.get(), options);
  ASSERT_TRUE(replica.ok()) << replica.status();
  index_ = std::move(replica->changes);

  const int64_t before = Change("a");
  ASSERT_TRUE(AwaitFloor("a", before));
  const auto put = [&](absl::string_view text, int64_t version) {
    replica->cache->PutIfNewer(Name("a"), std::make_shared<const std::string>(text), version,
                               absl::Minutes(5));
  };
  const auto get = [&] {
    const cache::Value value = replica->cache->Get(Name("a"), 0);
    return value == nullptr ? "-" : *value;
  };
  put("old", before);
  ASSERT_EQ(get(), "old");
  // Another replica commits and is killed before it can tell Redis.
  const int64_t after = Change("a");
  ASSERT_TRUE(AwaitFloor("a", after));
  EXPECT_EQ(get(), "-");
  // A fill that read before the change and comes late is not shown either.
  put("late", before);
  EXPECT_EQ(get(), "-");
  put("new", after);
  EXPECT_EQ(get(), "new");
  replica->cache.reset();
}

INSTANTIATE_TEST_SUITE_P(Backends, Changes, ::testing::ValuesIn(sql::AllBackends()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace baimi::journal
