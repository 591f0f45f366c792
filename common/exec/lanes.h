// The lanes of a service: one executor each, so that reports cannot starve requests and the admin
// door answers when everything else is full (DESIGN.md §3.4).
#ifndef BAIMI_COMMON_EXEC_LANES_H_
#define BAIMI_COMMON_EXEC_LANES_H_

#include <array>
#include <cstddef>
#include <functional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/options/v1/options.pb.h"
#include "common/base/clock.h"
#include "common/exec/executor.h"

namespace baimi::exec {

struct LaneOptions {
  int threads = 1;
  size_t queue = 64;
};

struct LanesOptions {
  // Requests of people and systems that wait. Default: 4 threads, 512 waiting.
  LaneOptions interactive{.threads = 4, .queue = 512};
  // Long lists, exports, imports. Default: 2 threads, 32 waiting.
  LaneOptions bulk{.threads = 2, .queue = 32};
  // Consumers, sweeps, timers. Default: 1 thread, 256 waiting.
  LaneOptions background{.threads = 1, .queue = 256};
  // Operators. Default: 1 thread, 32 waiting.
  LaneOptions admin{.threads = 1, .queue = 32};
  // Must outlive the lanes. Required.
  const Clock* clock = nullptr;
  // As ExecutorOptions.on_wait, with the lane. May be empty.
  std::function<void(options::v1::Lane, absl::Duration)> on_wait;
};

// Those that have an executor, in the order in which a drain stops them: admin last.
inline constexpr std::array<options::v1::Lane, 4> kLanes = {
    options::v1::INTERACTIVE, options::v1::BULK, options::v1::BACKGROUND, options::v1::ADMIN};

// "interactive", "bulk", "background", "admin", "inline"; "unknown" for anything else.
absl::string_view LaneName(options::v1::Lane lane);

// Thread-safe.
class Lanes {
 public:
  explicit Lanes(const LanesOptions& options);

  // Null for INLINE, LANE_UNSPECIFIED and values this build does not know.
  Executor* Find(options::v1::Lane lane);
  // Executor::Stop of each lane, in the order of kLanes.
  void Stop(StopMode mode);

 private:
  std::array<std::unique_ptr<Executor>, kLanes.size()> executors_;
};

}  // namespace baimi::exec

#endif  // BAIMI_COMMON_EXEC_LANES_H_
