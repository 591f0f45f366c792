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
#include "tests/bench/report.h"
#include "tests/bench/scale.h"
#include "tests/bench/search.h"
#include "tests/bench/writer.h"
#include "tests/bench/year.h"

namespace baimi::bench {
namespace {

absl::Status Measure(const std::string& name, const CoreOptions& core, const ScaleOptions& scale,
                     const SearchOptions& search, const YearOptions& year,
                     const std::string& json) {
  Report report(name);
  BAIMI_RETURN_IF_ERROR(name == "scale"    ? RunScale(scale, report)
                        : name == "search" ? RunSearch(search, report)
                        : name == "year"   ? RunYear(year, report)
                        : name == "writer" ? RunWriter(core.rounds, core.duration, report)
                                           : RunCore(core, report));
  report.Finish();
  if (!json.empty()) {
    BAIMI_RETURN_IF_ERROR(report.WriteJson(json));
  }
  std::fputs(report.Table().c_str(), stdout);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  // As in the suite: the yardstick must not pay for a debugging aid either.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  std::signal(SIGPIPE, SIG_IGN);
  CoreOptions options;
  ScaleOptions scale;
  SearchOptions search;
  YearOptions year;
  std::string json;
  int answer = 1024;
  config::Table table("baimi-bench", "Measures Baimi on this machine.");
  table.root().String("json", &json, "Where the figures go, besides the table.");
  table.root().String("sample_dir", &options.sample_dir, "Where the sample's files stand.");
  table.root().Int("rounds", &options.rounds, "Runs of each bench.", {.min = 1, .max = 100});
  table.root().Duration("duration", &options.duration, "Of one run.",
                        {.min = absl::Milliseconds(100), .max = absl::Minutes(10)});
  table.root().Int("answer", &answer, "echo-server: bytes of an answer.",
                   {.min = 0, .max = 1 << 20});
  table.root().Int("orders", &scale.orders, "scale: orders in the table.",
                   {.min = 1000, .max = 100'000'000});
  table.root().Int("year_orders", &year.orders, "year: orders filed.",
                   {.min = 100, .max = 10'000'000});
  table.root().Int("lists", &scale.lists, "scale: lists of each kind.",
                   {.min = 10, .max = 100'000});
  table.root().Int("search_orders", &search.orders, "search: orders in the table.",
                   {.min = 1000, .max = 100'000'000});
  table.root().Int("searches", &search.searches, "search: searches of each kind.",
                   {.min = 10, .max = 100'000});
  table.root().Bool("search_postgres", &search.postgres, "search: on PostgreSQL.");
  table.Command("core",
                "Echo, cached get, durable create beside pgbench, lifecycle, start, refusals.");
  table.Command("writer", "The journal's writer alone on each database, beside pgbench.");
  table.Command("scale", "Lists by every filter over a million orders.");
  table.Command("search", "Duplicates, words and places over many orders.");
  table.Command("year", "A year of orders on a simulated clock, and the checks at its end.");
  table.Command("echo-server", "The yardstick; `core` starts it.");
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
    return ServeEcho(answer);
  }
  year.sample_dir = options.sample_dir;
  const absl::Status status = Measure(run->words.front(), options, scale, search, year, json);
  if (!status.ok()) {
    std::fprintf(stderr, "baimi-bench: %s\n", status.ToString().c_str());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace baimi::bench

int main(int argc, char** argv) { return baimi::bench::Main(argc, argv); }
