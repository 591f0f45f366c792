// The tables of the heat: what each order counts for, how many orders a cell has by day, and what
// the office made of clusters. The counts follow from the journal (journal::Projector), off the
// write path; settlements are written by who settles.
#ifndef BAIMI_SERVICES_TICKET_STORE_HEAT_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_HEAT_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "baimi/ticket/v1/clusters.pb.h"
#include "baimi/type/v1/journal.pb.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"
#include "services/ticket/domain/cluster.h"

namespace baimi::ticket::store {

// The projection's name; another one counts everything anew.
inline constexpr char kHeatProjection[] = "ticket-heat-1";

// What may be counted, and until when.
struct HeatView {
  // The last day.
  absl::CivilDay as_of = {};
  bool with_reports = false;
};

// Of one cell in some days.
struct HeatOrders {
  // Newest first: the number, "20261122-000123".
  std::vector<std::string> numbers = {};
  int64_t reports = 0;
  // Different ones.
  int grids = 0;
};

struct SettlementRow {
  v1::ClusterSettlement settlement = {};
  privacy::KeyId key = privacy::kNoKey;
};

// Stateless; thread-safe.
class HeatStore {
 public:
  // `vault` outlives the store.
  explicit HeatStore(const privacy::Vault* vault) : vault_(vault) {}

  // Counts the orders of `records` as they stand now: journal::Projector::Apply.
  absl::Status Apply(sql::Tx& tx, absl::string_view county,
                     absl::Span<const type::v1::JournalRecord> records) const;

  // The first day of which the county has any order; nullopt without any.
  absl::StatusOr<std::optional<absl::CivilDay>> FirstDay(sql::Reader& reader,
                                                         absl::string_view county) const;
  // Every cell that has any order in `weeks` weeks until the view's last day, by key.
  absl::StatusOr<std::vector<domain::HeatCell>> Cells(sql::Reader& reader, absl::string_view county,
                                                      const HeatView& view, int weeks) const;
  // The orders of one cell by day, newest first, `days` of them.
  absl::StatusOr<std::vector<int64_t>> Days(sql::Reader& reader, absl::string_view county,
                                            const domain::CellKey& key, const HeatView& view,
                                            int days) const;
  // Those of the cell in so many days, but for those of the places `without`.
  absl::StatusOr<HeatOrders> Orders(sql::Reader& reader, absl::string_view county,
                                    const domain::CellKey& key, const HeatView& view, int days,
                                    const std::set<std::string>& without) const;
  // Whether a report since `from`, of `category` unless that is empty, is about the unit, given by
  // its id.
  absl::StatusOr<bool> IsReported(sql::Reader& reader, absl::string_view county,
                                  absl::string_view unit, absl::CivilDay from,
                                  absl::string_view category = "") const;

  // The newest of the cluster; nullopt: it was never settled.
  absl::StatusOr<std::optional<SettlementRow>> LoadSettlement(sql::Reader& reader,
                                                              absl::string_view cluster) const;
  absl::Status SaveSettlement(sql::Tx& tx, absl::string_view cluster,
                              const SettlementRow& row) const;

 private:
  const privacy::Vault* vault_;
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_HEAT_STORE_H_
