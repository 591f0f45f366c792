#include "common/cache/read_through.h"

#include <utility>

#include "absl/base/internal/raw_logging.h"
#include "common/base/error.h"

namespace baimi::cache {
namespace {

bool IsTheFillersOwn(const absl::Status& status) {
  return absl::IsDeadlineExceeded(status) || absl::IsCancelled(status);
}

}  // namespace

ReadThrough::ReadThrough(Cache* cache, const ReadThroughOptions& options)
    : cache_(*cache), options_(options) {
  ABSL_RAW_CHECK(options.clock != nullptr, "ReadThroughOptions.clock is required");
}

absl::StatusOr<Value> ReadThrough::GetOrFill(absl::string_view key, int64_t min_version,
                                             absl::Time deadline, Fill fill) {
  while (true) {
    const uint64_t landed_before = landings_.load();
    if (Value value = cache_.Get(key, min_version)) {
      return value;
    }
    const absl::Time now = options_.clock->Now();
    std::shared_ptr<Flight> flight;
    {
      absl::MutexLock lock(&mu_);
      const auto found = flights_.find(key);
      if (found == flights_.end() && landings_.load() != landed_before) {
        // A fill that ended since we looked may have been the one we need.
        continue;
      }
      if (found == flights_.end() || now - found->second->began > options_.share) {
        flight = std::make_shared<Flight>();
        flight->began = now;
        flights_.insert_or_assign(key, flight);
      } else {
        flight = found->second;
        if (!AwaitLanding(*flight, deadline)) {
          return Error(absl::StatusCode::kDeadlineExceeded, type::v1::ERROR_REASON_DEADLINE_PASSED,
                       "the deadline passed while another call read the same resource",
                       "等待读取超时");
        }
        const absl::StatusOr<Filled>& result = flight->result;
        if (result.ok() && result->version >= min_version) {
          return result->value;
        }
        if (!result.ok() && !IsTheFillersOwn(result.status())) {
          return result.status();
        }
        continue;
      }
    }
    return Lead(key, flight, fill);
  }
}

bool ReadThrough::AwaitLanding(Flight& flight, absl::Time deadline) {
  while (!flight.done) {
    const absl::Duration left = deadline - options_.clock->Now();
    if (left <= absl::ZeroDuration()) {
      return false;
    }
    flight.landed.WaitWithTimeout(&mu_, left);
  }
  return true;
}

absl::StatusOr<Value> ReadThrough::Lead(absl::string_view key,
                                        const std::shared_ptr<Flight>& flight, Fill fill) {
  const absl::Time start = options_.clock->Now();
  absl::StatusOr<Filled> filled = fill();
  if (filled.ok() && filled->value == nullptr) {
    filled = Internal("a fill of the cache returned no value");
  }
  if (filled.ok() && options_.clock->Now() - start < options_.guard) {
    cache_.PutIfNewer(key, filled->value, filled->version, options_.ttl);
  }
  absl::MutexLock lock(&mu_);
  flight->done = true;
  flight->result = filled;
  flight->landed.SignalAll();
  landings_.fetch_add(1);
  const auto found = flights_.find(key);
  if (found != flights_.end() && found->second == flight) {
    flights_.erase(found);
  }
  if (!filled.ok()) {
    return filled.status();
  }
  return filled->value;
}

void ReadThrough::Invalidate(absl::string_view key, int64_t version) {
  cache_.Invalidate(key, version);
  absl::MutexLock lock(&mu_);
  flights_.erase(key);
}

}  // namespace baimi::cache
