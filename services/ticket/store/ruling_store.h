// The tables of arbitrations and precedents. All methods run inside the caller's transaction and
// touch one county only.
#ifndef BAIMI_SERVICES_TICKET_STORE_RULING_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_RULING_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/arbitration_service.pb.h"
#include "baimi/ticket/v1/cooperation.pb.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

struct ArbitrationRow {
  v1::Arbitration arbitration = {};
  // That of the order.
  privacy::KeyId key = privacy::kNoKey;
  // County sequence of its first record: newest first is by falling seq.
  int64_t seq = 0;
};
struct PrecedentRow {
  v1::Precedent precedent = {};
  int64_t seq = 0;
};

// Stateless; thread-safe.
class RulingStore {
 public:
  // `vault` outlives the store.
  explicit RulingStore(const privacy::Vault* vault) : vault_(vault) {}

  // NOT_FOUND when absent.
  absl::StatusOr<ArbitrationRow> LoadArbitration(sql::Reader& reader, absl::string_view name) const;
  // ALREADY_EXISTS where another one is open about the order.
  absl::Status Insert(sql::Tx& tx, const ArbitrationRow& row) const;
  absl::Status Update(sql::Tx& tx, const ArbitrationRow& row) const;
  // Those that fit the filters of `request` (one index each), below the sequence `below` (0: from
  // the newest), newest first.
  absl::StatusOr<std::vector<ArbitrationRow>> List(sql::Reader& reader, absl::string_view county,
                                                   const v1::ListArbitrationsRequest& request,
                                                   int64_t below, int limit) const;
  // Arbitrations that there were about an order.
  absl::StatusOr<int> CountOf(sql::Reader& reader, absl::string_view ticket) const;
  // At most `limit` records of this category that were ruled: those of the community first, then
  // those of the county, newest first each. None of a REPORT.
  absl::StatusOr<std::vector<v1::PastRuling>> PastRulings(sql::Reader& reader,
                                                          const v1::Ticket& ticket,
                                                          int limit) const;

  absl::StatusOr<PrecedentRow> LoadPrecedent(sql::Reader& reader, absl::string_view name) const;
  absl::Status Insert(sql::Tx& tx, const PrecedentRow& row) const;
  absl::Status Update(sql::Tx& tx, const PrecedentRow& row) const;
  absl::StatusOr<std::vector<PrecedentRow>> ListPrecedents(sql::Reader& reader,
                                                           absl::string_view county, bool all,
                                                           int64_t below, int limit) const;
  // All that are not withdrawn and whose category is a prefix of the order's, whether they are in
  // effect yet or not.
  absl::StatusOr<std::vector<v1::Precedent>> PrecedentsFor(sql::Reader& reader,
                                                           const v1::Ticket& ticket) const;

 private:
  absl::Status Write(sql::Tx& tx, const ArbitrationRow& row, bool is_new) const;

  const privacy::Vault* vault_;
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_RULING_STORE_H_
