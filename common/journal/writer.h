// The one write path (DESIGN.md §3.2). A use case hands a closure to Writer::Execute; the closure
// reads and writes rows through its store and records what happened; rows, journal, chain hash and
// idempotency record are committed together, and only then is the call answered.
#ifndef BAIMI_COMMON_JOURNAL_WRITER_H_
#define BAIMI_COMMON_JOURNAL_WRITER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/type/v1/journal.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "common/base/clock.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"
#include "google/protobuf/message.h"

namespace baimi::journal {

inline constexpr absl::string_view kMainStream = "main";
inline constexpr absl::string_view kAccessStream = "access";

// What a closure works with; lives only while it runs. A closure has no side effects outside the
// transaction, calls no peer, never waits, keeps no state between runs (it may be run again) and is
// serial with every other closure of its county.
class Tx {
 public:
  virtual ~Tx() = default;

  virtual sql::Tx& sql() = 0;
  virtual const Call& call() const = 0;
  absl::Time now() const { return call().now; }
  absl::string_view county() const { return call().county; }

  // The sequence that the next Record gets: what a row stores as the version it was cached at.
  virtual int64_t next_seq() const = 0;

  // Writes one record on the county's main stream and returns its sequence. Personal fields of
  // `event` are sealed under `key`, which may be kNoKey when there are none (INTERNAL otherwise).
  virtual absl::StatusOr<int64_t> Record(absl::string_view resource,
                                         const google::protobuf::Message& event,
                                         privacy::KeyId key) = 0;

  // The same on the access stream, which watchers do not see: a read that must be on record.
  virtual absl::StatusOr<int64_t> RecordAccess(absl::string_view resource,
                                               const google::protobuf::Message& event,
                                               privacy::KeyId key) = 0;

  // The key that the stored answer is sealed under (the key of the resource answered), so that
  // shredding reaches it. Needed only when the answer has personal fields and the call a
  // request_id; INTERNAL at the end of the closure when it was forgotten.
  virtual void SealAnswerUnder(privacy::KeyId key) = 0;

  // What many closures read alike, such as the policies of a county, is read once a transaction:
  // gives what `load`, which returns an absl::StatusOr<T>, made for `name` before, if anything.
  // A name stands for one T. Whoever writes what `load` reads calls Forget.
  template <typename T, typename F>
  absl::StatusOr<std::shared_ptr<const T>> Once(absl::string_view name, F load) {
    std::shared_ptr<const void>& memory = Memory(name);
    if (memory == nullptr) {
      absl::StatusOr<T> made = load();
      if (!made.ok()) {
        return std::move(made).status();
      }
      memory = std::make_shared<const T>(*std::move(made));
    }
    return std::static_pointer_cast<const T>(memory);
  }
  void Forget(absl::string_view name) { Memory(name).reset(); }

 private:
  virtual std::shared_ptr<const void>& Memory(absl::string_view name) = 0;
};

struct WriterOptions {
  // Most closures in one transaction.
  int max_group = 64;
  // Closures waiting; more are refused with RESOURCE_EXHAUSTED LANE_FULL.
  int max_queue = 4096;
  // Threads; groups of one county never run side by side. SQLite has one writer: 1 is used.
  int threads = 4;
  type::v1::HashAlgorithm hash = type::v1::HASH_ALGORITHM_SHA256;
  // How long the answer to a request_id is kept.
  absl::Duration request_retention = absl::Hours(24 * 7);
  // How often, in real time, SweepRequests runs by itself. Infinite: never.
  absl::Duration sweep = absl::Hours(1);
};

struct WriterStats {
  int64_t groups = 0;
  int64_t closures = 0;
  int64_t replays = 0;
  int64_t reruns = 0;
  int64_t refused = 0;
  int64_t queued = 0;
};

// Thread-safe.
class Writer {
 public:
  using Closure =
      absl::AnyInvocable<absl::StatusOr<std::unique_ptr<google::protobuf::Message>>(Tx&)>;
  using Done = absl::AnyInvocable<void(absl::StatusOr<std::unique_ptr<google::protobuf::Message>>)>;
  // Called after a commit, on the writer's thread, with the last main sequence of a county.
  using CommitListener = absl::AnyInvocable<void(absl::string_view county, int64_t seq)>;

  // `database` must be migrated with JournalMigrations(); all outlive the writer. Answers are given
  // on a thread of the writer.
  static std::unique_ptr<Writer> Create(sql::Database* database, privacy::Vault* vault,
                                        const Clock* clock, const WriterOptions& options);
  // Finishes what is queued.
  virtual ~Writer() = default;

  // Runs `closure` for `call.county` and completes after COMMIT, never before.
  //  * call.request_id set: a stored answer of the same (county, actor, method, request_id) is
  //    given again instead of running the closure; another fingerprint is INVALID_ARGUMENT
  //    REQUEST_ID_REUSED. Only successes are stored.
  //  * call.validate_only: everything is done and then undone; the answer is what would have been.
  //  * an error of the closure undoes what it did and is the answer; others in its group stand.
  //  * call.deadline passed before it starts, or before it is tried again: DEADLINE_EXCEEDED, and
  //    nothing is kept.
  //  * UNAVAILABLE COMMIT_OUTCOME_UNKNOWN only when the database can not be asked any more.
  // R is a protobuf message. On success call.committed_seq (if set) holds the county's sequence
  // that the answer belongs to; with validate_only that of what it was checked against.
  template <typename R, typename F>
  Async<R> Execute(const Call& call, F closure) {
    auto promise = std::make_shared<Promise<R>>();
    Async<R> result = promise->async();
    Submit(
        call, &R::default_instance(),
        [closure = std::move(closure)](
            Tx& tx) mutable -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
          absl::StatusOr<R> answer = closure(tx);
          if (!answer.ok()) {
            return std::move(answer).status();
          }
          return std::make_unique<R>(*std::move(answer));
        },
        [promise](absl::StatusOr<std::unique_ptr<google::protobuf::Message>> answer) {
          if (!answer.ok()) {
            promise->Set(std::move(answer).status());
            return;
          }
          promise->Set(std::move(static_cast<R&>(**answer)));
        });
    return result;
  }

  virtual void AddCommitListener(CommitListener listener) = 0;

  // Deletes idempotency records that have expired, in small transactions. Returns how many.
  virtual absl::StatusOr<int64_t> SweepRequests() = 0;

  virtual WriterStats stats() const = 0;

 protected:
  virtual void Submit(const Call& call, const google::protobuf::Message* prototype, Closure closure,
                      Done done) = 0;
};

}  // namespace baimi::journal

#endif  // BAIMI_COMMON_JOURNAL_WRITER_H_
