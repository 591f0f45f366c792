#include "common/exec/lane_metrics.h"

#include <algorithm>

namespace baimi::exec {

using observe::MetricKind;

LaneMetrics::LaneMetrics(observe::Registry& registry, absl::string_view service)
    : registry_(registry), service_(service) {
  auto& waits = registry_.Histograms("baimi_lane_wait_seconds",
                                     "How long admitted work waited for a thread of its lane.",
                                     {"service", "lane"}, observe::LatencyBuckets());
  for (size_t i = 0; i < kLanes.size(); ++i) {
    waits_[i] = &waits.With({service_, LaneName(kLanes[i])});
  }
}

std::function<void(options::v1::Lane, absl::Duration)> LaneMetrics::WaitHook() const {
  return [waits = waits_](options::v1::Lane lane, absl::Duration wait) {
    const auto at = std::find(kLanes.begin(), kLanes.end(), lane);
    if (at != kLanes.end()) {
      waits[static_cast<size_t>(at - kLanes.begin())]->Observe(wait);
    }
  };
}

void LaneMetrics::Watch(Lanes& lanes) {
  struct Column {
    MetricKind kind;
    const char* name;
    const char* help;
    double (*value)(const ExecutorStats&);
  };
  static constexpr Column kColumns[] = {
      {MetricKind::kGauge, "baimi_lane_threads", "Threads of the lane.",
       [](const ExecutorStats& s) { return static_cast<double>(s.threads); }},
      {MetricKind::kGauge, "baimi_lane_queued", "Admitted work that waits for a thread.",
       [](const ExecutorStats& s) { return static_cast<double>(s.queued); }},
      {MetricKind::kGauge, "baimi_lane_running", "Work that has a thread.",
       [](const ExecutorStats& s) { return static_cast<double>(s.running); }},
      {MetricKind::kCounter, "baimi_lane_accepted_total", "Work admitted to the lane.",
       [](const ExecutorStats& s) { return static_cast<double>(s.accepted); }},
      {MetricKind::kCounter, "baimi_lane_refused_total", "Work refused because the lane was full.",
       [](const ExecutorStats& s) { return static_cast<double>(s.refused_full); }},
      {MetricKind::kCounter, "baimi_lane_expired_total",
       "Admitted work dropped because its deadline passed while it waited.",
       [](const ExecutorStats& s) { return static_cast<double>(s.dropped_expired); }},
  };
  for (const options::v1::Lane lane : kLanes) {
    const Executor* executor = lanes.Find(lane);
    for (const Column& column : kColumns) {
      handles_.push_back(registry_.AddCallback(
          column.kind, column.name, column.help,
          {{"service", service_}, {"lane", std::string(LaneName(lane))}},
          [executor, value = column.value] { return value(executor->Stats()); }));
    }
  }
}

}  // namespace baimi::exec
