#include "common/testing/postgres/process.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace baimi::pgtest {
namespace {

constexpr char kUser[] = "postgres";

bool IsRoot() { return geteuid() == 0; }

// setpriv drops root and then asks the kernel for the signal, which a change of user would undo.
std::vector<std::string> AsServer(const std::vector<std::string>& argv) {
  std::vector<std::string> all = {"/usr/bin/setpriv", "--pdeathsig=QUIT"};
  if (IsRoot()) {
    all.insert(all.end(), {absl::StrCat("--reuid=", kUser), absl::StrCat("--regid=", kUser),
                           "--clear-groups"});
  }
  all.insert(all.end(), argv.begin(), argv.end());
  return all;
}

}  // namespace

absl::StatusOr<std::string> BinaryDirectory() {
  int newest = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", error)) {
    int version = 0;
    if (absl::SimpleAtoi(entry.path().filename().string(), &version) &&
        std::filesystem::exists(entry.path() / "bin" / "initdb", error)) {
      newest = std::max(newest, version);
    }
  }
  if (newest == 0) {
    return absl::NotFoundError("no PostgreSQL server: install the package postgresql-15");
  }
  return absl::StrCat("/usr/lib/postgresql/", newest, "/bin");
}

absl::Status GiveToServer(const std::string& path) {
  if (!IsRoot()) {
    return absl::OkStatus();
  }
  const passwd* user = getpwnam(kUser);
  if (user == nullptr || chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) {
    return absl::InternalError(absl::StrCat("cannot give ", path, " to user ", kUser));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Process>> Process::Start(const std::vector<std::string>& argv) {
  std::vector<std::string> all = AsServer(argv);
  std::vector<char*> pointers;
  for (std::string& word : all) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return absl::InternalError("cannot make a pipe");
  }
  const pid_t pid = fork();
  if (pid == 0) {
    // Only what is safe between fork and exec of a program with threads.
    const int nothing = open("/dev/null", O_RDONLY);
    if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(ends[1], 1) < 0 || dup2(ends[1], 2) < 0 ||
        chdir("/") != 0) {
      _exit(126);
    }
    execv(pointers[0], pointers.data());
    _exit(127);
  }
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return absl::InternalError("cannot fork");
  }
  return std::unique_ptr<Process>(new Process(pid, ends[0]));
}

Process::~Process() {
  if (!waited_) {
    KillAll();
    Wait();
  }
}

void Process::ReadOutput(int output) {
  char buffer[4096];
  for (;;) {
    const ssize_t got = read(output, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    absl::MutexLock lock(&mu_);
    if (got <= 0) {
      ended_ = true;
      break;
    }
    output_.append(buffer, static_cast<size_t>(got));
  }
  close(output);
}

bool Process::AwaitOutput(absl::string_view text, absl::Duration patience) {
  absl::MutexLock lock(&mu_);
  const auto found = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return ended_ || output_.find(text.data(), seen_, text.size()) != std::string::npos;
  };
  mu_.AwaitWithTimeout(absl::Condition(&found), patience);
  const size_t at = output_.find(text.data(), seen_, text.size());
  if (at == std::string::npos) {
    return false;
  }
  seen_ = at + text.size();
  return true;
}

std::string Process::output() const {
  absl::MutexLock lock(&mu_);
  return output_;
}

void Process::Signal(int signal) const {
  if (!waited_) {
    kill(pid_, signal);
  }
}

void Process::KillAll() {
  std::vector<pid_t> pids = {pid_};
  std::ifstream children(absl::StrCat("/proc/", pid_, "/task/", pid_, "/children"));
  for (pid_t child = 0; children >> child;) {
    pids.push_back(child);
  }
  // The parent first, so that it starts no others.
  for (const pid_t pid : pids) {
    kill(pid, SIGKILL);
  }
}

int Process::Wait() {
  if (!waited_) {
    int how = 0;
    while (waitpid(pid_, &how, 0) < 0 && errno == EINTR) {
    }
    waited_ = true;
    exit_code_ = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
    // The output ends when the last child closes it.
    reader_.join();
  }
  return exit_code_;
}

absl::Status RunProgram(const std::vector<std::string>& argv) {
  auto process = Process::Start(argv);
  if (!process.ok()) {
    return process.status();
  }
  const int code = (*process)->Wait();
  return code == 0 ? absl::OkStatus()
                   : absl::InternalError(absl::StrCat(absl::StrJoin(argv, " "), ": exit code ",
                                                      code, "\n", (*process)->output()));
}

}  // namespace baimi::pgtest
