#include "common/journal/change_index.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"
#include "common/exec/ticker.h"
#include "common/journal/log.h"
#include "common/journal/schema.h"
#include "common/journal/writer.h"

namespace baimi::journal {
namespace {

constexpr int kBatch = 1000;
// A database that hangs must not hold up the end of the process.
constexpr absl::Duration kLongestLook = absl::Seconds(5);

// "" for a key that names no county.
absl::string_view CountyOf(absl::string_view key) {
  return absl::ConsumePrefix(&key, "counties/") ? key.substr(0, key.find('/'))
                                                : absl::string_view();
}

struct Change {
  int64_t seq;
  std::string resource;
};

struct County {
  // Everything up to this is known; -1 before the first look.
  int64_t seen = -1;
  // A value below this may have changed without our knowing.
  int64_t floor = 0;
  // When the last look began.
  absl::Time confirmed = absl::InfinitePast();
  absl::flat_hash_map<std::string, int64_t> changed = {};
  // Oldest first; what stands in `changed` under an older seq too was changed again.
  std::deque<Change> order = {};
};

class ChangeIndexImpl final : public ChangeIndex {
 public:
  ChangeIndexImpl(sql::Database* database, const Clock* clock, const ChangeIndexOptions& options)
      : database_(*database),
        clock_(*clock),
        options_(options),
        ticker_(options.poll, [this] { LookIfRead(); }) {}

  std::optional<int64_t> Floor(absl::string_view key) override;
  void Wake() override { ticker_.Wake(); }

 private:
  void LookIfRead();
  // One look at the heads and at what is new; OK leaves every followed county confirmed.
  absl::Status Look();
  absl::Status CatchUp(sql::Reader& reader, const std::string& name, int64_t head);
  void Learn(County& county, std::vector<Change> changes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  sql::Database& database_;
  const Clock& clock_;
  const ChangeIndexOptions options_;
  absl::Mutex mu_;
  // Nodes stay where they are.
  std::map<std::string, County, std::less<>> counties_ ABSL_GUARDED_BY(mu_);
  absl::Time asked_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  exec::Ticker ticker_;  // Last: it uses all of the above.
};

std::optional<int64_t> ChangeIndexImpl::Floor(absl::string_view key) {
  const std::string name(CountyOf(key));
  if (name.empty()) {
    return std::nullopt;
  }
  absl::MutexLock lock(&mu_);
  const absl::Time now = clock_.Now();
  asked_ = now;
  const auto found = counties_.find(name);
  if (found == counties_.end()) {
    counties_.emplace(name, County{});
    ticker_.Wake();
    return std::nullopt;
  }
  const County& county = found->second;
  // Confirmed in the future: the clock was set back, and how long ago it was nobody knows.
  if (county.seen < 0 || now - county.confirmed > options_.max_age || now < county.confirmed) {
    return std::nullopt;
  }
  const auto changed = county.changed.find(key);
  return changed == county.changed.end() ? county.floor : changed->second;
}

void ChangeIndexImpl::LookIfRead() {
  {
    absl::MutexLock lock(&mu_);
    if (clock_.Now() - asked_ > options_.idle) {
      return;
    }
  }
  // A database that cannot be asked: nothing is confirmed, readers go past the cache.
  (void)Look();
}

absl::Status ChangeIndexImpl::Look() {
  const absl::Time began = clock_.Now();
  std::map<std::string, int64_t> followed;
  {
    absl::MutexLock lock(&mu_);
    for (const auto& [name, county] : counties_) {
      followed.emplace(name, 0);
    }
  }
  const absl::Time deadline = absl::Now() + kLongestLook;
  BAIMI_RETURN_IF_ERROR(database_.Read({deadline}, [&](sql::Reader& reader) -> absl::Status {
    BAIMI_RETURN_IF_ERROR(reader.Query(kListHeads, {}, [&](const sql::Row& row) {
      const auto head = followed.find(std::string(row.Text(0)));
      if (row.Text(1) == kMainStream && head != followed.end()) {
        head->second = row.Int64(2);
      }
      return absl::OkStatus();
    }));
    for (const auto& [name, head] : followed) {
      BAIMI_RETURN_IF_ERROR(CatchUp(reader, name, head));
    }
    return absl::OkStatus();
  }));
  absl::MutexLock lock(&mu_);
  for (const auto& [name, head] : followed) {
    counties_.find(name)->second.confirmed = began;
  }
  return absl::OkStatus();
}

absl::Status ChangeIndexImpl::CatchUp(sql::Reader& reader, const std::string& name, int64_t head) {
  for (;;) {
    int64_t seen = 0;
    {
      absl::MutexLock lock(&mu_);
      County& county = counties_.find(name)->second;
      // New here, another journal than before, or too far behind: begin anew at the head.
      if (county.seen < 0 || county.seen > head ||
          head - county.seen > static_cast<int64_t>(options_.window)) {
        county = County{.seen = head, .floor = head};
      }
      seen = county.seen;
    }
    if (seen >= head) {
      return absl::OkStatus();
    }
    std::vector<Change> changes;
    BAIMI_RETURN_IF_ERROR(ReadStream(reader, name, kMainStream, seen, kBatch,
                                     [&](const type::v1::JournalRecord& record) {
                                       changes.push_back({record.seq(), record.resource()});
                                       return absl::OkStatus();
                                     }));
    if (changes.empty()) {
      return absl::DataLossError("journal: a head without its records");
    }
    absl::MutexLock lock(&mu_);
    Learn(counties_.find(name)->second, std::move(changes));
  }
}

void ChangeIndexImpl::Learn(County& county, std::vector<Change> changes) {
  for (Change& change : changes) {
    county.seen = change.seq;
    county.changed[change.resource] = change.seq;
    county.order.push_back(std::move(change));
  }
  while (county.order.size() > options_.window) {
    const Change& oldest = county.order.front();
    county.floor = oldest.seq;
    const auto known = county.changed.find(oldest.resource);
    if (known != county.changed.end() && known->second == oldest.seq) {
      county.changed.erase(known);
    }
    county.order.pop_front();
  }
}

}  // namespace

std::unique_ptr<ChangeIndex> ChangeIndex::Create(sql::Database* database, const Clock* clock,
                                                 const ChangeIndexOptions& options) {
  return std::make_unique<ChangeIndexImpl>(database, clock, options);
}

}  // namespace baimi::journal
