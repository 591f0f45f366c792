// The tables of the link with 110. All methods run inside the caller's transaction and touch one
// county only, but Lease.
#ifndef BAIMI_SERVICES_TICKET_STORE_POLICE_LINK_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_POLICE_LINK_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/police_link.pb.h"
#include "common/journal/alarm_clock.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

struct PoliceLinkRow {
  v1::PoliceLink link = {};
  privacy::KeyId key = privacy::kNoKey;
  // County sequence of its first record: newest first is by falling seq.
  int64_t seq = 0;
};

// A case that 110 sent, and the link that was made of it.
struct PoliceCase {
  std::string number = {};
  v1::PoliceLinkKind kind = v1::POLICE_LINK_KIND_UNSPECIFIED;
  // "counties/*/policeLinks/*".
  std::string link = {};
  // What was sent, hashed; for whoever sends the number again.
  std::string digests = {};
};

// Stateless; thread-safe.
class PoliceLinkStore {
 public:
  // `vault` outlives the store.
  explicit PoliceLinkStore(const privacy::Vault* vault) : vault_(vault) {}

  // NOT_FOUND when absent.
  absl::StatusOr<PoliceLinkRow> Load(sql::Reader& reader, absl::string_view name) const;
  // Writes the row, new or not; also ends the lease.
  absl::Status Save(sql::Tx& tx, const PoliceLinkRow& row) const;
  // Below the sequence `below` (0: from the newest), newest first; of the order `ticket` unless
  // empty.
  absl::StatusOr<std::vector<PoliceLinkRow>> List(sql::Reader& reader, absl::string_view county,
                                                  bool unacknowledged, absl::string_view ticket,
                                                  int64_t below, int limit) const;

  absl::StatusOr<std::optional<PoliceCase>> FindCase(sql::Reader& reader, absl::string_view county,
                                                     absl::string_view number,
                                                     v1::PoliceLinkKind kind) const;
  // False when it came before: nothing is written then.
  absl::StatusOr<bool> ClaimCase(sql::Tx& tx, absl::string_view county,
                                 const PoliceCase& known) const;

  // Links of any county, by id, whose receipt is late: journal::AlarmClock::Lease.
  absl::StatusOr<std::vector<journal::Alarm>> Lease(sql::Tx& tx, absl::Time now, absl::Time until,
                                                    int limit) const;

 private:
  absl::Status Open(absl::string_view county, const sql::Row& row, PoliceLinkRow* out) const;

  const privacy::Vault* vault_;
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_POLICE_LINK_STORE_H_
