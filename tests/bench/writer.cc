// baimi-bench-writer: the journal's writer alone, on each database: tickets created per second with
// 128 calls in flight, and what a group costs. On PostgreSQL beside pgbench, which writes the same
// rows with one statement a transaction. Servers flush to the disk as in production.
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/journal/log.h"
#include "common/journal/writer.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "common/testing/postgres/cluster.h"
#include "services/ticket/store/ticket_store.h"
#include "tests/bench/counting.h"

namespace baimi::bench {
namespace {

using ticket::v1::Ticket;

constexpr int kInFlight = 128;
constexpr char kCounty[] = "469030";

// One place with everything a create needs.
class Place {
 public:
  static absl::StatusOr<std::unique_ptr<Place>> Open(const std::string& uri,
                                                     const std::string& key_uri,
                                                     const std::string& master) {
    auto place = std::make_unique<Place>();
    BAIMI_ASSIGN_OR_RETURN(auto database, sql::Open(uri, {}));
    place->database_ = std::make_unique<CountingDatabase>(std::move(database));
    BAIMI_ASSIGN_OR_RETURN(place->key_database_, sql::Open(key_uri, {}));
    sql::Database& database_ref = *place->database_;
    BAIMI_RETURN_IF_ERROR(
        sql::Migrate(database_ref, "journal", journal::JournalMigrations(), place->clock_));
    BAIMI_RETURN_IF_ERROR(
        sql::Migrate(database_ref, "ticket", ticket::store::TicketMigrations(), place->clock_));
    BAIMI_RETURN_IF_ERROR(sql::Migrate(*place->key_database_, "privacy",
                                       privacy::KeyRingMigrations(), place->clock_));
    BAIMI_ASSIGN_OR_RETURN(privacy::MasterKeys masters, privacy::MasterKeys::Load(master));
    BAIMI_ASSIGN_OR_RETURN(place->keys_,
                           privacy::KeyRing::Open(place->key_database_.get(), std::move(masters),
                                                  &place->clock_, place->rng_.get(), {}));
    place->vault_ = std::make_unique<privacy::Vault>(place->keys_.get(), place->rng_.get());
    place->store_ = std::make_unique<ticket::store::TicketStore>(place->vault_.get());
    place->writer_ =
        journal::Writer::Create(&database_ref, place->vault_.get(), &place->clock_, {});
    return place;
  }

  // What TicketApi::Create writes.
  absl::Status Create(const std::string& request_id) {
    BAIMI_ASSIGN_OR_RETURN(const privacy::KeyId key, keys_->NewKey());
    Call call;
    call.actor.set_id("bench");
    call.county = kCounty;
    call.method = "/bench/Create";
    call.request_id = request_id;
    call.fingerprint = "same";
    call.now = clock_.Now();
    return writer_
        ->Execute<Ticket>(
            call,
            [this, key](journal::Tx& tx) -> absl::StatusOr<Ticket> {
              BAIMI_RETURN_IF_ERROR(store_->PolicyVersionAt(tx.sql(), kCounty, tx.now()).status());
              BAIMI_ASSIGN_OR_RETURN(const std::string number,
                                     store_->NextNumber(tx.sql(), kCounty, tx.now()));
              ticket::store::TicketRow row;
              row.ticket = Filed(number, tx.now());
              row.key = key;
              ticket::v1::TicketFact fact;
              *fact.mutable_filed()->mutable_ticket() = row.ticket;
              BAIMI_ASSIGN_OR_RETURN(row.seq, tx.Record(row.ticket.name(), fact, key));
              BAIMI_RETURN_IF_ERROR(store_->Insert(tx.sql(), row));
              tx.SealAnswerUnder(key);
              return std::move(row.ticket);
            })
        .Wait()
        .status();
  }

  static Ticket Filed(const std::string& number, absl::Time now) {
    Ticket ticket;
    ticket.set_name(absl::StrCat("counties/469030/tickets/", number));
    ticket.set_state(ticket::v1::PENDING_DISPATCH);
    ticket.set_type(ticket::v1::HELP);
    ticket.set_channel(ticket::v1::PHONE);
    ticket.set_category("010101");
    ticket.set_title("电梯又停了");
    ticket.set_description("3栋电梯停在五楼，老人下不来。");
    ticket.mutable_caller()->set_name("王小兰");
    ticket.mutable_caller()->set_phone("13800001234");
    ticket.mutable_place()->set_address("营根镇营北社区珉华小区3栋");
    ticket.mutable_place()->set_grid("counties/469030/grids/469030100003001");
    ticket.mutable_create_time()->set_seconds(absl::ToUnixSeconds(now));
    return ticket;
  }

  CountingDatabase& database() { return *database_; }
  journal::WriterStats stats() const { return writer_->stats(); }

 private:
  const SystemClock clock_;
  const std::unique_ptr<Rng> rng_ = NewSystemRng();
  std::unique_ptr<CountingDatabase> database_;
  std::unique_ptr<sql::Database> key_database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  std::unique_ptr<privacy::Vault> vault_;
  std::unique_ptr<ticket::store::TicketStore> store_;
  std::unique_ptr<journal::Writer> writer_;
};

absl::Status Measure(const std::string& name, Place& place, absl::Duration duration) {
  const SystemClock clock;
  for (int i = 0; i < 200; ++i) {
    BAIMI_RETURN_IF_ERROR(place.Create(absl::StrCat("warm", i)));
  }
  place.database().Reset();
  const journal::WriterStats before = place.stats();
  std::atomic<int64_t> created = 0;
  std::atomic<bool> failed = false;
  const absl::Time start = clock.Now();
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kInFlight; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; clock.Now() < start + duration && !failed; ++i) {
        const absl::Status status = place.Create(absl::StrCat("c", caller, "-", i));
        if (!status.ok()) {
          std::fprintf(stderr, "%s\n", status.ToString().c_str());
          failed = true;
        }
        ++created;
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  const double seconds = absl::ToDoubleSeconds(clock.Now() - start);
  const journal::WriterStats after = place.stats();
  const auto groups = static_cast<double>(after.groups - before.groups);
  const Counts counts = place.database().counts();
  std::printf(
      "%-10s %8.0f creates/s  %5.1f a group  a group: %5.1f awaited, %5.1f queued "
      "statements, %4.1f savepoint operations, 1 COMMIT; reruns %lld\n",
      name.c_str(), static_cast<double>(created) / seconds,
      static_cast<double>(after.closures - before.closures) / groups,
      static_cast<double>(counts.awaited) / groups, static_cast<double>(counts.queued) / groups,
      static_cast<double>(counts.savepoints) / groups,
      static_cast<long long>(after.reruns - before.reruns));
  return failed ? absl::InternalError("a create failed") : absl::OkStatus();
}

// The same rows, as raw bytes of the same lengths, by one statement with a common table expression
// for each table.
constexpr char kScript[] = R"sql(\set n random(1, 1000000000)
\set m random(1, 1000000000)
WITH number AS (INSERT INTO ticket_numbers (county, day, last)
    VALUES ('469031', :client_id::text, 1)
    ON CONFLICT (county, day) DO UPDATE SET last = ticket_numbers.last + 1 RETURNING last),
  record AS (INSERT INTO journal (county, stream, seq, resource, time_us, bytes, hash)
    VALUES ('469031', 'main', :n::bigint * 1000000000 + :m,
      'counties/469030/tickets/20261127-000001', 1795000000000000,
      decode(repeat('ab', 520), 'hex'), decode(repeat('cd', 32), 'hex'))),
  counted AS (INSERT INTO ticket_counts (county, lead, state, n)
    VALUES ('469031', :client_id::text, 1, 1)
    ON CONFLICT (county, lead, state) DO UPDATE SET n = ticket_counts.n + 1),
  request AS (INSERT INTO requests
      (county, actor, method, request_id, fingerprint, answer, sealed, seq, expires_us)
    VALUES ('469031', 'bench', '/bench/Create', :n::text || '-' || :m::text, '\x73616d65'::bytea,
      decode(repeat('ab', 150), 'hex'), decode(repeat('cd', 180), 'hex'), 1, 1795000000000000))
INSERT INTO tickets (county, number, state, type, channel, category, lead, grid, area, town, caller,
    create_us, due_us, provisional, key_id, seq, body, sealed)
  SELECT '469031', substr(:n::text || '-' || :m::text, 1, 15), 1, 1, 1, '010101', '',
    '469030100003001', '469030100003', '469030100', decode(repeat('ef', 16), 'hex'),
    1795000000000000, NULL, 0, 1, last, decode(repeat('ab', 150), 'hex'),
    decode(repeat('cd', 180), 'hex') FROM number
  ON CONFLICT DO NOTHING;
)sql";

absl::Status RunPgbench(const pgtest::Cluster& cluster, const std::string& schema_uri,
                        absl::Duration duration) {
  BAIMI_ASSIGN_OR_RETURN(const std::string binaries, pgtest::BinaryDirectory());
  const std::string script = cluster.directory() + "/same_rows.sql";
  std::ofstream(script) << kScript;
  std::filesystem::permissions(script, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  BAIMI_ASSIGN_OR_RETURN(
      const auto pgbench,
      pgtest::Process::Start(
          {binaries + "/pgbench", "-n", "-M", "prepared", "-c", absl::StrCat(kInFlight), "-j", "2",
           "-T", absl::StrCat(absl::ToInt64Seconds(duration)), "-f", script, schema_uri}));
  const int code = pgbench->Wait();
  const std::string output = pgbench->output();
  for (const absl::string_view line : absl::StrSplit(output, '\n')) {
    if (line.substr(0, 6) == "tps = ") {
      std::printf("%-10s %8s transactions/s, one statement each, %d clients\n", "pgbench",
                  std::string(line.substr(6, line.find('.') - 6)).c_str(), kInFlight);
    }
  }
  return code == 0 ? absl::OkStatus() : absl::InternalError(output);
}

absl::Status Run(absl::Duration duration) {
  std::string directory = "/tmp/baimi_writer_XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) {
    return absl::InternalError("no temporary directory");
  }
  const std::string master = directory + "/master.key";
  BAIMI_RETURN_IF_ERROR(privacy::MasterKeys::Create(master, *NewSystemRng()));
  BAIMI_ASSIGN_OR_RETURN(const auto sqlite,
                         Place::Open("sqlite:" + directory + "/ticket.db",
                                     "sqlite:" + directory + "/keys.db", master));
  BAIMI_RETURN_IF_ERROR(Measure("sqlite", *sqlite, duration));
  BAIMI_ASSIGN_OR_RETURN(
      const auto cluster,
      pgtest::Cluster::Start(
          {.fsync = true, .settings = {"shared_buffers=256MB", "max_wal_size=4GB"}}));
  BAIMI_ASSIGN_OR_RETURN(const std::string uri, cluster->NewSchema());
  BAIMI_ASSIGN_OR_RETURN(const std::string key_uri, cluster->NewSchema());
  BAIMI_ASSIGN_OR_RETURN(const auto postgres, Place::Open(uri, key_uri, master));
  BAIMI_RETURN_IF_ERROR(Measure("postgresql", *postgres, duration));
  BAIMI_RETURN_IF_ERROR(RunPgbench(*cluster, uri, duration));
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  return absl::OkStatus();
}

}  // namespace
}  // namespace baimi::bench

// baimi-bench-writer [SECONDS]
int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  int seconds = 5;
  if (argc > 2 || (argc == 2 && (!absl::SimpleAtoi(argv[1], &seconds) || seconds < 1))) {
    std::fputs("baimi-bench-writer: want at most one argument, the seconds of a run\n", stderr);
    return 2;
  }
  const absl::Status status = baimi::bench::Run(absl::Seconds(seconds));
  if (!status.ok()) {
    std::fprintf(stderr, "baimi-bench-writer: %s\n", status.ToString().c_str());
    return 1;
  }
  return 0;
}
