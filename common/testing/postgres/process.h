// Programs of PostgreSQL as children of a test.
#ifndef BAIMI_COMMON_TESTING_POSTGRES_PROCESS_H_
#define BAIMI_COMMON_TESTING_POSTGRES_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace baimi::pgtest {

// The newest /usr/lib/postgresql/N/bin that has initdb. NOT_FOUND names the package to install.
absl::StatusOr<std::string> BinaryDirectory();

// Gives `path` to the user that PostgreSQL runs as: postgres when we are root (which the server
// refuses), otherwise ourselves.
absl::Status GiveToServer(const std::string& path);

// A running child. It dies with the thread that started it, however that ends.
class Process {
 public:
  // `argv` with a full path first, run as the user of GiveToServer.
  static absl::StatusOr<std::unique_ptr<Process>> Start(const std::vector<std::string>& argv);
  // Kills what still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  // Waits until its output since the last call holds `text`; false when it ended or `patience` was
  // over first.
  bool AwaitOutput(absl::string_view text, absl::Duration patience);
  std::string output() const;
  // Sends the signal to it alone.
  void Signal(int signal) const;
  // SIGKILL to it and its children.
  void KillAll();
  // Its exit code, or 128 + the signal that ended it. Returns when its children are gone too.
  int Wait();

 private:
  Process(pid_t pid, int output) : pid_(pid), reader_([this, output] { ReadOutput(output); }) {}
  void ReadOutput(int output);

  const pid_t pid_;
  bool waited_ = false;
  int exit_code_ = 0;
  mutable absl::Mutex mu_;
  std::string output_ ABSL_GUARDED_BY(mu_);
  size_t seen_ ABSL_GUARDED_BY(mu_) = 0;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  std::thread reader_;
};

// Runs to the end; INTERNAL with the output when it fails.
absl::Status RunProgram(const std::vector<std::string>& argv);

}  // namespace baimi::pgtest

#endif  // BAIMI_COMMON_TESTING_POSTGRES_PROCESS_H_
