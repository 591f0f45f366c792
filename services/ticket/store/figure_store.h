// The tables of the figures: counts by day and key, and what each order counts for now. They follow
// from the journal (journal::Projector), off the write path.
#ifndef BAIMI_SERVICES_TICKET_STORE_FIGURE_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_FIGURE_STORE_H_

#include <map>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baimi/ticket/v1/figures.pb.h"
#include "baimi/ticket/v1/ticket_service.pb.h"
#include "baimi/type/v1/journal.pb.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

// The projection's name; another one counts everything anew.
inline constexpr char kFiguresProjection[] = "ticket-figures-2";

// Which counts are wanted. Days are YYYYMMDD, both included.
struct FigureQuery {
  v1::FigureGrouping grouping = v1::FIGURE_GROUPING_UNSPECIFIED;
  int32_t from_day = 0;
  int32_t to_day = 0;
  // Of keys; empty: all.
  std::string key_prefix = {};
  // What was taken out on review, instead of all that was counted.
  bool excluded = false;
};

// Stateless; thread-safe.
class FigureStore {
 public:
  // `vault` outlives the store.
  explicit FigureStore(const privacy::Vault* vault) : vault_(vault) {}

  // Counts `records` of the county's journal, each once: journal::Projector::Apply.
  absl::Status Apply(sql::Tx& tx, absl::string_view county,
                     absl::Span<const type::v1::JournalRecord> records) const;

  // Summed over the days, by key; keys without any count are left out.
  absl::StatusOr<std::map<std::string, v1::FigureCounts>> Read(sql::Reader& reader,
                                                               absl::string_view county,
                                                               const FigureQuery& query) const;

 private:
  absl::Status Open(absl::string_view name, absl::string_view body, absl::string_view sealed,
                    v1::Ticket* ticket) const;
  // The column "grouping", key, day.
  using Bucket = std::tuple<int64_t, std::string, int32_t>;
  using Sums = std::map<Bucket, v1::FigureCounts>;

  // With what of it is taken out.
  static void Add(const v1::FigureShare& share, int64_t times, Sums* sums);
  static void AddTo(int64_t offset, const v1::FigureShare& share, int64_t times, Sums* sums);
  // Takes back what the order counted for before and adds what it counts for now.
  absl::Status Recount(sql::Tx& tx, absl::string_view county, const v1::Ticket& ticket,
                       Sums* sums) const;
  static absl::Status Save(sql::Tx& tx, absl::string_view county, const Sums& sums);

  const privacy::Vault* vault_;
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_FIGURE_STORE_H_
