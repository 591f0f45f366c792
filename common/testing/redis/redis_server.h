// A real redis-server for a test, in a directory of its own, on a unix socket: no port to collide.
// Nothing is written to disk.
#ifndef BAIMI_COMMON_TESTING_REDIS_REDIS_SERVER_H_
#define BAIMI_COMMON_TESTING_REDIS_REDIS_SERVER_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/redis/reply.h"

namespace baimi::fixture {

struct RedisServerOptions {
  // requirepass; "" for none.
  std::string password = {};
  // Listens on a free port of 127.0.0.1 too. Default: on the socket only.
  bool tcp = false;
  // More of redis-server's command line, e.g. {"--maxmemory", "2mb"}.
  std::vector<std::string> arguments = {};
};

// Not thread-safe. A server never outlives its object, nor the thread that started it.
class RedisServer {
 public:
  // Starts redis-server of the PATH and waits until it answers. NOT_FOUND without one: the test
  // fails, it does not skip.
  static absl::StatusOr<std::unique_ptr<RedisServer>> Start(RedisServerOptions options = {});
  ~RedisServer();

  // "unix:///..."; the same after Restart.
  std::string uri() const { return "unix://" + socket(); }
  // "redis://127.0.0.1:<port>"; with options.tcp only.
  std::string tcp_uri() const;
  // For common/redis; "" without a password.
  std::string password_file() const;

  // SIGSTOP: takes connections and answers nobody. Resume lets it go on.
  void Pause();
  void Resume();
  // SIGKILL, and it is gone.
  void Kill();
  // Starts it anew, empty, after Kill.
  absl::Status Restart();
  // FLUSHALL, as somebody else would do it.
  absl::Status Flush();
  // Sets maxmemory below what is in use: every write that needs memory is refused.
  absl::Status FillUp();
  // Lifts the limit again.
  absl::Status MakeRoom();

  // Any command, on a connection of its own and with time limits of its own.
  absl::StatusOr<redis::Reply> Command(absl::Span<const absl::string_view> words) const;

 private:
  RedisServer(RedisServerOptions options, std::string directory)
      : options_(std::move(options)), directory_(std::move(directory)) {}
  std::string socket() const { return directory_ + "/redis.sock"; }
  absl::Status Spawn();
  absl::Status AwaitReady();

  const RedisServerOptions options_;
  const std::string directory_;
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace baimi::fixture

#endif  // BAIMI_COMMON_TESTING_REDIS_REDIS_SERVER_H_
