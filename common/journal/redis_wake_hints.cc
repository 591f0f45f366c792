#include "common/journal/redis_wake_hints.h"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"
#include "common/journal/listeners.h"
#include "common/redis/client.h"

namespace baimi::journal {
namespace {

class RedisWakeHints final : public WakeHints {
 public:
  RedisWakeHints(std::unique_ptr<redis::Client> client, const RedisWakeHintsOptions& options)
      : options_(options),
        self_(absl::StrCat(absl::Hex(options.rng->Uint64(), absl::kZeroPad16))),
        client_(std::move(client)),
        publisher_([this] { PublishAll(); }),
        subscriber_([this] { Subscribe(); }) {}

  ~RedisWakeHints() override {
    {
      absl::MutexLock lock(&mu_);
      stopping_ = true;
      if (live_ != nullptr) {
        live_->Interrupt();
      }
    }
    publisher_.join();
    subscriber_.join();
  }

  void Publish(absl::string_view county, int64_t seq) override {
    absl::MutexLock lock(&mu_);
    int64_t& latest = waiting_[std::string(county)];
    latest = std::max(latest, seq);
  }

  std::unique_ptr<Listener> Listen(Callback callback) override {
    return listeners_.Add(std::move(callback));
  }

 private:
  void PublishAll();
  void Subscribe();
  // Until the connection breaks or the object stops; true when it was once subscribed.
  bool ListenOnce();
  void Hear(const redis::Reply& message);

  const RedisWakeHintsOptions options_;
  const std::string self_;
  const std::unique_ptr<redis::Client> client_;
  internal::Listeners listeners_;
  absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::map<std::string, int64_t> waiting_ ABSL_GUARDED_BY(mu_);
  // Of the subscriber's thread, while it may be interrupted.
  redis::Connection* live_ ABSL_GUARDED_BY(mu_) = nullptr;
  std::thread publisher_;
  std::thread subscriber_;
};

void RedisWakeHints::PublishAll() {
  for (;;) {
    std::map<std::string, int64_t> hints;
    {
      absl::MutexLock lock(&mu_);
      const auto something = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
        return stopping_ || !waiting_.empty();
      };
      mu_.Await(absl::Condition(&something));
      if (stopping_) {
        return;
      }
      hints.swap(waiting_);
    }
    for (const auto& [county, seq] : hints) {
      // What fails is lost: the poll of the others finds it.
      (void)client_->Call(
          {{"PUBLISH", options_.channel, absl::StrCat(self_, " ", county, " ", seq)}});
    }
  }
}

void RedisWakeHints::Subscribe() {
  absl::Duration wait = options_.first_retry;
  for (;;) {
    wait = ListenOnce() ? options_.first_retry : std::min(wait * 2, options_.last_retry);
    absl::MutexLock lock(&mu_);
    if (mu_.AwaitWithTimeout(absl::Condition(&stopping_), wait)) {
      return;
    }
  }
}

bool RedisWakeHints::ListenOnce() {
  auto opened = client_->Dedicated();
  if (!opened.ok()) {
    return false;
  }
  redis::Connection& connection = **opened;
  if (!connection.Call({{"SUBSCRIBE", options_.channel}}).ok() || !connection.WaitForever().ok()) {
    return false;
  }
  {
    absl::MutexLock lock(&mu_);
    if (stopping_) {
      return true;
    }
    live_ = &connection;
  }
  listeners_.Call("", 0);
  for (;;) {
    const absl::StatusOr<redis::Reply> message = connection.Receive();
    if (!message.ok()) {
      break;
    }
    Hear(*message);
  }
  absl::MutexLock lock(&mu_);
  live_ = nullptr;
  return true;
}

// {"message", channel, "<self> <county> <seq>"}
void RedisWakeHints::Hear(const redis::Reply& message) {
  if (message.array.size() != 3) {
    return;
  }
  const std::vector<absl::string_view> words = absl::StrSplit(message.array[2].text, ' ');
  int64_t seq = 0;
  if (words.size() == 3 && words[0] != self_ && absl::SimpleAtoi(words[2], &seq)) {
    listeners_.Call(words[1], seq);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<WakeHints>> OpenRedisWakeHints(
    absl::string_view uri, const RedisWakeHintsOptions& options) {
  if (options.channel.empty() || options.clock == nullptr || options.rng == nullptr) {
    return absl::InvalidArgumentError("wake hints options: want a channel, a clock and an rng");
  }
  if (options.first_retry <= absl::ZeroDuration() || options.last_retry < options.first_retry) {
    return absl::InvalidArgumentError(
        "wake hints options: want 0 < first_retry and first_retry <= last_retry");
  }
  redis::Options connection = options.connection;
  connection.clock = options.clock;
  BAIMI_ASSIGN_OR_RETURN(auto client, redis::Client::Create(uri, connection));
  return std::make_unique<RedisWakeHints>(std::move(client), options);
}

}  // namespace baimi::journal
