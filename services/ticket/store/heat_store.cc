#include "services/ticket/store/heat_store.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "baimi/ticket/v1/events.pb.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kLoadOpen = {"heat.load_open",
                                      "SELECT body FROM tickets WHERE county = $1 AND number = $2"};
constexpr sql::Statement kLoadShare = {
    "heat.load_share",
    "SELECT day, grid, area, category, report, subject FROM ticket_heat_orders WHERE county = $1 "
    "AND number = $2"};
constexpr sql::Statement kSaveShare = {
    "heat.save_share",
    "INSERT INTO ticket_heat_orders (county, number, day, grid, area, category, report, subject) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (county, number) DO UPDATE SET day = $3, "
    "grid = $4, area = $5, category = $6, report = $7, subject = $8"};
constexpr sql::Statement kDropShare = {
    "heat.drop_share", "DELETE FROM ticket_heat_orders WHERE county = $1 AND number = $2"};
constexpr sql::Statement kAdd = {
    "heat.add",
    "INSERT INTO ticket_heat (county, day, level, place, category, orders, reports) VALUES ($1, "
    "$2, $3, $4, $5, $6, $7) ON CONFLICT (county, day, level, place, category) DO UPDATE SET "
    "orders = ticket_heat.orders + $6, reports = ticket_heat.reports + $7"};
constexpr sql::Statement kFirstDay = {
    "heat.first_day",
    "SELECT day FROM ticket_heat WHERE county = $1 AND orders > 0 ORDER BY day LIMIT 1"};
constexpr sql::Statement kCells = {
    "heat.cells",
    "SELECT level, place, category, ($2 - day) / 7, CAST(SUM(orders) AS BIGINT), "
    "CAST(SUM(reports) AS BIGINT) FROM ticket_heat WHERE county = $1 AND day <= $2 AND day > $3 "
    "GROUP BY level, place, category, ($2 - day) / 7 ORDER BY level, place, category"};
constexpr sql::Statement kDays = {
    "heat.days",
    "SELECT $5 - day, orders, reports FROM ticket_heat WHERE county = $1 AND level = $2 AND "
    "place = $3 AND category = $4 AND day <= $5 AND day > $6"};
constexpr sql::Statement kOrders = {
    "heat.orders",
    "SELECT number, grid, area, report FROM ticket_heat_orders WHERE county = $1 AND "
    "category = $2 AND day <= $3 AND day > $4 ORDER BY day DESC, number DESC"};
constexpr sql::Statement kIsReported = {
    "heat.is_reported",
    "SELECT day FROM ticket_heat_orders WHERE county = $1 AND subject = $2 AND subject <> '' "
    "AND day >= $3 AND ($4 = '' OR category = $4) LIMIT 1"};
constexpr sql::Statement kLoadSettlement = {
    "clusters.load",
    "SELECT body, sealed, key_id FROM ticket_clusters WHERE county = $1 AND id = $2"};
constexpr sql::Statement kSaveSettlement = {
    "clusters.save",
    "INSERT INTO ticket_clusters (county, id, key_id, body, sealed) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (county, id) DO UPDATE SET key_id = $3, body = $4, sealed = $5"};

int64_t NumberOf(absl::CivilDay day) { return day - absl::CivilDay(1970, 1, 1); }
absl::CivilDay DayOf(int64_t number) { return absl::CivilDay(1970, 1, 1) + number; }

std::string Context(absl::string_view name) { return absl::StrCat("row:", name); }

// By level, place and category, so that replicas lock rows in one order.
using Counts = std::map<std::pair<int64_t, domain::CellKey>, std::pair<int64_t, int64_t>>;

void Add(const domain::HeatShare& share, absl::string_view county, int64_t times, Counts* counts) {
  for (domain::CellKey& key : domain::CellsOf(share, county)) {
    auto& [orders, reports] = (*counts)[{NumberOf(share.day), std::move(key)}];
    orders += times;
    reports += share.report ? times : 0;
  }
}

absl::StatusOr<std::optional<domain::HeatShare>> Counted(sql::Tx& tx, absl::string_view county,
                                                         absl::string_view number) {
  std::optional<domain::HeatShare> share;
  BAIMI_RETURN_IF_ERROR(tx.QueryOne(kLoadShare, {county, number}, [&](const sql::Row& row) {
                            share = domain::HeatShare{.day = DayOf(row.Int64(0)),
                                                      .grid = std::string(row.Text(1)),
                                                      .area = std::string(row.Text(2)),
                                                      .category = std::string(row.Text(3)),
                                                      .report = row.Int64(4) != 0,
                                                      .subject = std::string(row.Text(5))};
                            return absl::OkStatus();
                          }).status());
  return share;
}

// Takes back what the order counted for before and adds what it counts for now.
absl::Status Recount(sql::Tx& tx, absl::string_view county, absl::string_view number,
                     const std::optional<domain::HeatShare>& now, Counts* counts) {
  BAIMI_ASSIGN_OR_RETURN(const auto before, Counted(tx, county, number));
  if (before == now) {
    return absl::OkStatus();
  }
  if (before) {
    Add(*before, county, -1, counts);
  }
  if (!now) {
    return tx.Queue(kDropShare, {county, number});
  }
  Add(*now, county, 1, counts);
  return tx.Queue(kSaveShare, {county, number, NumberOf(now->day), now->grid, now->area,
                               now->category, int64_t{now->report}, now->subject});
}

}  // namespace

absl::Status HeatStore::Apply(sql::Tx& tx, absl::string_view county,
                              absl::Span<const type::v1::JournalRecord> records) const {
  std::set<std::string> names;
  for (const type::v1::JournalRecord& record : records) {
    if (record.type() == v1::TicketFact::descriptor()->full_name()) {
      names.insert(record.resource());
    }
  }
  Counts counts;
  for (const std::string& name : names) {
    // Personal fields stay sealed: nothing is counted by them.
    v1::Ticket ticket;
    BAIMI_RETURN_IF_ERROR(
        tx.QueryOne(kLoadOpen, {county, LastSegment(name)}, [&](const sql::Row& row) {
            const absl::string_view body = row.Bytes(0);
            return ticket.ParseFromArray(body.data(), static_cast<int>(body.size()))
                       ? absl::OkStatus()
                       : Internal(absl::StrCat(name, " does not parse"));
          }).status());
    BAIMI_RETURN_IF_ERROR(Recount(tx, county, LastSegment(name), domain::HeatOf(ticket), &counts));
  }
  for (const auto& [cell, count] : counts) {
    const auto& [day, key] = cell;
    if (count != std::pair<int64_t, int64_t>()) {
      BAIMI_RETURN_IF_ERROR(tx.Queue(kAdd, {county, day, int64_t{key.level}, key.place,
                                            key.category, count.first, count.second}));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<absl::CivilDay>> HeatStore::FirstDay(sql::Reader& reader,
                                                                  absl::string_view county) const {
  std::optional<absl::CivilDay> first;
  BAIMI_RETURN_IF_ERROR(reader
                            .QueryOne(kFirstDay, {county},
                                      [&](const sql::Row& row) {
                                        first = DayOf(row.Int64(0));
                                        return absl::OkStatus();
                                      })
                            .status());
  return first;
}

absl::StatusOr<std::vector<domain::HeatCell>> HeatStore::Cells(sql::Reader& reader,
                                                               absl::string_view county,
                                                               const HeatView& view,
                                                               int weeks) const {
  std::vector<domain::HeatCell> cells;
  const int64_t last = NumberOf(view.as_of);
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kCells, {county, last, last - int64_t{weeks} * 7}, [&](const sql::Row& row) {
        const int64_t orders = row.Int64(4) - (view.with_reports ? 0 : row.Int64(5));
        if (orders <= 0) {
          return absl::OkStatus();
        }
        domain::CellKey key{static_cast<v1::ClusterLevel>(row.Int64(0)), std::string(row.Text(1)),
                            std::string(row.Text(2))};
        if (cells.empty() || cells.back().key != key) {
          cells.push_back({std::move(key), std::vector<int64_t>(static_cast<size_t>(weeks), 0)});
        }
        cells.back().weeks[static_cast<size_t>(row.Int64(3))] = orders;
        return absl::OkStatus();
      }));
  return cells;
}

absl::StatusOr<std::vector<int64_t>> HeatStore::Days(sql::Reader& reader, absl::string_view county,
                                                     const domain::CellKey& key,
                                                     const HeatView& view, int days) const {
  std::vector<int64_t> counts(static_cast<size_t>(days), 0);
  const int64_t last = NumberOf(view.as_of);
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kDays, {county, int64_t{key.level}, key.place, key.category, last, last - days},
                   [&](const sql::Row& row) {
                     counts[static_cast<size_t>(row.Int64(0))] =
                         row.Int64(1) - (view.with_reports ? 0 : row.Int64(2));
                     return absl::OkStatus();
                   }));
  return counts;
}

absl::StatusOr<HeatOrders> HeatStore::Orders(sql::Reader& reader, absl::string_view county,
                                             const domain::CellKey& key, const HeatView& view,
                                             int days, const std::set<std::string>& without) const {
  HeatOrders orders;
  std::set<std::string> grids;
  const int64_t last = NumberOf(view.as_of);
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kOrders, {county, key.category, last, last - days}, [&](const sql::Row& row) {
        const std::string grid(row.Text(1));
        const std::string area(row.Text(2));
        const bool inside = (key.level == v1::COUNTY_CLUSTER ||
                             key.place == (key.level == v1::GRID_CLUSTER ? grid : area)) &&
                            !without.contains(grid) && !without.contains(area);
        const bool report = row.Int64(3) != 0;
        if (inside && (view.with_reports || !report)) {
          orders.numbers.emplace_back(row.Text(0));
          orders.reports += report ? 1 : 0;
          if (!grid.empty()) {
            grids.insert(grid);
          }
        }
        return absl::OkStatus();
      }));
  orders.grids = static_cast<int>(grids.size());
  return orders;
}

absl::StatusOr<bool> HeatStore::IsReported(sql::Reader& reader, absl::string_view county,
                                           absl::string_view unit, absl::CivilDay from,
                                           absl::string_view category) const {
  return reader.QueryOne(kIsReported, {county, unit, NumberOf(from), category},
                         [](const sql::Row&) { return absl::OkStatus(); });
}

absl::StatusOr<std::optional<SettlementRow>> HeatStore::LoadSettlement(
    sql::Reader& reader, absl::string_view cluster) const {
  SettlementRow loaded;
  BAIMI_ASSIGN_OR_RETURN(
      const bool found,
      reader.QueryOne(kLoadSettlement, {domain::CountyOf(cluster), LastSegment(cluster)},
                      [&](const sql::Row& row) {
                        loaded.key = row.Int64(2);
                        const absl::Status opened = vault_->Open(
                            row.Bytes(0), row.Bytes(1), Context(cluster), &loaded.settlement);
                        return ReasonOf(opened) == "DATA_SHREDDED" ? absl::OkStatus() : opened;
                      }));
  return found ? std::optional(std::move(loaded)) : std::nullopt;
}

absl::Status HeatStore::SaveSettlement(sql::Tx& tx, absl::string_view cluster,
                                       const SettlementRow& row) const {
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed,
                         vault_->Seal(row.key, row.settlement, Context(cluster)));
  return tx
      .Execute(kSaveSettlement, {domain::CountyOf(cluster), LastSegment(cluster), row.key,
                                 sql::Param::Bytes(sealed.open), sql::Param::Bytes(sealed.sealed)})
      .status();
}

}  // namespace baimi::ticket::store
