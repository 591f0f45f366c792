// The table of the alerts for areas. All methods run inside the caller's transaction and touch one
// county only. Nothing personal stands in it.
#ifndef BAIMI_SERVICES_TICKET_STORE_AREA_ALERT_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_AREA_ALERT_STORE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/area_alerts.pb.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

// Stateless; thread-safe.
class AreaAlertStore {
 public:
  // NOT_FOUND when absent.
  static absl::StatusOr<v1::AreaAlert> Load(sql::Reader& reader, absl::string_view name);
  static absl::Status Insert(sql::Tx& tx, const v1::AreaAlert& alert);
  static absl::Status Update(sql::Tx& tx, const v1::AreaAlert& alert);
  // Ids below `below` (0: from the newest), newest first; those whose time `at` lies in, also
  // withdrawn ones, or whatever their time.
  static absl::StatusOr<std::vector<v1::AreaAlert>> List(sql::Reader& reader,
                                                         absl::string_view county, int64_t below,
                                                         std::optional<absl::Time> at, int limit);
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_AREA_ALERT_STORE_H_
