#include "common/sql/sqlite/checkpointer.h"

#include <utility>

namespace baimi::sql::sqlite {

Checkpointer::Checkpointer(std::unique_ptr<Connection> connection, Connection& writer,
                           FairLock& writers, int limit_pages)
    : connection_(std::move(connection)),
      writer_(writer),
      writers_(writers),
      limit_(limit_pages),
      next_at_(limit_pages) {
  sqlite3_busy_timeout(connection_->handle(),
                       static_cast<int>(absl::ToInt64Milliseconds(kReaderWait)));
  sqlite3_wal_hook(writer_.handle(), &Checkpointer::OnCommit, this);
  thread_ = std::thread([this] { Loop(); });
}

Checkpointer::~Checkpointer() {
  sqlite3_wal_hook(writer_.handle(), nullptr, nullptr);
  {
    absl::MutexLock lock(&mu_);
    stop_ = true;
  }
  thread_.join();
}

int64_t Checkpointer::runs() const {
  absl::MutexLock lock(&mu_);
  return runs_;
}

int Checkpointer::OnCommit(void* self, sqlite3*, const char*, int pages) {
  auto* me = static_cast<Checkpointer*>(self);
  if (pages < me->last_pages_) {
    me->next_at_ = me->limit_;
  }
  me->last_pages_ = pages;
  if (pages >= me->next_at_) {
    // A log that could not start over yet is tried again after another `limit_` pages, not at
    // every commit.
    me->next_at_ = pages + me->limit_;
    absl::MutexLock lock(&me->mu_);
    me->due_ = pages;
  }
  return SQLITE_OK;
}

void Checkpointer::Loop() {
  const auto wanted = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return stop_ || due_ > 0; };
  for (;;) {
    int pages = 0;
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(&wanted));
      if (stop_) {
        return;
      }
      pages = std::exchange(due_, 0);
    }
    Run(pages);
    absl::MutexLock lock(&mu_);
    ++runs_;
  }
}

void Checkpointer::Run(int pages) {
  Checkpoint(SQLITE_CHECKPOINT_PASSIVE);
  const FairLockHold hold(writers_, absl::InfiniteFuture());
  Checkpoint(pages >= kPatience * limit_ ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE);
}

// BUSY and I/O errors are left to the next attempt: until then the log keeps every commit.
void Checkpointer::Checkpoint(int mode) {
  sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, mode, nullptr, nullptr);
}

}  // namespace baimi::sql::sqlite
