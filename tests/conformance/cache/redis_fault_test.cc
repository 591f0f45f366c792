// A real Redis that stops, hangs, forgets or is full: slower, never an error, and never a value
// older than the cache was told.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/cache/detached.h"
#include "common/cache/read_through.h"
#include "common/cache/redis_cache.h"
#include "common/testing/redis/redis_server.h"

namespace baimi::cache {
namespace {

using ::baimi::fixture::RedisServer;

constexpr absl::Duration kTtl = absl::Minutes(10);
constexpr absl::Duration kGuard = absl::Seconds(30);

class RedisFault : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = RedisServer::Start();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    cache_ = Open(absl::Seconds(10));
  }

  std::unique_ptr<Cache> Open(absl::Duration limit) {
    RedisCacheOptions options;
    options.prefix = "fault/";
    options.guard = kGuard;
    options.clock = &clock_;
    options.connection.connect_timeout = limit;
    options.connection.command_timeout = limit;
    auto opened = OpenRedis(server_->uri(), options);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }

  static void Put(Cache& cache, absl::string_view key, absl::string_view text, int64_t version) {
    cache.PutIfNewer(key, std::make_shared<const std::string>(text), version, kTtl);
  }
  static std::string Get(Cache& cache, absl::string_view key, int64_t min_version = 0) {
    const Value value = cache.Get(key, min_version);
    return value == nullptr ? "-" : *value;
  }
  // Until the breaker's probe gets through again.
  void AwaitBack(Cache& cache) {
    for (int i = 0; i < 1000; ++i) {
      clock_.Advance(absl::Milliseconds(500));
      const uint64_t errors = cache.Stats().errors;
      (void)cache.Get("probe", 0);
      if (cache.Stats().errors == errors) {
        return;
      }
    }
    FAIL() << "the cache does not come back";
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<Cache> cache_;
};

TEST_F(RedisFault, Stopped_EveryCallIsQuietAndCounted) {
  Put(*cache_, "k", "v", 5);
  server_->Kill();
  EXPECT_EQ(Get(*cache_, "k"), "-");
  Put(*cache_, "k", "w", 6);
  EXPECT_FALSE(cache_->Invalidate("k", 7));
  cache_->Delete("k");
  cache_->Clear();
  EXPECT_GE(cache_->Stats().errors, 5u);
  EXPECT_EQ(cache_->Stats().misses, 1u);
}

TEST_F(RedisFault, NeverThere_OpensAndMisses) {
  server_->Kill();
  const auto cache = Open(absl::Seconds(10));
  EXPECT_EQ(Get(*cache, "k"), "-");
}

TEST_F(RedisFault, Stopped_ReadThroughFillsEveryTime) {
  ReadThrough reader(cache_.get(), {.clock = &clock_});
  int fills = 0;
  const auto read = [&] {
    return reader.GetOrFill("k", 0, absl::InfiniteFuture(), [&]() -> absl::StatusOr<Filled> {
      ++fills;
      return Filled{std::make_shared<const std::string>("truth"), 1};
    });
  };
  ASSERT_TRUE(read().ok());
  ASSERT_TRUE(read().ok());
  EXPECT_EQ(fills, 1);
  server_->Kill();
  for (int i = 0; i < 5; ++i) {
    const auto value = read();
    ASSERT_TRUE(value.ok()) << value.status();
    EXPECT_EQ(**value, "truth");
  }
  EXPECT_EQ(fills, 6);
}

TEST_F(RedisFault, KilledAndRestarted_WorksAgainAndIsEmpty) {
  Put(*cache_, "k", "v", 5);
  ASSERT_TRUE(server_->Restart().ok());
  EXPECT_EQ(Get(*cache_, "k"), "-");
  Put(*cache_, "k", "v", 5);
  EXPECT_EQ(Get(*cache_, "k"), "v");
}

TEST_F(RedisFault, Flushed_MissesOnceAndWorksOn) {
  Put(*cache_, "k", "v", 5);
  cache_->Invalidate("other", 5);
  ASSERT_TRUE(server_->Flush().ok());
  EXPECT_EQ(Get(*cache_, "k"), "-");
  Put(*cache_, "k", "v", 5);
  EXPECT_EQ(Get(*cache_, "k"), "v");
  EXPECT_EQ(cache_->Stats().errors, 0u);
}

TEST_F(RedisFault, Paused_CallsGiveUpAndRecover) {
  const auto hasty = Open(absl::Milliseconds(20));
  Put(*cache_, "k", "v", 5);
  server_->Pause();
  // More calls than the breaker needs: with it open they do not even wait.
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(Get(*hasty, "k"), "-");
  }
  server_->Resume();
  AwaitBack(*hasty);
  EXPECT_EQ(Get(*cache_, "k"), "v");
}

TEST_F(RedisFault, Full_PutIsLostAndLeavesNothingOlder) {
  Put(*cache_, "k", "five", 5);
  ASSERT_TRUE(server_->FillUp().ok());
  EXPECT_EQ(Get(*cache_, "k"), "five");
  Put(*cache_, "k", "six", 6);
  EXPECT_EQ(Get(*cache_, "k"), "-");
  Put(*cache_, "new", "v", 1);
  EXPECT_EQ(Get(*cache_, "new"), "-");
  EXPECT_EQ(cache_->Stats().errors, 2u);
}

TEST_F(RedisFault, Full_OlderPutStillLosesAndHarmsNothing) {
  Put(*cache_, "k", "five", 5);
  ASSERT_TRUE(server_->FillUp().ok());
  Put(*cache_, "k", "four", 4);
  EXPECT_EQ(Get(*cache_, "k"), "five");
}

TEST_F(RedisFault, Full_InvalidateWorksAndItsGuardHolds) {
  Put(*cache_, "known", "five", 5);
  ASSERT_TRUE(server_->FillUp().ok());
  EXPECT_TRUE(cache_->Invalidate("known", 6));
  EXPECT_TRUE(cache_->Invalidate("unknown", 6));
  EXPECT_EQ(Get(*cache_, "known"), "-");
  ASSERT_TRUE(server_->MakeRoom().ok());
  for (const char* key : {"known", "unknown"}) {
    Put(*cache_, key, "late", 5);
    EXPECT_EQ(Get(*cache_, key), "-") << key;
    Put(*cache_, key, "new", 6);
    EXPECT_EQ(Get(*cache_, key), "new") << key;
  }
}

TEST_F(RedisFault, Full_LostPutKeepsTheGuard) {
  cache_->Invalidate("k", 7);
  ASSERT_TRUE(server_->FillUp().ok());
  Put(*cache_, "k", "eight", 8);
  ASSERT_TRUE(server_->MakeRoom().ok());
  Put(*cache_, "k", "late", 6);
  EXPECT_EQ(Get(*cache_, "k"), "-");
}

TEST_F(RedisFault, Full_InvalidationUnderALiveValue_OutlastsTheValue) {
  cache_->PutIfNewer("k", std::make_shared<const std::string>("eight"), 8, absl::Seconds(10));
  ASSERT_TRUE(server_->FillUp().ok());
  EXPECT_TRUE(cache_->Invalidate("k", 7));
  EXPECT_EQ(Get(*cache_, "k"), "eight");
  ASSERT_TRUE(server_->MakeRoom().ok());
  clock_.Advance(absl::Seconds(10));
  Put(*cache_, "k", "late", 6);
  EXPECT_EQ(Get(*cache_, "k"), "-");
}

TEST_F(RedisFault, ForeignBytesUnderTheKey_AreAMissAndRemoved) {
  ASSERT_TRUE(server_->Command({{"SET", "fault/k", "what is this"}}).ok());
  EXPECT_EQ(Get(*cache_, "k"), "-");
  Put(*cache_, "k", "v", 1);
  EXPECT_EQ(Get(*cache_, "k"), "v");
  ASSERT_TRUE(server_->Command({{"DEL", "fault/k"}}).ok());
  ASSERT_TRUE(server_->Command({{"LPUSH", "fault/k", "a list"}}).ok());
  EXPECT_EQ(Get(*cache_, "k"), "-");
  EXPECT_FALSE(cache_->Invalidate("k", 2));
  EXPECT_EQ(server_->Command({{"EXISTS", "fault/k"}})->integer, 0);
}

TEST_F(RedisFault, Entries_OfAnotherIncarnation_AreNotSeen) {
  Put(*cache_, "k", "v", 100);
  RedisCacheOptions options;
  options.prefix = "restored/";
  options.clock = &clock_;
  options.connection.command_timeout = absl::Seconds(10);
  const auto other = OpenRedis(server_->uri(), options);
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(Get(**other, "k"), "-");
  Put(**other, "k", "w", 3);
  EXPECT_EQ(Get(**other, "k"), "w");
  EXPECT_EQ(Get(*cache_, "k"), "v");
}

TEST_F(RedisFault, Ttl_RedisForgetsByItselfWhatIsOver) {
  Put(*cache_, "v", "v", 1);
  cache_->Invalidate("t", 1);
  const auto value = server_->Command({{"PTTL", "fault/v"}});
  const auto tombstone = server_->Command({{"PTTL", "fault/t"}});
  EXPECT_GT(value->integer, 0);
  EXPECT_LE(value->integer, absl::ToInt64Milliseconds(kTtl));
  EXPECT_GT(tombstone->integer, 0);
  EXPECT_LE(tombstone->integer, absl::ToInt64Milliseconds(kGuard));
}

TEST_F(RedisFault, Detached_InvalidatedWhileAway_OldValueIsNotSeenWhenItIsBack) {
  const auto detached = NewDetachedCache(Open(absl::Milliseconds(100)),
                                         {.most = 100, .retry = absl::Milliseconds(1)});
  Put(*cache_, "k", "old", 5);
  server_->Pause();
  EXPECT_TRUE(detached->Invalidate("k", 6));
  EXPECT_FALSE(detached->AwaitSent(absl::Milliseconds(10)));
  server_->Resume();
  // Whether or not the invalidation is through yet.
  for (int i = 0; i < 100; ++i) {
    clock_.Advance(absl::Milliseconds(500));
    ASSERT_NE(Get(*detached, "k"), "old");
  }
  const auto sent = [&] {
    clock_.Advance(absl::Milliseconds(500));
    return detached->AwaitSent(absl::Milliseconds(50));
  };
  bool done = false;
  for (int i = 0; i < 500 && !done; ++i) {
    done = sent();
  }
  EXPECT_TRUE(done);
  EXPECT_EQ(Get(*cache_, "k"), "-");
}

}  // namespace
}  // namespace baimi::cache
