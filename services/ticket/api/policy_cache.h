// Policies in force, parsed once a version.
#ifndef BAIMI_SERVICES_TICKET_API_POLICY_CACHE_H_
#define BAIMI_SERVICES_TICKET_API_POLICY_CACHE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/calendar/calendar.h"
#include "services/ticket/domain/policy.h"
#include "services/ticket/store/ticket_store.h"

namespace baimi::ticket::api {

// Which version is in force is always asked of the database; what a version says never changes.
// Thread-safe.
class PolicyCache {
 public:
  PolicyCache(const store::TicketStore* store, calendar::Calendar national)
      : store_(store), national_(std::move(national)) {}

  // FAILED_PRECONDITION NO_POLICY when the county has none at `now`.
  absl::StatusOr<std::shared_ptr<const domain::PolicyInForce>> At(sql::Reader& reader,
                                                                  absl::string_view county,
                                                                  absl::Time now);
  // The same for a closure: its county, its time.
  absl::StatusOr<std::shared_ptr<const domain::PolicyInForce>> At(journal::Tx& tx);
  const calendar::Calendar& national() const { return national_; }

 private:
  absl::StatusOr<std::shared_ptr<const domain::PolicyInForce>> Of(sql::Reader& reader,
                                                                  absl::string_view county,
                                                                  int32_t version);

  const store::TicketStore* const store_;
  const calendar::Calendar national_;
  absl::Mutex mu_;
  absl::flat_hash_map<std::pair<std::string, int32_t>, std::shared_ptr<const domain::PolicyInForce>>
      policies_ ABSL_GUARDED_BY(mu_);
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_POLICY_CACHE_H_
