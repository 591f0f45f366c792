// The tables of whistles. All methods run inside the caller's transaction and touch one county
// only.
#ifndef BAIMI_SERVICES_TICKET_STORE_WHISTLE_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_WHISTLE_STORE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/cooperation.pb.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

struct WhistleRow {
  v1::Whistle whistle = {};
  privacy::KeyId key = privacy::kNoKey;
  // County sequence of its first record: newest first is by falling seq.
  int64_t seq = 0;
};

// Stateless; thread-safe.
class WhistleStore {
 public:
  // `vault` outlives the store.
  explicit WhistleStore(const privacy::Vault* vault) : vault_(vault) {}

  // NOT_FOUND when absent.
  absl::StatusOr<WhistleRow> Load(sql::Reader& reader, absl::string_view name) const;
  absl::Status Insert(sql::Tx& tx, const WhistleRow& row) const;
  absl::Status Update(sql::Tx& tx, const WhistleRow& row) const;
  // Of `unit` (full name), as whistler or called; of everybody when empty. Below the sequence
  // `below` (0: from the newest), newest first.
  absl::StatusOr<std::vector<WhistleRow>> List(sql::Reader& reader, absl::string_view county,
                                               absl::string_view unit, bool open_only,
                                               int64_t below, int limit) const;
  // By unit, over whistles of these days (YYYYMMDD, both included).
  absl::StatusOr<std::map<std::string, v1::WhistleScore>> Scores(sql::Reader& reader,
                                                                 absl::string_view county,
                                                                 int32_t from_day,
                                                                 int32_t to_day) const;

 private:
  absl::Status Write(sql::Tx& tx, const WhistleRow& row, bool is_new) const;

  const privacy::Vault* vault_;
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_WHISTLE_STORE_H_
