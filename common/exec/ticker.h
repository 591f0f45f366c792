// Runs a callback again and again on a thread of its own: the poll of watchers and consumers, with
// a wake-up for hints that arrive between two polls.
#ifndef BAIMI_COMMON_EXEC_TICKER_H_
#define BAIMI_COMMON_EXEC_TICKER_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/time/time.h"

namespace baimi::exec {

// Thread-safe. The destructor is Stop().
class Ticker {
 public:
  // The first call comes after one `period` of real (monotonic) time, unless woken; the next one
  // `period` after a call has returned. `period` is at least 1 ms and may be infinite (then only
  // Wake runs the callback). `callback` must not throw.
  Ticker(absl::Duration period, std::function<void()> callback);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  // Runs the callback now, or once more when it is running. Several wakes before that run count as
  // one. Never blocks on the callback.
  void Wake();

  // Returns when no call is running and none will come. Does not wait for the period. Called from
  // the callback itself it returns at once, and that call is the last.
  void Stop();

 private:
  void Run();

  const std::function<void()> callback_;
  const absl::Duration period_;
  // Not absl::CondVar: its timeouts follow the wall clock, and a step back of the clock by an hour
  // would stop the polls for an hour.
  std::mutex mu_;
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopped_ = false;
  std::thread::id runner_;
  std::mutex join_mu_;
  std::thread thread_;
};

}  // namespace baimi::exec

#endif  // BAIMI_COMMON_EXEC_TICKER_H_
