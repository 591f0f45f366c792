// Tells the other replicas of a service that a county's journal grew, so that their watchers need
// not wait for the next poll of the feed. A hint is never the truth: it may come late, twice or not
// at all, and the feed's poll of the head (FeedOptions.poll) finds what no hint told.
#ifndef BAIMI_COMMON_JOURNAL_WAKE_HINTS_H_
#define BAIMI_COMMON_JOURNAL_WAKE_HINTS_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/strings/string_view.h"

namespace baimi::journal {

// Thread-safe.
class WakeHints {
 public:
  // `county` reached `seq`; "" and 0: any county may have grown, hints were missed. Must not block,
  // nor call the hints.
  using Callback = std::function<void(absl::string_view county, int64_t seq)>;

  // Ends the listening; a callback that runs has returned when the destructor returns.
  class Listener {
   public:
    virtual ~Listener() = default;
  };

  virtual ~WakeHints() = default;

  // Never blocks. Call it after the commit, e.g. from a CommitListener of the Writer.
  virtual void Publish(absl::string_view county, int64_t seq) = 0;
  // The hints must outlive the listener. Whether it hears what this object published is open.
  [[nodiscard]] virtual std::unique_ptr<Listener> Listen(Callback callback) = 0;
};

// For replicas in one process: calls every listener on the publisher's thread.
std::unique_ptr<WakeHints> NewLocalWakeHints();

}  // namespace baimi::journal

#endif  // BAIMI_COMMON_JOURNAL_WAKE_HINTS_H_
