#include "tests/bench/child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"

namespace baimi::bench {
namespace {

std::string ReadProc(pid_t pid, absl::string_view file) {
  std::ifstream in(absl::StrCat("/proc/", pid, "/", file));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

std::string OwnFolder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
}

absl::Duration CpuTimeOf(pid_t pid, Dead children) {
  const std::string stat = ReadProc(pid, "stat");
  // The name in parentheses may hold blanks; utime and stime are the 12th and 13th field after it,
  // those of the children follow.
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) {
    fields >> skipped;
  }
  double sum = 0;
  for (int i = 0; i < (children == Dead::kWith ? 4 : 2); ++i) {
    double ticks = 0;
    fields >> ticks;
    sum += ticks;
  }
  return absl::Seconds(sum / static_cast<double>(sysconf(_SC_CLK_TCK)));
}

absl::StatusOr<Child> Child::Start(const std::vector<std::string>& arguments,
                                   absl::string_view ready, absl::Duration patience) {
  const absl::Time start = absl::Now();
  BAIMI_ASSIGN_OR_RETURN(Child child, Spawn(arguments));
  BAIMI_RETURN_IF_ERROR(child.AwaitLine(ready, start + patience));
  child.start_time_ = absl::Now() - start;
  return child;
}

absl::Status Child::Run(const std::vector<std::string>& arguments) {
  BAIMI_ASSIGN_OR_RETURN(Child child, Spawn(arguments));
  std::string output;
  char chunk[4096];
  for (ssize_t got = 0; (got = read(child.output_, chunk, sizeof(chunk))) > 0;) {
    output.append(chunk, static_cast<size_t>(got));
  }
  int status = 0;
  waitpid(std::exchange(child.pid_, -1), &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0
             ? absl::OkStatus()
             : absl::InternalError(
                   absl::StrCat(arguments[0], ": wait status ", status, ": ", output));
}

absl::StatusOr<Child> Child::Spawn(const std::vector<std::string>& arguments) {
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
    return absl::InternalError(absl::StrCat("pipe: ", std::strerror(errno)));
  }
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  char* no_environment[] = {nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  Child child;
  child.output_ = pipe_ends[0];
  const int error =
      posix_spawn(&child.pid_, argv[0], &actions, nullptr, argv.data(), no_environment);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);
  if (error != 0) {
    child.pid_ = -1;
    return absl::NotFoundError(absl::StrCat(arguments[0], ": ", std::strerror(error)));
  }
  return child;
}

absl::Status Child::AwaitLine(absl::string_view ready, absl::Time deadline) {
  std::string text;
  while (absl::Now() < deadline) {
    pollfd readable{.fd = output_, .events = POLLIN, .revents = 0};
    if (poll(&readable, 1, 100) <= 0) {
      continue;
    }
    char chunk[4096];
    const ssize_t got = read(output_, chunk, sizeof(chunk));
    if (got <= 0) {
      return absl::UnavailableError("the program ended before it was ready");
    }
    text.append(chunk, static_cast<size_t>(got));
    // The last piece is a line that is not finished.
    std::vector<std::string> lines = absl::StrSplit(text, '\n');
    text = lines.back();
    lines.pop_back();
    for (const std::string& line : lines) {
      if (absl::StartsWith(line, ready)) {
        ready_line_ = line;
        return absl::OkStatus();
      }
    }
  }
  return absl::DeadlineExceededError("the program is not ready in time");
}

Child::Child(Child&& other) noexcept { *this = std::move(other); }

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(output_, other.output_);
  std::swap(ready_line_, other.ready_line_);
  std::swap(start_time_, other.start_time_);
  return *this;
}

Child::~Child() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (output_ >= 0) {
    close(output_);
  }
}

int Child::Port(absl::string_view name) const {
  for (absl::string_view word : absl::StrSplit(ready_line_, ' ')) {
    int port = 0;
    if (absl::StartsWith(word, absl::StrCat(name, "=")) &&
        absl::SimpleAtoi(word.substr(word.rfind(':') + 1), &port)) {
      return port;
    }
  }
  return 0;
}

double Child::ResidentMib() const {
  std::istringstream fields(ReadProc(pid_, "statm"));
  double total = 0;
  double resident = 0;
  fields >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

absl::Duration Child::CpuTime() const { return CpuTimeOf(pid_, Dead::kWithout); }

absl::Status Child::Stop() {
  const pid_t pid = std::exchange(pid_, -1);
  int status = 0;
  kill(pid, SIGTERM);
  waitpid(pid, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return absl::InternalError(absl::StrCat("the program ended with wait status ", status));
  }
  return absl::OkStatus();
}

}  // namespace baimi::bench
