#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "services/ticket/store/stored_form.h"
#include "services/ticket/store/ticket_store.h"

namespace baimi::ticket::store {
namespace {

// One index each; the rest of a filter is checked on the row. Numbers sort as the orders were
// filed, so every index ends in the number and gives the wanted order.
#define BAIMI_TICKET_COLUMNS                                                                      \
  "number, state, type, channel, category, lead, grid, area, caller, create_us, due_us, key_id, " \
  "seq, body, sealed, merged_into"
#define BAIMI_TICKET_PAGE " AND number < $3 AND number >= $4 ORDER BY number DESC LIMIT $5"

constexpr sql::Statement kByNumber = {
    "ticket.list",
    "SELECT " BAIMI_TICKET_COLUMNS " FROM tickets WHERE county = $1 AND $2 = ''" BAIMI_TICKET_PAGE};
constexpr sql::Statement kByState = {
    "ticket.list_by_state", "SELECT " BAIMI_TICKET_COLUMNS
                            " FROM tickets WHERE county = $1 AND state = $2" BAIMI_TICKET_PAGE};
constexpr sql::Statement kByLead = {
    "ticket.list_by_lead",
    "SELECT " BAIMI_TICKET_COLUMNS
    " FROM tickets WHERE county = $1 AND lead = $2 AND lead <> ''" BAIMI_TICKET_PAGE};
constexpr sql::Statement kByArea = {
    "ticket.list_by_area",
    "SELECT " BAIMI_TICKET_COLUMNS
    " FROM tickets WHERE county = $1 AND area = $2 AND area <> ''" BAIMI_TICKET_PAGE};
constexpr sql::Statement kByTown = {
    "ticket.list_by_town",
    "SELECT " BAIMI_TICKET_COLUMNS
    " FROM tickets WHERE county = $1 AND town = $2 AND town <> ''" BAIMI_TICKET_PAGE};
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
constexpr sql::Statement kOpen = {"ticket.list_open", "SELECT " BAIMI_TICKET_COLUMNS
                                                      " FROM tickets WHERE county = $1 AND $2 = '' "
                                                      "AND due_us IS NOT NULL" BAIMI_TICKET_PAGE};

#undef BAIMI_TICKET_PAGE
#undef BAIMI_TICKET_COLUMNS

// Above all numbers.
constexpr absl::string_view kNewest = "99999999-999999";

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
      return Follow(kByLead, request.lead(), below);
    }
    if (filter_.narrowest.size() == 12) {
      return Follow(kByArea, filter_.narrowest, below);
    }
    if (filter_.due_us != 0) {
      return Follow(kOpen, "", below);
    }
    if (request.category().size() == 6) {
      return Follow(kByCategory, request.category(), below);
    }
    if (filter_.narrowest.size() == 9) {
      return Follow(kByTown, filter_.narrowest, below);
    }
    if (request.states_size() > 0) {
      const std::set<int> states(request.states().begin(), request.states().end());
      look_at_ = std::max(limit_, look_at_ / static_cast<int>(states.size()));
      for (const int state : states) {
        BAIMI_RETURN_IF_ERROR(Follow(kByState, int64_t{state}, below));
      }
      return absl::OkStatus();
    }
    return Follow(kByNumber, "", below);
  }

  // What was found above the place down to which every index was followed, newest first.
  std::vector<Candidate> Take() {
    found_.erase(std::remove_if(found_.begin(), found_.end(),
                                [this](const Candidate& c) { return c.number < floor_; }),
                 found_.end());
    std::sort(found_.begin(), found_.end(),
              [](const Candidate& a, const Candidate& b) { return a.number > b.number; });
    return std::move(found_);
  }
  // Empty when every index was followed to its end.
  const std::string& floor() const { return floor_; }

 private:
  // Follows one index downwards from `below` until `limit` rows fit or `look_at` were looked at.
  absl::Status Follow(const sql::Statement& statement, const sql::Param& key, std::string below) {
    int fitting = 0;
    int looked_at = 0;
    for (int chunk = limit_;; chunk = std::min(2 * chunk, look_at_ - looked_at)) {
      int read = 0;
      BAIMI_RETURN_IF_ERROR(reader_.Query(
          statement, {county_, key, below, filter_.from, chunk}, [&](const sql::Row& row) {
            ++read;
            last_.assign(row.Text(0).data(), row.Text(0).size());
            if (filter_.Fits(row)) {
              ++fitting;
              found_.push_back({last_, std::string(row.Bytes(13)), std::string(row.Bytes(14)),
                                row.Int64(11), row.Int64(12)});
            }
            return absl::OkStatus();
          }));
      looked_at += read;
      if (read < chunk) {
        return absl::OkStatus();
      }
      if (fitting >= limit_ || looked_at >= look_at_) {
        floor_ = std::max(floor_, last_);
        return absl::OkStatus();
      }
      below = last_;
    }
  }

  sql::Reader& reader_;
  const absl::string_view county_;
  const Filter& filter_;
  const int limit_;
  int look_at_;
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

}  // namespace

absl::StatusOr<TicketPage> TicketStore::List(sql::Reader& reader, absl::string_view county,
                                             const v1::ListTicketsRequest& request,
                                             const RowScope& scope, const ListPart& part,
                                             absl::string_view caller_phone) const {
  Filter filter{.request = request, .scope = scope};
  filter.caller = CallerIndex(caller_phone);
  filter.grid = std::string(LastSegment(request.grid()));
  filter.merged_into = std::string(LastSegment(request.merged_into()));
  filter.area_prefix = AreaPrefix(request.subtree());
  filter.narrowest = filter.grid.empty() ? filter.area_prefix : filter.grid.substr(0, 12);
  if (request.has_filed_from()) {
    filter.from_us = Micros(request.filed_from());
    filter.from = DayNumber(filter.from_us);
  }
  std::string below = part.below.empty() ? std::string(kNewest) : part.below;
  if (request.has_filed_before()) {
    filter.before_us = Micros(request.filed_before());
    below = std::min(below, absl::StrCat(DayNumber(filter.before_us - 1), "-999999"));
  }
  if (request.has_due_before()) {
    filter.due_us = Micros(request.due_before());
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
  page.rows.reserve(found.size());
  for (const Candidate& candidate : found) {
    TicketRow& row = page.rows.emplace_back();
    row.key = candidate.key;
    row.seq = candidate.seq;
    BAIMI_RETURN_IF_ERROR(OpenTicket(*vault_, TicketName(county, candidate.number), candidate.body,
                                     candidate.sealed, &row.ticket));
  }
  return page;
}

}  // namespace baimi::ticket::store
