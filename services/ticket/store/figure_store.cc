#include "services/ticket/store/figure_store.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/events.pb.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/journal/log.h"
#include "google/protobuf/descriptor.h"
#include "services/ticket/domain/figures.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

// The fields of FigureCounts that have a column, in the order of the columns.
constexpr int kFields[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 30, 31, 32, 34};

const google::protobuf::FieldDescriptor* FieldOf(int number) {
  return v1::FigureCounts::descriptor()->FindFieldByNumber(number);
}

// Added to the grouping of a row that counts what is taken out.
constexpr int64_t kExcluded = 100;

constexpr sql::Statement kAdd = {
    "figures.add",
    "INSERT INTO ticket_figures (county, grouping, day, key, filed, answered_at_once, dispatched, "
    "returned, due, responded, replied, reworked, closed, closed_in_time, callbacks, "
    "answered_callbacks, solved, partly_solved, rated, satisfied, help_asked, help_given, "
    "help_late, supervision_points) VALUES ($1, $2, $3, $4, $5, $6, "
    "$7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24) "
    "ON CONFLICT (county, grouping, day, key) DO UPDATE SET filed = ticket_figures.filed + $5, "
    "answered_at_once = ticket_figures.answered_at_once + $6, "
    "dispatched = ticket_figures.dispatched + $7, returned = ticket_figures.returned + $8, "
    "due = ticket_figures.due + $9, responded = ticket_figures.responded + $10, "
    "replied = ticket_figures.replied + $11, reworked = ticket_figures.reworked + $12, "
    "closed = ticket_figures.closed + $13, closed_in_time = ticket_figures.closed_in_time + $14, "
    "callbacks = ticket_figures.callbacks + $15, "
    "answered_callbacks = ticket_figures.answered_callbacks + $16, "
    "solved = ticket_figures.solved + $17, partly_solved = ticket_figures.partly_solved + $18, "
    "rated = ticket_figures.rated + $19, satisfied = ticket_figures.satisfied + $20, "
    "help_asked = ticket_figures.help_asked + $21, help_given = ticket_figures.help_given + $22, "
    "help_late = ticket_figures.help_late + $23, "
    "supervision_points = ticket_figures.supervision_points + $24"};
constexpr sql::Statement kRead = {
    "figures.read",
    "SELECT key, CAST(SUM(filed) AS BIGINT), CAST(SUM(answered_at_once) AS BIGINT), "
    "CAST(SUM(dispatched) AS BIGINT), CAST(SUM(returned) AS BIGINT), CAST(SUM(due) AS BIGINT), "
    "CAST(SUM(responded) AS BIGINT), CAST(SUM(replied) AS BIGINT), "
    "CAST(SUM(reworked) AS BIGINT), CAST(SUM(closed) AS BIGINT), "
    "CAST(SUM(closed_in_time) AS BIGINT), CAST(SUM(callbacks) AS BIGINT), "
    "CAST(SUM(answered_callbacks) AS BIGINT), CAST(SUM(solved) AS BIGINT), "
    "CAST(SUM(partly_solved) AS BIGINT), CAST(SUM(rated) AS BIGINT), "
    "CAST(SUM(satisfied) AS BIGINT), CAST(SUM(help_asked) AS BIGINT), "
    "CAST(SUM(help_given) AS BIGINT), CAST(SUM(help_late) AS BIGINT), "
    "CAST(SUM(supervision_points) AS BIGINT) FROM ticket_figures WHERE "
    "county = $1 AND grouping = $2 AND "
    "day >= $3 AND day <= $4 AND key >= $5 AND key < $6 GROUP BY key ORDER BY key"};
// How many more or fewer were hung up in a span: a day YYYYMMDD, a month YYYYMM or a year YYYY, so
// that the sum up to any day reads few rows.
constexpr sql::Statement kAddHungUp = {
    "figures.add_hung_up",
    "INSERT INTO ticket_hung_up (county, grouping, span, key, suspended) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (county, grouping, span, key) DO UPDATE SET "
    "suspended = ticket_hung_up.suspended + $5"};
constexpr sql::Statement kReadHungUp = {
    "figures.read_hung_up",
    "SELECT key, CAST(SUM(suspended) AS BIGINT) FROM ("
    "SELECT key, suspended FROM ticket_hung_up WHERE county = $1 AND grouping = $2 AND "
    "span >= 0 AND span < $3 AND key >= $8 AND key < $9 UNION ALL "
    "SELECT key, suspended FROM ticket_hung_up WHERE county = $1 AND grouping = $2 AND "
    "span > $4 AND span < $5 AND key >= $8 AND key < $9 UNION ALL "
    "SELECT key, suspended FROM ticket_hung_up WHERE county = $1 AND grouping = $2 AND "
    "span > $6 AND span <= $7 AND key >= $8 AND key < $9) AS spans GROUP BY key ORDER BY key"};
constexpr sql::Statement kLoadShare = {
    "figures.load_share",
    "SELECT share FROM ticket_figure_shares WHERE county = $1 AND number = $2"};
constexpr sql::Statement kSaveShare = {
    "figures.save_share",
    "INSERT INTO ticket_figure_shares (county, number, share) VALUES ($1, $2, $3) "
    "ON CONFLICT (county, number) DO UPDATE SET share = $3"};
// Personal fields stay sealed: nothing is counted by them.
constexpr sql::Statement kLoadOpen = {
    "figures.load_open", "SELECT body, sealed FROM tickets WHERE county = $1 AND number = $2"};

// Above every key of `prefix`.
std::string EndOf(absl::string_view prefix) { return absl::StrCat(prefix, "\x7f"); }

}  // namespace

void FigureStore::Add(const v1::FigureShare& share, int64_t times, Sums* sums) {
  const auto add = [&](int64_t offset, const v1::FigureShare& part) {
    AddTo(offset, part, times, sums);
    for (const v1::FigureShare& change : part.hung_up()) {
      AddTo(offset, change, times, sums);
    }
  };
  add(0, share);
  for (const v1::FigureShare& excluded : share.excluded()) {
    add(kExcluded, excluded);
  }
}

void FigureStore::AddTo(int64_t offset, const v1::FigureShare& share, int64_t times, Sums* sums) {
  const auto add = [&](v1::FigureGrouping grouping, const std::string& key) {
    domain::AddCounts(share.counts(), times, &(*sums)[{offset + grouping, key, share.day()}]);
  };
  add(v1::FIGURE_GROUPING_UNSPECIFIED, "");
  if (!share.unit().empty()) {
    add(v1::BY_UNIT, share.unit());
  }
  if (!share.area().empty()) {
    add(v1::BY_AREA, share.area());
  }
  add(v1::BY_CATEGORY, share.category());
}

absl::Status FigureStore::Recount(sql::Tx& tx, absl::string_view county, const v1::Ticket& ticket,
                                  Sums* sums) const {
  const absl::string_view number = LastSegment(ticket.name());
  std::string before;
  BAIMI_RETURN_IF_ERROR(tx.QueryOne(kLoadShare, {county, number}, [&](const sql::Row& row) {
                            before = std::string(row.Bytes(0));
                            return absl::OkStatus();
                          }).status());
  const auto now = domain::ShareOfState(ticket);
  const std::string after = now ? now->SerializeAsString() : "";
  if (before == after) {
    return absl::OkStatus();
  }
  v1::FigureShare counted;
  if (!counted.ParseFromString(before)) {
    return Internal(absl::StrCat("figures: the share of ", ticket.name(), " does not parse"));
  }
  if (!before.empty()) {
    Add(counted, -1, sums);
  }
  if (now) {
    Add(*now, 1, sums);
  }
  return tx.Queue(kSaveShare, {county, number, sql::Param::Bytes(after)});
}

absl::Status FigureStore::Save(sql::Tx& tx, absl::string_view county, const Sums& sums) {
  const auto* reflection = v1::FigureCounts::GetReflection();
  // By grouping, span and key.
  std::map<std::tuple<int64_t, int64_t, std::string>, int64_t> hung_up;
  for (const auto& [bucket, counts] : sums) {
    const auto& [grouping, key, day] = bucket;
    if (counts.suspended() != 0) {
      for (const int64_t span : {day, day / 100, day / 10'000}) {
        hung_up[{grouping, span, key}] += counts.suspended();
      }
    }
    v1::FigureCounts of_day = counts;
    of_day.clear_suspended();
    if (domain::IsZero(of_day)) {
      continue;
    }
    std::vector<sql::Param> params = {county, grouping, int64_t{day}, key};
    for (const int field : kFields) {
      params.emplace_back(reflection->GetInt64(counts, FieldOf(field)));
    }
    BAIMI_RETURN_IF_ERROR(tx.Queue(kAdd, params));
  }
  for (const auto& [place, by] : hung_up) {
    const auto& [grouping, span, key] = place;
    if (by != 0) {
      BAIMI_RETURN_IF_ERROR(tx.Queue(kAddHungUp, {county, grouping, span, key, by}));
    }
  }
  return absl::OkStatus();
}

// Points of supervisions stand in the sealed part; all else that counts is open.
absl::Status FigureStore::Open(absl::string_view name, absl::string_view body,
                               absl::string_view sealed, v1::Ticket* ticket) const {
  if (!ticket->ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return Internal(absl::StrCat(name, " does not parse"));
  }
  if (ticket->supervision_level() == v1::SUPERVISION_LEVEL_UNSPECIFIED) {
    return absl::OkStatus();
  }
  v1::Ticket whole;
  const absl::Status opened = OpenTicket(*vault_, name, body, sealed, &whole);
  if (opened.ok()) {
    *ticket = std::move(whole);
  }
  return ReasonOf(opened) == "DATA_SHREDDED" ? absl::OkStatus() : opened;
}

absl::Status FigureStore::Apply(sql::Tx& tx, absl::string_view county,
                                absl::Span<const type::v1::JournalRecord> records) const {
  std::map<std::string, v1::Ticket> tickets;
  Sums sums;
  for (const type::v1::JournalRecord& record : records) {
    if (record.type() != v1::TicketFact::descriptor()->full_name()) {
      continue;
    }
    const auto [entry, is_new] = tickets.try_emplace(record.resource());
    v1::Ticket& ticket = entry->second;
    if (is_new) {
      BAIMI_RETURN_IF_ERROR(tx.QueryOne(kLoadOpen, {county, LastSegment(record.resource())},
                                        [&](const sql::Row& row) {
                                          return Open(record.resource(), row.Bytes(0), row.Bytes(1),
                                                      &ticket);
                                        })
                                .status());
    }
    v1::TicketFact fact;
    absl::Status opened = journal::OpenEvent(*vault_, record, &fact);
    if (!opened.ok() && ReasonOf(opened) != "DATA_SHREDDED") {
      return opened;
    }
    if (const auto share = domain::ShareOfFact(ticket, fact)) {
      Add(*share, 1, &sums);
    }
    for (const v1::FigureShare& share : domain::HelpSharesOfFact(ticket, fact)) {
      Add(share, 1, &sums);
    }
  }
  for (const auto& [name, ticket] : tickets) {
    BAIMI_RETURN_IF_ERROR(Recount(tx, county, ticket, &sums));
  }
  return Save(tx, county, sums);
}

absl::StatusOr<std::map<std::string, v1::FigureCounts>> FigureStore::Read(
    sql::Reader& reader, absl::string_view county, const FigureQuery& query) const {
  const auto* reflection = v1::FigureCounts::GetReflection();
  const int64_t grouping = query.grouping + (query.excluded ? kExcluded : 0);
  std::map<std::string, v1::FigureCounts> figures;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kRead,
                   {county, grouping, int64_t{query.from_day}, int64_t{query.to_day},
                    query.key_prefix, EndOf(query.key_prefix)},
                   [&](const sql::Row& row) {
                     v1::FigureCounts counts;
                     int column = 0;
                     for (const int field : kFields) {
                       ++column;
                       if (row.Int64(column) != 0) {
                         reflection->SetInt64(&counts, FieldOf(field), row.Int64(column));
                       }
                     }
                     if (!domain::IsZero(counts)) {
                       figures.emplace(std::string(row.Text(0)), std::move(counts));
                     }
                     return absl::OkStatus();
                   }));
  const int64_t day = query.to_day;
  const int64_t month = day / 100;
  const int64_t year = month / 100;
  BAIMI_RETURN_IF_ERROR(reader.Query(kReadHungUp,
                                     {county, grouping, year, year * 100, month, month * 100, day,
                                      query.key_prefix, EndOf(query.key_prefix)},
                                     [&](const sql::Row& row) {
                                       if (row.Int64(1) != 0) {
                                         figures[std::string(row.Text(0))].set_suspended(
                                             row.Int64(1));
                                       }
                                       return absl::OkStatus();
                                     }));
  return figures;
}

}  // namespace baimi::ticket::store
