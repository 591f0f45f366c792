#include "tests/bench/writer.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"
#include "common/journal/log.h"
#include "services/ticket/domain/testing_order.h"
#include "tests/bench/child.h"
#include "tests/bench/pgbench.h"
#include "tests/bench/servers.h"
#include "tests/bench/site.h"

namespace baimi::bench {
namespace {

using ticket::v1::Ticket;

constexpr int kInFlight = 128;

}  // namespace

// One run: every completed order starts the next one.
struct WriterBench::Loop {
  Loop(int in_flight, absl::Time until) : end(until), left(in_flight) {}

  const absl::Time end;
  absl::Mutex mu;
  int left ABSL_GUARDED_BY(mu);
  absl::Status error ABSL_GUARDED_BY(mu);
  std::vector<uint32_t> latencies_us ABSL_GUARDED_BY(mu);
};

absl::StatusOr<std::unique_ptr<WriterBench>> WriterBench::Make(const std::string& uri,
                                                               const std::string& key_uri,
                                                               const std::string& folder) {
  auto bench = std::unique_ptr<WriterBench>(new WriterBench());
  const std::string master = absl::StrCat(folder, "/", NewUuid(*bench->rng_), ".key");
  BAIMI_RETURN_IF_ERROR(privacy::MasterKeys::Create(master, *bench->rng_));
  BAIMI_ASSIGN_OR_RETURN(privacy::MasterKeys masters, privacy::MasterKeys::Load(master));
  BAIMI_ASSIGN_OR_RETURN(auto database, sql::Open(uri, {}));
  bench->database_ = std::make_unique<CountingDatabase>(std::move(database));
  BAIMI_ASSIGN_OR_RETURN(bench->key_database_, sql::Open(key_uri, {}));
  BAIMI_RETURN_IF_ERROR(
      sql::Migrate(*bench->database_, "journal", journal::JournalMigrations(), bench->clock_));
  BAIMI_RETURN_IF_ERROR(
      sql::Migrate(*bench->database_, "ticket", ticket::store::TicketMigrations(), bench->clock_));
  BAIMI_RETURN_IF_ERROR(
      sql::Migrate(*bench->key_database_, "privacy", privacy::KeyRingMigrations(), bench->clock_));
  BAIMI_ASSIGN_OR_RETURN(bench->keys_,
                         privacy::KeyRing::Open(bench->key_database_.get(), std::move(masters),
                                                &bench->clock_, bench->rng_.get(), {}));
  bench->vault_ = std::make_unique<privacy::Vault>(bench->keys_.get(), bench->rng_.get());
  bench->store_ = std::make_unique<ticket::store::TicketStore>(bench->vault_.get());
  bench->writer_ =
      journal::Writer::Create(bench->database_.get(), bench->vault_.get(), &bench->clock_, {});
  // What the policy is looked up among.
  ticket::v1::TicketPolicy policy;
  policy.set_version(1);
  BAIMI_RETURN_IF_ERROR(bench->database_->Write(
      {}, [&](sql::Tx& tx) { return bench->store_->InsertPolicy(tx, kCountyCode, policy); }));
  return bench;
}

WriterBench::~WriterBench() = default;

Async<Ticket> WriterBench::Create(int64_t n) {
  BAIMI_ASSIGN_OR_RETURN(const privacy::KeyId key, keys_->NewKey());
  Call call;
  call.actor.set_id("clerk");
  call.county = kCountyCode;
  call.method = kCreateTicket;
  call.request_id = absl::StrCat("12345678-", n);
  call.fingerprint = std::string(32, 'f');
  call.now = clock_.Now();
  return writer_->Execute<Ticket>(call, [this, key](journal::Tx& tx) -> absl::StatusOr<Ticket> {
    BAIMI_RETURN_IF_ERROR(store_->PolicyVersionNow(tx).status());
    BAIMI_ASSIGN_OR_RETURN(const std::string number,
                           store_->NextNumber(tx.sql(), tx.county(), tx.now()));
    const std::string name = absl::StrCat(kCounty, "/tickets/", number);
    ticket::v1::CreateTicketRequest request;
    *request.mutable_ticket() = SampleOrder();
    request.mutable_ticket()->set_category(
        ticket::domain::SampleInForce().policy().categories(0).code());
    BAIMI_ASSIGN_OR_RETURN(
        ticket::domain::Decision decision,
        ticket::domain::File(request, name, ticket::domain::SamplePlace(),
                             {tx.now(), tx.call().actor, ticket::domain::SampleInForce()}));
    for (const ticket::v1::TicketFact& fact : decision.facts) {
      BAIMI_RETURN_IF_ERROR(tx.Record(name, fact, key).status());
    }
    ticket::store::TicketRow row;
    row.ticket = std::move(decision.ticket);
    row.key = key;
    row.seq = tx.next_seq() - 1;
    BAIMI_RETURN_IF_ERROR(store_->Insert(tx.sql(), row));
    tx.SealAnswerUnder(key);
    return std::move(row.ticket);
  });
}

void WriterBench::Next(Loop& loop) {
  int64_t n = 0;
  {
    absl::MutexLock lock(&loop.mu);
    if (absl::Now() >= loop.end || !loop.error.ok()) {
      --loop.left;
      return;
    }
    n = next_++;
  }
  Create(n).Then([this, &loop, sent = absl::Now()](const absl::StatusOr<Ticket>& ticket) {
    {
      absl::MutexLock lock(&loop.mu);
      loop.error.Update(ticket.status());
      loop.latencies_us.push_back(
          static_cast<uint32_t>(absl::ToInt64Microseconds(absl::Now() - sent)));
    }
    Next(loop);
  });
}

absl::StatusOr<LoadResult> WriterBench::Run(int in_flight, absl::Duration duration) {
  database_->Reset();
  const journal::WriterStats before = writer_->stats();
  const absl::Time start = absl::Now();
  Loop loop(in_flight, start + duration);
  for (int i = 0; i < in_flight; ++i) {
    Next(loop);
  }
  LoadResult result;
  {
    absl::MutexLock lock(&loop.mu);
    loop.mu.Await(absl::Condition(
        +[](int* left) { return *left == 0; }, &loop.left));
    BAIMI_RETURN_IF_ERROR(loop.error);
    result.latencies_us = std::move(loop.latencies_us);
  }
  result.elapsed = absl::Now() - start;
  result.done = static_cast<int64_t>(result.latencies_us.size());
  const journal::WriterStats after = writer_->stats();
  const auto groups = static_cast<double>(after.groups - before.groups);
  const Counts counts = database_->counts();
  groups_ = {.closures = static_cast<double>(after.closures - before.closures) / groups,
             .awaited = static_cast<double>(counts.awaited) / groups,
             .queued = static_cast<double>(counts.queued) / groups};
  return result;
}

absl::StatusOr<Figure*> WriterBench::Measure(const std::string& name, absl::Duration duration,
                                             const pgtest::Cluster* server, Report& report) {
  BAIMI_RETURN_IF_ERROR(Run(kInFlight, duration / 10).status());
  const absl::Duration own = CpuTimeOf(getpid(), Dead::kWithout);
  const absl::Duration of_server = server == nullptr ? absl::ZeroDuration() : CpuTime(*server);
  BAIMI_ASSIGN_OR_RETURN(LoadResult result, Run(kInFlight, duration));
  const auto orders = static_cast<double>(result.done);
  Figure& figure = report.Add(name, "orders/s", result.per_second());
  report.Add(name + ": p99", "us", result.Quantile(0.99));
  report.Add(name + ": CPU", "us",
             absl::ToDoubleMicroseconds(CpuTimeOf(getpid(), Dead::kWithout) - own) / orders);
  if (server != nullptr) {
    report.Add(name + ": PostgreSQL CPU", "us",
               absl::ToDoubleMicroseconds(CpuTime(*server) - of_server) / orders);
  }
  report.Add(name + ": a group", "orders", groups_.closures);
  report.Add(name + ": awaited by a group", "statements", groups_.awaited);
  report.Add(name + ": queued by a group", "statements", groups_.queued);
  return &figure;
}

absl::Status RunWriter(int rounds, absl::Duration duration, Report& report) {
  BAIMI_ASSIGN_OR_RETURN(const std::unique_ptr<TempFolder> folder, TempFolder::Make());
  BAIMI_ASSIGN_OR_RETURN(const auto cluster, StartPostgres(report));
  BAIMI_ASSIGN_OR_RETURN(
      const auto sqlite,
      WriterBench::Make(folder->Sqlite("ticket"), folder->Sqlite("keys"), folder->path()));
  BAIMI_ASSIGN_OR_RETURN(const std::string uri, cluster->NewSchema());
  BAIMI_ASSIGN_OR_RETURN(const std::string key_uri, cluster->NewSchema());
  BAIMI_ASSIGN_OR_RETURN(const auto postgres, WriterBench::Make(uri, key_uri, folder->path()));
  BAIMI_RETURN_IF_ERROR(postgres->Run(1, absl::Milliseconds(10)).status());
  BAIMI_ASSIGN_OR_RETURN(const auto pgbench, PgBench::Make(*cluster, uri));
  report.Note("rows of an order", pgbench->rows());
  for (int round = 1; round <= rounds; ++round) {
    std::fprintf(stderr, "round %d of %d\n", round, rounds);
    BAIMI_ASSIGN_OR_RETURN(const double same_rows, pgbench->Measure(duration, *cluster, report));
    BAIMI_ASSIGN_OR_RETURN(Figure * on_postgres, postgres->Measure("writer on PostgreSQL", duration,
                                                                   cluster.get(), report));
    on_postgres->Compare("pgbench", same_rows, kWriterTarget);
    BAIMI_ASSIGN_OR_RETURN(Figure * on_sqlite,
                           sqlite->Measure("writer on SQLite", duration, nullptr, report));
    on_sqlite->Compare("pgbench", same_rows);
  }
  return absl::OkStatus();
}

}  // namespace baimi::bench
