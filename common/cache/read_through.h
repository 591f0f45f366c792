// Get from the cache, or fill it once however many ask at the same time.
//
//   BAIMI_ASSIGN_OR_RETURN(cache::Value bytes,
//       tickets_.GetOrFill(key, call.min_seq, call.deadline,
//                          [&]() -> absl::StatusOr<cache::Filled> { ... read from the database ...
//                          }));
#ifndef BAIMI_COMMON_CACHE_READ_THROUGH_H_
#define BAIMI_COMMON_CACHE_READ_THROUGH_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/cache/cache.h"

namespace baimi::cache {

// What a fill read. Never a null value.
struct Filled {
  Value value;
  // The county sequence as of the read (see cache.h).
  int64_t version = 0;
};

struct ReadThroughOptions {
  // Of what is filled. Default: 5 min.
  absl::Duration ttl = absl::Minutes(5);
  // That of the cache: the result of a fill that took as long is returned but not put.
  absl::Duration guard = kDefaultGuard;
  // Who comes when a fill has been under way for longer does not share it: it may show what was
  // true when it began, and so the bound on staleness (DESIGN.md §3.3) holds on a slow database
  // too. Default: 500 ms.
  absl::Duration share = absl::Milliseconds(500);
  // Must outlive this object. Required.
  const Clock* clock = nullptr;
};

// Thread-safe.
class ReadThrough {
 public:
  using Fill = absl::FunctionRef<absl::StatusOr<Filled>()>;

  // `cache` must outlive this object.
  ReadThrough(Cache* cache, const ReadThroughOptions& options);

  // The cached value if its version is at least `min_version`; else what `fill` reads. One caller a
  // key runs its `fill`, on its own thread; the others block meanwhile and share the result, unless
  // it is older than their own `min_version`, began too long ago, or the filler ran into its own
  // deadline or cancellation: then one of them fills again. Other errors of a fill are shared and
  // not cached.
  //
  // A caller that waits beyond `deadline` gets DEADLINE_EXCEEDED (reason DEADLINE_PASSED). `fill`
  // keeps its own deadline, must not throw, must not ask for the same key, and must not wait for a
  // thread of the executor that runs the callers.
  absl::StatusOr<Value> GetOrFill(absl::string_view key, int64_t min_version, absl::Time deadline,
                                  Fill fill);

  // Cache::Invalidate; besides, who asks from now on does not share a fill that began before.
  void Invalidate(absl::string_view key, int64_t version);

 private:
  // Guarded by mu_.
  struct Flight {
    absl::Time began;
    absl::CondVar landed;
    bool done = false;
    absl::StatusOr<Filled> result = absl::UnknownError("under way");
  };

  absl::StatusOr<Value> Lead(absl::string_view key, const std::shared_ptr<Flight>& flight,
                             Fill fill);
  // False when the deadline came first.
  bool AwaitLanding(Flight& flight, absl::Time deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Cache& cache_;
  const ReadThroughOptions options_;
  absl::Mutex mu_;
  absl::flat_hash_map<std::string, std::shared_ptr<Flight>> flights_ ABSL_GUARDED_BY(mu_);
  // Flights that ended; changes under mu_, after their value went into the cache.
  std::atomic<uint64_t> landings_{0};
};

}  // namespace baimi::cache

#endif  // BAIMI_COMMON_CACHE_READ_THROUGH_H_
