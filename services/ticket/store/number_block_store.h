// The table of blocked numbers. All methods run inside the caller's transaction and touch one
// county only. A number is found by a keyed hash.
#ifndef BAIMI_SERVICES_TICKET_STORE_NUMBER_BLOCK_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_NUMBER_BLOCK_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/number_block.pb.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

struct NumberBlockRow {
  v1::NumberBlock block = {};
  privacy::KeyId key = privacy::kNoKey;
  // County sequence of its first record: newest first is by falling seq.
  int64_t seq = 0;
};

// Stateless; thread-safe.
class NumberBlockStore {
 public:
  // `vault` outlives the store.
  explicit NumberBlockStore(const privacy::Vault* vault) : vault_(vault) {}

  // NOT_FOUND when absent.
  absl::StatusOr<NumberBlockRow> Load(sql::Reader& reader, absl::string_view name) const;
  // The one about the number that was open when it was last written; perhaps expired since.
  // `phone` is its index (TicketStore::CallerIndex).
  absl::StatusOr<std::optional<NumberBlockRow>> OpenOf(sql::Reader& reader,
                                                       absl::string_view county,
                                                       absl::string_view phone) const;
  // False when another one about the number is open: nothing is written then.
  absl::StatusOr<bool> Insert(sql::Tx& tx, const NumberBlockRow& row,
                              absl::string_view phone) const;
  // `open`: no second one may stand beside it.
  absl::Status Update(sql::Tx& tx, const NumberBlockRow& row, bool open) const;
  // Below the sequence `below` (0: from the newest), newest first.
  absl::StatusOr<std::vector<NumberBlockRow>> List(sql::Reader& reader, absl::string_view county,
                                                   int64_t below, int limit) const;

 private:
  absl::Status Open(absl::string_view county, const sql::Row& row, NumberBlockRow* out) const;

  const privacy::Vault* vault_;
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_NUMBER_BLOCK_STORE_H_
