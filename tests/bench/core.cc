#include "tests/bench/core.h"

#include <atomic>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/testing/redis/redis_server.h"
#include "common/transcode/json_gate.h"
#include "tests/bench/child.h"
#include "tests/bench/echo.h"
#include "tests/bench/grpc_load.h"
#include "tests/bench/http_load.h"
#include "tests/bench/pgbench.h"
#include "tests/bench/servers.h"
#include "tests/bench/site.h"
#include "tests/bench/writer.h"

namespace baimi::bench {
namespace {

constexpr char kGet[] = "/baimi.ticket.v1.TicketService/GetTicket";
constexpr int kStarts = 5;
constexpr int kInFlight = 128;
constexpr int kHttpClients = 32;
constexpr int kSmallClients = 8;
// DESIGN.md §6.
constexpr double kGetTarget = 0.8;
constexpr double kCreateTarget = 0.5;
constexpr double kLifecycleTarget = 1000;
constexpr double kStartTarget = 1000;
constexpr double kIdleTarget = 120e6 / (1 << 20);

void Say(const std::string& what) { std::fprintf(stderr, "%s\n", what.c_str()); }

// 20 kB, 10,000 deep.
std::string DeepBody() { return std::string(10000, '[') + std::string(10000, ']'); }

class Core {
 public:
  Core(const CoreOptions& options, Report& report) : options_(options), report_(report) {}

  absl::Status Run() {
    BAIMI_RETURN_IF_ERROR(StartServers());
    Say("loading the sample county into each form");
    BAIMI_ASSIGN_OR_RETURN(suite_, Site::MakeSuite(options_.sample_dir));
    BAIMI_RETURN_IF_ERROR(MeasureStarts());
    BAIMI_ASSIGN_OR_RETURN(const Databases of_suite, NewDatabases());
    BAIMI_ASSIGN_OR_RETURN(suite_on_postgres_, Site::MakeSuite(options_.sample_dir, of_suite));
    BAIMI_ASSIGN_OR_RETURN(const Databases of_processes, NewDatabases());
    BAIMI_ASSIGN_OR_RETURN(processes_,
                           Site::MakeProcesses(options_.sample_dir, of_processes, redis_->uri()));
    BAIMI_RETURN_IF_ERROR(FileOne());
    BAIMI_RETURN_IF_ERROR(MakeWriters(of_suite.ticket));
    for (int round = 1; round <= options_.rounds; ++round) {
      Say(absl::StrCat("round ", round, " of ", options_.rounds));
      for (const int in_flight : {kInFlight, 16}) {
        BAIMI_RETURN_IF_ERROR(MeasureReads(in_flight));
      }
      BAIMI_RETURN_IF_ERROR(MeasureWrites());
      BAIMI_RETURN_IF_ERROR(MeasureLifecycle(*suite_, "lifecycle over HTTP, suite on SQLite"));
      BAIMI_RETURN_IF_ERROR(
          MeasureLifecycle(*processes_, "lifecycle over HTTP, processes on PostgreSQL"));
      BAIMI_RETURN_IF_ERROR(MeasureHttpEdge());
      MeasureGate();
    }
    return suite_->Restart();
  }

 private:
  absl::Status StartServers() {
    Say("starting PostgreSQL and Redis");
    BAIMI_ASSIGN_OR_RETURN(folder_, TempFolder::Make());
    BAIMI_ASSIGN_OR_RETURN(postgres_, StartPostgres(report_));
    BAIMI_ASSIGN_OR_RETURN(redis_, fixture::RedisServer::Start());
    report_.Note("SQLite", "journal_mode=WAL synchronous=FULL");
    report_.Note("Redis", "no persistence, unix socket");
    return absl::OkStatus();
  }

  absl::StatusOr<Databases> NewDatabases() {
    Databases databases;
    for (std::string* uri : {&databases.ticket, &databases.registry, &databases.keys}) {
      BAIMI_ASSIGN_OR_RETURN(*uri, postgres_->NewSchema());
    }
    return databases;
  }

  absl::Status MakeWriters(const std::string& like) {
    BAIMI_ASSIGN_OR_RETURN(pgbench_, PgBench::Make(*postgres_, like));
    report_.Note("rows of an order", pgbench_->rows());
    BAIMI_ASSIGN_OR_RETURN(
        writer_on_sqlite_,
        WriterBench::Make(folder_->Sqlite("ticket"), folder_->Sqlite("keys"), folder_->path()));
    BAIMI_ASSIGN_OR_RETURN(const Databases databases, NewDatabases());
    BAIMI_ASSIGN_OR_RETURN(writer_on_postgres_,
                           WriterBench::Make(databases.ticket, databases.keys, folder_->path()));
    return absl::OkStatus();
  }

  absl::Status MeasureStarts() {
    Say("starting on existing data");
    for (int i = 0; i < kStarts; ++i) {
      BAIMI_RETURN_IF_ERROR(suite_->Restart());
      Figure& start =
          report_.Add("start to ready", "ms", absl::ToDoubleMilliseconds(suite_->start_time()));
      start.target = kStartTarget;
      start.better = Better::kLess;
      Figure& idle = report_.Add("idle memory", "MiB", suite_->ResidentMib());
      idle.target = kIdleTarget;
      idle.better = Better::kLess;
    }
    return absl::OkStatus();
  }

  // The order that is read, an echo of its size, and one that pgbench's rows are measured by.
  absl::Status FileOne() {
    report_.Add("idle memory, the three processes", "MiB", processes_->ResidentMib());
    ticket::v1::Ticket order;
    for (const Site* site : {suite_on_postgres_.get(), suite_.get()}) {
      BAIMI_RETURN_IF_ERROR(CallOnce(site->channels().front(), kCreateTicket, site->clerk(),
                                     site->NewOrder(next_++), &order));
    }
    get_.set_name(order.name());
    BAIMI_RETURN_IF_ERROR(
        CallOnce(suite_->channels().front(), kGet, suite_->clerk(), get_, &order));
    BAIMI_ASSIGN_OR_RETURN(echo_, Child::Start({OwnFolder() + "/baimi-bench", "echo-server",
                                                "--answer", absl::StrCat(order.ByteSizeLong())},
                                               "ready ", absl::Seconds(20)));
    echo_channels_ = Connect(echo_->Port("grpc"), 2);
    report_.Add("answer of GetTicket", "bytes", static_cast<double>(order.ByteSizeLong()));
    return absl::OkStatus();
  }

  // Throughput, latency and the server's CPU time of one load.
  Figure& Note(const std::string& name, const std::string& unit, LoadResult& result,
               absl::Duration cpu) {
    Figure& figure = report_.Add(name, unit, result.per_second());
    report_.Add(name + ": p50", "us", result.Quantile(0.5));
    report_.Add(name + ": p99", "us", result.Quantile(0.99));
    report_.Add(name + ": server CPU", "us",
                absl::ToDoubleMicroseconds(cpu) / static_cast<double>(result.done));
    return figure;
  }

  // A load after a tenth of it that is not counted. `server` is a Child or a Site.
  template <typename Server>
  absl::StatusOr<LoadResult> Grpc(const Server& server,
                                  const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                                  GrpcLoad load, absl::Duration& cpu) {
    load.duration = options_.duration / 10;
    BAIMI_RETURN_IF_ERROR(RunGrpc(channels, load).status());
    load.duration = options_.duration;
    const absl::Duration before = server.CpuTime();
    absl::StatusOr<LoadResult> result = RunGrpc(channels, load);
    cpu = server.CpuTime() - before;
    return result;
  }

  absl::Status MeasureReads(int in_flight) {
    std::string request = get_.SerializeAsString();
    GrpcLoad load;
    load.request = [&](int64_t) { return request; };
    load.in_flight = in_flight;
    absl::Duration cpu;
    load.method = kEchoMethod;
    BAIMI_ASSIGN_OR_RETURN(LoadResult echo, Grpc(*echo_, echo_channels_, load, cpu));
    const std::string suffix = absl::StrCat(", ", in_flight, " in flight");
    Note("gRPC echo" + suffix, "calls/s", echo, cpu);
    load.method = kGet;
    load.token = suite_->clerk();
    BAIMI_ASSIGN_OR_RETURN(LoadResult get, Grpc(*suite_, suite_->channels(), load, cpu));
    Figure& figure = Note("cached GetTicket" + suffix, "calls/s", get, cpu);
    if (in_flight == kInFlight) {
      echoes_ = echo.per_second();
      figure.Compare("echo", echoes_, kGetTarget);
    } else {
      figure.Compare("echo", echo.per_second());
    }
    return absl::OkStatus();
  }

  // Orders that are on disk before the answer: through the RPC, and by the writer alone.
  absl::Status MeasureWrites() {
    BAIMI_ASSIGN_OR_RETURN(Figure * by_suite, MeasureCreate(*suite_, "SQLite"));
    by_suite->Compare("echo", echoes_, kCreateTarget);
    BAIMI_ASSIGN_OR_RETURN(const double same_rows,
                           pgbench_->Measure(options_.duration, *postgres_, report_));
    BAIMI_ASSIGN_OR_RETURN(Figure * on_postgres, MeasureCreate(*suite_on_postgres_, "PostgreSQL"));
    on_postgres->Compare("echo", echoes_);
    on_postgres->Compare("pgbench", same_rows, kWriterTarget);
    BAIMI_ASSIGN_OR_RETURN(
        Figure * writer, writer_on_postgres_->Measure("writer alone on PostgreSQL",
                                                      options_.duration, postgres_.get(), report_));
    writer->Compare("pgbench", same_rows, kWriterTarget);
    BAIMI_ASSIGN_OR_RETURN(writer, writer_on_sqlite_->Measure("writer alone on SQLite",
                                                              options_.duration, nullptr, report_));
    writer->Compare("echo", echoes_);
    return absl::OkStatus();
  }

  absl::StatusOr<Figure*> MeasureCreate(const Site& site, const std::string& database) {
    std::atomic<int64_t> sent = 0;
    GrpcLoad load;
    load.method = kCreateTicket;
    load.token = site.clerk();
    load.request = [&](int64_t) {
      return site.NewOrder(next_ + sent.fetch_add(1)).SerializeAsString();
    };
    BAIMI_ASSIGN_OR_RETURN(const int64_t before, site.CountOrders());
    const absl::Duration postgres_before = CpuTime(*postgres_);
    absl::Duration cpu;
    BAIMI_ASSIGN_OR_RETURN(LoadResult result, Grpc(site, site.channels(), load, cpu));
    const absl::Duration postgres_cpu = CpuTime(*postgres_) - postgres_before;
    BAIMI_ASSIGN_OR_RETURN(const int64_t after, site.CountOrders());
    next_ += sent;
    if (after - before != sent) {
      return absl::DataLossError(
          absl::StrCat("acknowledged ", sent.load(), " orders, counted ", after - before));
    }
    const std::string name = absl::StrCat("durable CreateTicket on ", database, ", 128 in flight");
    Figure& figure = Note(name, "calls/s", result, cpu);
    if (&site != suite_.get()) {
      report_.Add(name + ": PostgreSQL CPU", "us",
                  absl::ToDoubleMicroseconds(postgres_cpu) / static_cast<double>(sent));
    }
    return &figure;
  }

  absl::Status MeasureLifecycle(const Site& site, const std::string& name) {
    HttpLoad load;
    load.port = site.http_port();
    load.clients = kHttpClients;
    load.duration = options_.duration;
    load.work = [&, first = lifecycles_](http::testing::Client& client, int64_t n) {
      return site.Lifecycle(client, first + n);
    };
    const absl::Duration before = site.CpuTime();
    BAIMI_ASSIGN_OR_RETURN(LoadResult result, RunHttp(load));
    lifecycles_ += result.done;
    Note(name, "lifecycles/s", result, site.CpuTime() - before).target = kLifecycleTarget;
    return absl::OkStatus();
  }

  // What the door itself costs: an answer of its own, a body refused by the gate, a caller refused.
  absl::Status MeasureHttpEdge() {
    struct Row {
      const char* name;
      const char* method;
      std::string target;
      std::string body;
      std::vector<http::Header> headers;
      int want;
    };
    const std::string tickets = absl::StrCat("/v1/", kCounty, "/tickets");
    const http::Header clerk = {"Authorization", absl::StrCat("Bearer ", suite_->clerk())};
    const http::Header json = {"Content-Type", "application/json"};
    const Row rows[] = {
        {"HTTP /healthz", "GET", "/healthz", "", {}, 200},
        {"HTTP refused by the gate, 20 kB", "POST", tickets, DeepBody(), {clerk, json}, 400},
        {"HTTP refused, no key (401)", "GET", tickets, "", {}, 401},
    };
    for (const Row& row : rows) {
      HttpLoad load;
      load.port = suite_->http_port();
      load.clients = kSmallClients;
      load.duration = options_.duration / 3;
      load.work = [&row](http::testing::Client& client, int64_t) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const http::testing::ClientResponse answer,
                               client.Call(row.method, row.target, row.body, row.headers));
        return answer.status == row.want
                   ? absl::OkStatus()
                   : absl::InternalError(absl::StrCat(row.name, ": got ", answer.status, ", want ",
                                                      row.want, ": ", answer.body));
      };
      const absl::Duration before = suite_->CpuTime();
      BAIMI_ASSIGN_OR_RETURN(LoadResult result, RunHttp(load));
      Note(row.name, "requests/s", result, suite_->CpuTime() - before);
    }
    return absl::OkStatus();
  }

  // The scanner alone, in this process.
  void MeasureGate() {
    const std::string deep = DeepBody();
    std::string list = "[0";
    while (list.size() < 20000) {
      absl::StrAppend(&list, R"(,{"title":"电梯停运","n":[1,2.5,true]})");
    }
    list += "]";
    const std::pair<const char*, const std::string*> bodies[] = {
        {"gate alone, 20 kB 10,000 deep", &deep}, {"gate alone, 20 kB well formed", &list}};
    for (const auto& [name, body] : bodies) {
      constexpr int kTimes = 2000;
      const absl::Time start = absl::Now();
      for (int i = 0; i < kTimes; ++i) {
        refused_ += transcode::ScanJson(*body).ok() ? 0 : 1;
      }
      report_.Add(name, "us", absl::ToDoubleMicroseconds(absl::Now() - start) / kTimes);
    }
  }

  const CoreOptions& options_;
  Report& report_;
  std::unique_ptr<TempFolder> folder_;
  std::unique_ptr<pgtest::Cluster> postgres_;
  std::unique_ptr<fixture::RedisServer> redis_;
  std::unique_ptr<Site> suite_;
  std::unique_ptr<Site> suite_on_postgres_;
  std::unique_ptr<Site> processes_;
  std::unique_ptr<PgBench> pgbench_;
  std::unique_ptr<WriterBench> writer_on_sqlite_;
  std::unique_ptr<WriterBench> writer_on_postgres_;
  std::optional<Child> echo_;
  std::vector<std::shared_ptr<grpc::Channel>> echo_channels_;
  ticket::v1::GetTicketRequest get_;
  // The echo's calls/s of this round at 128 in flight.
  double echoes_ = 0;
  int64_t next_ = 0;
  int64_t lifecycles_ = 0;
  int64_t refused_ = 0;
};

}  // namespace

absl::Status RunCore(const CoreOptions& options, Report& report) {
  return Core(options, report).Run();
}

}  // namespace baimi::bench
