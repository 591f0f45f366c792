// The tables of the leaders' shifts, and which orders were taken in them. All methods run inside
// the caller's transaction and touch one county only.
#ifndef BAIMI_SERVICES_TICKET_STORE_LEADER_SHIFT_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_LEADER_SHIFT_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/leader_shifts.pb.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

// Which shifts are wanted: those that begin in [from, until), by begin.
struct ShiftQuery {
  absl::Time from = absl::UnixEpoch();
  absl::Time until = absl::FromUnixSeconds(int64_t{1} << 40);
  // Only those after this one, which a page ended with; 0: from the first.
  absl::Time after_start = absl::UnixEpoch();
  int64_t after_id = 0;
  // Staff id; empty: of every leader.
  std::string leader = {};
  // Only those that end after this.
  absl::Time ends_after = absl::UnixEpoch();
  int limit = 1000;
};

// Stateless; thread-safe.
class LeaderShiftStore {
 public:
  // NOT_FOUND when absent.
  static absl::StatusOr<v1::LeaderShift> Load(sql::Reader& reader, absl::string_view name);
  static absl::Status Insert(sql::Tx& tx, const v1::LeaderShift& shift);
  static absl::Status Update(sql::Tx& tx, const v1::LeaderShift& shift);
  static absl::StatusOr<std::vector<v1::LeaderShift>> List(sql::Reader& reader,
                                                           absl::string_view county,
                                                           const ShiftQuery& query);

  // The order, by its name, was taken in the shift.
  static absl::Status AddOrder(sql::Tx& tx, absl::string_view shift, absl::string_view ticket);
  // Names, oldest first.
  static absl::StatusOr<std::vector<std::string>> Orders(sql::Reader& reader,
                                                         absl::string_view shift);
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_LEADER_SHIFT_STORE_H_
