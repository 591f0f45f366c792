#include "common/journal/writer.h"

#include <pthread.h>

#include <algorithm>
#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/exec/ticker.h"
#include "common/journal/answers.h"
#include "common/journal/group.h"
#include "common/journal/schema.h"
#include "common/observe/log.h"

namespace baimi::journal {
namespace {

using internal::AnswerLate;
using internal::Group;
using internal::Isolation;
using internal::Job;
using internal::Jobs;
using type::v1::ErrorReason;

// No group may hold the database longer than this; COMMIT itself is never cut.
constexpr absl::Duration kGroupLimit = absl::Seconds(10);
constexpr int kAloneAttempts = 3;
// How long a COMMIT of unknown outcome is asked after, and how often: a failover takes seconds.
constexpr absl::Duration kResolveLimit = absl::Seconds(20);
constexpr absl::Duration kResolvePause = absl::Milliseconds(50);
// How many groups a closure that had to be undone makes careful.
constexpr int kCarefulGroups = 16;

absl::Status CommitUnknown() {
  return Error(absl::StatusCode::kUnavailable, ErrorReason::ERROR_REASON_COMMIT_OUTCOME_UNKNOWN,
               "the database was lost while committing; retry with the same request_id",
               "提交结果未知，请使用相同的 request_id 重试");
}

class WriterImpl final : public Writer {
 public:
  WriterImpl(sql::Database* database, privacy::Vault* vault, const Clock* clock,
             const WriterOptions& options)
      : database_(database),
        vault_(vault),
        clock_(clock),
        options_(options),
        sweeper_(options.sweep, [this] { Sweep(); }) {
    const int threads = OneQueue() ? 1 : std::max(1, options_.threads);
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { Work(); });
      pthread_setname_np(threads_.back().native_handle(), absl::StrCat("writer/", i).c_str());
    }
  }

  ~WriterImpl() override {
    sweeper_.Stop();
    {
      absl::MutexLock lock(&mu_);
      stopping_ = true;
    }
    for (std::thread& thread : threads_) {
      thread.join();
    }
    answers_.Stop();
  }

  void AddCommitListener(CommitListener listener) override {
    absl::MutexLock lock(&listeners_mu_);
    listeners_.push_back(std::move(listener));
  }

  absl::StatusOr<int64_t> SweepRequests() override;

  WriterStats stats() const override {
    absl::MutexLock lock(&mu_);
    return stats_;
  }

 protected:
  void Submit(const Call& call, const google::protobuf::Message* prototype, Closure closure,
              Done done) override;

 private:
  struct Queue {
    std::deque<std::unique_ptr<Job>> jobs;
    bool busy = false;
  };

  // SQLite has one writer for the whole file, so one group serves all its counties.
  bool OneQueue() const { return database_->dialect() == sql::Dialect::kSqlite; }

  void Work();
  void Process(const Jobs& jobs);
  // As one transaction; when that can not be undone in part, as another one with savepoints.
  absl::Status RunGroup(absl::Span<Job* const> jobs);
  // `redo` is set when the error only means that the group needs savepoints.
  absl::Status RunTransaction(absl::Span<Job* const> jobs, Isolation isolation, bool* redo);
  absl::Status Resolve(const Group::Trace& first);
  // One try: the hash stored at the record's place, "" when there is none.
  absl::StatusOr<std::string> HashAt(const Group::Trace& first, absl::Time deadline);
  void RunAlone(Job* job);
  Isolation NextIsolation(size_t jobs);
  void Sweep();

  sql::Database* const database_;
  privacy::Vault* const vault_;
  const Clock* const clock_;
  const WriterOptions options_;

  mutable absl::Mutex mu_;
  absl::flat_hash_map<std::string, Queue> queues_ ABSL_GUARDED_BY(mu_);
  std::deque<std::string> ready_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  // Groups that begin with savepoints, since one of the last ones needed them.
  int careful_ ABSL_GUARDED_BY(mu_) = 0;
  WriterStats stats_ ABSL_GUARDED_BY(mu_);

  absl::Mutex listeners_mu_;
  std::vector<CommitListener> listeners_ ABSL_GUARDED_BY(listeners_mu_);
  std::vector<std::thread> threads_;

  internal::Answers answers_;
  exec::Ticker sweeper_;
};

void WriterImpl::Submit(const Call& call, const google::protobuf::Message* prototype,
                        Closure closure, Done done) {
  auto job = std::make_unique<Job>();
  job->call = call;
  job->prototype = prototype;
  job->closure = std::move(closure);
  job->done = std::move(done);
  {
    absl::MutexLock lock(&mu_);
    if (stats_.queued < options_.max_queue && !stopping_) {
      const std::string key = OneQueue() ? "" : call.county;
      Queue& queue = queues_[key];
      queue.jobs.push_back(std::move(job));
      ++stats_.queued;
      if (!queue.busy && queue.jobs.size() == 1) {
        ready_.push_back(key);
      }
      return;
    }
    ++stats_.refused;
  }
  job->done(Error(absl::StatusCode::kResourceExhausted, ErrorReason::ERROR_REASON_LANE_FULL,
                  absl::StrCat("write queue: got more than ", options_.max_queue,
                               " waiting, want fewer; nothing was started"),
                  "写入队列已满，请稍后重试")
                .RetryAfter(absl::Seconds(1))
                .Build());
}

void WriterImpl::Work() {
  for (;;) {
    Jobs jobs;
    std::string key;
    {
      absl::MutexLock lock(&mu_);
      const auto awake = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
        return stopping_ || !ready_.empty();
      };
      mu_.Await(absl::Condition(&awake));
      if (ready_.empty()) {
        return;
      }
      key = std::move(ready_.front());
      ready_.pop_front();
      Queue& queue = queues_[key];
      queue.busy = true;
      const size_t take = std::min(queue.jobs.size(), static_cast<size_t>(options_.max_group));
      for (size_t i = 0; i < take; ++i) {
        jobs.push_back(std::move(queue.jobs.front()));
        queue.jobs.pop_front();
      }
      stats_.queued -= static_cast<int64_t>(take);
    }
    Process(jobs);
    bool idle = false;
    {
      absl::MutexLock lock(&mu_);
      idle = stats_.queued == 0;
      const auto queue = queues_.find(key);
      queue->second.busy = false;
      if (queue->second.jobs.empty()) {
        queues_.erase(queue);
      } else {
        ready_.push_back(key);
      }
    }
    // Nobody waits for this thread: then the way over another one would only take longer.
    const bool here = jobs.size() == 1 && idle;
    answers_.Give(std::move(jobs), here);
  }
}

Isolation WriterImpl::NextIsolation(size_t jobs) {
  absl::MutexLock lock(&mu_);
  if (jobs == 1 || careful_ == 0) {
    return Isolation::kUndoAll;
  }
  --careful_;
  return Isolation::kSavepoints;
}

void WriterImpl::Process(const Jobs& jobs) {
  const absl::Time now = clock_->Now();
  std::vector<Job*> live;
  for (const auto& job : jobs) {
    if (!AnswerLate(*job, now)) {
      live.push_back(job.get());
    }
  }
  if (!live.empty()) {
    const absl::Status status = RunGroup(live);
    const bool unknown = ReasonOf(status) == "COMMIT_OUTCOME_UNKNOWN";
    if (unknown || (absl::IsUnavailable(status) && !database_->Ping().ok())) {
      // Never run again what may have happened; and without a server, alone they fare no better.
      for (Job* job : live) {
        job->answer = status;
      }
    } else if (!status.ok()) {
      for (Job* job : live) {
        RunAlone(job);
      }
    }
  }
}

absl::Status WriterImpl::RunGroup(absl::Span<Job* const> jobs) {
  bool redo = false;
  absl::Status status = RunTransaction(jobs, NextIsolation(jobs.size()), &redo);
  if (!redo) {
    return status;
  }
  if (jobs.size() > 1) {
    absl::MutexLock lock(&mu_);
    careful_ = kCarefulGroups;
  }
  return RunTransaction(jobs, Isolation::kSavepoints, &redo);
}

absl::Status WriterImpl::RunTransaction(absl::Span<Job* const> jobs, Isolation isolation,
                                        bool* redo) {
  Group::Trace first;
  std::map<std::string, int64_t> grown;
  bool refused = false;
  sql::Options options;
  options.deadline = absl::Now() + kGroupLimit;
  absl::Status status = database_->Write(options, [&](sql::Tx& tx) -> absl::Status {
    Group group(&tx, vault_, options_, isolation);
    BAIMI_RETURN_IF_ERROR(group.Lock(jobs));
    for (Job* job : jobs) {
      const absl::Status ran = group.Run(*job);
      // One that is alone and refused for a reason of its own is undone with the transaction.
      refused = group.must_redo() && jobs.size() == 1 && !group.statement_failed();
      *redo = group.must_redo() && !refused;
      BAIMI_RETURN_IF_ERROR(ran);
    }
    BAIMI_RETURN_IF_ERROR(group.Save());
    first = group.first_record();
    grown = group.Grown();
    return absl::OkStatus();
  });
  if (refused) {
    status = absl::OkStatus();
  } else if (sql::IsCommitUnknown(status)) {
    status = Resolve(first);
  }
  if (!status.ok()) {
    return status;
  }
  {
    absl::MutexLock lock(&mu_);
    ++stats_.groups;
    stats_.closures += static_cast<int64_t>(jobs.size());
    for (const Job* job : jobs) {
      stats_.replays += job->replayed ? 1 : 0;
    }
  }
  absl::MutexLock lock(&listeners_mu_);
  for (const auto& [county, seq] : grown) {
    for (CommitListener& listener : listeners_) {
      listener(county, seq);
    }
  }
  return status;
}

// After a COMMIT whose outcome was lost: lock the head, so that it is settled, and look whether our
// first record is there. OK = it was committed; UNAVAILABLE = it was not (run again), or nobody
// knows (with its reason). The database may be on its way to another server, so it is asked for a
// while.
absl::Status WriterImpl::Resolve(const Group::Trace& first) {
  if (first.seq == 0) {
    return absl::OkStatus();
  }
  const absl::Time deadline = SystemClock().Now() + kResolveLimit;
  for (;;) {
    const absl::StatusOr<std::string> hash = HashAt(first, deadline);
    if (hash.ok()) {
      return *hash == first.hash ? absl::OkStatus()
                                 : absl::UnavailableError("the commit did not happen");
    }
    absl::MutexLock lock(&mu_);
    const bool stopping = mu_.AwaitWithTimeout(absl::Condition(&stopping_), kResolvePause);
    if (stopping || SystemClock().Now() >= deadline) {
      return CommitUnknown();
    }
  }
}

absl::StatusOr<std::string> WriterImpl::HashAt(const Group::Trace& first, absl::Time deadline) {
  std::string hash;
  const absl::Status asked = database_->Write({deadline}, [&](sql::Tx& tx) -> absl::Status {
    const auto ignore = [](const sql::Row&) { return absl::OkStatus(); };
    BAIMI_RETURN_IF_ERROR(tx.QueryOne(kLockHead, {first.county, kMainStream}, ignore).status());
    return tx
        .QueryOne(kHashAt, {first.county, first.stream, first.seq},
                  [&](const sql::Row& row) {
                    hash = std::string(row.Bytes(0));
                    return absl::OkStatus();
                  })
        .status();
  });
  BAIMI_RETURN_IF_ERROR(asked);
  return hash;
}

// A transaction failed as a whole: each of its closures gets transactions of its own, while
// somebody waits for it.
void WriterImpl::RunAlone(Job* job) {
  absl::Status status;
  for (int attempt = 0; attempt < kAloneAttempts; ++attempt) {
    if (AnswerLate(*job, clock_->Now())) {
      return;
    }
    {
      absl::MutexLock lock(&mu_);
      ++stats_.reruns;
    }
    status = RunGroup({job});
    if (status.ok() || ReasonOf(status) == "COMMIT_OUTCOME_UNKNOWN") {
      break;
    }
  }
  if (!status.ok()) {
    job->answer = status;
  }
}

void WriterImpl::Sweep() {
  const absl::StatusOr<int64_t> swept = SweepRequests();
  if (!swept.ok()) {
    observe::Log(observe::LogLevel::kWarning, "expired request records could not be swept",
                 {{"status", swept.status()}});
  }
}

absl::StatusOr<int64_t> WriterImpl::SweepRequests() {
  constexpr int kChunk = 500;
  int64_t total = 0;
  for (;;) {
    int64_t deleted = 0;
    const sql::Options options{.deadline = absl::Now() + kGroupLimit};
    BAIMI_RETURN_IF_ERROR(database_->Write(options, [&](sql::Tx& tx) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(deleted,
                             tx.Execute(kSweepRequests, {sql::Param::Time(clock_->Now()), kChunk}));
      return absl::OkStatus();
    }));
    total += deleted;
    if (deleted < kChunk) {
      return total;
    }
  }
}

}  // namespace

std::unique_ptr<Writer> Writer::Create(sql::Database* database, privacy::Vault* vault,
                                       const Clock* clock, const WriterOptions& options) {
  return std::make_unique<WriterImpl>(database, vault, clock, options);
}

}  // namespace baimi::journal
