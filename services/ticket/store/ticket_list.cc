#include <algorithm>
#include <array>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "services/ticket/store/number_merge.h"
#include "services/ticket/store/stored_form.h"
#include "services/ticket/store/ticket_store.h"

namespace baimi::ticket::store {
namespace {

// One index each; the rest of a filter is checked on the row. Numbers sort as the orders were
// filed, so that every index gives the wanted order.
#define BAIMI_TICKET_COLUMNS                                                                      \
  "number, state, type, channel, category, lead, grid, area, caller, create_us, due_us, key_id, " \
  "seq, body, sealed, merged_into"
#define BAIMI_TICKET_PAGE " AND number < $3 AND number >= $4 ORDER BY number DESC LIMIT $5"

constexpr sql::Statement kByNumber = {
    "ticket.list",
    "SELECT " BAIMI_TICKET_COLUMNS " FROM tickets WHERE county = $1 AND $2 = ''" BAIMI_TICKET_PAGE};
constexpr sql::Statement kByCategory = {
    "ticket.list_by_category",
    "SELECT " BAIMI_TICKET_COLUMNS
    " FROM tickets WHERE county = $1 AND category = $2" BAIMI_TICKET_PAGE};
constexpr sql::Statement kByCaller = {
    "ticket.list_by_caller",
    "SELECT " BAIMI_TICKET_COLUMNS
    " FROM tickets WHERE county = $1 AND caller = $2 AND length(caller) > 0" BAIMI_TICKET_PAGE};
constexpr sql::Statement kByMergedInto = {
    "ticket.list_by_merged_into",
    "SELECT " BAIMI_TICKET_COLUMNS
    " FROM tickets WHERE county = $1 AND merged_into = $2 AND merged_into <> ''" BAIMI_TICKET_PAGE};
constexpr sql::Statement kFiledAfter = {
    "ticket.filed_after",
    "SELECT number FROM tickets WHERE county = $1 AND category = $2 AND number > $3 "
    "ORDER BY number DESC LIMIT $4"};
constexpr sql::Statement kRow = {"ticket.list_row", "SELECT " BAIMI_TICKET_COLUMNS
                                                    " FROM tickets WHERE county = $1 AND "
                                                    "number = $2"};

// What the index alone knows: numbers of one state.
#define BAIMI_TICKET_NUMBERS "SELECT number FROM tickets WHERE county = $1 AND "
#define BAIMI_TICKET_OF_STATE \
  " AND state = $3 AND number < $4 AND number >= $5 ORDER BY number DESC LIMIT $6"
constexpr sql::Statement kByState = {"ticket.list_by_state",
                                     BAIMI_TICKET_NUMBERS "$2 = ''" BAIMI_TICKET_OF_STATE};
constexpr sql::Statement kByLead = {
    "ticket.list_by_lead", BAIMI_TICKET_NUMBERS "lead = $2 AND lead <> ''" BAIMI_TICKET_OF_STATE};
constexpr sql::Statement kByArea = {
    "ticket.list_by_area", BAIMI_TICKET_NUMBERS "area = $2 AND area <> ''" BAIMI_TICKET_OF_STATE};
constexpr sql::Statement kByTown = {
    "ticket.list_by_town", BAIMI_TICKET_NUMBERS "town = $2 AND town <> ''" BAIMI_TICKET_OF_STATE};
#undef BAIMI_TICKET_OF_STATE
#undef BAIMI_TICKET_NUMBERS

// Of open orders it knows when they are due.
constexpr sql::Statement kOpen = {"ticket.list_open",
                                  "SELECT number, due_us FROM tickets WHERE county = $1 AND $2 = "
                                  "'' AND due_us IS NOT NULL" BAIMI_TICKET_PAGE};
constexpr sql::Statement kOpenByLead = {"ticket.list_open_by_lead",
                                        "SELECT number, due_us FROM tickets WHERE county = $1 AND "
                                        "lead = $2 AND due_us IS NOT NULL" BAIMI_TICKET_PAGE};

#undef BAIMI_TICKET_PAGE
#undef BAIMI_TICKET_COLUMNS

// Above all numbers.
constexpr absl::string_view kNewest = "99999999-999999";

// Entries of an index that are looked at where one row may be: they stand side by side.
constexpr int kEntriesForARow = 20;

struct Candidate {
  std::string number;
  std::string body;
  std::string sealed;
  privacy::KeyId key = 0;
  int64_t seq = 0;
};

// A filter as the row's columns can answer it.
struct Filter {
  const v1::ListTicketsRequest& request;
  const RowScope& scope;
  std::string caller = {};
  std::string grid = {};
  std::string merged_into = {};
  std::string area_prefix = {};
  // The narrowest area that the filter implies: what an index is chosen by.
  std::string narrowest = {};
  std::string from = {};
  int64_t from_us = 0;
  int64_t before_us = 0;
  int64_t due_us = 0;

  bool Fits(const sql::Row& row) const {
    const auto state = static_cast<v1::TicketState>(row.Int64(1));
    if (request.states_size() > 0 && std::find(request.states().begin(), request.states().end(),
                                               state) == request.states().end()) {
      return false;
    }
    if ((request.type() != 0 && row.Int64(2) != request.type()) ||
        (request.channel() != 0 && row.Int64(3) != request.channel()) ||
        !absl::StartsWith(row.Text(4), request.category()) ||
        (!request.lead().empty() && row.Text(5) != request.lead()) ||
        (!merged_into.empty() && row.Text(15) != merged_into) ||
        (!grid.empty() && row.Text(6) != grid) || !absl::StartsWith(row.Text(7), area_prefix) ||
        (!caller.empty() && row.Bytes(8) != caller)) {
      return false;
    }
    const int64_t created = row.Int64(9);
    if (created < from_us || (before_us != 0 && created >= before_us) ||
        (due_us != 0 && (row.IsNull(10) || row.Int64(10) >= due_us))) {
      return false;
    }
    return ScopeCovers(scope, row.Text(6).empty() ? row.Text(7) : row.Text(6), row.Text(5));
  }
};

class Walk {
 public:
  Walk(sql::Reader& reader, absl::string_view county, const Filter& filter, int limit, int look_at)
      : reader_(reader), county_(county), filter_(filter), limit_(limit), look_at_(look_at) {}

  // By the most selective index that the filter names.
  absl::Status Run(const std::string& below) {
    const auto& request = filter_.request;
    if (!filter_.merged_into.empty()) {
      return Follow(kByMergedInto, filter_.merged_into, below);
    }
    if (!filter_.caller.empty()) {
      return Follow(kByCaller, sql::Param::Bytes(filter_.caller), below);
    }
    if (!request.lead().empty()) {
      return filter_.due_us != 0 ? FollowOpen(kOpenByLead, request.lead(), below)
                                 : FollowStates(kByLead, request.lead(), below);
    }
    if (filter_.narrowest.size() == 12) {
      return FollowStates(kByArea, filter_.narrowest, below);
    }
    if (filter_.due_us != 0) {
      return FollowOpen(kOpen, "", below);
    }
    if (request.category().size() == 6) {
      return Follow(kByCategory, request.category(), below);
    }
    if (filter_.narrowest.size() == 9) {
      return FollowStates(kByTown, filter_.narrowest, below);
    }
    if (request.states_size() > 0) {
      return FollowStates(kByState, "", below);
    }
    return Follow(kByNumber, "", below);
  }

  // These rows, in this order.
  absl::Status LookAt(const std::vector<std::string>& numbers) {
    std::vector<std::array<sql::Param, 2>> keys;
    for (const std::string& number : numbers) {
      keys.push_back({county_, number});
    }
    const std::vector<sql::Params> sets(keys.begin(), keys.end());
    return reader_.QueryEach(kRow, sets, [this](size_t, const sql::Row& row) {
      Look(row);
      return absl::OkStatus();
    });
  }

  // What was found, in the order of the walk.
  std::vector<Candidate> Take() { return std::move(found_); }
  // Down to where an index was followed; empty when that was its end.
  const std::string& floor() const { return floor_; }

 private:
  void Look(const sql::Row& row) {
    ++looked_at_;
    last_.assign(row.Text(0).data(), row.Text(0).size());
    if (filter_.Fits(row)) {
      found_.push_back({last_, std::string(row.Bytes(13)), std::string(row.Bytes(14)),
                        row.Int64(11), row.Int64(12)});
    }
  }

  bool Enough() const {
    return found_.size() >= static_cast<size_t>(limit_) || looked_at_ >= look_at_;
  }
  // Rows to look at next, when `chunk` gave too little.
  int More(int chunk) const { return std::max(1, std::min(2 * chunk, look_at_ - looked_at_)); }

  // Follows one index downwards from `below` until `limit` rows fit or `look_at` were looked at.
  absl::Status Follow(const sql::Statement& statement, const sql::Param& key, std::string below) {
    for (int chunk = limit_;; chunk = More(chunk)) {
      const int before = looked_at_;
      BAIMI_RETURN_IF_ERROR(reader_.Query(statement, {county_, key, below, filter_.from, chunk},
                                          [this](const sql::Row& row) {
                                            Look(row);
                                            return absl::OkStatus();
                                          }));
      if (looked_at_ - before < chunk) {
        return absl::OkStatus();
      }
      if (Enough()) {
        floor_ = last_;
        return absl::OkStatus();
      }
      below = last_;
    }
  }

  // The same by an index that has the orders of `key` by state.
  absl::Status FollowStates(const sql::Statement& statement, absl::string_view key,
                            absl::string_view below) {
    std::set<int> states(filter_.request.states().begin(), filter_.request.states().end());
    for (int state = 1; filter_.request.states().empty() && state <= v1::TicketState_MAX; ++state) {
      states.insert(state);
    }
    NumberMerge merge(reader_, statement, county_, key,
                      std::vector<int>(states.begin(), states.end()), below, filter_.from);
    for (int chunk = limit_;; chunk = More(chunk)) {
      BAIMI_ASSIGN_OR_RETURN(const std::vector<std::string> numbers,
                             merge.Next(static_cast<size_t>(chunk)));
      BAIMI_RETURN_IF_ERROR(LookAt(numbers));
      if (numbers.size() < static_cast<size_t>(chunk)) {
        return absl::OkStatus();
      }
      if (Enough()) {
        floor_ = numbers.back();
        return absl::OkStatus();
      }
    }
  }

  // The same by an index of open orders, of which only those that are due are looked at.
  absl::Status FollowOpen(const sql::Statement& statement, absl::string_view key,
                          std::string below) {
    int entries = 0;
    for (int chunk = kEntriesForARow * limit_;; chunk *= 2) {
      int read = 0;
      std::vector<std::string> due;
      std::string last;
      const auto wanted = static_cast<size_t>(More(limit_));
      BAIMI_RETURN_IF_ERROR(reader_.Query(statement, {county_, key, below, filter_.from, chunk},
                                          [&](const sql::Row& row) {
                                            ++read;
                                            if (due.size() < wanted) {
                                              last.assign(row.Text(0).data(), row.Text(0).size());
                                              if (row.Int64(1) < filter_.due_us) {
                                                due.push_back(last);
                                              }
                                            }
                                            return absl::OkStatus();
                                          }));
      BAIMI_RETURN_IF_ERROR(LookAt(due));
      entries += read;
      const bool all = read < chunk && due.size() < wanted;
      if (all) {
        return absl::OkStatus();
      }
      if (Enough() || entries >= kEntriesForARow * look_at_) {
        floor_ = last;
        return absl::OkStatus();
      }
      below = last;
    }
  }

  sql::Reader& reader_;
  const absl::string_view county_;
  const Filter& filter_;
  const int limit_;
  const int look_at_;
  int looked_at_ = 0;
  std::vector<Candidate> found_;
  std::string last_;
  std::string floor_;
};

int64_t Micros(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1'000'000 + time.nanos() / 1000;
}

std::string DayNumber(int64_t micros) {
  return absl::FormatTime("%Y%m%d", absl::FromUnixMicros(micros), ShanghaiZone());
}

Filter FilterOf(const v1::ListTicketsRequest& request, const RowScope& scope) {
  Filter filter{.request = request, .scope = scope};
  filter.grid = std::string(LastSegment(request.grid()));
  filter.merged_into = std::string(LastSegment(request.merged_into()));
  filter.area_prefix = AreaPrefix(request.subtree());
  filter.narrowest = filter.grid.empty() ? filter.area_prefix : filter.grid.substr(0, 12);
  if (request.has_filed_from()) {
    filter.from_us = Micros(request.filed_from());
    filter.from = DayNumber(filter.from_us);
  }
  if (request.has_filed_before()) {
    filter.before_us = Micros(request.filed_before());
  }
  if (request.has_due_before()) {
    filter.due_us = Micros(request.due_before());
  }
  return filter;
}

absl::StatusOr<std::vector<TicketRow>> Opened(const privacy::Vault& vault, absl::string_view county,
                                              const std::vector<Candidate>& found,
                                              const RowScope& scope) {
  std::vector<TicketRow> rows;
  rows.reserve(found.size());
  for (const Candidate& candidate : found) {
    TicketRow& row = rows.emplace_back();
    row.key = candidate.key;
    row.seq = candidate.seq;
    BAIMI_RETURN_IF_ERROR(OpenTicket(vault, TicketName(county, candidate.number), candidate.body,
                                     candidate.sealed, &row.ticket));
    // Who is complained of does not learn of it by its own area either.
    if (!InScope(row.ticket, scope)) {
      rows.pop_back();
    }
  }
  return rows;
}

}  // namespace

absl::StatusOr<TicketPage> TicketStore::List(sql::Reader& reader, absl::string_view county,
                                             const v1::ListTicketsRequest& request,
                                             const RowScope& scope, const ListPart& part,
                                             absl::string_view caller_phone) const {
  Filter filter = FilterOf(request, scope);
  filter.caller = CallerIndex(caller_phone);
  std::string below = part.below.empty() ? std::string(kNewest) : part.below;
  if (filter.before_us != 0) {
    below = std::min(below, absl::StrCat(DayNumber(filter.before_us - 1), "-999999"));
  }
  // One more than wanted tells whether anything follows.
  const int limit = part.limit + 1;
  Walk walk(reader, county, filter, limit, std::max(limit, part.look_at));
  BAIMI_RETURN_IF_ERROR(walk.Run(below));
  std::vector<Candidate> found = walk.Take();
  TicketPage page{.rows = {}, .next = walk.floor()};
  if (found.size() > static_cast<size_t>(part.limit)) {
    found.resize(static_cast<size_t>(part.limit));
    page.next = found.back().number;
  }
  BAIMI_ASSIGN_OR_RETURN(page.rows, Opened(*vault_, county, found, scope));
  return page;
}

absl::StatusOr<std::vector<TicketRow>> TicketStore::Among(sql::Reader& reader,
                                                          absl::string_view county,
                                                          const std::vector<std::string>& numbers,
                                                          const v1::ListTicketsRequest& request,
                                                          const RowScope& scope) const {
  const Filter filter = FilterOf(request, scope);
  const int all = static_cast<int>(numbers.size());
  Walk walk(reader, county, filter, all, all);
  BAIMI_RETURN_IF_ERROR(walk.LookAt(numbers));
  return Opened(*vault_, county, walk.Take(), scope);
}

absl::StatusOr<std::vector<std::string>> TicketStore::FiledAfter(sql::Reader& reader,
                                                                 absl::string_view county,
                                                                 absl::string_view category,
                                                                 absl::string_view number,
                                                                 int limit) const {
  std::vector<std::string> numbers;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kFiledAfter, {county, category, number, limit}, [&](const sql::Row& row) {
        numbers.emplace_back(row.Text(0));
        return absl::OkStatus();
      }));
  return numbers;
}

}  // namespace baimi::ticket::store
