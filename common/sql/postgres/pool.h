// The connections of one kind, at most so many, opened when they are needed.
#ifndef BAIMI_COMMON_SQL_POSTGRES_POOL_H_
#define BAIMI_COMMON_SQL_POSTGRES_POOL_H_

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/sql/log_sink.h"
#include "common/sql/postgres/connection.h"
#include "common/sql/postgres/target.h"

namespace baimi::sql::postgres {

// Thread-safe.
class Pool {
 public:
  // `most` at least 1.
  Pool(Target target, bool read_only, int most, const LogSink& log)
      : target_(std::move(target)), read_only_(read_only), most_(most), log_(log) {}

  // An open connection. Waits for one to come back when `most` are out: DEADLINE_EXCEEDED when none
  // does, or none is made, by `deadline`. UNAVAILABLE when no server of the target takes a new one;
  // each is asked once, the one that served last first.
  absl::StatusOr<std::unique_ptr<Connection>> Take(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mu_);
  // Keeps it for the next one, or closes it when it is of no use.
  void Return(std::unique_ptr<Connection> connection) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  absl::StatusOr<std::unique_ptr<Connection>> OpenOne(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mu_);

  const Target target_;
  const bool read_only_;
  const int most_;
  const LogSink log_;
  absl::Mutex mu_;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mu_);
  // Handed out or being opened.
  int out_ ABSL_GUARDED_BY(mu_) = 0;
  // The server to ask first.
  size_t first_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace baimi::sql::postgres

#endif  // BAIMI_COMMON_SQL_POSTGRES_POOL_H_
