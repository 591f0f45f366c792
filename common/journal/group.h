// One transaction of the writer: a group of closures, each of which is undone alone.
#ifndef BAIMI_COMMON_JOURNAL_GROUP_H_
#define BAIMI_COMMON_JOURNAL_GROUP_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/journal/sums.h"
#include "common/journal/writer.h"

namespace baimi::journal::internal {

using Answer = absl::StatusOr<std::unique_ptr<google::protobuf::Message>>;

// An answer that was stored under a request_id.
struct StoredAnswer {
  std::string fingerprint;
  std::string answer;
  std::string sealed;
  int64_t seq = 0;
};

struct Job {
  Call call;
  const google::protobuf::Message* prototype;
  Writer::Closure closure;
  Writer::Done done;
  Answer answer = absl::UnknownError("not run");
  // The county's main sequence that the answer belongs to.
  int64_t seq = 0;
  bool replayed = false;
  // What stood under its request_id when the transaction began.
  std::optional<StoredAnswer> stored = std::nullopt;
};

// How a closure that fails is undone without the others of its group.
//
// A savepoint costs SQLite a copy of every page that the closure touches and PostgreSQL two round
// trips, and most closures succeed. So a group is first run without: a closure that fails before it
// wrote anything has nothing to undo, and when one fails later the whole transaction is undone and
// run again with a savepoint each.
enum class Isolation { kUndoAll, kSavepoints };

// Passes everything on, but for what is added to rows that count, and remembers whether something
// was written or failed.
class WatchedTx final : public sql::Tx {
 public:
  explicit WatchedTx(sql::Tx* tx) : tx_(tx) {}

  absl::Status Query(const sql::Statement& statement, sql::Params params,
                     sql::RowCallback on_row) override;
  absl::Status QueryEach(const sql::Statement& statement, absl::Span<const sql::Params> sets,
                         sql::EachRowCallback on_row) override;
  absl::StatusOr<int64_t> Execute(const sql::Statement& statement, sql::Params params) override;
  absl::Status Queue(const sql::Statement& statement, sql::Params params) override;
  absl::Status Add(const sql::Statement& statement, sql::Params key, int64_t delta) override;
  absl::StatusOr<int64_t> AddAndGet(const sql::Statement& statement, sql::Params key,
                                    int64_t delta) override;
  absl::Status Savepoint() override;
  absl::Status ReleaseSavepoint() override;
  absl::Status RollbackSavepoint() override;
  absl::Status ExecuteScript(absl::string_view sql) override;

  void Reset() { wrote_ = failed_ = false; }
  // Since Reset.
  bool wrote() const { return wrote_; }
  bool failed() const { return failed_; }

  // Queues what was added and is not in the database yet.
  absl::Status SaveSums() { return shared_.sums.Write(*tx_); }
  // For journal::Tx::Once.
  std::shared_ptr<const void>& Memory(absl::string_view name) {
    return shared_.memory[std::string(name)];
  }

 private:
  // What the closures of the group share; goes back with a savepoint.
  struct Shared {
    Sums sums;
    std::map<std::string, std::shared_ptr<const void>> memory;
  };

  sql::Tx* tx_;
  Shared shared_;
  std::vector<Shared> saved_;
  bool wrote_ = false;
  bool failed_ = false;
};

// The end of one chain as this transaction sees it.
struct Head {
  int64_t seq = 0;
  std::string hash;
};

// Runs jobs inside one open transaction. Heads of all counties are locked by the constructor's
// successor Lock, before anything else.
class Group {
 public:
  Group(sql::Tx* tx, privacy::Vault* vault, const WriterOptions& options, Isolation isolation)
      : watched_(tx), tx_(&watched_), vault_(vault), options_(options), isolation_(isolation) {}

  // The transaction's first statements: locks the main head of every county of the jobs, then looks
  // all their request_ids up at once.
  absl::Status Lock(absl::Span<Job* const> jobs);
  // Fills job.answer. An error is one of the whole transaction, not of the job; with must_redo() it
  // is that of a job which can not be undone alone.
  absl::Status Run(Job& job);
  bool must_redo() const { return must_redo_; }
  // Of the last job: a statement failed, so that it may fare better in another transaction.
  bool statement_failed() const { return watched_.failed(); }
  // Writes what was kept and the heads; the last statements.
  absl::Status Save();

  // What tells, after a COMMIT of unknown outcome, whether it happened: the first record written.
  struct Trace {
    std::string county;
    std::string stream;
    int64_t seq = 0;
    std::string hash;
  };
  // seq 0 when nothing was written.
  const Trace& first_record() const { return first_; }
  // Counties whose main stream grew, with the new sequence.
  std::map<std::string, int64_t> Grown() const;

  // For the closures' Tx.
  absl::StatusOr<int64_t> Append(const Call& call, absl::string_view stream,
                                 absl::string_view resource, const google::protobuf::Message& event,
                                 privacy::KeyId key);
  const Head& main_head(const std::string& county) { return heads_[{county, "main"}].now; }
  sql::Tx* sql() { return tx_; }
  std::shared_ptr<const void>& Memory(absl::string_view name) { return watched_.Memory(name); }

 private:
  struct Tracked {
    Head now;
    int64_t before = 0;
  };
  using HeadKey = std::pair<std::string, std::string>;
  // County, actor, method, request_id.
  using RequestKey = std::array<std::string, 4>;

  absl::Status RunWithSavepoint(Job& job);
  // Replays the job or runs its closure.
  void Perform(Job& job);
  absl::Status LoadHead(const HeadKey& key);
  absl::Status FindStored(absl::Span<Job* const> jobs);
  absl::StatusOr<bool> Replay(Job& job);
  absl::Status StoreAnswer(Job& job, privacy::KeyId key);
  Answer RunClosure(Job& job);

  WatchedTx watched_;
  sql::Tx* tx_;
  privacy::Vault* vault_;
  const WriterOptions& options_;
  const Isolation isolation_;
  bool must_redo_ = false;
  std::map<HeadKey, Tracked> heads_;
  // The request_ids that an earlier job of this transaction had, which FindStored cannot know of.
  std::set<RequestKey> seen_;
  Trace first_;
};

}  // namespace baimi::journal::internal

#endif  // BAIMI_COMMON_JOURNAL_GROUP_H_
