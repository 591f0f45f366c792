// One request waiting for its answer: the only part of a connection that other threads touch.
// Internal to common/http.
#ifndef BAIMI_COMMON_HTTP_EXCHANGE_H_
#define BAIMI_COMMON_HTTP_EXCHANGE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/http/server.h"

namespace baimi::http {

class Connection;
class Loop;

class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::shared_ptr<Loop> loop, std::weak_ptr<Connection> connection, size_t buffer_bytes)
      : loop_(std::move(loop)), connection_(std::move(connection)), buffer_bytes_(buffer_bytes) {}

  // Any thread.
  void Send(Response response);
  void Start(Response head, StreamEvents events);
  Stream::State Write(std::string bytes);
  void Finish();
  // The producer is gone without Finish.
  void Abandon();
  // Asks for a part of the request's body.
  void ReadBody(RequestBody::Got got);

  // Loop thread: moves what was written into `out`; `writable` runs when it was full. True when the
  // stream is finished and nothing is left; never when it was abandoned.
  bool Take(std::vector<std::string>& out);
  // Loop thread: gives the reader of the body what it asked for, if it did.
  void GiveBody(absl::StatusOr<RequestBody::Part> part);
  // Loop thread: nobody will read any more, no body will come. `closed` runs when a stream was not
  // finished. Again after a Start that came too late, so that its producer hears of it.
  void Close();

 private:
  // Has the connection fetch what was written.
  void Wake();

  const std::shared_ptr<Loop> loop_;
  const std::weak_ptr<Connection> connection_;
  const size_t buffer_bytes_;

  absl::Mutex mu_;
  std::vector<std::string> queue_ ABSL_GUARDED_BY(mu_);
  size_t queued_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  bool full_ ABSL_GUARDED_BY(mu_) = false;
  // No more is written and no event runs; also when abandoned.
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
  bool abandoned_ ABSL_GUARDED_BY(mu_) = false;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  bool woken_ ABSL_GUARDED_BY(mu_) = false;
  RequestBody::Got got_ ABSL_GUARDED_BY(mu_);
  // Set by Start; from then on the loop thread's alone.
  StreamEvents events_;
};

}  // namespace baimi::http

#endif  // BAIMI_COMMON_HTTP_EXCHANGE_H_
