#include "tests/bench/core.h"

#include <atomic>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/transcode/json_gate.h"
#include "tests/bench/child.h"
#include "tests/bench/echo.h"
#include "tests/bench/grpc_load.h"
#include "tests/bench/http_load.h"
#include "tests/bench/site.h"

namespace baimi::bench {
namespace {

constexpr char kCreate[] = "/baimi.ticket.v1.TicketService/CreateTicket";
constexpr char kGet[] = "/baimi.ticket.v1.TicketService/GetTicket";
constexpr int kStarts = 5;
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
    Say("loading the sample county");
    BAIMI_ASSIGN_OR_RETURN(site_, Site::Make(options_.sample_dir));
    BAIMI_RETURN_IF_ERROR(MeasureStarts());
    BAIMI_RETURN_IF_ERROR(FileOne());
    for (int round = 1; round <= options_.rounds; ++round) {
      Say(absl::StrCat("round ", round, " of ", options_.rounds));
      for (const int in_flight : {128, 16}) {
        BAIMI_RETURN_IF_ERROR(MeasureReads(in_flight));
      }
      BAIMI_RETURN_IF_ERROR(MeasureCreate());
      BAIMI_RETURN_IF_ERROR(MeasureLifecycle());
      BAIMI_RETURN_IF_ERROR(MeasureHttpEdge());
      MeasureGate();
    }
    return site_->Restart();
  }

 private:
  absl::Status MeasureStarts() {
    Say("starting on existing data");
    for (int i = 0; i < kStarts; ++i) {
      BAIMI_RETURN_IF_ERROR(site_->Restart());
      Figure& start = report_.Add("start to ready", "ms",
                                  absl::ToDoubleMilliseconds(site_->suite().start_time()));
      start.target = kStartTarget;
      start.better = Better::kLess;
      // The memory of a server that has settled.
      absl::SleepFor(absl::Milliseconds(300));
      Figure& idle = report_.Add("idle memory", "MiB", site_->suite().ResidentMib());
      idle.target = kIdleTarget;
      idle.better = Better::kLess;
    }
    return absl::OkStatus();
  }

  // The order that is read, and an echo of its size.
  absl::Status FileOne() {
    ticket::v1::Ticket order;
    BAIMI_RETURN_IF_ERROR(CallOnce(site_->channels().front(), kCreate, site_->clerk(),
                                   site_->NewOrder(next_++), &order));
    get_.set_name(order.name());
    BAIMI_RETURN_IF_ERROR(CallOnce(site_->channels().front(), kGet, site_->clerk(), get_, &order));
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

  absl::StatusOr<LoadResult> Grpc(const Child& server,
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
    const std::string request = get_.SerializeAsString();
    GrpcLoad load;
    load.request = [&](int64_t) { return request; };
    load.in_flight = in_flight;
    absl::Duration cpu;
    load.method = kEchoMethod;
    BAIMI_ASSIGN_OR_RETURN(LoadResult echo, Grpc(*echo_, echo_channels_, load, cpu));
    const std::string suffix = absl::StrCat(", ", in_flight, " in flight");
    Note("gRPC echo" + suffix, "calls/s", echo, cpu);
    if (in_flight == 128) {
      yardstick_ = echo.per_second();
    }
    load.method = kGet;
    load.token = site_->clerk();
    BAIMI_ASSIGN_OR_RETURN(LoadResult get, Grpc(site_->suite(), site_->channels(), load, cpu));
    Figure& figure = Note("cached GetTicket" + suffix, "calls/s", get, cpu);
    figure.ratios.push_back(get.per_second() / echo.per_second());
    if (in_flight == 128) {
      figure.target = kGetTarget;
    }
    return absl::OkStatus();
  }

  absl::Status MeasureCreate() {
    std::atomic<int64_t> sent = 0;
    GrpcLoad load;
    load.method = kCreate;
    load.token = site_->clerk();
    load.request = [&](int64_t) {
      return site_->NewOrder(next_ + sent.fetch_add(1)).SerializeAsString();
    };
    BAIMI_ASSIGN_OR_RETURN(const int64_t before, site_->CountOrders());
    absl::Duration cpu;
    BAIMI_ASSIGN_OR_RETURN(LoadResult result, Grpc(site_->suite(), site_->channels(), load, cpu));
    BAIMI_ASSIGN_OR_RETURN(const int64_t after, site_->CountOrders());
    next_ += sent;
    if (after - before != sent) {
      return absl::DataLossError(
          absl::StrCat("acknowledged ", sent.load(), " orders, counted ", after - before));
    }
    Figure& figure = Note("durable CreateTicket, 128 in flight", "calls/s", result, cpu);
    figure.ratios.push_back(result.per_second() / yardstick_);
    figure.target = kCreateTarget;
    return absl::OkStatus();
  }

  absl::Status MeasureLifecycle() {
    HttpLoad load;
    load.port = site_->http_port();
    load.clients = kHttpClients;
    load.duration = options_.duration;
    load.work = [&, first = lifecycles_](http::testing::Client& client, int64_t n) {
      return site_->Lifecycle(client, first + n);
    };
    const absl::Duration before = site_->suite().CpuTime();
    BAIMI_ASSIGN_OR_RETURN(LoadResult result, RunHttp(load));
    lifecycles_ += result.done;
    Figure& figure = Note("lifecycle of 5 calls over HTTP", "lifecycles/s", result,
                          site_->suite().CpuTime() - before);
    figure.target = kLifecycleTarget;
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
    const http::Header clerk = {"Authorization", absl::StrCat("Bearer ", site_->clerk())};
    const http::Header json = {"Content-Type", "application/json"};
    const Row rows[] = {
        {"HTTP /healthz", "GET", "/healthz", "", {}, 200},
        {"HTTP refused by the gate, 20 kB", "POST", tickets, DeepBody(), {clerk, json}, 400},
        {"HTTP refused, no key (401)", "GET", tickets, "", {}, 401},
    };
    for (const Row& row : rows) {
      HttpLoad load;
      load.port = site_->http_port();
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
      const absl::Duration before = site_->suite().CpuTime();
      BAIMI_ASSIGN_OR_RETURN(LoadResult result, RunHttp(load));
      Note(row.name, "requests/s", result, site_->suite().CpuTime() - before);
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
  std::unique_ptr<Site> site_;
  std::optional<Child> echo_;
  std::vector<std::shared_ptr<grpc::Channel>> echo_channels_;
  ticket::v1::GetTicketRequest get_;
  // The echo's calls/s of this round at 128 in flight.
  double yardstick_ = 0;
  int64_t next_ = 0;
  int64_t lifecycles_ = 0;
  int64_t refused_ = 0;
};

}  // namespace

absl::Status RunCore(const CoreOptions& options, Report& report) {
  return Core(options, report).Run();
}

}  // namespace baimi::bench
