#include "services/ticket/store/leader_shift_store.h"

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/store/knowledge_store.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kLoad = {"leader_shifts.load",
                                  "SELECT body FROM leader_shifts WHERE county = $1 AND id = $2"};
constexpr sql::Statement kInsert = {
    "leader_shifts.insert",
    "INSERT INTO leader_shifts (county, id, leader, start_us, end_us, body) VALUES ($1, $2, $3, "
    "$4, $5, $6)"};
constexpr sql::Statement kUpdate = {
    "leader_shifts.update",
    "UPDATE leader_shifts SET leader = $3, start_us = $4, end_us = $5, body = $6 WHERE "
    "county = $1 AND id = $2"};
constexpr sql::Statement kList = {
    "leader_shifts.list",
    "SELECT body FROM leader_shifts WHERE county = $1 AND start_us >= $2 AND start_us < $3 AND "
    "(start_us > $4 OR (start_us = $4 AND id > $5)) AND ($6 = '' OR leader = $6) AND "
    "end_us > $7 ORDER BY start_us, id LIMIT $8"};
constexpr sql::Statement kAddOrder = {
    "leader_shift_orders.add",
    "INSERT INTO leader_shift_orders (county, shift, number) VALUES ($1, $2, $3)"};
constexpr sql::Statement kOrders = {
    "leader_shift_orders.list",
    "SELECT number FROM leader_shift_orders WHERE county = $1 AND shift = $2 ORDER BY number"};

absl::Status Parse(const sql::Row& row, v1::LeaderShift* shift) {
  const absl::string_view body = row.Bytes(0);
  return shift->ParseFromArray(body.data(), static_cast<int>(body.size()))
             ? absl::OkStatus()
             : Internal("leader shifts: a stored row does not parse");
}

absl::Status Write(sql::Tx& tx, const sql::Statement& statement, const v1::LeaderShift& shift) {
  const std::string body = shift.SerializeAsString();
  BAIMI_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute(statement,
                 {domain::CountyOf(shift.name()), KnowledgeId(shift.name()), shift.leader().id(),
                  sql::Param::Time(domain::FromProto(shift.start_time())),
                  sql::Param::Time(domain::FromProto(shift.end_time())), sql::Param::Bytes(body)}));
  return rows == 1 ? absl::OkStatus() : Internal("leader shifts: the row to update vanished");
}

}  // namespace

absl::StatusOr<v1::LeaderShift> LeaderShiftStore::Load(sql::Reader& reader,
                                                       absl::string_view name) {
  v1::LeaderShift shift;
  BAIMI_ASSIGN_OR_RETURN(const bool found,
                         reader.QueryOne(kLoad, {domain::CountyOf(name), KnowledgeId(name)},
                                         [&](const sql::Row& row) { return Parse(row, &shift); }));
  if (!found) {
    return NotFound(name);
  }
  return shift;
}

absl::Status LeaderShiftStore::Insert(sql::Tx& tx, const v1::LeaderShift& shift) {
  return Write(tx, kInsert, shift);
}

absl::Status LeaderShiftStore::Update(sql::Tx& tx, const v1::LeaderShift& shift) {
  return Write(tx, kUpdate, shift);
}

absl::StatusOr<std::vector<v1::LeaderShift>> LeaderShiftStore::List(sql::Reader& reader,
                                                                    absl::string_view county,
                                                                    const ShiftQuery& query) {
  std::vector<v1::LeaderShift> shifts;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kList,
                   {county, sql::Param::Time(query.from), sql::Param::Time(query.until),
                    sql::Param::Time(query.after_start), query.after_id, query.leader,
                    sql::Param::Time(query.ends_after), int64_t{query.limit}},
                   [&](const sql::Row& row) { return Parse(row, &shifts.emplace_back()); }));
  return shifts;
}

absl::Status LeaderShiftStore::AddOrder(sql::Tx& tx, absl::string_view shift,
                                        absl::string_view ticket) {
  return tx.Execute(kAddOrder, {domain::CountyOf(shift), KnowledgeId(shift), LastSegment(ticket)})
      .status();
}

absl::StatusOr<std::vector<std::string>> LeaderShiftStore::Orders(sql::Reader& reader,
                                                                  absl::string_view shift) {
  const absl::string_view county = domain::CountyOf(shift);
  std::vector<std::string> names;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kOrders, {county, KnowledgeId(shift)}, [&](const sql::Row& row) {
        names.push_back(TicketName(county, row.Text(0)));
        return absl::OkStatus();
      }));
  return names;
}

}  // namespace baimi::ticket::store
