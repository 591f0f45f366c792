// A program under measurement, run as a child so that its memory and CPU time are its own.
#ifndef BAIMI_TESTS_BENCH_CHILD_H_
#define BAIMI_TESTS_BENCH_CHILD_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace baimi::bench {

// Not thread-safe.
class Child {
 public:
  // Starts `arguments` (the first is the program's path) with an empty environment and waits for
  // the line of its output that begins with `ready`, at most `patience`.
  static absl::StatusOr<Child> Start(const std::vector<std::string>& arguments,
                                     absl::string_view ready, absl::Duration patience);
  // Runs `arguments` likewise to the end. INTERNAL with its output unless the exit code is 0.
  static absl::Status Run(const std::vector<std::string>& arguments);
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  // Kills what still runs.
  ~Child();

  const std::string& ready_line() const { return ready_line_; }
  // From the start of the program to that line.
  absl::Duration start_time() const { return start_time_; }
  // The number after "`name`=...:" in the ready line; 0 when there is none.
  int Port(absl::string_view name) const;

  // Resident memory, MiB.
  double ResidentMib() const;
  // CPU time of all its threads so far.
  absl::Duration CpuTime() const;

  // SIGTERM, then waits for the end. INTERNAL unless the exit code is 0.
  absl::Status Stop();

 private:
  Child() = default;
  static absl::StatusOr<Child> Spawn(const std::vector<std::string>& arguments);
  absl::Status AwaitLine(absl::string_view ready, absl::Time deadline);

  pid_t pid_ = -1;
  int output_ = -1;
  std::string ready_line_;
  absl::Duration start_time_;
};

// CPU time of all threads of a process so far; with that of the children that it has waited for, or
// without.
enum class Dead { kWith, kWithout };
absl::Duration CpuTimeOf(pid_t pid, Dead children);

// The folder of the running program.
std::string OwnFolder();

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_CHILD_H_
