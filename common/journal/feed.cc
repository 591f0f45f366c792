#include "common/journal/feed.h"

#include <list>
#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/exec/ticker.h"
#include "common/journal/log.h"
#include "common/journal/writer.h"

namespace baimi::journal {
namespace {

// A database that hangs must not hold up the end of the process.
constexpr absl::Duration kLongestRead = absl::Seconds(5);

absl::Status Draining() {
  return Error(absl::StatusCode::kUnavailable, type::v1::ERROR_REASON_SERVER_DRAINING,
               "this replica is going away; resume with the last cursor on another one",
               "服务正在下线，请凭游标重新订阅");
}

struct Subscription {
  std::string county;
  int64_t cursor;
  std::shared_ptr<Sink> sink;
  bool ended = false;
};

class FeedImpl final : public Feed {
 public:
  FeedImpl(sql::Database* database, const FeedOptions& options)
      : database_(database), options_(options), ticker_(options.poll, [this] { Round(); }) {}
  ~FeedImpl() override {
    Stop();
    ticker_.Stop();
    Round();
  }

  void Subscribe(absl::string_view county, int64_t after, std::shared_ptr<Sink> sink) override {
    bool draining = false;
    {
      absl::MutexLock lock(&mu_);
      draining = stopping_;
      if (!draining) {
        arrivals_.push_back({std::string(county), after, sink});
      }
    }
    if (draining) {
      sink->End(Draining());
    } else {
      ticker_.Wake();
    }
  }

  void Wake() override { ticker_.Wake(); }

  void Stop() override {
    {
      absl::MutexLock lock(&mu_);
      stopping_ = true;
    }
    ticker_.Wake();
  }

 private:
  // Gives every sink what it takes, or ends them all.
  void Round();
  // True when some sink may take more at once.
  bool Serve();
  // The head of the county, read once a round.
  absl::StatusOr<bool> ServeOne(sql::Reader& reader, Subscription& subscription,
                                std::map<std::string, int64_t>& heads);

  sql::Database* const database_;
  const FeedOptions options_;
  absl::Mutex mu_;
  std::list<Subscription> arrivals_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::list<Subscription> active_;  // Of the ticker's thread, until it has ended.
  exec::Ticker ticker_;             // Last: it uses all of the above.
};

void FeedImpl::Round() {
  for (;;) {
    {
      absl::MutexLock lock(&mu_);
      active_.splice(active_.end(), arrivals_);
      if (stopping_) {
        break;
      }
    }
    if (!Serve()) {
      return;
    }
  }
  for (Subscription& subscription : active_) {
    subscription.sink->End(Draining());
  }
  active_.clear();
}

bool FeedImpl::Serve() {
  active_.remove_if([](const Subscription& s) { return s.sink->Gone(); });
  if (active_.empty()) {
    return false;
  }
  bool more = false;
  std::map<std::string, int64_t> heads;
  const sql::Options options{.deadline = absl::Now() + kLongestRead};
  const absl::Status status = database_->Read(options, [&](sql::Reader& reader) -> absl::Status {
    for (Subscription& subscription : active_) {
      const absl::StatusOr<bool> again = ServeOne(reader, subscription, heads);
      if (absl::IsDataLoss(again.status())) {
        // Its next record cannot be read now or ever; the others must not wait for that.
        subscription.sink->End(again.status());
        subscription.ended = true;
        continue;
      }
      BAIMI_RETURN_IF_ERROR(again.status());
      more = more || *again;
    }
    return absl::OkStatus();
  });
  active_.remove_if([](const Subscription& s) { return s.ended; });
  // A database that cannot be read now is asked again at the next poll: watchers only lag.
  return status.ok() && more;
}

absl::StatusOr<bool> FeedImpl::ServeOne(sql::Reader& reader, Subscription& subscription,
                                        std::map<std::string, int64_t>& heads) {
  auto head = heads.find(subscription.county);
  if (head == heads.end()) {
    BAIMI_ASSIGN_OR_RETURN(const int64_t seq, HeadSeq(reader, subscription.county, kMainStream));
    head = heads.emplace(subscription.county, seq).first;
  }
  if (subscription.cursor < head->second) {
    const int room = std::min(subscription.sink->Room(), options_.batch);
    if (room <= 0) {
      return false;
    }
    BAIMI_RETURN_IF_ERROR(
        ReadStream(reader, subscription.county, kMainStream, subscription.cursor, room,
                   [&](const type::v1::JournalRecord& record) -> absl::Status {
                     BAIMI_RETURN_IF_ERROR(subscription.sink->Take(reader, record));
                     subscription.cursor = record.seq();
                     return absl::OkStatus();
                   }));
  }
  if (subscription.cursor >= head->second) {
    subscription.sink->UpToDate(subscription.cursor);
    return false;
  }
  return true;
}

}  // namespace

std::unique_ptr<Feed> Feed::Create(sql::Database* database, const FeedOptions& options) {
  return std::make_unique<FeedImpl>(database, options);
}

}  // namespace baimi::journal
