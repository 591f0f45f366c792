// baimi-bench: measures Baimi beside a bare gRPC server and pgbench. See docs/bench.md.
#include <csignal>
#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "tests/bench/core.h"
#include "tests/bench/echo.h"
#include "tests/bench/flow.h"
#include "tests/bench/report.h"
#include "tests/bench/scale.h"
#include "tests/bench/search.h"
#include "tests/bench/timers.h"
#include "tests/bench/writer.h"
#include "tests/bench/year.h"

namespace baimi::bench {
namespace {

struct Options {
  CoreOptions core;
  ScaleOptions scale;
  SearchOptions search;
  TimersOptions timers;
  YearOptions year;
  std::string json;
  // Bytes of an answer of the echo server.
  int answer = 1024;
};

void Declare(config::Table& table, Options& options) {
  const config::Section root = table.root();
  root.String("json", &options.json, "Where the figures go, besides the table.");
  root.String("sample_dir", &options.core.sample_dir, "Where the sample's files stand.");
  root.Int("rounds", &options.core.rounds, "Runs of each bench.", {.min = 1, .max = 100});
  root.Duration("duration", &options.core.duration, "Of one run.",
                {.min = absl::Milliseconds(100), .max = absl::Minutes(10)});
  root.Int("answer", &options.answer, "echo-server: bytes of an answer.",
           {.min = 0, .max = 1 << 20});
  root.Int("orders", &options.scale.orders, "scale: orders in the table.",
           {.min = 1000, .max = 100'000'000});
  root.Int("lists", &options.scale.lists, "scale: lists of each kind.",
           {.min = 10, .max = 100'000});
  root.Int("year_orders", &options.year.orders, "year: orders filed.",
           {.min = 100, .max = 10'000'000});
  root.Int("search_orders", &options.search.orders, "search: orders in the table.",
           {.min = 1000, .max = 100'000'000});
  root.Int("searches", &options.search.searches, "search: searches of each kind.",
           {.min = 10, .max = 100'000});
  root.Bool("search_postgres", &options.search.postgres, "search: on PostgreSQL.");
  root.Int("timers", &options.timers.timers, "timers: open at the start.",
           {.min = 1000, .max = 100'000'000});
  root.Int("timers_per_second", &options.timers.per_second, "timers: how many come due a second.",
           {.min = 1, .max = 100'000});
  root.Duration("timers_duration", &options.timers.duration, "timers: how long.",
                {.min = absl::Seconds(1), .max = absl::Hours(1)});
  root.Int("timers_backlog", &options.timers.backlog, "timers: overdue all at once.",
           {.min = 0, .max = 10'000'000});
  root.Bool("timers_postgres", &options.timers.postgres, "timers: on PostgreSQL.");
  table.Command("core",
                "Echo, cached get, durable create beside pgbench, lifecycle, start, refusals.");
  table.Command("flow", "Matchings and pairings solved, beside LEMON's network simplex and greed.");
  table.Command("writer", "The journal's writer alone on each database, beside pgbench.");
  table.Command("scale", "Lists by every filter over a million orders.");
  table.Command("search", "Duplicates, words and places over many orders.");
  table.Command("timers", "How late what is due becomes with a million timers open.");
  table.Command("year", "A year of orders on a simulated clock, and the checks at its end.");
  table.Command("echo-server", "The yardstick; `core` starts it.");
}

absl::Status Measure(const std::string& name, const Options& options) {
  const CoreOptions& core = options.core;
  Report report(name);
  BAIMI_RETURN_IF_ERROR(name == "scale"    ? RunScale(options.scale, report)
                        : name == "flow"   ? RunFlow({.rounds = core.rounds}, report)
                        : name == "search" ? RunSearch(options.search, report)
                        : name == "timers" ? RunTimers(options.timers, report)
                        : name == "year"   ? RunYear(options.year, report)
                        : name == "writer" ? RunWriter(core.rounds, core.duration, report)
                                           : RunCore(core, report));
  report.Finish();
  if (!options.json.empty()) {
    BAIMI_RETURN_IF_ERROR(report.WriteJson(options.json));
  }
  std::fputs(report.Table().c_str(), stdout);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  // As in the suite: the yardstick must not pay for a debugging aid either.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  std::signal(SIGPIPE, SIG_IGN);
  Options options;
  config::Table table("baimi-bench", "Measures Baimi on this machine.");
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
  if (run->words.empty()) {
    std::fputs("baimi-bench: want a command; see baimi-bench --help\n", stderr);
    return 2;
  }
  if (run->words.front() == "echo-server") {
    return ServeEcho(options.answer);
  }
  options.year.sample_dir = options.core.sample_dir;
  const absl::Status status = Measure(run->words.front(), options);
  if (!status.ok()) {
    std::fprintf(stderr, "baimi-bench: %s\n", status.ToString().c_str());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace baimi::bench

int main(int argc, char** argv) { return baimi::bench::Main(argc, argv); }
