#include "common/cache/detached.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace baimi::cache {
namespace {

class Detached final : public DetachedCache {
 public:
  Detached(std::unique_ptr<Cache> base, const DetachedOptions& options)
      : base_(std::move(base)), options_(options), thread_([this] { Work(); }) {}

  ~Detached() override {
    {
      absl::MutexLock lock(&mu_);
      stopping_ = true;
    }
    thread_.join();
  }

  Value Get(absl::string_view key, int64_t min_version) override {
    {
      absl::MutexLock lock(&mu_);
      if (blind_) {
        return nullptr;
      }
      if (const auto found = pending_.find(key); found != pending_.end()) {
        min_version = std::max(min_version, found->second);
      }
    }
    return base_->Get(key, min_version);
  }

  void PutIfNewer(absl::string_view key, Value value, int64_t version,
                  absl::Duration ttl) override {
    base_->PutIfNewer(key, std::move(value), version, ttl);
  }

  bool Invalidate(absl::string_view key, int64_t version) override {
    absl::MutexLock lock(&mu_);
    if (pending_.size() >= options_.most && !pending_.contains(key)) {
      pending_.clear();
      blind_ = to_clear_ = true;
    }
    if (!to_clear_) {
      int64_t& latest = pending_.try_emplace(key, version).first->second;
      latest = std::max(latest, version);
    }
    return true;
  }

  void Delete(absl::string_view key) override {
    {
      absl::MutexLock lock(&mu_);
      pending_.erase(key);
      AwaitAttempt();
    }
    base_->Delete(key);
  }

  void Clear() override {
    {
      absl::MutexLock lock(&mu_);
      pending_.clear();
      AwaitAttempt();
    }
    base_->Clear();
  }

  CacheStats Stats() const override { return base_->Stats(); }

  bool AwaitSent(absl::Duration patience) override {
    absl::MutexLock lock(&mu_);
    const auto sent = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return pending_.empty() && !blind_;
    };
    return mu_.AwaitWithTimeout(absl::Condition(&sent), patience);
  }

 private:
  void AwaitAttempt() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    mu_.Await(absl::Condition(
        +[](bool* attempting) { return !*attempting; }, &attempting_));
  }
  void Work();
  // Carries out one invalidation, or the clearing; false when the back end did not take it.
  bool Attempt() ABSL_LOCKS_EXCLUDED(mu_);

  const std::unique_ptr<Cache> base_;
  const DetachedOptions options_;
  absl::Mutex mu_;
  absl::flat_hash_map<std::string, int64_t> pending_ ABSL_GUARDED_BY(mu_);
  // Nothing is read from the base.
  bool blind_ ABSL_GUARDED_BY(mu_) = false;
  // A clearing is due, and makes up for every invalidation that comes before it begins.
  bool to_clear_ ABSL_GUARDED_BY(mu_) = false;
  bool attempting_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

void Detached::Work() {
  for (;;) {
    {
      absl::MutexLock lock(&mu_);
      const auto something = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
        return stopping_ || to_clear_ || !pending_.empty();
      };
      mu_.Await(absl::Condition(&something));
      if (!to_clear_ && pending_.empty()) {
        return;
      }
    }
    if (Attempt()) {
      continue;
    }
    absl::MutexLock lock(&mu_);
    mu_.AwaitWithTimeout(absl::Condition(&stopping_), options_.retry);
    if (stopping_) {
      return;
    }
  }
}

bool Detached::Attempt() {
  std::pair<std::string, int64_t> next;
  bool clearing = false;
  {
    absl::MutexLock lock(&mu_);
    clearing = std::exchange(to_clear_, false);
    if (!clearing) {
      if (pending_.empty()) {
        return true;
      }
      next = *pending_.begin();
    }
    attempting_ = true;
  }
  bool done = false;
  if (clearing) {
    const uint64_t errors = base_->Stats().errors;
    base_->Clear();
    done = base_->Stats().errors == errors;
  } else {
    done = base_->Invalidate(next.first, next.second);
  }
  absl::MutexLock lock(&mu_);
  attempting_ = false;
  if (clearing) {
    to_clear_ = to_clear_ || !done;
    blind_ = to_clear_;
  } else if (done) {
    const auto found = pending_.find(next.first);
    if (found != pending_.end() && found->second == next.second) {
      pending_.erase(found);
    }
  }
  return done;
}

}  // namespace

std::unique_ptr<DetachedCache> NewDetachedCache(std::unique_ptr<Cache> base,
                                                const DetachedOptions& options) {
  return std::make_unique<Detached>(std::move(base), options);
}

}  // namespace baimi::cache
