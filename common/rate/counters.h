// The rate counters' port: token buckets by key. Implementations pass tests/conformance/rate.
//
// A bucket begins full. Each call taken costs one token; a call is refused when there is none, and
// a refused call costs nothing. Buckets refill evenly, up to the burst. The limit comes with each
// call: a changed one counts from then on.
//
// No method fails or blocks, so that it may be called on a thread of gRPC. Thread-safe.
#ifndef BAIMI_COMMON_RATE_COUNTERS_H_
#define BAIMI_COMMON_RATE_COUNTERS_H_

#include <memory>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/rate/limit.h"

namespace baimi::rate {

struct Decision {
  bool allowed = true;
  // When refused: after this time one call would be allowed, if nobody else calls. Never 0 then.
  absl::Duration retry_after = absl::ZeroDuration();
};

class Counters {
 public:
  virtual ~Counters() = default;
  virtual Decision Take(absl::string_view key, const Limit& limit) = 0;
};

// Of one process. Forgets a bucket once it is full again. `clock` must outlive the counters.
std::unique_ptr<Counters> NewMemoryCounters(const Clock* clock);

}  // namespace baimi::rate

#endif  // BAIMI_COMMON_RATE_COUNTERS_H_
