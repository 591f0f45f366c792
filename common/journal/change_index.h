// What changed lately in the counties that this replica reads, straight from the journal: the floor
// under the versions of a shared cache (cache/verified.h).
//
// One thread looks at the heads (one statement for all counties) and reads what is new. A county is
// followed from the first Floor of one of its keys on. A value whose version is below the sequence
// that following began at, or below what was dropped for room, is not shown: nobody looked for
// changes of it then.
#ifndef BAIMI_COMMON_JOURNAL_CHANGE_INDEX_H_
#define BAIMI_COMMON_JOURNAL_CHANGE_INDEX_H_

#include <cstddef>
#include <memory>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/cache/verified.h"
#include "common/sql/database.h"

namespace baimi::journal {

struct ChangeIndexOptions {
  // Between two looks, in real time, while somebody reads. Default: 200 ms.
  absl::Duration poll = absl::Milliseconds(200);
  // A look that began longer ago vouches for nothing any more: this bounds what a reader sees
  // behind the truth, whatever fails. By `clock`. Default: 500 ms.
  absl::Duration max_age = absl::Milliseconds(500);
  // Without a Floor for so long the looking stops, until the next one (which is a miss). By
  // `clock`. Default: 30 s.
  absl::Duration idle = absl::Seconds(30);
  // Most changes remembered for a county. Default: 20,000.
  size_t window = 20'000;
};

// Thread-safe.
class ChangeIndex : public cache::Freshness {
 public:
  // Keys are names of resources as the journal records them ("counties/469030/tickets/..."). The
  // database holds the journal; it and `clock` must outlive the index.
  static std::unique_ptr<ChangeIndex> Create(sql::Database* database, const Clock* clock,
                                             const ChangeIndexOptions& options);
  // Something may be new: look now.
  virtual void Wake() = 0;
};

}  // namespace baimi::journal

#endif  // BAIMI_COMMON_JOURNAL_CHANGE_INDEX_H_
