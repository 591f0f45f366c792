#include "common/privacy/key_ring.h"

#include <atomic>
#include <deque>
#include <optional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"
#include "common/privacy/key_cache.h"
#include "common/privacy/key_store.h"

namespace baimi::privacy {
namespace {

constexpr int kRewrapChunk = 256;

class KeyRingImpl final : public KeyRing {
 public:
  KeyRingImpl(sql::Database* database, MasterKeys masters, const Clock* clock, Rng* rng,
              const KeyRingOptions& options)
      : masters_(std::move(masters)),
        options_(options),
        clock_(clock),
        store_(database, &masters_, rng, options.timeout),
        cache_(options.cache_keys, options.cache_ttl),
        filler_([this] { FillStock(); }) {}

  ~KeyRingImpl() override {
    {
      absl::MutexLock lock(&mu_);
      stopping_ = true;
    }
    filler_.join();
  }

  absl::StatusOr<KeyId> NewKey() override {
    absl::MutexLock lock(&mu_);
    if (stock_.empty()) {
      // A failure that nobody waited for is not ours: let the filler try again.
      failure_ = absl::OkStatus();
      mu_.Await(absl::Condition(this, &KeyRingImpl::HasStockOrFailure));
      if (stock_.empty()) {
        return failure_;
      }
    }
    DataKey key = std::move(stock_.front());
    stock_.pop_front();
    if (stock_.size() <= LowMark()) {
      failure_ = absl::OkStatus();
    }
    cache_.Put(key.id, std::move(key.bytes), clock_->Now());
    return key.id;
  }

  absl::StatusOr<std::string> Get(KeyId id) override {
    int64_t destructions;
    {
      absl::MutexLock lock(&mu_);
      if (std::optional<std::string> key = cache_.Find(id, clock_->Now())) {
        return *std::move(key);
      }
      destructions = destructions_.load();
    }
    BAIMI_ASSIGN_OR_RETURN(const std::string key, store_.Load(id));
    absl::MutexLock lock(&mu_);
    // What was read before a destruction may be what was destroyed: usable now, but never kept.
    if (destructions == destructions_.load()) {
      cache_.Put(id, key, clock_->Now());
    }
    return key;
  }

  bool Holds(KeyId id) override {
    absl::MutexLock lock(&mu_);
    return cache_.Find(id, clock_->Now()).has_value();
  }

  absl::Status Destroy(KeyId id) override {
    absl::Status status = store_.Destroy(id, clock_->Now());
    // Also after a failure: the outcome of the commit may be unknown.
    absl::MutexLock lock(&mu_);
    ++destructions_;
    cache_.Erase(id);
    return status;
  }

  int64_t destructions() const override { return destructions_.load(); }

  absl::StatusOr<int64_t> Rewrap() override {
    int64_t total = 0;
    for (int64_t after = 0;;) {
      BAIMI_ASSIGN_OR_RETURN(const int64_t changed, store_.Rewrap(after, kRewrapChunk));
      total += changed;
      if (changed < kRewrapChunk) {
        return total;
      }
    }
  }

  const MasterKeys& masters() const override { return masters_; }

 private:
  size_t LowMark() const { return static_cast<size_t>(options_.batch) / 2; }
  bool HasStockOrFailure() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return !stock_.empty() || !failure_.ok();
  }
  bool FillerHasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return stopping_ || (stock_.size() <= LowMark() && failure_.ok());
  }

  void FillStock() ABSL_LOCKS_EXCLUDED(mu_) {
    for (;;) {
      {
        absl::MutexLock lock(&mu_);
        mu_.Await(absl::Condition(this, &KeyRingImpl::FillerHasWork));
        if (stopping_) {
          return;
        }
      }
      absl::StatusOr<std::vector<DataKey>> fresh = store_.Create(options_.batch, clock_->Now());
      absl::MutexLock lock(&mu_);
      if (!fresh.ok()) {
        failure_ = fresh.status();
        continue;
      }
      for (DataKey& key : *fresh) {
        stock_.push_back(std::move(key));
      }
    }
  }

  const MasterKeys masters_;
  const KeyRingOptions options_;
  const Clock* clock_;
  KeyStore store_;
  absl::Mutex mu_;
  std::deque<DataKey> stock_ ABSL_GUARDED_BY(mu_);
  // Why the last filling failed; OK means that the filler may try.
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  KeyCache cache_ ABSL_GUARDED_BY(mu_);
  // Changes under mu_.
  std::atomic<int64_t> destructions_{0};
  std::thread filler_;  // Last: it uses all of the above.
};

}  // namespace

absl::StatusOr<std::unique_ptr<KeyRing>> KeyRing::Open(sql::Database* database, MasterKeys masters,
                                                       const Clock* clock, Rng* rng,
                                                       const KeyRingOptions& options) {
  if (options.batch < 1 || options.cache_keys < 1) {
    return absl::InvalidArgumentError("key ring: batch and cache_keys: want at least 1");
  }
  BAIMI_RETURN_IF_ERROR(sql::CheckSchema(*database, "privacy", KeyRingMigrations()));
  BAIMI_RETURN_IF_ERROR(KeyStore(database, &masters, rng, options.timeout).Check());
  return std::make_unique<KeyRingImpl>(database, std::move(masters), clock, rng, options);
}

}  // namespace baimi::privacy
