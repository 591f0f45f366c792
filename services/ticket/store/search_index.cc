#include "services/ticket/store/search_index.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "baimi/ticket/v1/events.pb.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/cells.h"
#include "services/ticket/store/search_id.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kLoadTicket = {
    "search.load_ticket", "SELECT body, sealed FROM tickets WHERE county = $1 AND number = $2"};
constexpr sql::Statement kLoad = {
    "search.load",
    "SELECT category, grid, cell, terms FROM ticket_search WHERE county = $1 AND id = $2"};
constexpr sql::Statement kDelete = {"search.delete",
                                    "DELETE FROM ticket_search WHERE county = $1 AND id = $2"};
constexpr sql::Statement kInsert = {
    "search.insert",
    "INSERT INTO ticket_search (county, id, category, grid, cell, words, terms) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)"};
// `found_by` is a list of words and of days (DayWords).
constexpr sql::Statement kInsertPostgres = {
    "search.insert_postgres",
    "INSERT INTO ticket_search (county, id, category, grid, cell, words, terms, found_by) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, string_to_array($8, ' '))"};
constexpr sql::Statement kInsertWords = {"search.insert_words",
                                         "INSERT INTO ticket_words (rowid, terms) VALUES ($1, $2)"};
// FTS5 takes back what it is told was there.
constexpr sql::Statement kDeleteWords = {
    "search.delete_words",
    "INSERT INTO ticket_words (ticket_words, rowid, terms) VALUES ('delete', $1, $2)"};

// Jumps from one cell with orders to the next.
constexpr sql::Statement kCellsInUse = {
    "search.cells_in_use",
    "WITH RECURSIVE used(cell) AS (SELECT (SELECT min(cell) FROM ticket_search "
    "WHERE county = $1 AND cell >= $2 AND cell <= $3) UNION ALL "
    "SELECT (SELECT min(cell) FROM ticket_search WHERE county = $1 AND cell > used.cell "
    "AND cell <= $3) FROM used WHERE used.cell IS NOT NULL) "
    "SELECT cell FROM used WHERE cell IS NOT NULL"};
constexpr sql::Statement kInCell = {"search.in_cell",
                                    "SELECT id, words, terms FROM ticket_search WHERE county = $1 "
                                    "AND cell = $2 AND id >= $3 AND id < $4 "
                                    "ORDER BY id DESC LIMIT $5"};
constexpr sql::Statement kInGrid = {
    "search.in_grid",
    "SELECT id FROM ticket_search WHERE county = $1 AND category = $2 AND grid = $3 AND grid <> '' "
    "AND id >= $4 AND id < $5 ORDER BY id DESC LIMIT $6"};
constexpr sql::Statement kInCells = {
    "search.in_cells",
    "SELECT id FROM ticket_search WHERE county = $1 AND category = $2 AND cell >= $3 "
    "AND cell <= $4 AND id >= $5 AND id < $6 ORDER BY id DESC LIMIT $7"};
// Of a row of the table.
struct Columns {
  std::string category = {};
  std::string grid = {};
  int64_t cell = -1;  // -1: none.
  std::string terms = {};
  int words = 0;

  bool operator==(const Columns& other) const {
    return category == other.category && grid == other.grid && cell == other.cell &&
           terms == other.terms;
  }
};

Columns ColumnsOf(const v1::Ticket& ticket, const std::vector<std::string>& words) {
  Columns columns{ticket.category(), std::string(LastSegment(ticket.place().grid()))};
  columns.cell = ticket.place().has_point() ? domain::CellOf(ticket.place().point()) : -1;
  columns.terms = absl::StrJoin(words, " ");
  columns.words = static_cast<int>(words.size());
  return columns;
}

absl::StatusOr<bool> LoadColumns(sql::Reader& reader, absl::string_view county, int64_t id,
                                 Columns* columns) {
  return reader.QueryOne(kLoad, {county, id}, [&](const sql::Row& row) {
    columns->category = std::string(row.Text(0));
    columns->grid = std::string(row.Text(1));
    columns->cell = row.IsNull(2) ? -1 : row.Int64(2);
    columns->terms = std::string(row.Text(3));
    return absl::OkStatus();
  });
}

std::string DayWords(int64_t id) {
  std::vector<std::string> words;
  for (const int shift : kDayShifts) {
    words.push_back(DayWord(id, DayOfSearchId(id), shift));
  }
  return absl::StrJoin(words, " ");
}

bool HoldsAll(absl::string_view terms, const std::vector<std::string>& words) {
  if (words.empty()) {
    return true;
  }
  const std::vector<absl::string_view> held = absl::StrSplit(terms, ' ');
  return std::includes(held.begin(), held.end(), words.begin(), words.end());
}

absl::string_view CountyOfName(absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  return parts.size() == 4 ? parts[1] : absl::string_view();
}

absl::Status DeleteRow(sql::Tx& tx, sql::Dialect dialect, absl::string_view county, int64_t id,
                       const Columns& columns) {
  if (dialect == sql::Dialect::kSqlite) {
    BAIMI_RETURN_IF_ERROR(tx.Execute(kDeleteWords, {id, columns.terms}).status());
  }
  return tx.Execute(kDelete, {county, id}).status();
}

}  // namespace

absl::Status SearchIndex::Apply(sql::Tx& tx, absl::string_view county,
                                absl::Span<const type::v1::JournalRecord> records) const {
  std::set<std::string> names;
  for (const type::v1::JournalRecord& record : records) {
    if (record.type() == v1::TicketFact::descriptor()->full_name()) {
      names.insert(record.resource());
    }
  }
  for (const std::string& name : names) {
    v1::Ticket ticket;
    BAIMI_ASSIGN_OR_RETURN(
        const bool found,
        tx.QueryOne(kLoadTicket, {county, LastSegment(name)}, [&](const sql::Row& row) {
          return OpenTicket(*vault_, name, row.Bytes(0), row.Bytes(1), &ticket);
        }));
    BAIMI_RETURN_IF_ERROR(found ? Put(tx, ticket) : Remove(tx, name));
  }
  return absl::OkStatus();
}

absl::Status SearchIndex::Put(sql::Tx& tx, const v1::Ticket& ticket) const {
  const absl::string_view county = CountyOfName(ticket.name());
  BAIMI_ASSIGN_OR_RETURN(const int64_t id, SearchId(county, LastSegment(ticket.name())));
  const Columns now = ColumnsOf(ticket, words_.Of(SearchText(ticket)));
  Columns before;
  BAIMI_ASSIGN_OR_RETURN(const bool found, LoadColumns(tx, county, id, &before));
  if (found && before == now) {
    return absl::OkStatus();
  }
  if (found) {
    BAIMI_RETURN_IF_ERROR(DeleteRow(tx, dialect_, county, id, before));
  }
  const sql::Param cell = now.cell < 0 ? sql::Param(sql::Null{}) : sql::Param(now.cell);
  if (dialect_ == sql::Dialect::kPostgres) {
    const std::string found_by =
        absl::StrCat(now.terms, now.terms.empty() ? "" : " ", DayWords(id));
    return tx.Queue(kInsertPostgres, {county, id, now.category, now.grid, cell, int64_t{now.words},
                                      now.terms, found_by});
  }
  BAIMI_RETURN_IF_ERROR(
      tx.Queue(kInsert, {county, id, now.category, now.grid, cell, int64_t{now.words}, now.terms}));
  return tx.Queue(kInsertWords, {id, now.terms});
}

absl::Status SearchIndex::Remove(sql::Tx& tx, absl::string_view name) const {
  const absl::string_view county = CountyOfName(name);
  BAIMI_ASSIGN_OR_RETURN(const int64_t id, SearchId(county, LastSegment(name)));
  Columns before;
  BAIMI_ASSIGN_OR_RETURN(const bool found, LoadColumns(tx, county, id, &before));
  return found ? DeleteRow(tx, dialect_, county, id, before) : absl::OkStatus();
}

absl::StatusOr<std::vector<int64_t>> SearchIndex::CellsInUse(
    sql::Reader& reader, absl::string_view county,
    const std::vector<std::pair<int64_t, int64_t>>& ranges) const {
  std::vector<std::vector<sql::Param>> params;
  for (const auto& [first, last] : ranges) {
    params.push_back({county, first, last});
  }
  const std::vector<sql::Params> sets(params.begin(), params.end());
  std::vector<int64_t> cells;
  BAIMI_RETURN_IF_ERROR(reader.QueryEach(kCellsInUse, sets, [&](size_t, const sql::Row& row) {
    cells.push_back(row.Int64(0));
    return absl::OkStatus();
  }));
  return cells;
}

absl::StatusOr<std::vector<Indexed>> SearchIndex::InCell(sql::Reader& reader,
                                                         absl::string_view county, int64_t cell,
                                                         const std::vector<std::string>& words,
                                                         const NumberRange& range,
                                                         int limit) const {
  BAIMI_ASSIGN_OR_RETURN(const SearchIds ids, SearchIdsOf(county, range));
  std::vector<Indexed> found;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kInCell, {county, cell, ids.from, ids.below, limit}, [&](const sql::Row& row) {
        found.push_back({.number = NumberOfSearchId(row.Int64(0)),
                         .words = static_cast<int>(row.Int64(1)),
                         .holds = HoldsAll(row.Text(2), words)});
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<std::vector<std::string>> SearchIndex::OfCategoryInGrid(
    sql::Reader& reader, absl::string_view county, absl::string_view category,
    absl::string_view grid, const NumberRange& range, int limit) const {
  BAIMI_ASSIGN_OR_RETURN(const SearchIds ids, SearchIdsOf(county, range));
  std::vector<std::string> numbers;
  BAIMI_RETURN_IF_ERROR(reader.Query(kInGrid, {county, category, grid, ids.from, ids.below, limit},
                                     [&](const sql::Row& row) {
                                       numbers.push_back(NumberOfSearchId(row.Int64(0)));
                                       return absl::OkStatus();
                                     }));
  return numbers;
}

absl::StatusOr<std::vector<std::string>> SearchIndex::OfCategoryInCells(
    sql::Reader& reader, absl::string_view county, absl::string_view category,
    const std::vector<std::pair<int64_t, int64_t>>& ranges, const NumberRange& range,
    int limit) const {
  BAIMI_ASSIGN_OR_RETURN(const SearchIds ids, SearchIdsOf(county, range));
  std::vector<std::vector<sql::Param>> params;
  for (const auto& [first, last] : ranges) {
    params.push_back({county, category, first, last, ids.from, ids.below, limit});
  }
  const std::vector<sql::Params> sets(params.begin(), params.end());
  std::vector<std::string> numbers;
  BAIMI_RETURN_IF_ERROR(reader.QueryEach(kInCells, sets, [&](size_t, const sql::Row& row) {
    numbers.push_back(NumberOfSearchId(row.Int64(0)));
    return absl::OkStatus();
  }));
  std::sort(numbers.rbegin(), numbers.rend());
  if (numbers.size() > static_cast<size_t>(limit)) {
    numbers.resize(static_cast<size_t>(limit));
  }
  return numbers;
}

}  // namespace baimi::ticket::store
