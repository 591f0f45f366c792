// Which orders have a request to be left out of the figures, by its state: what the review works
// off.
#ifndef BAIMI_SERVICES_TICKET_STORE_EXCLUSION_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_EXCLUSION_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/exclusion.pb.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

// Stateless; thread-safe.
class ExclusionStore {
 public:
  // Notes the state of the order's request, in the transaction that writes the order.
  absl::Status Put(sql::Tx& tx, absl::string_view county, absl::string_view number,
                   v1::ExclusionState state) const;

  // Numbers of orders below `below` (empty: from the newest), newest first, at most `limit`.
  absl::StatusOr<std::vector<std::string>> List(sql::Reader& reader, absl::string_view county,
                                                v1::ExclusionState state, absl::string_view below,
                                                int limit) const;
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_EXCLUSION_STORE_H_
