// Orders by their words, in FTS5 and in GIN.
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "services/ticket/store/search_id.h"
#include "services/ticket/store/search_index.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kMatch = {
    "search.match",
    "SELECT w.rowid, s.words FROM ticket_words w CROSS JOIN ticket_search s ON s.id = w.rowid "
    "WHERE w.ticket_words MATCH $1 AND w.rowid >= $2 AND w.rowid < $3 "
    "ORDER BY w.rowid DESC LIMIT $4"};
// Only the inverted index may lead here: by any other one a rare word costs the whole table.
constexpr sql::Statement kMatchPostgres = {
    "search.match_postgres",
    "WITH hits AS MATERIALIZED (SELECT id, words FROM ticket_search "
    "WHERE found_by @> string_to_array($1, ' ')) "
    "SELECT id, words FROM hits WHERE id >= $2 AND id < $3 ORDER BY id DESC LIMIT $4"};

constexpr sql::Statement kNewest = {
    "search.newest",
    "SELECT max(id) FROM ticket_search WHERE county = $1 AND id >= $2 AND id < $3"};
constexpr sql::Statement kOldest = {
    "search.oldest",
    "SELECT min(id) FROM ticket_search WHERE county = $1 AND id >= $2 AND id < $3"};

std::string MatchExpression(const std::vector<std::string>& words) {
  return absl::StrCat("\"", absl::StrJoin(words, "\" AND \""), "\"");
}

// The newest or oldest id in `ids`; -1 when there is none.
absl::StatusOr<int64_t> EndOf(const sql::Statement& statement, sql::Reader& reader,
                              absl::string_view county, const SearchIds& ids) {
  int64_t id = -1;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(statement, {county, ids.from, ids.below}, [&](const sql::Row& row) {
        id = row.IsNull(0) ? -1 : row.Int64(0);
        return absl::OkStatus();
      }));
  return id;
}

}  // namespace

// PostgreSQL reads all rows that have a word before it knows which are the newest. So a row has
// words for the day it was filed on, and for the 8, 64, 512 and 4096 days around that one; a search
// asks for days from the newest on, for ever longer times, until it has enough. A common word is
// found within days, a rare one has few rows in all. FTS5 gives the newest first by itself.
absl::StatusOr<std::vector<Indexed>> SearchIndex::WithWords(sql::Reader& reader,
                                                            absl::string_view county,
                                                            const std::vector<std::string>& words,
                                                            const NumberRange& range,
                                                            int limit) const {
  if (words.empty()) {
    return std::vector<Indexed>();
  }
  BAIMI_ASSIGN_OR_RETURN(const SearchIds ids, SearchIdsOf(county, range));
  if (dialect_ == sql::Dialect::kPostgres) {
    return Walk(reader, county, words, ids, limit);
  }
  std::vector<Indexed> found;
  BAIMI_RETURN_IF_ERROR(reader.Query(
      kMatch, {MatchExpression(words), ids.from, ids.below, limit}, [&](const sql::Row& row) {
        found.push_back({NumberOfSearchId(row.Int64(0)), static_cast<int>(row.Int64(1))});
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<std::string> SearchIndex::NewestIndexed(sql::Reader& reader,
                                                       absl::string_view county) const {
  BAIMI_ASSIGN_OR_RETURN(const SearchIds county_ids, SearchIdsOf(county, {}));
  BAIMI_ASSIGN_OR_RETURN(const int64_t id, EndOf(kNewest, reader, county, county_ids));
  return id < 0 ? "" : NumberOfSearchId(id);
}

absl::StatusOr<std::vector<Indexed>> SearchIndex::Walk(sql::Reader& reader,
                                                       absl::string_view county,
                                                       const std::vector<std::string>& words,
                                                       const SearchIds& ids, int limit) const {
  std::vector<Indexed> found;
  BAIMI_ASSIGN_OR_RETURN(const int64_t first, EndOf(kOldest, reader, county, ids));
  BAIMI_ASSIGN_OR_RETURN(const int64_t last, EndOf(kNewest, reader, county, ids));
  if (first < 0) {
    return found;
  }
  const std::string terms = absl::StrJoin(words, " ");
  size_t level = 0;
  for (int64_t day = DayOfSearchId(last); day >= DayOfSearchId(first);) {
    const int shift = kDayShifts[level];
    BAIMI_RETURN_IF_ERROR(reader.Query(
        kMatchPostgres,
        {absl::StrCat(terms, " ", DayWord(first, day, shift)), ids.from, ids.below,
         limit - static_cast<int>(found.size())},
        [&](const sql::Row& row) {
          found.push_back({NumberOfSearchId(row.Int64(0)), static_cast<int>(row.Int64(1))});
          return absl::OkStatus();
        }));
    if (found.size() >= static_cast<size_t>(limit)) {
      break;
    }
    day = (day >> shift << shift) - 1;
    // Longer ones where such a one ends here.
    const size_t next = level + 1;
    if (next < std::size(kDayShifts) && ((day + 1) & ((int64_t{1} << kDayShifts[next]) - 1)) == 0) {
      level = next;
    }
  }
  return found;
}

}  // namespace baimi::ticket::store
