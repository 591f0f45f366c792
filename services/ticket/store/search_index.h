// The index that orders are found by their words and places in. It follows from the journal
// (journal::Projector), off the write path; docs/decisions/2026-11-27-search-index.md says why.
//
// Words are keyed hashes of what common/text cuts out of title and description (search_text.h),
// places are the order's grid and cell (domain/cells.h). SQLite keeps words in FTS5, PostgreSQL in
// GIN; both find the same orders in the same order.
#ifndef BAIMI_SERVICES_TICKET_STORE_SEARCH_INDEX_H_
#define BAIMI_SERVICES_TICKET_STORE_SEARCH_INDEX_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "baimi/type/v1/journal.pb.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"
#include "services/ticket/store/search_id.h"
#include "services/ticket/store/search_text.h"

namespace baimi::ticket::store {

// The projection's name; another one indexes everything anew.
inline constexpr char kSearchProjection[] = "ticket-search-1";

// An order as the index knows it.
struct Indexed {
  std::string number = {};
  // Distinct words of the order.
  int words = 0;
  // Of InCell: the order holds the words asked for.
  bool holds = true;
};

// Thread-safe. Lists are newest first.
class SearchIndex {
 public:
  // `vault` outlives the index. `dialect` is that of the database it is used with.
  SearchIndex(const privacy::Vault* vault, sql::Dialect dialect)
      : vault_(vault), dialect_(dialect), words_(vault) {}

  // What a text is searched by.
  std::vector<std::string> WordsOf(absl::string_view text) const { return words_.Of(text); }

  // Indexes anew the orders that `records` of the county's journal are about: what
  // journal::Projector applies.
  absl::Status Apply(sql::Tx& tx, absl::string_view county,
                     absl::Span<const type::v1::JournalRecord> records) const;

  // One order as it is now. Writes nothing where the index says that already.
  absl::Status Put(sql::Tx& tx, const v1::Ticket& ticket) const;
  // Nothing happens when it is not there.
  absl::Status Remove(sql::Tx& tx, absl::string_view name) const;

  // The newest `limit` orders that hold all of `words`, which WordsOf gave. None without words.
  absl::StatusOr<std::vector<Indexed>> WithWords(sql::Reader& reader, absl::string_view county,
                                                 const std::vector<std::string>& words,
                                                 const NumberRange& range, int limit) const;

  // Cells with orders in `ranges` (domain::CellsAround), each once, in any order.
  absl::StatusOr<std::vector<int64_t>> CellsInUse(
      sql::Reader& reader, absl::string_view county,
      const std::vector<std::pair<int64_t, int64_t>>& ranges) const;
  // Every order of the cell; `holds` says whether it has all of `words`.
  absl::StatusOr<std::vector<Indexed>> InCell(sql::Reader& reader, absl::string_view county,
                                              int64_t cell, const std::vector<std::string>& words,
                                              const NumberRange& range, int limit) const;

  // Orders of exactly this category in the grid (empty: none).
  absl::StatusOr<std::vector<std::string>> OfCategoryInGrid(
      sql::Reader& reader, absl::string_view county, absl::string_view category,
      absl::string_view grid, const NumberRange& range, int limit) const;
  // The same in ranges of cells; at most `limit` in all.
  absl::StatusOr<std::vector<std::string>> OfCategoryInCells(
      sql::Reader& reader, absl::string_view county, absl::string_view category,
      const std::vector<std::pair<int64_t, int64_t>>& ranges, const NumberRange& range,
      int limit) const;

  // The highest number in the index; empty when there is none. What was filed since has a higher
  // one.
  absl::StatusOr<std::string> NewestIndexed(sql::Reader& reader, absl::string_view county) const;

 private:
  absl::StatusOr<std::vector<Indexed>> Walk(sql::Reader& reader, absl::string_view county,
                                            const std::vector<std::string>& words,
                                            const SearchIds& ids, int limit) const;

  const privacy::Vault* const vault_;
  const sql::Dialect dialect_;
  const SearchWords words_;
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_SEARCH_INDEX_H_
