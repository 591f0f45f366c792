#include "common/testing/redis/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/redis/connection.h"

namespace baimi::fixture {
namespace {

constexpr int kStartAttempts = 5;

// Free now; another process may take it before the server does, then Start tries another.
absl::StatusOr<int> FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(fd);
  if (!bound) {
    return absl::InternalError(absl::StrCat("free port: ", std::strerror(errno)));
  }
  return ntohs(address.sin_port);
}

void WriteOwnerOnly(const std::string& path, const std::string& text) {
  std::ofstream(path) << text << "\n";
  std::filesystem::permissions(path, std::filesystem::perms::owner_read);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisServer>> RedisServer::Start(RedisServerOptions options) {
  std::string directory = (std::filesystem::temp_directory_path() / "baimi-redis-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr) {
    return absl::InternalError(absl::StrCat("mkdtemp: ", std::strerror(errno)));
  }
  auto server = std::unique_ptr<RedisServer>(new RedisServer(std::move(options), directory));
  if (!server->options_.password.empty()) {
    WriteOwnerOnly(server->password_file(), server->options_.password);
  }
  absl::Status started;
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    if (server->options_.tcp) {
      BAIMI_ASSIGN_OR_RETURN(server->port_, FreePort());
    }
    started = server->Restart();
    if (started.ok() || !server->options_.tcp) {
      break;
    }
  }
  BAIMI_RETURN_IF_ERROR(started);
  return server;
}

RedisServer::~RedisServer() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string RedisServer::tcp_uri() const { return absl::StrCat("redis://127.0.0.1:", port_); }

std::string RedisServer::password_file() const {
  return options_.password.empty() ? "" : directory_ + "/password";
}

absl::Status RedisServer::Spawn() {
  std::vector<std::string> words = {"redis-server", "--port",    absl::StrCat(port_),
                                    "--bind",       "127.0.0.1", "--unixsocket",
                                    socket(),       "--save",    "",
                                    "--appendonly", "no",        "--dir",
                                    directory_,     "--logfile", directory_ + "/redis.log"};
  if (!options_.password.empty()) {
    words.insert(words.end(), {"--requirepass", options_.password});
  }
  words.insert(words.end(), options_.arguments.begin(), options_.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    // Dies with the test, however that ends.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) {
      execvp(argv[0], argv.data());
    }
    _exit(127);
  }
  return pid_ > 0 ? absl::OkStatus()
                  : absl::InternalError(absl::StrCat("fork: ", std::strerror(errno)));
}

absl::Status RedisServer::AwaitReady() {
  constexpr int kAttempts = 1000;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return WIFEXITED(status) && WEXITSTATUS(status) == 127
                 ? absl::NotFoundError(
                       "redis-server: got none on the PATH, want package redis-server")
                 : absl::InternalError(absl::StrCat("redis-server ended, wait status ", status));
    }
    if (Command({{"PING"}}).ok()) {
      return absl::OkStatus();
    }
    poll(nullptr, 0, 10);
  }
  return absl::DeadlineExceededError("redis-server does not answer");
}

absl::Status RedisServer::Restart() {
  Kill();
  BAIMI_RETURN_IF_ERROR(Spawn());
  return AwaitReady();
}

void RedisServer::Pause() {
  kill(pid_, SIGSTOP);
  // SIGSTOP is delivered in its own time.
  waitpid(pid_, nullptr, WUNTRACED);
}

void RedisServer::Resume() { kill(pid_, SIGCONT); }

void RedisServer::Kill() {
  if (const pid_t pid = std::exchange(pid_, -1); pid > 0) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
}

absl::StatusOr<redis::Reply> RedisServer::Command(absl::Span<const absl::string_view> words) const {
  redis::Options options;
  options.connect_timeout = absl::Seconds(5);
  options.command_timeout = absl::Seconds(5);
  options.password_file = password_file();
  redis::Uri uri;
  uri.path = socket();
  BAIMI_ASSIGN_OR_RETURN(const auto connection, redis::Connection::Open(uri, options));
  return connection->Call(words);
}

absl::Status RedisServer::Flush() { return Command({{"FLUSHALL", "SYNC"}}).status(); }

absl::Status RedisServer::FillUp() {
  BAIMI_RETURN_IF_ERROR(Command({{"CONFIG", "SET", "maxmemory-policy", "noeviction"}}).status());
  return Command({{"CONFIG", "SET", "maxmemory", "1"}}).status();
}

absl::Status RedisServer::MakeRoom() {
  return Command({{"CONFIG", "SET", "maxmemory", "0"}}).status();
}

}  // namespace baimi::fixture
