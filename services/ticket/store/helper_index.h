// Which orders a unit helps with: a table that follows Ticket.helper_tasks.
#ifndef BAIMI_SERVICES_TICKET_STORE_HELPER_INDEX_H_
#define BAIMI_SERVICES_TICKET_STORE_HELPER_INDEX_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

// Writes what is different; nothing for orders without helpers.
absl::Status FollowHelpers(sql::Tx& tx, absl::string_view county, const v1::Ticket& before,
                           const v1::Ticket& after);

// Numbers of orders that `unit` (full name) ever helped with, or whose result it still owes, below
// `below` ("" for the newest on), newest first.
absl::StatusOr<std::vector<std::string>> HelpedOrders(sql::Reader& reader, absl::string_view county,
                                                      absl::string_view unit, bool open_only,
                                                      absl::string_view below, int limit);

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_HELPER_INDEX_H_
