#include "tests/conformance/cache/backend.h"

#include <atomic>

#include "absl/base/internal/raw_logging.h"
#include "absl/strings/str_cat.h"
#include "common/cache/detached.h"
#include "common/cache/faulty.h"
#include "common/cache/memory_cache.h"
#include "common/cache/redis_cache.h"
#include "common/testing/redis/redis_server.h"

namespace baimi::cache {
namespace {

Backend Memory(size_t shards) {
  return {.name = absl::StrCat("MemoryShards", shards),
          .make =
              [shards](const SuiteOptions& options) {
                return NewMemoryCache({.budget = options.budget,
                                       .shards = shards,
                                       .guard = options.guard,
                                       .clock = options.clock});
              },
          .settle = nullptr,
          .no_budget = ""};
}

// One server for the whole run; it ends with it.
fixture::RedisServer& Server() {
  static const std::unique_ptr<fixture::RedisServer> server = [] {
    auto started = fixture::RedisServer::Start();
    ABSL_RAW_CHECK(started.ok(), started.status().ToString().c_str());
    return *std::move(started);
  }();
  return *server;
}

std::unique_ptr<Cache> NewRedis(const SuiteOptions& options) {
  static std::atomic<int> caches{0};
  RedisCacheOptions redis;
  // A star, as no other key must be taken for ours.
  redis.prefix = absl::StrCat("conformance*", ++caches, "/");
  redis.guard = options.guard;
  redis.clock = options.clock;
  // The suite tests what a cache answers, not how long it waits on a busy machine.
  redis.connection.connect_timeout = absl::Seconds(10);
  redis.connection.command_timeout = absl::Seconds(10);
  auto opened = OpenRedis(Server().uri(), redis);
  ABSL_RAW_CHECK(opened.ok(), opened.status().ToString().c_str());
  return *std::move(opened);
}

constexpr char kServersBudget[] = "the configuration of the Redis server sets the limit";

Backend Redis() {
  return {.name = "Redis", .make = NewRedis, .settle = nullptr, .no_budget = kServersBudget};
}

Backend RedisDetached() {
  return {.name = "RedisDetached",
          .make = [](const SuiteOptions& options) { return NewDetachedCache(NewRedis(options)); },
          .settle =
              [](Cache& cache) {
                ABSL_RAW_CHECK(dynamic_cast<DetachedCache&>(cache).AwaitSent(absl::Seconds(60)),
                               "invalidations are not through after a minute");
              },
          .no_budget = kServersBudget};
}

// A decorator without faults must be as its base.
Backend Faultless() {
  return {.name = "Faultless",
          .make =
              [](const SuiteOptions& options) {
                return std::make_unique<FaultyCache>(
                    NewMemoryCache(
                        {.budget = options.budget, .guard = options.guard, .clock = options.clock}),
                    FaultPlan{});
              },
          .settle = nullptr,
          .no_budget = ""};
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Backend& backend) { return out << backend.name; }

std::vector<Backend> Backends() {
  return {Memory(1), Memory(8), Redis(), RedisDetached(), Faultless()};
}

std::vector<Backend> BackendsWithBudget() {
  std::vector<Backend> backends = Backends();
  std::erase_if(backends, [](const Backend& backend) { return !backend.no_budget.empty(); });
  return backends;
}

}  // namespace baimi::cache
