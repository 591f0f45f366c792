// The server's end of a server-streaming call.
#ifndef BAIMI_COMMON_RPC_STREAM_H_
#define BAIMI_COMMON_RPC_STREAM_H_

#include <functional>

#include "absl/status/status.h"

namespace baimi::rpc {

// Thread-safe. Messages are masked for the caller before they leave.
template <typename Response>
class Stream {
 public:
  virtual ~Stream() = default;
  // Queues a message; keep within Room(). Ignored after Finish or when the caller is gone.
  virtual void Write(Response message) = 0;
  // Messages that may be written now; 0 while the caller does not read.
  virtual int Room() = 0;
  // Called, on a library thread, when room appears or the caller goes away. Must not block.
  virtual void OnChange(std::function<void()> callback) = 0;
  // True when the caller is gone.
  virtual bool Gone() = 0;
  // Ends the call after what is queued. Only the first one counts.
  virtual void Finish(absl::Status status) = 0;
};

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_STREAM_H_
