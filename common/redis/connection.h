// One connection over a hiredis context.
#ifndef BAIMI_COMMON_REDIS_CONNECTION_H_
#define BAIMI_COMMON_REDIS_CONNECTION_H_

#include <hiredis/hiredis.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/redis/options.h"
#include "common/redis/reply.h"
#include "common/redis/uri.h"

namespace baimi::redis {

// One thread at a time (style of hiredis: a context has no lock). Errors:
//   * UNAVAILABLE, DEADLINE_EXCEEDED: the server was not reached or did not answer; the connection
//     is broken and must be dropped. Whether the command ran is not known.
//   * RESOURCE_EXHAUSTED: the server is full (OOM); NOT_FOUND: no such script; FAILED_PRECONDITION:
//     any other error reply. The connection stays good.
// No text of a value or a password stands in a message.
class Connection {
 public:
  // Connects, authenticates, selects the database; each step within its time limit.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Uri& uri, const Options& options);

  absl::StatusOr<Reply> Call(absl::Span<const absl::string_view> words);
  bool broken() const { return broken_; }

  // For subscriptions. Sends without awaiting an answer.
  absl::Status Send(absl::Span<const absl::string_view> words);
  // The next message; UNAVAILABLE when there is none any more. Waits as long as it takes.
  absl::StatusOr<Reply> Receive();
  // No limit on Receive from now on; a peer that vanishes is found by TCP keep-alive.
  absl::Status WaitForever();
  // Ends a Receive under way on another thread; the only call that may be made from there.
  void Interrupt();

 private:
  struct Free {
    void operator()(redisContext* context) const { redisFree(context); }
  };
  explicit Connection(redisContext* context) : context_(context) {}
  absl::Status Prepare(const Uri& uri, const Options& options);
  absl::Status Broken();

  const std::unique_ptr<redisContext, Free> context_;
  bool broken_ = false;
};

}  // namespace baimi::redis

#endif  // BAIMI_COMMON_REDIS_CONNECTION_H_
