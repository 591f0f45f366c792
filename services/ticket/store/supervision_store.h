// What supervisions are found by. The supervisions themselves stand in the rows of their orders.
#ifndef BAIMI_SERVICES_TICKET_STORE_SUPERVISION_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_SUPERVISION_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/supervision_service.pb.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

// Where a supervision stands among all, newest first.
struct SupervisionKey {
  int64_t raise_us = 0;
  // Of the order, "20261122-000123", and which of it.
  std::string number = {};
  int64_t nth = 0;
};

struct SupervisionPage {
  std::vector<SupervisionKey> keys;
  // Rows may follow the last one that was looked at, `floor`.
  bool more = false;
  SupervisionKey floor = {};
};

// Stateless; thread-safe.
class SupervisionStore {
 public:
  // Writes what is new or other in `after` than in `before`, both the same order.
  static absl::Status Update(sql::Tx& tx, const v1::Ticket& before, const v1::Ticket& after);

  // What fits every filter of `request`, newest first, below `below` (null: from the newest).
  // At most `look_at` rows are looked at.
  static absl::StatusOr<SupervisionPage> List(sql::Reader& reader, absl::string_view county,
                                              const v1::ListSupervisionsRequest& request,
                                              const SupervisionKey* below, int look_at);
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_SUPERVISION_STORE_H_
