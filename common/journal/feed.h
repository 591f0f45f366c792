// Following the journal live: each subscription reads the stream from its cursor on, in order and
// without gaps, as fast as its sink takes records. A slow sink lags; it costs no memory.
#ifndef BAIMI_COMMON_JOURNAL_FEED_H_
#define BAIMI_COMMON_JOURNAL_FEED_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "baimi/type/v1/journal.pb.h"
#include "common/sql/database.h"

namespace baimi::journal {

// Called on the feed's thread only, at the very end on that of its destructor; must not block.
class Sink {
 public:
  virtual ~Sink() = default;
  // How many records it takes now; 0 = ask again later (call Feed::Wake when there is room).
  virtual int Room() = 0;
  // `reader` is the snapshot that the record was read in: the database must not be asked past it.
  // An error: the record was not taken, and comes again at the next poll.
  virtual absl::Status Take(sql::Reader& reader, const type::v1::JournalRecord& record) = 0;
  // The sink has read everything up to `seq`; a chance for a heartbeat.
  virtual void UpToDate(int64_t seq) = 0;
  // The subscription ended: the feed stopped (UNAVAILABLE SERVER_DRAINING), or the next record is
  // damaged (DATA_LOSS). A database that does not answer ends nothing: it is asked again.
  virtual void End(const absl::Status& status) = 0;
  // True when nobody listens any more; the subscription is dropped.
  virtual bool Gone() = 0;
};

struct FeedOptions {
  // The head is looked at this often even without a wake-up, in real time.
  absl::Duration poll = absl::Milliseconds(200);
  // Most records read for one subscription at a time.
  int batch = 256;
};

// Thread-safe; one thread.
class Feed {
 public:
  static std::unique_ptr<Feed> Create(sql::Database* database, const FeedOptions& options);
  virtual ~Feed() = default;

  // From the first record with seq > `after`.
  virtual void Subscribe(absl::string_view county, int64_t after, std::shared_ptr<Sink> sink) = 0;
  // Something may be new, or a sink has room.
  virtual void Wake() = 0;
  // Ends every subscription and refuses new ones.
  virtual void Stop() = 0;
};

}  // namespace baimi::journal

#endif  // BAIMI_COMMON_JOURNAL_FEED_H_
