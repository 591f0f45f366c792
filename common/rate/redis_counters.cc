#include "common/rate/redis_counters.h"

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "common/base/status_macros.h"
#include "common/rate/buckets.h"
#include "common/redis/client.h"

namespace baimi::rate {
namespace {

// Buckets in one script, so that it holds up nobody else for long.
constexpr size_t kBatch = 256;

// Keys: buckets. Arguments: what was taken of each, microseconds. Answers how far each is ahead of
// the server's clock then, microseconds. A value is the time at which its bucket is full again.
const redis::Script& SpendScript() {
  static const auto* const script = new redis::Script(R"lua(
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local ahead = {}
for i, key in ipairs(KEYS) do
  local full_at = math.max(tonumber(redis.call('GET', key) or '0'), now) + tonumber(ARGV[i])
  local ms = math.ceil((full_at - now) / 1000) + 1
  redis.call('SET', key, string.format('%.0f', full_at), 'PX', string.format('%.0f', ms))
  ahead[i] = full_at - now
end
return ahead
)lua");
  return *script;
}

class Shared final : public RedisCounters {
 public:
  Shared(std::unique_ptr<redis::Client> client, const RedisCountersOptions& options)
      : options_(options),
        clock_(*options.clock),
        client_(std::move(client)),
        thread_([this] { Work(); }) {}

  ~Shared() override {
    {
      absl::MutexLock lock(&mu_);
      stopping_ = true;
    }
    thread_.join();
  }

  Decision Take(absl::string_view key, const Limit& limit) override {
    const Decision decision = buckets_.Take(key, limit, clock_.Now());
    // The lock wakes the thread; only the first call after an exchange takes it.
    if (decision.allowed && limit.per_second > 0 && !untold_.exchange(true)) {
      absl::MutexLock lock(&mu_);
    }
    return decision;
  }

  bool Exchange() override {
    untold_ = false;
    const std::vector<internal::Spent> spent = buckets_.Collect();
    bool told = true;
    for (size_t from = 0; from < spent.size(); from += kBatch) {
      told = Tell(absl::MakeConstSpan(spent).subspan(from, kBatch)) && told;
    }
    return told;
  }

 private:
  void Work();
  bool Tell(absl::Span<const internal::Spent> spent);

  const RedisCountersOptions options_;
  const Clock& clock_;
  const std::unique_ptr<redis::Client> client_;
  internal::Buckets buckets_{/*told=*/true};
  std::atomic<bool> untold_{false};
  absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

void Shared::Work() {
  for (;;) {
    {
      absl::MutexLock lock(&mu_);
      const auto something = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
        return stopping_ || untold_;
      };
      mu_.Await(absl::Condition(&something));
      if (mu_.AwaitWithTimeout(absl::Condition(&stopping_), options_.interval)) {
        return;
      }
    }
    (void)Exchange();
  }
}

bool Shared::Tell(absl::Span<const internal::Spent> spent) {
  std::vector<std::string> keys;
  std::vector<std::string> times;
  for (const internal::Spent& each : spent) {
    keys.push_back(absl::StrCat(options_.prefix, each.key));
    times.push_back(absl::StrCat(absl::ToInt64Microseconds(each.time)));
  }
  const absl::StatusOr<redis::Reply> reply =
      client_->Run(SpendScript(), {keys.begin(), keys.end()}, {times.begin(), times.end()});
  if (!reply.ok() || reply->array.size() != spent.size()) {
    return false;
  }
  const absl::Time now = clock_.Now();
  for (size_t i = 0; i < spent.size(); ++i) {
    buckets_.Adopt(spent[i].key, absl::Microseconds(reply->array[i].integer), now);
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisCounters>> OpenRedisCounters(
    absl::string_view uri, const RedisCountersOptions& options) {
  if (options.clock == nullptr || options.prefix.empty()) {
    return absl::InvalidArgumentError("rate counters options: want a clock and a prefix");
  }
  if (options.interval <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("rate counters options.interval: got 0 or less, want more");
  }
  redis::Options connection = options.connection;
  connection.clock = options.clock;
  BAIMI_ASSIGN_OR_RETURN(auto client, redis::Client::Create(uri, connection));
  return std::make_unique<Shared>(std::move(client), options);
}

}  // namespace baimi::rate
