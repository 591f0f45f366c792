// A pool of connections to one Redis server, behind a circuit breaker. Redis is never the truth
// here: whoever uses this must do without it when a call fails.
//
// hiredis 0.14 knows no TLS and no RESP3: the server stands in a private network.
#ifndef BAIMI_COMMON_REDIS_CLIENT_H_
#define BAIMI_COMMON_REDIS_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "common/redis/connection.h"
#include "common/redis/options.h"
#include "common/redis/reply.h"
#include "common/redis/uri.h"

namespace baimi::redis {

// A Lua script and the SHA-1 that the server knows it by.
class Script {
 public:
  explicit Script(absl::string_view source);
  const std::string& source() const { return source_; }
  const std::string& sha1() const { return sha1_; }

 private:
  const std::string source_;
  const std::string sha1_;
};

// Thread-safe. A call blocks for at most the connect and command time limits of its options, twice
// where a connection from the pool turns out to be dead.
class Client {
 public:
  // INVALID_ARGUMENT for a URI or options that cannot be right. Connects to nobody yet: a server
  // that is away now is one that is away.
  //
  // Writing to a connection that the server closed raises SIGPIPE; the process ignores that signal
  // from now on, unless it has a handler for it.
  static absl::StatusOr<std::unique_ptr<Client>> Create(absl::string_view uri,
                                                        const Options& options);

  // Errors as Connection says; UNAVAILABLE also while the breaker is open or when no connection
  // comes free in time. A command may run twice when its first connection broke: use commands that
  // stand that.
  absl::StatusOr<Reply> Call(absl::Span<const absl::string_view> words);
  // EVALSHA, or EVAL where the server does not know the script (started anew, flushed).
  absl::StatusOr<Reply> Run(const Script& script, const std::vector<absl::string_view>& keys,
                            const std::vector<absl::string_view>& arguments);

  // A connection of its own for a subscriber, past pool and breaker.
  absl::StatusOr<std::unique_ptr<Connection>> Dedicated() const;

  // False: calls are refused without asking the server.
  bool healthy() const { return breaker_.closed(); }
  const Breaker& breaker() const { return breaker_; }

 private:
  Client(Uri uri, const Options& options)
      : uri_(std::move(uri)), options_(options), breaker_(options.breaker, options.clock) {}

  // A connection that was used before if there is one and `fresh` does not forbid it.
  absl::StatusOr<std::unique_ptr<Connection>> Borrow(bool fresh, bool* reused);
  void Return(std::unique_ptr<Connection> connection);
  // Gives back the place of a borrowed connection, and closes all others if it broke.
  void Drop(bool all);
  absl::StatusOr<Reply> Try(absl::Span<const absl::string_view> words, bool fresh, bool* reused);

  const Uri uri_;
  const Options options_;
  Breaker breaker_;
  absl::Mutex mu_;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mu_);
  int borrowed_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace baimi::redis

#endif  // BAIMI_COMMON_REDIS_CLIENT_H_
