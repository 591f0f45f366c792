#include "common/journal/group.h"

#include <set>

#include "absl/strings/match.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/journal/schema.h"

namespace baimi::journal::internal {
namespace {

using type::v1::ErrorReason;

// What a closure holds; forwards to the group.
class ClosureTx final : public Tx {
 public:
  ClosureTx(Group* group, const Call* call) : group_(group), call_(call) {}

  sql::Tx& sql() override { return *group_->sql(); }
  const Call& call() const override { return *call_; }
  int64_t next_seq() const override { return group_->main_head(call_->county).seq + 1; }
  absl::StatusOr<int64_t> Record(absl::string_view resource, const google::protobuf::Message& event,
                                 privacy::KeyId key) override {
    return group_->Append(*call_, kMainStream, resource, event, key);
  }
  absl::StatusOr<int64_t> RecordAccess(absl::string_view resource,
                                       const google::protobuf::Message& event,
                                       privacy::KeyId key) override {
    return group_->Append(*call_, kAccessStream, resource, event, key);
  }
  void SealAnswerUnder(privacy::KeyId key) override { answer_key_ = key; }

  privacy::KeyId answer_key() const { return answer_key_; }

 private:
  std::shared_ptr<const void>& Memory(absl::string_view name) override {
    return group_->Memory(name);
  }

  Group* group_;
  const Call* call_;
  privacy::KeyId answer_key_ = privacy::kNoKey;
};

std::string AnswerContext(const Call& call) {
  return absl::StrCat("answer:", call.county, ":", call.method, ":", call.request_id);
}

}  // namespace

absl::Status WatchedTx::Query(const sql::Statement& statement, sql::Params params,
                              sql::RowCallback on_row) {
  // Whatever does not begin as a read may be a write with RETURNING.
  wrote_ = wrote_ || !absl::StartsWith(statement.text, "SELECT");
  absl::Status from_row;
  absl::Status status = tx_->Query(statement, params, [&](const sql::Row& row) {
    from_row = on_row(row);
    return from_row;
  });
  failed_ = failed_ || (!status.ok() && from_row.ok());
  return status;
}

absl::Status WatchedTx::QueryEach(const sql::Statement& statement,
                                  absl::Span<const sql::Params> sets, sql::EachRowCallback on_row) {
  wrote_ = wrote_ || !absl::StartsWith(statement.text, "SELECT");
  absl::Status from_row;
  absl::Status status = tx_->QueryEach(statement, sets, [&](size_t set, const sql::Row& row) {
    from_row = on_row(set, row);
    return from_row;
  });
  failed_ = failed_ || (!status.ok() && from_row.ok());
  return status;
}

absl::StatusOr<int64_t> WatchedTx::Execute(const sql::Statement& statement, sql::Params params) {
  wrote_ = true;
  absl::StatusOr<int64_t> rows = tx_->Execute(statement, params);
  failed_ = failed_ || !rows.ok();
  return rows;
}

absl::Status WatchedTx::Queue(const sql::Statement& statement, sql::Params params) {
  wrote_ = true;
  absl::Status status = tx_->Queue(statement, params);
  failed_ = failed_ || !status.ok();
  return status;
}

absl::Status WatchedTx::Add(const sql::Statement& statement, sql::Params key, int64_t delta) {
  wrote_ = true;
  return shared_.sums.Add(statement, key, delta);
}

absl::StatusOr<int64_t> WatchedTx::AddAndGet(const sql::Statement& statement, sql::Params key,
                                             int64_t delta) {
  wrote_ = true;
  absl::StatusOr<int64_t> value = shared_.sums.AddAndGet(*tx_, statement, key, delta);
  failed_ = failed_ || !value.ok();
  return value;
}

absl::Status WatchedTx::Savepoint() {
  BAIMI_RETURN_IF_ERROR(tx_->Savepoint());
  saved_.push_back(shared_);
  return absl::OkStatus();
}

absl::Status WatchedTx::ReleaseSavepoint() {
  BAIMI_RETURN_IF_ERROR(tx_->ReleaseSavepoint());
  saved_.pop_back();
  return absl::OkStatus();
}

absl::Status WatchedTx::RollbackSavepoint() {
  BAIMI_RETURN_IF_ERROR(tx_->RollbackSavepoint());
  shared_ = std::move(saved_.back());
  saved_.pop_back();
  return absl::OkStatus();
}

absl::Status WatchedTx::ExecuteScript(absl::string_view sql) {
  wrote_ = true;
  absl::Status status = tx_->ExecuteScript(sql);
  failed_ = failed_ || !status.ok();
  return status;
}

absl::Status Group::Lock(absl::Span<Job* const> jobs) {
  std::set<std::string> counties;
  for (const Job* job : jobs) {
    counties.insert(job->call.county);
  }
  for (const std::string& county : counties) {
    BAIMI_RETURN_IF_ERROR(LoadHead({county, std::string(kMainStream)}));
  }
  return FindStored(jobs);
}

absl::Status Group::FindStored(absl::Span<Job* const> jobs) {
  std::vector<Job*> asked;
  std::vector<std::array<sql::Param, 5>> keys;
  for (Job* job : jobs) {
    job->stored.reset();
    const Call& call = job->call;
    if (!call.request_id.empty()) {
      asked.push_back(job);
      keys.push_back(
          {call.county, call.actor.id(), call.method, call.request_id, sql::Param::Time(call.now)});
    }
  }
  const std::vector<sql::Params> sets(keys.begin(), keys.end());
  return tx_->QueryEach(kFindRequest, sets, [&](size_t set, const sql::Row& row) {
    asked[set]->stored = {std::string(row.Bytes(0)), std::string(row.Bytes(1)),
                          std::string(row.Bytes(2)), row.Int64(3)};
    return absl::OkStatus();
  });
}

absl::Status Group::LoadHead(const HeadKey& key) {
  Tracked head;
  const auto read = [&]() {
    return tx_->QueryOne(kLockHead, {key.first, key.second}, [&](const sql::Row& row) {
      head.now.seq = row.Int64(0);
      head.now.hash = std::string(row.Bytes(1));
      return absl::OkStatus();
    });
  };
  BAIMI_ASSIGN_OR_RETURN(bool found, read());
  if (!found) {
    const std::string zero(32, '\0');
    BAIMI_RETURN_IF_ERROR(
        tx_->Execute(kCreateHead, {key.first, key.second, sql::Param::Bytes(zero)}).status());
    BAIMI_ASSIGN_OR_RETURN(found, read());
    if (!found) {
      return Internal("journal head vanished");
    }
  }
  head.before = head.now.seq;
  heads_[key] = std::move(head);
  return absl::OkStatus();
}

absl::Status Group::Run(Job& job) {
  if (isolation_ == Isolation::kSavepoints || job.call.validate_only) {
    return RunWithSavepoint(job);
  }
  watched_.Reset();
  Perform(job);
  if (!job.answer.ok() && (watched_.wrote() || watched_.failed())) {
    must_redo_ = true;
    return absl::AbortedError("a closure that wrote can not be undone alone");
  }
  return absl::OkStatus();
}

absl::Status Group::RunWithSavepoint(Job& job) {
  BAIMI_RETURN_IF_ERROR(tx_->Savepoint());
  const std::map<HeadKey, Tracked> heads_before = heads_;
  const Trace first_before = first_;
  Perform(job);
  if (!job.answer.ok() || job.call.validate_only) {
    heads_ = heads_before;
    first_ = first_before;
    // Not what the undone records would have got: nobody will ever see that committed.
    job.seq = main_head(job.call.county).seq;
    return tx_->RollbackSavepoint();
  }
  return tx_->ReleaseSavepoint();
}

void Group::Perform(Job& job) {
  job.replayed = false;
  const absl::StatusOr<bool> replayed = Replay(job);
  if (!replayed.ok()) {
    job.answer = replayed.status();
  } else if (!*replayed) {
    job.answer = RunClosure(job);
  }
}

Answer Group::RunClosure(Job& job) {
  ClosureTx tx(this, &job.call);
  Answer answer = job.closure(tx);
  if (!answer.ok()) {
    return answer;
  }
  job.seq = main_head(job.call.county).seq;
  if (job.call.request_id.empty() || job.call.validate_only) {
    return answer;
  }
  job.answer = std::move(answer);
  const absl::Status stored = StoreAnswer(job, tx.answer_key());
  return stored.ok() ? std::move(job.answer) : Answer(stored);
}

absl::StatusOr<bool> Group::Replay(Job& job) {
  const Call& call = job.call;
  if (call.request_id.empty()) {
    return false;
  }
  if (!seen_.insert({call.county, call.actor.id(), call.method, call.request_id}).second) {
    BAIMI_RETURN_IF_ERROR(FindStored({&job}));
  }
  if (!job.stored) {
    return false;
  }
  job.seq = job.stored->seq;
  if (job.stored->fingerprint != call.fingerprint) {
    return Error(absl::StatusCode::kInvalidArgument, ErrorReason::ERROR_REASON_REQUEST_ID_REUSED,
                 absl::StrCat("request_id: got ", call.request_id,
                              " with another request than before, want a new id for a new request"),
                 "request_id 已用于另一请求，请为新请求使用新的编号")
        .Field("request_id", "was used for another request")
        .Build();
  }
  std::unique_ptr<google::protobuf::Message> message(job.prototype->New());
  BAIMI_RETURN_IF_ERROR(
      vault_->Open(job.stored->answer, job.stored->sealed, AnswerContext(call), message.get()));
  job.answer = std::move(message);
  job.replayed = true;
  return true;
}

absl::Status Group::StoreAnswer(Job& job, privacy::KeyId key) {
  const Call& call = job.call;
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage answer,
                         vault_->Seal(key, **job.answer, AnswerContext(call)));
  return tx_->Queue(kSaveRequest,
                    {call.county, call.actor.id(), call.method, call.request_id,
                     sql::Param::Bytes(call.fingerprint), sql::Param::Bytes(answer.open),
                     sql::Param::Bytes(answer.sealed), job.seq,
                     sql::Param::Time(call.now + options_.request_retention)});
}

absl::StatusOr<int64_t> Group::Append(const Call& call, absl::string_view stream,
                                      absl::string_view resource,
                                      const google::protobuf::Message& event, privacy::KeyId key) {
  const HeadKey head_key(call.county, std::string(stream));
  if (!heads_.contains(head_key)) {
    BAIMI_RETURN_IF_ERROR(LoadHead(head_key));
  }
  Head& head = heads_[head_key].now;
  BAIMI_ASSIGN_OR_RETURN(privacy::SealedMessage sealed,
                         vault_->Seal(key, event, absl::StrCat("event:", resource)));
  type::v1::JournalRecord record;
  record.set_county(call.county);
  record.set_stream(head_key.second);
  record.set_seq(head.seq + 1);
  record.set_time_us(absl::ToUnixMicros(call.now));
  record.set_type(event.GetDescriptor()->full_name());
  record.set_resource(std::string(resource));
  *record.mutable_actor() = call.actor;
  record.set_method(call.method);
  record.set_request_id(call.request_id);
  record.set_trace_id(call.trace_id);
  record.set_payload(std::move(sealed.open));
  record.set_sealed(std::move(sealed.sealed));
  record.set_hash_algorithm(options_.hash);
  const std::string bytes = record.SerializeAsString();
  std::string hash = ChainHash(options_.hash, head.hash, bytes);
  BAIMI_RETURN_IF_ERROR(
      tx_->Queue(kAppend, {record.county(), record.stream(), record.seq(), record.resource(),
                           record.time_us(), sql::Param::Bytes(bytes), sql::Param::Bytes(hash)}));
  if (first_.seq == 0) {
    first_ = {call.county, head_key.second, record.seq(), hash};
  }
  head.seq = record.seq();
  head.hash = std::move(hash);
  return head.seq;
}

absl::Status Group::Save() {
  BAIMI_RETURN_IF_ERROR(watched_.SaveSums());
  for (const auto& [key, head] : heads_) {
    if (head.now.seq == head.before) {
      continue;
    }
    BAIMI_RETURN_IF_ERROR(tx_->Queue(
        kSaveHead, {key.first, key.second, head.now.seq, sql::Param::Bytes(head.now.hash)}));
  }
  return absl::OkStatus();
}

std::map<std::string, int64_t> Group::Grown() const {
  std::map<std::string, int64_t> grown;
  for (const auto& [key, head] : heads_) {
    if (key.second == kMainStream && head.now.seq != head.before) {
      grown[key.first] = head.now.seq;
    }
  }
  return grown;
}

}  // namespace baimi::journal::internal
