// Every county's rows and locate index in memory, as of a journal sequence. Reads are answered from
// here; closures of writes never are.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_API_COUNTY_CACHE_H_
#define BAIMI_SERVICES_GRID_REGISTRY_API_COUNTY_CACHE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/call.h"
#include "common/base/clock.h"
#include "common/sql/database.h"
#include "services/grid_registry/domain/county_rows.h"
#include "services/grid_registry/domain/locate.h"
#include "services/grid_registry/store/registry_store.h"

namespace baimi::registry::api {

// Immutable, shared by all readers.
struct County {
  // All changes up to this county sequence are in it.
  int64_t seq = 0;
  domain::LocateIndex locate;
  // The township government of a township, the village committee of a village, by 12-digit code.
  domain::Rows<v1::Unit> offices;

  const domain::CountyRows& rows() const { return *locate.rows; }
};

struct CountyCacheOptions {
  // The journal's head is looked at again after this time, for what other replicas wrote.
  absl::Duration max_age = absl::Milliseconds(500);
};

// Thread-safe.
class CountyCache {
 public:
  // All outlive the cache.
  CountyCache(sql::Database* database, const store::RegistryStore* store, const Clock* clock,
              const CountyCacheOptions& options = {});

  // To be called after every commit of this process (journal::Writer::AddCommitListener).
  void Committed(absl::string_view county, int64_t seq);

  // Holds everything that this process committed before, everything up to call.min_seq, and what
  // others committed up to max_age ago. Reads the changed rows when it has to, once for all who
  // wait, within the deadline of the one that reads. A county that nobody wrote to is empty.
  absl::StatusOr<std::shared_ptr<const County>> Get(const Call& call);
  // The same if it is in memory, else null; never waits for the database.
  std::shared_ptr<const County> Peek(const Call& call);

 private:
  struct Slot {
    // Held while rows are read; guards nothing but the order.
    absl::Mutex refreshing ABSL_ACQUIRED_BEFORE(mu);
    absl::Mutex mu;
    std::shared_ptr<const County> current ABSL_GUARDED_BY(mu);
    // Last commit of this process.
    int64_t committed ABSL_GUARDED_BY(mu) = 0;
    absl::Time checked ABSL_GUARDED_BY(mu) = absl::InfinitePast();
  };

  std::shared_ptr<Slot> SlotOf(absl::string_view county);
  std::shared_ptr<const County> Fresh(Slot& slot, int64_t min_seq);
  absl::StatusOr<std::shared_ptr<const County>> Refresh(const Call& call,
                                                        std::shared_ptr<const County> previous);

  sql::Database* const database_;
  const store::RegistryStore* const store_;
  const Clock* const clock_;
  const CountyCacheOptions options_;

  absl::Mutex mu_;
  absl::flat_hash_map<std::string, std::shared_ptr<Slot>> slots_ ABSL_GUARDED_BY(mu_);
};

}  // namespace baimi::registry::api

#endif  // BAIMI_SERVICES_GRID_REGISTRY_API_COUNTY_CACHE_H_
