#include "common/sql/postgres/transaction.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace baimi::sql::postgres {
namespace {

// READ COMMITTED, because a group begins by waiting for its county's head and must then see what
// the one before it committed.
constexpr absl::string_view kBeginWrite = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
constexpr absl::string_view kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

// How much longer than the server this side waits: its answer may be on the way.
constexpr absl::Duration kGrace = absl::Seconds(1);
constexpr absl::Duration kRollbackWait = absl::Seconds(5);
// A statement_timeout this long cannot meet the moment that COMMIT takes to be read.
constexpr absl::Duration kLong = absl::Seconds(1);
constexpr size_t kMostKept = 128;

std::string SavepointName(size_t depth) { return absl::StrCat("s", depth); }

int64_t RowsAffected(PGresult* result) {
  const absl::string_view tag = PQcmdStatus(result);
  int64_t rows = 0;
  for (const absl::string_view verb : {"INSERT", "UPDATE", "DELETE", "MERGE"}) {
    if (absl::StartsWith(tag, verb) && absl::SimpleAtoi(PQcmdTuples(result), &rows)) {
      return rows;
    }
  }
  return 0;
}

}  // namespace

Transaction::Transaction(Connection& connection, bool read_only, absl::Time deadline,
                         const LogSink& log)
    : connection_(connection), read_only_(read_only), deadline_(deadline), log_(log) {}

Scene Transaction::SceneOf(absl::string_view statement) const {
  return {.statement = statement,
          .read_only = read_only_,
          .has_deadline = deadline_ != absl::InfiniteFuture()};
}

absl::Time Transaction::Patience() const { return deadline_ + kGrace; }

bool Transaction::HasBodyCommands() const {
  return std::any_of(kept_.begin(), kept_.end(),
                     [](const Command& command) { return command.from_body; });
}

void Transaction::AddControl(absl::string_view name, absl::string_view text) {
  kept_.push_back({.name = name, .text = std::string(text)});
}

void Transaction::AddBegin() {
  if (!begun_) {
    begun_ = true;
    AddControl("begin", read_only_ ? kBeginRead : kBeginWrite);
  }
}

void Transaction::Arm() {
  if (deadline_ == absl::InfiniteFuture()) {
    return;
  }
  const absl::Duration left =
      std::max(deadline_ - SystemClock().Now(), absl::ZeroDuration()) + absl::Milliseconds(1);
  if (armed_ != absl::ZeroDuration() && armed_ <= left + left / 4 + absl::Milliseconds(20)) {
    return;
  }
  armed_ = left;
  AddControl("statement_timeout",
             absl::StrCat("SET LOCAL statement_timeout = ", absl::ToInt64Milliseconds(left)));
}

absl::Status Transaction::CheckDeadline(const Statement& statement) const {
  if (deadline_ != absl::InfiniteFuture() && SystemClock().Now() >= deadline_) {
    return absl::DeadlineExceededError(
        absl::StrCat("sql ", statement.name, ": deadline passed before the start"));
  }
  return absl::OkStatus();
}

absl::Status Transaction::Failed(const Outcome& outcome) {
  const absl::string_view name = kept_.empty() ? "script" : kept_[outcome.failed].name;
  const bool from_body = kept_.empty() || kept_[outcome.failed].from_body;
  const int innermost = savepoints_.empty() ? kSent : savepoints_.back();
  // What failed before the innermost savepoint was made is not undone by rolling that back.
  const bool outside = static_cast<int>(outcome.failed) <= innermost;
  absl::Status status = outcome.timed_out
                            ? absl::DeadlineExceededError(absl::StrCat("sql ", name, ": no answer"))
                            : ToStatus(outcome.error, SceneOf(name), log_);
  const bool for_good = !connection_.usable() || !from_body || outside ||
                        connection_.transaction() != PQTRANS_INERROR;
  return for_good ? state_.FailForGood(std::move(status)) : state_.Fail(std::move(status));
}

absl::StatusOr<std::vector<Result>> Transaction::Flush() {
  Outcome outcome = connection_.Run(absl::MakeSpan(kept_), Patience());
  absl::Status status = outcome.ok() ? absl::OkStatus() : Failed(outcome);
  kept_.clear();
  sent_ = true;
  std::fill(savepoints_.begin(), savepoints_.end(), kSent);
  BAIMI_RETURN_IF_ERROR(status);
  if (connection_.transaction() != PQTRANS_INTRANS) {
    return state_.FailForGood(Internal("sql: a statement ended the transaction"));
  }
  return std::move(outcome.results);
}

absl::Status Transaction::Keep(const Statement& statement, Params params, Wait wait) {
  BAIMI_RETURN_IF_ERROR(state_.failure());
  const absl::Status late = CheckDeadline(statement);
  if (!late.ok()) {
    return state_.Fail(late);
  }
  if (!connection_.IsPrepared(statement) && (sent_ ? !kept_.empty() : HasBodyCommands())) {
    // It may need what they make; and when it cannot be prepared, that must fail the transaction
    // where the savepoints already are.
    BAIMI_RETURN_IF_ERROR(Flush().status());
  }
  const auto prepared = connection_.Prepare(statement, Patience(), SceneOf(statement.name));
  if (!prepared.ok()) {
    return connection_.usable() ? state_.Fail(prepared.status())
                                : state_.FailForGood(prepared.status());
  }
  Command command = {.name = statement.name,
                     .prepared = *prepared,
                     .from_body = true,
                     .wanted = wait == Wait::kYes};
  const absl::Status set =
      command.arguments.Set(statement, (*prepared)->types, params, wait == Wait::kNo);
  if (!set.ok()) {
    return state_.Fail(set);
  }
  AddBegin();
  Arm();
  kept_.push_back(std::move(command));
  return absl::OkStatus();
}

absl::StatusOr<Result> Transaction::RunStatement(const Statement& statement, Params params) {
  BAIMI_RETURN_IF_ERROR(Keep(statement, params, Wait::kYes));
  BAIMI_ASSIGN_OR_RETURN(std::vector<Result> results, Flush());
  return std::move(results.front());
}

absl::Status Transaction::QueryEach(const Statement& statement, absl::Span<const Params> sets,
                                    EachRowCallback on_row) {
  for (size_t begin = 0; begin < sets.size(); begin += kMostKept) {
    const absl::Span<const Params> some = sets.subspan(begin, kMostKept);
    for (const Params params : some) {
      BAIMI_RETURN_IF_ERROR(Keep(statement, params, Wait::kYes));
    }
    BAIMI_ASSIGN_OR_RETURN(const std::vector<Result> results, Flush());
    for (size_t set = 0; set < results.size(); ++set) {
      for (int row = 0; row < PQntuples(results[set].get()); ++row) {
        BAIMI_RETURN_IF_ERROR(on_row(begin + set, ResultRow(results[set].get(), row)));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Transaction::Query(const Statement& statement, Params params, RowCallback on_row) {
  BAIMI_ASSIGN_OR_RETURN(const Result result, RunStatement(statement, params));
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    BAIMI_RETURN_IF_ERROR(on_row(ResultRow(result.get(), row)));
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Transaction::Execute(const Statement& statement, Params params) {
  BAIMI_ASSIGN_OR_RETURN(const Result result, RunStatement(statement, params));
  return RowsAffected(result.get());
}

absl::Status Transaction::Queue(const Statement& statement, Params params) {
  BAIMI_RETURN_IF_ERROR(Keep(statement, params, Wait::kNo));
  return kept_.size() < kMostKept ? absl::OkStatus() : Flush().status();
}

absl::Status Transaction::Savepoint() {
  BAIMI_RETURN_IF_ERROR(state_.failure());
  AddBegin();
  savepoints_.push_back(static_cast<int>(kept_.size()));
  AddControl("savepoint", absl::StrCat("SAVEPOINT ", SavepointName(savepoints_.size())));
  state_.Saved();
  return absl::OkStatus();
}

absl::Status Transaction::ReleaseSavepoint() {
  BAIMI_RETURN_IF_ERROR(state_.MayRelease());
  const int made = savepoints_.back();
  if (made != kSent && made + 1 == static_cast<int>(kept_.size())) {
    kept_.pop_back();
  } else {
    AddControl("release", absl::StrCat("RELEASE ", SavepointName(savepoints_.size())));
  }
  savepoints_.pop_back();
  state_.Released();
  return absl::OkStatus();
}

absl::Status Transaction::RollbackSavepoint() {
  BAIMI_RETURN_IF_ERROR(state_.MayRollback());
  const int made = savepoints_.back();
  if (made != kSent) {
    kept_.erase(kept_.begin() + made, kept_.end());
  } else {
    // Whatever is kept came after the savepoint.
    kept_.clear();
    const std::string name = SavepointName(savepoints_.size());
    AddControl("rollback_to", absl::StrCat("ROLLBACK TO ", name));
    AddControl("release", absl::StrCat("RELEASE ", name));
  }
  savepoints_.pop_back();
  state_.RolledBack();
  // The server's timeout may have been rolled back with the rest.
  armed_ = absl::ZeroDuration();
  return absl::OkStatus();
}

absl::Status Transaction::ExecuteScript(absl::string_view sql) {
  BAIMI_RETURN_IF_ERROR(state_.failure());
  const absl::Status late = CheckDeadline({"script", ""});
  if (!late.ok()) {
    return state_.Fail(late);
  }
  AddBegin();
  Arm();
  if (!kept_.empty()) {
    BAIMI_RETURN_IF_ERROR(Flush().status());
  }
  const Outcome outcome = connection_.RunScript(std::string(sql), Patience());
  if (!outcome.ok()) {
    return Failed(outcome);
  }
  return connection_.transaction() == PQTRANS_INTRANS
             ? absl::OkStatus()
             : state_.FailForGood(Internal("sql: a statement ended the transaction"));
}

absl::Status Transaction::Commit(absl::Duration wait) {
  if (!sent_ && !HasBodyCommands()) {
    kept_.clear();
    return absl::OkStatus();
  }
  if (armed_ != absl::ZeroDuration() && armed_ < kLong) {
    AddControl("statement_timeout", "SET LOCAL statement_timeout = 0");
  }
  AddControl("commit", "COMMIT");
  kept_.back().wanted = true;
  const size_t last = kept_.size() - 1;
  connection_.TookWarning();
  const Outcome outcome = connection_.Run(absl::MakeSpan(kept_), SystemClock().Now() + wait);
  sent_ = true;
  if (outcome.lost) {
    return CommitUnknown(outcome.timed_out ? "no answer in time" : outcome.error.text, log_);
  }
  if (!outcome.ok()) {
    return outcome.failed == last ? CommitStatus(outcome.error, SceneOf("commit"), log_)
                                  : Failed(outcome);
  }
  if (connection_.TookWarning()) {
    return CommitUnknown("the server did not await its standby", log_);
  }
  return absl::string_view(PQcmdStatus(outcome.results.back().get())) == "COMMIT"
             ? absl::OkStatus()
             : Internal("sql commit: the server rolled back");
}

void Transaction::Rollback() {
  kept_.clear();
  if (!sent_ || !connection_.usable() || connection_.transaction() == PQTRANS_IDLE) {
    return;
  }
  if (read_only_) {
    // Nobody waits for the end of a read.
    connection_.RunLater({.name = "rollback", .text = "ROLLBACK"});
    return;
  }
  AddControl("rollback", "ROLLBACK");
  const Outcome outcome =
      connection_.Run(absl::MakeSpan(kept_), SystemClock().Now() + kRollbackWait);
  if (!outcome.ok()) {
    connection_.Spoil();
  }
}

}  // namespace baimi::sql::postgres
