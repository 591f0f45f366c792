#include "common/exec/lanes.h"

#include <memory>
#include <string>

namespace baimi::exec {
namespace {

const LaneOptions& OptionsOf(const LanesOptions& options, options::v1::Lane lane) {
  switch (lane) {
    case options::v1::BULK:
      return options.bulk;
    case options::v1::BACKGROUND:
      return options.background;
    case options::v1::ADMIN:
      return options.admin;
    default:
      return options.interactive;
  }
}

}  // namespace

absl::string_view LaneName(options::v1::Lane lane) {
  switch (lane) {
    case options::v1::INTERACTIVE:
      return "interactive";
    case options::v1::BULK:
      return "bulk";
    case options::v1::BACKGROUND:
      return "background";
    case options::v1::ADMIN:
      return "admin";
    case options::v1::INLINE:
      return "inline";
    default:
      return "unknown";
  }
}

Lanes::Lanes(const LanesOptions& options) {
  for (size_t i = 0; i < kLanes.size(); ++i) {
    const options::v1::Lane lane = kLanes[i];
    const LaneOptions& lane_options = OptionsOf(options, lane);
    ExecutorOptions executor{.name = std::string(LaneName(lane)),
                             .threads = lane_options.threads,
                             .queue = lane_options.queue,
                             .clock = options.clock,
                             .on_wait = nullptr};
    if (options.on_wait) {
      executor.on_wait = [lane, hook = options.on_wait](absl::Duration wait) { hook(lane, wait); };
    }
    executors_[i] = std::make_unique<Executor>(std::move(executor));
  }
}

Executor* Lanes::Find(options::v1::Lane lane) {
  for (size_t i = 0; i < kLanes.size(); ++i) {
    if (kLanes[i] == lane) {
      return executors_[i].get();
    }
  }
  return nullptr;
}

void Lanes::Stop(StopMode mode) {
  for (const auto& executor : executors_) {
    executor->Stop(mode);
  }
}

}  // namespace baimi::exec
