// One io thread with its connections. Internal to common/http.
#ifndef BAIMI_COMMON_HTTP_LOOP_H_
#define BAIMI_COMMON_HTTP_LOOP_H_

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "common/http/server.h"

namespace baimi::http {

class Connection;

// What the connections of a server share.
struct Shared {
  ServerOptions options;
  Handler handler;
  UploadLimit upload_limit;
  absl::Mutex mu;
  int connections ABSL_GUARDED_BY(mu) = 0;
  std::atomic<bool> draining = false;
};

// Outlives its thread: a late Responder may be the last to hold it.
class Loop {
 public:
  explicit Loop(const Shared& shared);

  void Run();
  // Runs what is queued, then ends the thread. Every connection must be closed.
  void Stop();

  // Runs `function` on this loop's thread, later. False after Stop: a function queued then would
  // never run and keep alive what it holds.
  template <typename Function>
  bool Dispatch(Function&& function) {
    absl::MutexLock lock(&mu_);
    if (!stopped_) {
      boost::asio::post(context_, std::forward<Function>(function));
    }
    return !stopped_;
  }
  bool OnThread() { return context_.get_executor().running_in_this_thread(); }

  boost::asio::io_context& context() { return context_; }
  // Loop thread only.
  absl::flat_hash_set<std::shared_ptr<Connection>>& connections() { return connections_; }

 private:
  void ArmSweep();

  // The hint says one thread runs it; others may still post.
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer sweep_;
  std::chrono::steady_clock::duration tick_;
  absl::flat_hash_set<std::shared_ptr<Connection>> connections_;
  std::thread thread_;
  absl::Mutex mu_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace baimi::http

#endif  // BAIMI_COMMON_HTTP_LOOP_H_
