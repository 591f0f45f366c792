// One connection to one server, in libpq's pipeline mode: commands go out together and are answered
// together.
#ifndef BAIMI_COMMON_SQL_POSTGRES_CONNECTION_H_
#define BAIMI_COMMON_SQL_POSTGRES_CONNECTION_H_

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/sql/database.h"
#include "common/sql/log_sink.h"
#include "common/sql/postgres/errors.h"
#include "common/sql/postgres/target.h"
#include "common/sql/postgres/values.h"

namespace baimi::sql::postgres {

// A statement that this connection has prepared.
struct Prepared {
  // What the server calls it.
  std::string id;
  std::vector<Oid> types;
  uint64_t last_used = 0;
};

// One entry of a batch: a prepared statement with its arguments, or (prepared null) plain text
// without any.
struct Command {
  // For messages; outlives the batch.
  absl::string_view name = {};
  const Prepared* prepared = nullptr;
  std::string text = {};
  Arguments arguments = {};
  // Set by the body, not by the adapter: savepoints and the like are not.
  bool from_body = false;
  // Its result is handed out.
  bool wanted = false;
};

// How a batch went. The server stops at the first command that fails; none after it has run.
struct Outcome {
  static constexpr size_t kNone = static_cast<size_t>(-1);

  bool ok() const { return failed == kNone; }

  size_t failed = kNone;
  ServerError error = {};
  // The connection broke before the server said that a command failed: any may have run.
  bool lost = false;
  // It did so because the time was up.
  bool timed_out = false;
  // What the wanted commands answered, in order; complete when all went well.
  std::vector<Result> results = {};
};

// Used by one thread at a time.
class Connection {
 public:
  // UNAVAILABLE, logged, when the server cannot be reached by `until`, takes no writes, or does not
  // keep UTF-8. With `read_only` the mark for row locks stays a comment in what is prepared.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Server& server, bool read_only,
                                                          absl::Time until, const LogSink& log);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The statement, prepared now if it was not before: one more round trip. The pointer lives until
  // the next call. `error` tells why not (status INTERNAL or as ToStatus says).
  absl::StatusOr<const Prepared*> Prepare(const Statement& statement, absl::Time until,
                                          const Scene& scene);
  bool IsPrepared(const Statement& statement) const {
    return statements_.contains(absl::string_view(statement.text));
  }

  // Sends all commands and waits for their answers: one round trip.
  Outcome Run(absl::Span<Command> commands, absl::Time until);
  // Sends the command and does not wait: its answer is read with those of the next batch, and if it
  // failed, so does that.
  void RunLater(Command command);
  // Several commands in one text, outside the pipeline.
  Outcome RunScript(const std::string& sql, absl::Time until);

  // False when it is closed or must not be used again.
  bool usable() const { return !spoilt_ && PQstatus(conn_.get()) == CONNECTION_OK; }
  // Looks, without waiting, whether the server has hung up meanwhile.
  bool StillThere();
  void Spoil() { spoilt_ = true; }
  PGTransactionStatusType transaction() const { return PQtransactionStatus(conn_.get()); }
  // Ready for another transaction: outside of one, or with nothing but the last one's end under
  // way.
  bool idle() const { return late_ > 0 || transaction() == PQTRANS_IDLE; }
  // A warning that a COMMIT may give when it was not awaited to its end, since the last call.
  bool TookWarning() { return std::exchange(warned_, false); }

  size_t prepared_statements() const { return statements_.size(); }
  // Batches sent, for measurements.
  int64_t round_trips() const { return round_trips_; }

  // Statements kept; above it the least recently used goes.
  static constexpr size_t kMaxStatements = 256;

 private:
  struct Finish {
    void operator()(PGconn* conn) const { PQfinish(conn); }
  };
  using Conn = std::unique_ptr<PGconn, Finish>;

  Connection(Conn conn, bool read_only, const LogSink& log)
      : read_only_(read_only), log_(log), conn_(std::move(conn)) {}

  absl::Status Configure(absl::Time until);
  std::string TextOf(const Statement& statement) const;
  bool Send(Command& command);
  // Flushes what was sent and waits for `ready`. False when the time is up or the server is gone.
  bool Await(absl::Time until, bool flush_only, Outcome* outcome);
  // The next result, null at the end of one command's results.
  bool Next(absl::Time until, Result* result, Outcome* outcome);
  // Reads the answer of each command and the end of the batch.
  void Collect(absl::Span<const bool> wanted, absl::Time until, Outcome* outcome);
  // The results of one command. False when the connection was lost.
  bool CollectOne(size_t index, bool wanted, absl::Time until, Outcome* outcome);
  // Reads the answers of what RunLater sent. False when the connection was lost.
  bool CollectLate(absl::Time until, Outcome* outcome);
  void Lost(Outcome* outcome);
  void EvictOldest(absl::Time until);
  static void OnNotice(void* self, const PGresult* notice);

  const bool read_only_;
  const LogSink log_;
  const Conn conn_;
  bool spoilt_ = false;
  bool warned_ = false;
  int64_t round_trips_ = 0;
  // Batches of one command that were sent and not read.
  int late_ = 0;
  // By text, not by address: a Statement built on the stack must not get another one's plan.
  absl::flat_hash_map<std::string, std::unique_ptr<Prepared>> statements_;
  uint64_t uses_ = 0;
  uint64_t ids_ = 0;
};

}  // namespace baimi::sql::postgres

#endif  // BAIMI_COMMON_SQL_POSTGRES_CONNECTION_H_
