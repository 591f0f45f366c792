#include "services/gateway/heartbeats.h"

#include <algorithm>
#include <vector>

namespace baimi::gateway {

Heartbeats::Heartbeats(const Clock* clock, absl::Duration interval)
    : clock_(clock),
      interval_(interval),
      ticker_(std::clamp(interval / 4, absl::Milliseconds(1), absl::Seconds(1)),
              [this] { Tick(); }) {}

void Heartbeats::Add(std::weak_ptr<Beating> stream) {
  absl::MutexLock lock(&mu_);
  streams_.push_back(std::move(stream));
}

void Heartbeats::Tick() {
  std::vector<std::shared_ptr<Beating>> alive;
  {
    absl::MutexLock lock(&mu_);
    streams_.remove_if([&alive](const std::weak_ptr<Beating>& stream) {
      alive.push_back(stream.lock());
      return alive.back() == nullptr;
    });
  }
  const absl::Time now = clock_->Now();
  for (const std::shared_ptr<Beating>& stream : alive) {
    if (stream) {
      stream->Beat(now);
    }
  }
}

}  // namespace baimi::gateway
