// Orders as desks and the list of duties read them. All reads follow one index.
#ifndef BAIMI_SERVICES_TICKET_STORE_DESK_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_DESK_STORE_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"
#include "services/ticket/store/ticket_store.h"

namespace baimi::ticket::store {

// Behind which a desk is read on: due time and number of the last order.
struct DeskKey {
  int64_t due_us = std::numeric_limits<int64_t>::min();
  std::string number = {};
};

struct DeskRow {
  v1::Ticket ticket = {};
  DeskKey key = {};
};

// Stateless; thread-safe.
class DeskStore {
 public:
  // `vault` outlives the store.
  explicit DeskStore(const privacy::Vault* vault) : vault_(vault) {}

  // Orders that `lead` leads and whose handling clock runs, by due time, then number, at most
  // `limit` behind `after`.
  absl::StatusOr<std::vector<DeskRow>> Desk(sql::Reader& reader, absl::string_view county,
                                            absl::string_view lead, const DeskKey& after,
                                            int limit) const;

  // Orders of `lead` that are not over and lie on the desk of `assignee`, oldest first.
  absl::StatusOr<std::vector<TicketRow>> OfAssignee(sql::Reader& reader, absl::string_view county,
                                                    absl::string_view lead,
                                                    absl::string_view assignee, int limit) const;

  // Orders whose caller must still be told something, oldest first, at most `limit` above `after`.
  absl::StatusOr<std::vector<TicketRow>> WithDuties(sql::Reader& reader, absl::string_view county,
                                                    absl::string_view after, int limit) const;

 private:
  absl::Status Open(absl::string_view county, const sql::Row& row, v1::Ticket* ticket) const;

  const privacy::Vault* vault_;
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_DESK_STORE_H_
