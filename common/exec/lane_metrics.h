// The lanes of one service as metrics: baimi_lane_{threads,queued,running,accepted_total,
// refused_total,expired_total,wait_seconds} with the labels service and lane.
#ifndef BAIMI_COMMON_EXEC_LANE_METRICS_H_
#define BAIMI_COMMON_EXEC_LANE_METRICS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/exec/lanes.h"
#include "common/observe/metrics.h"

namespace baimi::exec {

// Usage: make it before the lanes (they take its hook), then Watch them; destroy it before them.
class LaneMetrics {
 public:
  // `registry` must outlive this object and every lane that has the hook.
  LaneMetrics(observe::Registry& registry, absl::string_view service);

  // For LanesOptions.on_wait. Stays valid after this object is gone.
  std::function<void(options::v1::Lane, absl::Duration)> WaitHook() const;
  // `lanes` must outlive this object.
  void Watch(Lanes& lanes);

 private:
  observe::Registry& registry_;
  const std::string service_;
  std::array<observe::Histogram*, kLanes.size()> waits_;
  std::vector<observe::CallbackHandle> handles_;
};

}  // namespace baimi::exec

#endif  // BAIMI_COMMON_EXEC_LANE_METRICS_H_
