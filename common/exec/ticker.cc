#include "common/exec/ticker.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace baimi::exec {
namespace {

// A century of waiting overflows no clock; infinity would.
constexpr absl::Duration kLongest = absl::Hours(24 * 36500);

}  // namespace

Ticker::Ticker(absl::Duration period, std::function<void()> callback)
    : callback_(std::move(callback)),
      period_(std::clamp(period, absl::Milliseconds(1), kLongest)),
      thread_([this] { Run(); }) {}

Ticker::~Ticker() { Stop(); }

void Ticker::Wake() {
  {
    std::lock_guard<std::mutex> lock(mu_);
    woken_ = true;
  }
  changed_.notify_one();
}

void Ticker::Stop() {
  {
    std::lock_guard<std::mutex> lock(mu_);
    stopped_ = true;
    if (runner_ == std::this_thread::get_id()) {
      return;
    }
  }
  changed_.notify_one();
  std::lock_guard<std::mutex> lock(join_mu_);
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Ticker::Run() {
  std::unique_lock<std::mutex> lock(mu_);
  runner_ = std::this_thread::get_id();
  while (true) {
    const auto due = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(period_);
    changed_.wait_until(lock, due, [this] { return woken_ || stopped_; });
    if (stopped_) {
      return;
    }
    woken_ = false;
    lock.unlock();
    callback_();
    lock.lock();
  }
}

}  // namespace baimi::exec
