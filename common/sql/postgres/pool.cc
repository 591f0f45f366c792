#include "common/sql/postgres/pool.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"

namespace baimi::sql::postgres {

absl::StatusOr<std::unique_ptr<Connection>> Pool::Take(absl::Time deadline) {
  const auto free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return out_ < most_; };
  {
    absl::MutexLock lock(&mu_);
    if (!mu_.AwaitWithDeadline(absl::Condition(&free), deadline)) {
      return absl::DeadlineExceededError("sql: deadline passed while waiting for a connection");
    }
    ++out_;
  }
  for (;;) {
    std::unique_ptr<Connection> connection;
    {
      absl::MutexLock lock(&mu_);
      if (idle_.empty()) {
        break;
      }
      // The last one returned has prepared what is asked for now.
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
    if (connection->StillThere()) {
      return connection;
    }
  }
  absl::StatusOr<std::unique_ptr<Connection>> opened = OpenOne(deadline);
  if (!opened.ok()) {
    Return(nullptr);
  }
  return opened;
}

void Pool::Return(std::unique_ptr<Connection> connection) {
  absl::MutexLock lock(&mu_);
  --out_;
  if (connection != nullptr && connection->usable() && connection->idle()) {
    idle_.push_back(std::move(connection));
  }
}

absl::StatusOr<std::unique_ptr<Connection>> Pool::OpenOne(absl::Time deadline) {
  size_t first = 0;
  {
    absl::MutexLock lock(&mu_);
    first = first_;
  }
  absl::Status status;
  for (size_t i = 0; i < target_.servers.size(); ++i) {
    const size_t server = (first + i) % target_.servers.size();
    const absl::Time until = std::min(deadline, SystemClock().Now() + target_.connect_timeout);
    auto opened = Connection::Open(target_.servers[server], read_only_, until, log_);
    absl::MutexLock lock(&mu_);
    // A server that let the time pass is not asked first again.
    first_ = opened.ok() ? server : (server + 1) % target_.servers.size();
    if (opened.ok()) {
      return opened;
    }
    status = opened.status();
    if (SystemClock().Now() >= deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("sql: deadline passed while connecting: ", status.message()));
    }
  }
  return status;
}

}  // namespace baimi::sql::postgres
