// Moves the write-ahead log into the database file beside the writers.
//
// SQLite's own automatic checkpoint runs inside the COMMIT that crosses the limit: that writer then
// waits for thousands of random page writes and two fsyncs. Here a thread with a connection of its
// own does the bulk while writers append, and then the small rest while it holds the writers' lock,
// so that the log is empty for a moment and the next writer starts it from the beginning. Only when
// long readers kept that from happening until the log is kPatience times the limit does it also
// wait for them, kReaderWait at most.
#ifndef BAIMI_COMMON_SQL_SQLITE_CHECKPOINTER_H_
#define BAIMI_COMMON_SQL_SQLITE_CHECKPOINTER_H_

#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/sql/sqlite/connection.h"
#include "common/sql/sqlite/fair_lock.h"

namespace baimi::sql::sqlite {

class Checkpointer {
 public:
  static constexpr int kPatience = 4;
  static constexpr absl::Duration kReaderWait = absl::Milliseconds(100);

  // Listens to the commits of `writer`, which `writers` guards. Both outlive this object.
  // `limit_pages` is the log's length at which a checkpoint starts.
  Checkpointer(std::unique_ptr<Connection> connection, Connection& writer, FairLock& writers,
               int limit_pages);
  // Waits for a running checkpoint.
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // Checkpoints finished.
  int64_t runs() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  static int OnCommit(void* self, sqlite3* db, const char* schema, int pages);
  void Loop() ABSL_LOCKS_EXCLUDED(mu_);
  void Run(int pages);
  void Checkpoint(int mode);

  const std::unique_ptr<Connection> connection_;
  Connection& writer_;
  FairLock& writers_;
  const int limit_;

  // Only in OnCommit, thus under the writers' lock.
  int last_pages_ = 0;
  int next_at_;

  mutable absl::Mutex mu_;
  // Length of the log when a checkpoint was asked for; 0 when none is due.
  int due_ ABSL_GUARDED_BY(mu_) = 0;
  bool stop_ ABSL_GUARDED_BY(mu_) = false;
  int64_t runs_ ABSL_GUARDED_BY(mu_) = 0;
  std::thread thread_;
};

}  // namespace baimi::sql::sqlite

#endif  // BAIMI_COMMON_SQL_SQLITE_CHECKPOINTER_H_
