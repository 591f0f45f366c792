// The main function that all programs share: configuration, logs, signals, commands, the health
// check, and the line that says where it listens.
//
//   baimi-x [settings]             runs until SIGTERM or SIGINT, drains, exits with 0
//   baimi-x COMMAND [settings]     does one thing and exits with 0, or with 1 and a reason
//   baimi-x --healthcheck          exits with 0 when the process on the same settings is ready
//
// A wrong setting exits with 2, a start that fails with 1.
#ifndef BAIMI_COMMON_PROCESS_PROGRAM_H_
#define BAIMI_COMMON_PROCESS_PROGRAM_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/config/config.h"

namespace baimi::process {

// What has been started and runs on its own threads. Destroyed without Stop, it ends at once.
class Running {
 public:
  virtual ~Running() = default;
  // "grpc=127.0.0.1:9090 admin=127.0.0.1:8081": printed after "ready ".
  virtual std::string Doors() const = 0;
  // Drains. True when nothing was cut.
  virtual bool Stop() = 0;
};

// What every command may use.
struct Environment {
  const Clock* clock;
  Rng* rng;
};

struct Command {
  const char* word;
  const char* doc;
  std::function<absl::Status(const Environment&)> run;
};

struct Program {
  // "baimi-ticket"; appears in --help and in errors.
  const char* name;
  const char* summary;
  // Names the process in its log lines.
  const char* service;
  // "DEBUG", "INFO", "WARNING" or "ERROR", unless --log.level says otherwise.
  std::string log_level = "INFO";
  // Declares every setting but log.level and healthcheck.
  std::function<void(config::Table&)> declare;
  std::function<absl::StatusOr<std::unique_ptr<Running>>(const Environment&)> start;
  std::vector<Command> commands = {};
  // Members of the program's own settings: where the admin port listens.
  const std::string* address;
  const int* admin_port;
};

int RunProgram(Program program, int argc, const char* const* argv);

}  // namespace baimi::process

#endif  // BAIMI_COMMON_PROCESS_PROGRAM_H_
