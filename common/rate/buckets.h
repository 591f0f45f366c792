// The buckets of one process, and what of them other processes have not heard of yet.
//
// A bucket is one time: when it will be full again ("theoretical arrival time" of the generic cell
// rate algorithm). A call moves it by 1 / per_second; it may lie at most burst / per_second ahead.
#ifndef BAIMI_COMMON_RATE_BUCKETS_H_
#define BAIMI_COMMON_RATE_BUCKETS_H_

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/rate/counters.h"

namespace baimi::rate::internal {

// Tokens taken here since the last Collect, as time.
struct Spent {
  std::string key;
  absl::Duration time;
};

// Thread-safe; `now` is the caller's clock.
class Buckets {
 public:
  // `told`: somebody calls Collect. Otherwise a bucket is forgotten as soon as it is full.
  explicit Buckets(bool told) : told_(told) {}

  Decision Take(absl::string_view key, const Limit& limit, absl::Time now);

  // What was taken of every bucket; counts it as told.
  std::vector<Spent> Collect();
  // All processes together are `ahead` of `now`: the bucket is at most as full as that, less what
  // was taken here since Collect.
  void Adopt(absl::string_view key, absl::Duration ahead, absl::Time now);

  size_t size() const;

 private:
  struct Bucket {
    absl::Time full_at = absl::InfinitePast();
    absl::Duration untold = absl::ZeroDuration();
  };
  // A cache line each.
  struct alignas(64) Shard {
    mutable absl::Mutex mu;
    absl::flat_hash_map<std::string, Bucket> buckets ABSL_GUARDED_BY(mu);
    // The latest moment seen.
    absl::Time now ABSL_GUARDED_BY(mu) = absl::InfinitePast();
    // Full buckets are forgotten when there are so many; doubles as the shard fills.
    size_t sweep_at ABSL_GUARDED_BY(mu) = 256;
  };

  Shard& Of(absl::string_view key);
  // A clock that was set back must not refuse everybody until it has caught up: takes the buckets
  // back with it.
  static void Follow(Shard& shard, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mu);
  static void Sweep(Shard& shard, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mu);

  const bool told_;
  std::array<Shard, 16> shards_;
};

}  // namespace baimi::rate::internal

#endif  // BAIMI_COMMON_RATE_BUCKETS_H_
