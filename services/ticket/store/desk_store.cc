#include "services/ticket/store/desk_store.h"

#include "common/base/status_macros.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kDesk = {
    "ticket.desk",
    "SELECT number, body, sealed, key_id, seq, due_us FROM tickets WHERE county = $1 AND lead = $2 "
    "AND due_us IS NOT NULL AND (due_us, number) > ($3, $4) ORDER BY due_us, number LIMIT $5"};
constexpr sql::Statement kOfAssignee = {
    "ticket.of_assignee",
    "SELECT number, body, sealed, key_id, seq FROM tickets WHERE county = $1 AND lead = $2 "
    "AND assignee = $3 AND assignee <> '' ORDER BY number LIMIT $4"};
constexpr sql::Statement kWithDuties = {
    "ticket.with_duties",
    "SELECT number, body, sealed, key_id, seq FROM tickets WHERE county = $1 AND duties > 0 "
    "AND number > $2 ORDER BY number LIMIT $3"};

}  // namespace

absl::Status DeskStore::Open(absl::string_view county, const sql::Row& row,
                             v1::Ticket* ticket) const {
  return OpenTicket(*vault_, TicketName(county, row.Text(0)), row.Bytes(1), row.Bytes(2), ticket);
}

absl::StatusOr<std::vector<DeskRow>> DeskStore::Desk(sql::Reader& reader, absl::string_view county,
                                                     absl::string_view lead, const DeskKey& after,
                                                     int limit) const {
  std::vector<DeskRow> rows;
  BAIMI_RETURN_IF_ERROR(reader.Query(kDesk, {county, lead, after.due_us, after.number, limit},
                                     [&](const sql::Row& row) {
                                       DeskRow& desk = rows.emplace_back();
                                       desk.key = {row.Int64(5), std::string(row.Text(0))};
                                       return Open(county, row, &desk.ticket);
                                     }));
  return rows;
}

absl::StatusOr<std::vector<TicketRow>> DeskStore::OfAssignee(sql::Reader& reader,
                                                             absl::string_view county,
                                                             absl::string_view lead,
                                                             absl::string_view assignee,
                                                             int limit) const {
  std::vector<TicketRow> rows;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kOfAssignee, {county, lead, assignee, limit}, [&](const sql::Row& row) {
        TicketRow& found = rows.emplace_back();
        found.key = row.Int64(3);
        found.seq = row.Int64(4);
        return Open(county, row, &found.ticket);
      }));
  return rows;
}

absl::StatusOr<std::vector<TicketRow>> DeskStore::WithDuties(sql::Reader& reader,
                                                             absl::string_view county,
                                                             absl::string_view after,
                                                             int limit) const {
  std::vector<TicketRow> rows;
  BAIMI_RETURN_IF_ERROR(reader.Query(kWithDuties, {county, after, limit}, [&](const sql::Row& row) {
    TicketRow& found = rows.emplace_back();
    found.key = row.Int64(3);
    found.seq = row.Int64(4);
    return Open(county, row, &found.ticket);
  }));
  return rows;
}

}  // namespace baimi::ticket::store
