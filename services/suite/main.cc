// baimi-suite: all of Baimi in one process.
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "common/observe/log.h"
#include "services/suite/data_dir.h"
#include "services/suite/sample.h"
#include "services/suite/suite.h"

namespace baimi::suite {
namespace {

struct Options {
  SuiteOptions suite;
  std::string data = ".data";
  bool sample = false;
  std::string sample_dir = "deploy/sample";
  std::string log_level = "WARNING";
};

void Declare(config::Table& table, Options& options) {
  const config::Section root = table.root();
  root.String("data", &options.data, "Data directory; made when it is missing.");
  root.Bool("sample", &options.sample, "Load the sample county into a new data directory.");
  root.String("sample_dir", &options.sample_dir, "Where the sample's files stand.");
  root.String("address", &options.suite.address, "Address that all doors listen on.");
  root.Int("http.port", &options.suite.http_port, "HTTP/JSON door; 0 takes a free port.",
           {.min = 0, .max = 65535});
  root.Int("grpc.port", &options.suite.grpc_port, "gRPC door; 0 takes a free port.",
           {.min = 0, .max = 65535});
  root.Int("admin.port", &options.suite.admin_port, "Metrics and health; 0 takes a free port.",
           {.min = 0, .max = 65535});
  root.Duration("drain", &options.suite.drain, "How long accepted calls may take at the end.");
  root.Int("lanes.interactive.threads", &options.suite.lanes.interactive.threads,
           "Threads for requests that people wait for, each service.", {.min = 1, .max = 256});
  root.Int("lanes.interactive.queue", &options.suite.lanes.interactive.queue,
           "Requests that may wait for them.", {.min = 0, .max = 100000});
  root.Bytes("cache", &options.suite.cache_bytes, "Memory of the cache.");
  root.String("log.level", &options.log_level, "Least level that is logged.",
              {.allowed = {"DEBUG", "INFO", "WARNING", "ERROR"}});
  root.Bool("log.every_call", &options.suite.log_every_call,
            "Log reads too, not only changes, errors and slow calls.");
}

absl::Status Serve(const Options& options, const sigset_t& signals) {
  const SystemClock clock;
  const std::unique_ptr<Rng> rng = NewSystemRng();
  BAIMI_ASSIGN_OR_RETURN(const DataDir data, DataDir::Prepare(options.data, *rng));
  std::string told;
  if (options.sample) {
    BAIMI_ASSIGN_OR_RETURN(told, LoadSampleOnce(options.sample_dir, data, rng.get()));
  }
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<Suite> suite,
                         Suite::Start(options.suite, data, &clock, rng.get()));
  const auto door = [&options](int port) { return absl::StrCat(options.suite.address, ":", port); };
  const std::string http = door(suite->http_port());
  const std::string grpc = door(suite->grpc_port());
  std::fputs(absl::StrReplaceAll(told, {{"{http}", http}, {"{grpc}", grpc}}).c_str(), stdout);
  std::printf("ready http=%s grpc=%s admin=%s\n", http.c_str(), grpc.c_str(),
              door(suite->admin_port()).c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  observe::Log(observe::LogLevel::kInfo, "stopping", {{"signal", signal}});
  if (!suite->Stop()) {
    observe::Log(observe::LogLevel::kWarning, "calls were cut off at the end of the drain");
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  // Debian builds Abseil with its deadlock detector on: one global lock around every mutex.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Before any thread starts, so that only sigwait sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  Options options;
  config::Table table("baimi-suite", "All of Baimi in one process.");
  Declare(table, options);
  const absl::StatusOr<config::Invocation> run = table.Parse(config::ProcessSources(argc, argv));
  if (!run.ok()) {
    std::fprintf(stderr, "%s\n", std::string(run.status().message()).c_str());
    return 2;
  }
  if (run->action != config::Invocation::Action::kRun) {
    std::fputs(run->text.c_str(), stdout);
    return 0;
  }
  observe::LogOptions log;
  log.level = observe::ParseLogLevel(options.log_level).value_or(observe::LogLevel::kInfo);
  log.service = "suite";
  observe::ConfigureLog(log);
  const absl::Status status = Serve(options, signals);
  if (!status.ok()) {
    std::fprintf(stderr, "baimi-suite: %s\n", std::string(status.message()).c_str());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace baimi::suite

int main(int argc, char** argv) { return baimi::suite::Main(argc, argv); }
