#include "common/sql/postgres/connection.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"

namespace baimi::sql::postgres {
namespace {

constexpr int kBinaryResults = 1;
// From here on a server knows client_connection_check_interval.
constexpr int kVersion14 = 140000;

// Waits for the socket. Below 0: an error; 0: the time is up.
int PollSocket(int socket, short events, absl::Time until) {
  pollfd entry = {.fd = socket, .events = events, .revents = 0};
  for (;;) {
    int timeout_ms = -1;
    if (until != absl::InfiniteFuture()) {
      const absl::Duration left = until - SystemClock().Now() + absl::Microseconds(999);
      timeout_ms =
          static_cast<int>(std::clamp<int64_t>(absl::ToInt64Milliseconds(left), 0, 3'600'000));
    }
    const int ready = poll(&entry, 1, timeout_ms);
    if (ready >= 0 || errno != EINTR) {
      return ready;
    }
  }
}

std::string Field(const PGresult* result, int code) {
  const char* field = PQresultErrorField(result, code);
  return field == nullptr ? "" : field;
}

ServerError ErrorOf(const PGresult* result) {
  ServerError error = {.sqlstate = Field(result, PG_DIAG_SQLSTATE),
                       .text = Field(result, PG_DIAG_MESSAGE_PRIMARY),
                       .constraint = Field(result, PG_DIAG_CONSTRAINT_NAME),
                       .column = Field(result, PG_DIAG_COLUMN_NAME)};
  if (error.text.empty()) {
    error.text = PQresultErrorMessage(result);
  }
  return error;
}

// Settings of every connection; a server that is too old for one is not asked for it.
std::string SettingsQuery(int server_version) {
  std::string query = "SELECT set_config('idle_in_transaction_session_timeout', '60s', false)";
  if (server_version >= kVersion14) {
    absl::StrAppend(&query, ", set_config('client_connection_check_interval', '10s', false)");
  }
  return query;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Server& server, bool read_only,
                                                             absl::Time until, const LogSink& log) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : server) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  Conn conn(PQconnectStartParams(keywords.data(), values.data(), 0));
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  if (conn == nullptr || PQstatus(conn.get()) == CONNECTION_BAD) {
    next = PGRES_POLLING_FAILED;
  }
  while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
    const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (PollSocket(PQsocket(conn.get()), events, until) <= 0) {
      return Unavailable("connect", "the server did not answer in time", log);
    }
    next = PQconnectPoll(conn.get());
  }
  if (next != PGRES_POLLING_OK) {
    return Unavailable("connect", conn == nullptr ? "out of memory" : PQerrorMessage(conn.get()),
                       log);
  }
  auto connection = std::unique_ptr<Connection>(new Connection(std::move(conn), read_only, log));
  BAIMI_RETURN_IF_ERROR(connection->Configure(until));
  return connection;
}

absl::Status Connection::Configure(absl::Time until) {
  const char* encoding = PQparameterStatus(conn_.get(), "server_encoding");
  if (encoding == nullptr || absl::string_view(encoding) != "UTF8") {
    return Unavailable("connect",
                       absl::StrCat("database encoding: got ",
                                    encoding == nullptr ? "none" : encoding, ", want UTF8"),
                       log_);
  }
  PQsetNoticeReceiver(conn_.get(), &Connection::OnNotice, this);
  if (PQsetnonblocking(conn_.get(), 1) != 0 || PQenterPipelineMode(conn_.get()) != 1) {
    return Unavailable("connect", PQerrorMessage(conn_.get()), log_);
  }
  std::array<Command, 1> settings = {
      {{.name = "settings", .text = SettingsQuery(PQserverVersion(conn_.get()))}}};
  const Outcome outcome = Run(absl::MakeSpan(settings), until);
  return outcome.ok() ? absl::OkStatus() : Unavailable("connect", outcome.error.text, log_);
}

// Called while answers are read. PostgreSQL warns when it gives up the wait for a synchronous
// standby, by an administrator's cancel or by its shutdown, and then says that COMMIT succeeded.
void Connection::OnNotice(void* self, const PGresult* notice) {
  const std::string severity = Field(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  const std::string sqlstate = Field(notice, PG_DIAG_SQLSTATE);
  if (severity == "WARNING" && (sqlstate == "01000" || sqlstate == "57P01")) {
    static_cast<Connection*>(self)->warned_ = true;
  }
}

void Connection::Lost(Outcome* outcome) {
  spoilt_ = true;
  if (outcome->ok()) {
    outcome->failed = 0;
    outcome->lost = true;
    outcome->error.text = PQerrorMessage(conn_.get());
  }
}

bool Connection::Await(absl::Time until, bool flush_only, Outcome* outcome) {
  for (;;) {
    const int unsent = PQflush(conn_.get());
    if (unsent < 0) {
      Lost(outcome);
      return false;
    }
    if (flush_only ? unsent == 0 : PQisBusy(conn_.get()) == 0) {
      return true;
    }
    const short events = static_cast<short>(unsent == 0 ? POLLIN : POLLIN | POLLOUT);
    const int ready = PollSocket(PQsocket(conn_.get()), events, until);
    if (ready == 0) {
      outcome->timed_out = true;
    }
    if (ready <= 0 || PQconsumeInput(conn_.get()) == 0) {
      Lost(outcome);
      return false;
    }
  }
}

bool Connection::Next(absl::Time until, Result* result, Outcome* outcome) {
  if (!Await(until, false, outcome)) {
    return false;
  }
  result->reset(PQgetResult(conn_.get()));
  return true;
}

bool Connection::CollectOne(size_t index, bool wanted, absl::Time until, Outcome* outcome) {
  Result result;
  do {
    if (!Next(until, &result, outcome)) {
      return false;
    }
    const ExecStatusType status = PQresultStatus(result.get());
    if (result != nullptr && status == PGRES_FATAL_ERROR && outcome->ok()) {
      outcome->failed = index;
      outcome->error = ErrorOf(result.get());
      const bool write_in_read = read_only_ && outcome->error.sqlstate == "25006";
      spoilt_ = spoilt_ || (SpoilsConnection(outcome->error.sqlstate) && !write_in_read);
    }
    if (result != nullptr && wanted && outcome->ok()) {
      outcome->results.push_back(std::move(result));
      result.reset(PQgetResult(conn_.get()));
    }
  } while (result != nullptr);
  if (PQstatus(conn_.get()) == CONNECTION_BAD) {
    Lost(outcome);
    return false;
  }
  return true;
}

void Connection::Collect(absl::Span<const bool> wanted, absl::Time until, Outcome* outcome) {
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!CollectOne(i, wanted[i], until, outcome)) {
      return;
    }
  }
  Result result;
  if (Next(until, &result, outcome) && PQresultStatus(result.get()) != PGRES_PIPELINE_SYNC) {
    Lost(outcome);
  }
}

bool Connection::Send(Command& command) {
  if (command.prepared == nullptr) {
    return PQsendQueryParams(conn_.get(), command.text.c_str(), 0, nullptr, nullptr, nullptr,
                             nullptr, kBinaryResults) == 1;
  }
  Arguments& arguments = command.arguments;
  return PQsendQueryPrepared(conn_.get(), command.prepared->id.c_str(), arguments.size(),
                             arguments.values(), arguments.lengths(), arguments.formats(),
                             kBinaryResults) == 1;
}

Outcome Connection::Run(absl::Span<Command> commands, absl::Time until) {
  Outcome outcome;
  ++round_trips_;
  absl::InlinedVector<bool, 32> wanted;
  bool sent = usable();
  for (size_t i = 0; sent && i < commands.size(); ++i) {
    wanted.push_back(commands[i].wanted);
    sent = Send(commands[i]);
  }
  if (!sent || PQpipelineSync(conn_.get()) != 1) {
    Lost(&outcome);
    return outcome;
  }
  if (CollectLate(until, &outcome)) {
    Collect(wanted, until, &outcome);
  }
  return outcome;
}

void Connection::RunLater(Command command) {
  if (!usable() || !Send(command) || PQpipelineSync(conn_.get()) != 1 || PQflush(conn_.get()) < 0) {
    spoilt_ = true;
    return;
  }
  ++late_;
}

bool Connection::CollectLate(absl::Time until, Outcome* outcome) {
  for (; late_ > 0; --late_) {
    Outcome late;
    Collect({false}, until, &late);
    if (!late.ok()) {
      outcome->timed_out = late.timed_out;
      Lost(outcome);
      return false;
    }
  }
  return true;
}

Outcome Connection::RunScript(const std::string& sql, absl::Time until) {
  Outcome outcome;
  ++round_trips_;
  if (!usable() || !CollectLate(until, &outcome) || PQexitPipelineMode(conn_.get()) != 1 ||
      PQsendQuery(conn_.get(), sql.c_str()) != 1) {
    Lost(&outcome);
    return outcome;
  }
  Result result;
  do {
    if (!Next(until, &result, &outcome)) {
      return outcome;
    }
    if (result != nullptr && PQresultStatus(result.get()) == PGRES_FATAL_ERROR && outcome.ok()) {
      outcome.failed = 0;
      outcome.error = ErrorOf(result.get());
    }
  } while (result != nullptr);
  if (PQstatus(conn_.get()) == CONNECTION_BAD || PQenterPipelineMode(conn_.get()) != 1) {
    Lost(&outcome);
  }
  return outcome;
}

std::string Connection::TextOf(const Statement& statement) const {
  std::string text = absl::StrCat("/* ", statement.name, " */ ", statement.text);
  if (!read_only_) {
    absl::StrReplaceAll({{"/*for update*/", "FOR UPDATE"},
                         {"/*for update skip locked*/", "FOR UPDATE SKIP LOCKED"}},
                        &text);
  }
  return text;
}

absl::StatusOr<const Prepared*> Connection::Prepare(const Statement& statement, absl::Time until,
                                                    const Scene& scene) {
  const auto found = statements_.find(absl::string_view(statement.text));
  if (found != statements_.end()) {
    found->second->last_used = ++uses_;
    return found->second.get();
  }
  if (statements_.size() >= kMaxStatements) {
    EvictOldest(until);
  }
  auto fresh = std::make_unique<Prepared>();
  fresh->id = absl::StrCat("b", ++ids_);
  fresh->last_used = ++uses_;
  Outcome outcome;
  ++round_trips_;
  if (!usable() ||
      PQsendPrepare(conn_.get(), fresh->id.c_str(), TextOf(statement).c_str(), 0, nullptr) != 1 ||
      PQsendDescribePrepared(conn_.get(), fresh->id.c_str()) != 1 ||
      PQpipelineSync(conn_.get()) != 1) {
    Lost(&outcome);
  } else if (CollectLate(until, &outcome)) {
    Collect({false, true}, until, &outcome);
  }
  if (!outcome.ok()) {
    return outcome.timed_out
               ? absl::DeadlineExceededError(absl::StrCat("sql ", statement.name, ": no answer"))
               : ToStatus(outcome.error, scene, log_);
  }
  const PGresult* described = outcome.results.front().get();
  for (int i = 0; i < PQnparams(described); ++i) {
    fresh->types.push_back(PQparamtype(described, i));
  }
  const Prepared* prepared = fresh.get();
  statements_.emplace(statement.text, std::move(fresh));
  return prepared;
}

void Connection::EvictOldest(absl::Time until) {
  const auto oldest = std::min_element(
      statements_.begin(), statements_.end(),
      [](const auto& a, const auto& b) { return a.second->last_used < b.second->last_used; });
  std::array<Command, 1> drop = {
      {{.name = "deallocate", .text = absl::StrCat("DEALLOCATE ", oldest->second->id)}}};
  // Forgotten here in any case: a connection that cannot do this much can do nothing else.
  Run(absl::MakeSpan(drop), until);
  statements_.erase(oldest);
}

bool Connection::StillThere() {
  while (usable() && PollSocket(PQsocket(conn_.get()), POLLIN, absl::InfinitePast()) != 0) {
    if (PQconsumeInput(conn_.get()) == 0) {
      spoilt_ = true;
    }
  }
  return usable();
}

}  // namespace baimi::sql::postgres
