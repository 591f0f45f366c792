#include "common/cache/redis_cache.h"

#include <atomic>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cache/jitter.h"
#include "common/cache/redis_scripts.h"
#include "common/redis/client.h"

namespace baimi::cache {
namespace {

using internal::Digits;
using internal::kHeaderSize;
using internal::kNumberSize;
using internal::TimeDigits;

// Rounded up: Redis must not forget before we do.
std::string Milliseconds(absl::Duration span) {
  return absl::StrCat(
      std::max<int64_t>(absl::ToInt64Milliseconds(absl::Ceil(span, absl::Milliseconds(1))), 1));
}

// What SCAN takes literally.
std::string EscapeGlob(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (absl::string_view("*?[]^\\").find(c) != absl::string_view::npos) {
      escaped += '\\';
    }
    escaped += c;
  }
  return escaped;
}

class RedisCache final : public Cache {
 public:
  RedisCache(std::unique_ptr<redis::Client> client, const RedisCacheOptions& options)
      : options_(options), clock_(*options.clock), client_(std::move(client)) {}

  Value Get(absl::string_view key, int64_t min_version) override;
  void PutIfNewer(absl::string_view key, Value value, int64_t version, absl::Duration ttl) override;
  bool Invalidate(absl::string_view key, int64_t version) override;

  void Delete(absl::string_view key) override {
    const std::string full = Full(key);
    (void)Counted(client_->Call({{"DEL", full}}));
  }

  void Clear() override;
  CacheStats Stats() const override;

 private:
  std::string Full(absl::string_view key) const { return absl::StrCat(options_.prefix, key); }
  absl::StatusOr<redis::Reply> Counted(absl::StatusOr<redis::Reply> reply) {
    errors_ += reply.ok() ? 0 : 1;
    return reply;
  }
  Value Miss() {
    ++misses_;
    return nullptr;
  }

  const RedisCacheOptions options_;
  const Clock& clock_;
  const std::unique_ptr<redis::Client> client_;
  std::atomic<uint64_t> hits_{0};
  std::atomic<uint64_t> misses_{0};
  std::atomic<uint64_t> too_old_{0};
  std::atomic<uint64_t> puts_{0};
  std::atomic<uint64_t> rejected_{0};
  std::atomic<uint64_t> invalidations_{0};
  std::atomic<uint64_t> errors_{0};
};

Value RedisCache::Get(absl::string_view key, int64_t min_version) {
  const std::string full = Full(key);
  const absl::StatusOr<redis::Reply> reply = Counted(client_->Call({{"GET", full}}));
  if (!reply.ok() || reply->text.size() < kHeaderSize) {
    return Miss();
  }
  const absl::string_view entry = reply->text;
  const bool is_value = entry[kHeaderSize - 1] == 'v';
  if (!is_value || TimeDigits(clock_.Now()) >= entry.substr(kNumberSize, kNumberSize)) {
    return Miss();
  }
  if (entry.substr(0, kNumberSize) < Digits(min_version)) {
    ++too_old_;
    return nullptr;
  }
  ++hits_;
  return std::make_shared<const std::string>(entry.substr(kHeaderSize));
}

void RedisCache::PutIfNewer(absl::string_view key, Value value, int64_t version,
                            absl::Duration ttl) {
  if (ttl <= absl::ZeroDuration() || value->size() > options_.max_value) {
    Invalidate(key, version);
    return;
  }
  const absl::Time now = clock_.Now();
  const absl::Duration lives =
      internal::Jittered(ttl, absl::Hash<absl::string_view>()(key), version);
  const bool for_ever = lives == absl::InfiniteDuration();
  const absl::StatusOr<redis::Reply> reply =
      Counted(client_->Run(internal::PutScript(), {Full(key)},
                           {Digits(version), TimeDigits(now + lives), TimeDigits(now),
                            for_ever ? std::string() : Milliseconds(lives), *value}));
  if (reply.ok()) {
    ++(reply->integer == 1 ? puts_ : rejected_);
  }
}

bool RedisCache::Invalidate(absl::string_view key, int64_t version) {
  ++invalidations_;
  const std::string full = Full(key);
  const absl::Time now = clock_.Now();
  const absl::StatusOr<redis::Reply> reply =
      Counted(client_->Run(internal::InvalidateScript(), {full},
                           {Digits(version), TimeDigits(now), TimeDigits(now + options_.guard),
                            Milliseconds(options_.guard)}));
  if (!reply.ok()) {
    (void)client_->Call({{"DEL", full}});
  }
  return reply.ok();
}

void RedisCache::Clear() {
  const std::string pattern = EscapeGlob(options_.prefix) + "*";
  std::string cursor = "0";
  do {
    const absl::StatusOr<redis::Reply> page =
        Counted(client_->Call({{"SCAN", cursor, "MATCH", pattern, "COUNT", "500"}}));
    if (!page.ok() || page->array.size() != 2) {
      return;
    }
    cursor = page->array[0].text;
    std::vector<absl::string_view> words = {"UNLINK"};
    for (const redis::Reply& key : page->array[1].array) {
      words.push_back(key.text);
    }
    if (words.size() > 1 && !Counted(client_->Call(words)).ok()) {
      return;
    }
  } while (cursor != "0");
}

CacheStats RedisCache::Stats() const {
  CacheStats stats;
  stats.hits = hits_;
  stats.misses = misses_;
  stats.too_old = too_old_;
  stats.puts = puts_;
  stats.rejected = rejected_;
  stats.invalidations = invalidations_;
  stats.errors = errors_;
  return stats;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Cache>> OpenRedis(absl::string_view uri,
                                                 const RedisCacheOptions& options) {
  if (options.clock == nullptr || options.prefix.empty()) {
    return absl::InvalidArgumentError("redis cache options: want a clock and a prefix");
  }
  if (options.guard <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("redis cache options.guard: got 0 or less, want more");
  }
  redis::Options connection = options.connection;
  connection.clock = options.clock;
  BAIMI_ASSIGN_OR_RETURN(auto client, redis::Client::Create(uri, connection));
  return std::make_unique<RedisCache>(std::move(client), options);
}

}  // namespace baimi::cache
