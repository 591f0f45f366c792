#include "tests/bench/pgbench.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/journal/log.h"
#include "common/sql/migrate.h"
#include "services/ticket/store/ticket_store.h"
#include "tests/bench/servers.h"
#include "tests/bench/site.h"

namespace baimi::bench {
namespace {

constexpr int kClients = 128;

constexpr sql::Statement kNewest = {
    "bench.newest",
    "SELECT seq, state, type, channel, category, lead, grid, area, town, length(caller), "
    "create_us, due_us, provisional, alarm_us, length(body), length(sealed), number "
    "FROM tickets WHERE county = $1 ORDER BY seq DESC LIMIT 1"};
constexpr sql::Statement kRecords = {
    "bench.records",
    "SELECT length(bytes) FROM journal WHERE county = $1 AND stream = 'main' AND resource = $2"};
constexpr sql::Statement kAnswer = {
    "bench.answer",
    "SELECT length(fingerprint), length(answer), length(sealed), actor, method, "
    "length(request_id) FROM requests WHERE county = $1 AND seq = $2"};

// As SQL: what stands in the rows of an order.
struct Order {
  std::string number;
  int64_t seq = 0;
  std::string ticket_values;
  int64_t ticket_bytes = 0;
  std::vector<int64_t> records = {};
  std::string answer_values;
  int64_t answer_bytes = 0;
};

std::string Quoted(absl::string_view text) { return absl::StrCat("'", text, "'"); }
std::string Bytes(int64_t length) {
  return absl::StrCat("decode(repeat('ab', ", length, "), 'hex')");
}
std::string OrNull(const sql::Row& row, int column) {
  return row.IsNull(column) ? "NULL" : absl::StrCat(row.Int64(column));
}

absl::StatusOr<Order> Newest(sql::Reader& reader) {
  Order order;
  BAIMI_ASSIGN_OR_RETURN(
      const bool found, reader.QueryOne(kNewest, {kCountyCode}, [&](const sql::Row& row) {
        order.seq = row.Int64(0);
        order.number = std::string(row.Text(16));
        order.ticket_bytes = row.Int64(14) + row.Int64(15);
        order.ticket_values = absl::StrCat(
            row.Int64(1), ", ", row.Int64(2), ", ", row.Int64(3), ", ", Quoted(row.Text(4)), ", ",
            Quoted(row.Text(5)), ", ", Quoted(row.Text(6)), ", ", Quoted(row.Text(7)), ", ",
            Quoted(row.Text(8)), ", ", Bytes(row.Int64(9)), ", ", row.Int64(10), ", ",
            OrNull(row, 11), ", ", row.Int64(12), ", ", OrNull(row, 13), ", 1, n.v, ",
            Bytes(row.Int64(14)), ", ", Bytes(row.Int64(15)));
        return absl::OkStatus();
      }));
  if (!found) {
    return absl::NotFoundError("no order to measure pgbench's rows by");
  }
  const std::string name = absl::StrCat(kCounty, "/tickets/", order.number);
  BAIMI_RETURN_IF_ERROR(reader.Query(kRecords, {kCountyCode, name}, [&](const sql::Row& row) {
    order.records.push_back(row.Int64(0));
    return absl::OkStatus();
  }));
  BAIMI_RETURN_IF_ERROR(reader.Query(kAnswer, {kCountyCode, order.seq}, [&](const sql::Row& row) {
    order.answer_bytes = row.Int64(1) + row.Int64(2);
    order.answer_values =
        absl::StrCat(Quoted(row.Text(3)), ", ", Quoted(row.Text(4)), ", lpad(n.v::text, ",
                     row.Int64(5), ", 'r'), ", Bytes(row.Int64(0)), ", ", Bytes(row.Int64(1)), ", ",
                     Bytes(row.Int64(2)), ", n.v, 1795000000000000");
    return absl::OkStatus();
  }));
  if (order.records.empty() || order.answer_values.empty()) {
    return absl::NotFoundError("the newest order has no record or no stored answer");
  }
  return order;
}

// One statement; a common table expression for each row. Numbers count up, as ours do.
std::string ScriptFor(const Order& order) {
  std::string records;
  for (size_t i = 0; i < order.records.size(); ++i) {
    absl::SubstituteAndAppend(&records,
                              R"sql(
  record$0 AS (INSERT INTO journal (county, stream, seq, resource, time_us, bytes, hash)
    SELECT '469031', 'main', n.v * $1 + $0, 'counties/469031/tickets/2026' ||
      lpad(n.v::text, 11, '0'), 1795000000000000, $2, decode(repeat('cd', 32), 'hex') FROM n),)sql",
                              i, order.records.size(), Bytes(order.records[i]));
  }
  return absl::Substitute(
      R"sql(WITH n AS (SELECT nextval('orders') AS v),
  number AS (INSERT INTO ticket_numbers (county, day, last)
    VALUES ('469031', :client_id::text, 1)
    ON CONFLICT (county, day) DO UPDATE SET last = ticket_numbers.last + 1 RETURNING last),$0
  counted AS (INSERT INTO ticket_counts (county, lead, state, n)
    VALUES ('469031', :client_id::text, 1, 1)
    ON CONFLICT (county, lead, state) DO UPDATE SET n = ticket_counts.n + 1),
  request AS (INSERT INTO requests
      (county, actor, method, request_id, fingerprint, answer, sealed, seq, expires_us)
    SELECT '469031', $1 FROM n)
INSERT INTO tickets (county, number, state, type, channel, category, lead, grid, area, town, caller,
    create_us, due_us, provisional, alarm_us, key_id, seq, body, sealed)
  SELECT '469031', '2026' || lpad(n.v::text, 11, '0'), $2 FROM n;
)sql",
      records, order.answer_values, order.ticket_values);
}

absl::StatusOr<double> NumberAfter(absl::string_view output, absl::string_view text) {
  const size_t at = output.find(text);
  double number = 0;
  return at != absl::string_view::npos &&
                 absl::SimpleAtod(
                     output.substr(at + text.size(), output.find_first_of(" \n", at + text.size()) -
                                                         at - text.size()),
                     &number)
             ? absl::StatusOr<double>(number)
             : absl::NotFoundError(text);
}

absl::Status MakeTables(const std::string& uri) {
  const SystemClock clock;
  BAIMI_ASSIGN_OR_RETURN(const auto database, sql::Open(uri, {}));
  BAIMI_RETURN_IF_ERROR(sql::Migrate(*database, "journal", journal::JournalMigrations(), clock));
  BAIMI_RETURN_IF_ERROR(
      sql::Migrate(*database, "ticket", ticket::store::TicketMigrations(), clock));
  return database->Write({},
                         [](sql::Tx& tx) { return tx.ExecuteScript("CREATE SEQUENCE orders"); });
}

}  // namespace

absl::StatusOr<std::unique_ptr<PgBench>> PgBench::Make(pgtest::Cluster& cluster,
                                                       const std::string& like) {
  Order order;
  BAIMI_ASSIGN_OR_RETURN(const auto database, sql::Open(like, {}));
  BAIMI_RETURN_IF_ERROR(database->Read({}, [&](sql::Reader& reader) -> absl::Status {
    BAIMI_ASSIGN_OR_RETURN(order, Newest(reader));
    return absl::OkStatus();
  }));
  BAIMI_ASSIGN_OR_RETURN(const std::string uri, cluster.NewSchema());
  BAIMI_RETURN_IF_ERROR(MakeTables(uri));
  const std::string script = cluster.directory() + "/same_rows.sql";
  std::ofstream(script) << ScriptFor(order);
  std::filesystem::permissions(script, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  BAIMI_ASSIGN_OR_RETURN(const std::string binaries, pgtest::BinaryDirectory());
  return std::unique_ptr<PgBench>(new PgBench(
      binaries + "/pgbench", script, uri,
      absl::StrCat("tickets 1 (", order.ticket_bytes, " bytes sealed and open), journal ",
                   order.records.size(), " (",
                   std::accumulate(order.records.begin(), order.records.end(), int64_t{0}),
                   " bytes), requests 1 (", order.answer_bytes,
                   " bytes), ticket_numbers 1, ticket_counts 1")));
}

absl::StatusOr<double> PgBench::Measure(absl::Duration duration, const pgtest::Cluster& cluster,
                                        Report& report) const {
  // Its clock runs while the clients connect; the rate that it gives leaves that out.
  constexpr int64_t kConnecting = 2;
  const int64_t seconds = std::max<int64_t>(1, absl::ToInt64Seconds(duration)) + kConnecting;
  const absl::Duration before = CpuTime(cluster);
  BAIMI_ASSIGN_OR_RETURN(
      const auto process,
      pgtest::Process::Start({program_, "-n", "-M", "prepared", "-c", absl::StrCat(kClients), "-j",
                              "2", "-T", absl::StrCat(seconds), "-f", script_, uri_}));
  const int code = process->Wait();
  const std::string output = process->output();
  absl::StatusOr<double> tps = NumberAfter(output, "\ntps = ");
  const absl::StatusOr<double> done =
      NumberAfter(output, "\nnumber of transactions actually processed: ");
  if (code != 0 || !tps.ok() || !done.ok() || *done == 0) {
    return absl::InternalError(absl::StrCat("pgbench: exit code ", code, ": ", output));
  }
  const std::string name = absl::StrCat("pgbench, the same rows, ", kClients, " clients");
  report.Add(name, "orders/s", *tps);
  report.Add(name + ": PostgreSQL CPU", "us",
             absl::ToDoubleMicroseconds(CpuTime(cluster) - before) / *done);
  return tps;
}

}  // namespace baimi::bench
