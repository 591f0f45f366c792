#include "common/process/program.h"

#include <csignal>
#include <cstdio>

#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"
#include "common/observe/log.h"
#include "common/process/healthcheck.h"

namespace baimi::process {
namespace {

constexpr absl::Duration kHealthTimeout = absl::Seconds(3);

// Before any thread starts, so that only sigwait sees them.
sigset_t HoldSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

absl::Status Serve(const Program& program, const Environment& environment,
                   const sigset_t& signals) {
  BAIMI_ASSIGN_OR_RETURN(const std::unique_ptr<Running> running, program.start(environment));
  std::printf("ready %s\n", running->Doors().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  observe::Log(observe::LogLevel::kInfo, "stopping", {{"signal", signal}});
  if (!running->Stop()) {
    observe::Log(observe::LogLevel::kWarning, "calls were cut off at the end of the drain");
  }
  return absl::OkStatus();
}

absl::Status RunCommand(const Program& program, const std::string& word,
                        const Environment& environment) {
  for (const Command& command : program.commands) {
    if (command.word == word) {
      return command.run(environment);
    }
  }
  return absl::InternalError("a command without code");
}

}  // namespace

int RunProgram(Program program, int argc, const char* const* argv) {
  // Debian builds Abseil with its deadlock detector on: one global lock around every mutex.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  bool healthcheck = false;
  config::Table table(program.name, program.summary);
  program.declare(table);
  table.root().String("log.level", &program.log_level, "Least level that is logged.",
                      {.allowed = {"DEBUG", "INFO", "WARNING", "ERROR"}});
  table.root().Bool("healthcheck", &healthcheck,
                    "Ask /readyz of the process that runs on these settings: exit code 0 or 1.");
  for (const Command& command : program.commands) {
    table.Command(command.word, command.doc);
  }
  const absl::StatusOr<config::Invocation> run = table.Parse(config::ProcessSources(argc, argv));
  if (!run.ok()) {
    std::fprintf(stderr, "%s\n", std::string(run.status().message()).c_str());
    return 2;
  }
  if (run->action != config::Invocation::Action::kRun) {
    std::fputs(run->text.c_str(), stdout);
    return 0;
  }
  absl::Status status;
  if (healthcheck) {
    status = CheckHealth(*program.address, *program.admin_port, kHealthTimeout);
  } else {
    observe::LogOptions log;
    log.level = observe::ParseLogLevel(program.log_level).value_or(observe::LogLevel::kInfo);
    log.service = program.service;
    observe::ConfigureLog(log);
    const SystemClock clock;
    const std::unique_ptr<Rng> rng = NewSystemRng();
    const Environment environment{&clock, rng.get()};
    // Commands die by a signal as programs do.
    status = run->words.empty() ? Serve(program, environment, HoldSignals())
                                : RunCommand(program, run->words.front(), environment);
  }
  if (!status.ok()) {
    std::fprintf(stderr, "%s: %s\n", program.name, std::string(status.message()).c_str());
    return 1;
  }
  return 0;
}

}  // namespace baimi::process
