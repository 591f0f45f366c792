#include "services/ticket/api/superior_watch.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/superior.h"

namespace baimi::ticket::api {
namespace {

// Of one watch, before others have their turn.
constexpr int kMostAtOnce = 100;
// A database that hangs must not hold up the end of the process.
constexpr absl::Duration kLongestRead = absl::Seconds(5);

absl::Status Draining() {
  return Error(absl::StatusCode::kUnavailable, type::v1::ERROR_REASON_SERVER_DRAINING,
               "this replica is going away; resume with the last cursor on another one",
               "服务正在下线，请凭游标重新订阅");
}

}  // namespace

SuperiorWatch::SuperiorWatch(const Parts& parts, const store::SuperiorStore* store,
                             absl::Duration poll)
    : parts_(parts), store_(store), ticker_(poll, [this] { Round(); }) {}

SuperiorWatch::~SuperiorWatch() { Stop(); }

void SuperiorWatch::Subscribe(const Call& call, const std::string& platform, int64_t cursor,
                              std::shared_ptr<Stream> stream) {
  {
    absl::MutexLock lock(&mu_);
    if (!stopped_) {
      arrivals_.push_back({call, platform, cursor, std::move(stream)});
    }
  }
  if (stream != nullptr) {
    stream->Finish(Draining());
    return;
  }
  ticker_.Wake();
}

void SuperiorWatch::Stop() {
  {
    absl::MutexLock lock(&mu_);
    stopped_ = true;
  }
  ticker_.Stop();
  Round();
}

void SuperiorWatch::Round() {
  bool stopped = false;
  {
    absl::MutexLock lock(&mu_);
    stopped = stopped_;
    watches_.splice(watches_.end(), arrivals_);
  }
  for (auto watch = watches_.begin(); watch != watches_.end();) {
    if (stopped) {
      watch->stream->Finish(Draining());
    }
    watch = stopped || !Serve(*watch) ? watches_.erase(watch) : std::next(watch);
  }
}

bool SuperiorWatch::Serve(Watch& watch) const {
  if (watch.stream->Gone()) {
    return false;
  }
  const int room = std::min(watch.stream->Room(), kMostAtOnce);
  if (room <= 0) {
    return true;
  }
  const absl::Time now = parts_.clock->Now();
  std::vector<store::ResultRow> rows;
  const absl::Status read = parts_.database->Read(
      {SystemClock().Now() + kLongestRead}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const auto policy,
                               parts_.policies->At(reader, watch.call.county, now));
        BAIMI_RETURN_IF_ERROR(
            domain::SpeaksFor(policy->policy(), watch.platform, watch.call.actor).status());
        BAIMI_ASSIGN_OR_RETURN(
            rows, store_->List(reader, watch.call.county, watch.platform, watch.cursor, room));
        return absl::OkStatus();
      });
  if (absl::IsPermissionDenied(read)) {
    watch.stream->Finish(read);
    return false;
  }
  // A database that does not answer ends nothing: it is asked again.
  if (!read.ok()) {
    return true;
  }
  for (store::ResultRow& row : rows) {
    v1::WatchSuperiorResultsResponse message;
    watch.cursor = row.result.seq();
    message.set_cursor(watch.cursor);
    *message.mutable_result() = std::move(row.result);
    watch.stream->Write(std::move(message));
  }
  if (rows.empty() && now - watch.sent_time >= parts_.watch_heartbeat) {
    v1::WatchSuperiorResultsResponse heartbeat;
    heartbeat.set_cursor(watch.cursor);
    watch.stream->Write(std::move(heartbeat));
    watch.sent_time = now;
  }
  if (!rows.empty()) {
    watch.sent_time = now;
  }
  return true;
}

}  // namespace baimi::ticket::api
