// A cache whose Invalidate does not wait: for a back end across the network, whose round trip the
// thread that commits must not pay, and whose failures must not leave old values behind.
//
// An invalidation is remembered and carried out by a thread of its own, again and again until the
// back end took it. Until then Gets of the key ask for the new version, so that this replica never
// sees what it has invalidated itself. More unsent ones than `most`: nothing is read from the back
// end until it could be cleared.
//
// Other replicas see the old value until the invalidation is through: verified.h bounds that.
#ifndef BAIMI_COMMON_CACHE_DETACHED_H_
#define BAIMI_COMMON_CACHE_DETACHED_H_

#include <cstddef>
#include <memory>

#include "absl/time/time.h"
#include "common/cache/cache.h"

namespace baimi::cache {

struct DetachedOptions {
  // Keys whose invalidation is not through. Default: 100,000.
  size_t most = 100'000;
  // After a failed attempt, in real time. Default: 100 ms.
  absl::Duration retry = absl::Milliseconds(100);
};

// The guard time of an invalidation begins when it is through. The destructor sends what is left,
// up to the first failure. Delete and Clear wait for the attempt under way.
class DetachedCache : public Cache {
 public:
  // Waits until every invalidation is through, at most `patience` of real time. False: some are
  // not.
  virtual bool AwaitSent(absl::Duration patience) = 0;
};
std::unique_ptr<DetachedCache> NewDetachedCache(std::unique_ptr<Cache> base,
                                                const DetachedOptions& options = {});

}  // namespace baimi::cache

#endif  // BAIMI_COMMON_CACHE_DETACHED_H_
