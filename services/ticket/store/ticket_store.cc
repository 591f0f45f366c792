#include "services/ticket/store/ticket_store.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/codes/phone.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/telling.h"
#include "services/ticket/domain/transitions.h"
#include "services/ticket/store/helper_index.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kNextNumber = {
    "ticket.next_number",
    "INSERT INTO ticket_numbers (county, day, last) VALUES ($1, $2, $3) "
    "ON CONFLICT (county, day) DO UPDATE SET last = ticket_numbers.last + $3 RETURNING last"};
constexpr sql::Statement kLoad = {
    "ticket.load",
    "SELECT body, sealed, key_id, seq FROM tickets WHERE county = $1 AND number = $2"};
constexpr sql::Statement kInsert = {
    "ticket.insert",
    "INSERT INTO tickets (county, number, state, type, channel, category, lead, grid, area, town, "
    "caller, create_us, due_us, provisional, key_id, seq, body, sealed, alarm_us, merged_into, "
    "assignee, duties) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, "
    "$20, $21, $22)"};
constexpr sql::Statement kUpdate = {
    "ticket.update",
    "UPDATE tickets SET state = $3, type = $4, channel = $5, category = $6, lead = $7, grid = $8, "
    "area = $9, town = $10, caller = $11, create_us = $12, due_us = $13, provisional = $14, "
    "key_id = $15, seq = $16, body = $17, sealed = $18, alarm_us = $19, merged_into = $20, "
    "assignee = $21, duties = $22, alarm_lease_us = 0 "
    "WHERE county = $1 AND number = $2"};
// A verb changes little of what an order is found by. SQLite writes an index entry anew for every
// column that an UPDATE names, changed or not.
#define BAIMI_TICKET_PROGRESS                                                             \
  "UPDATE tickets SET state = $3, due_us = $4, provisional = $5, key_id = $6, seq = $7, " \
  "body = $8, sealed = $9, alarm_us = $10, alarm_lease_us = 0"
constexpr sql::Statement kProgress = {"ticket.progress",
                                      BAIMI_TICKET_PROGRESS " WHERE county = $1 AND number = $2"};
constexpr sql::Statement kReassign = {
    "ticket.reassign", BAIMI_TICKET_PROGRESS ", lead = $11 WHERE county = $1 AND number = $2"};
#undef BAIMI_TICKET_PROGRESS
constexpr sql::Statement kLeaseAlarms = {
    "ticket.lease_alarms",
    "UPDATE tickets SET alarm_lease_us = $2 WHERE (county, number) IN "
    "(SELECT county, number FROM tickets WHERE alarm_us <= $1 AND alarm_lease_us <= $1 "
    "ORDER BY alarm_us LIMIT $3 /*for update skip locked*/) RETURNING county, number"};
// A row that is taken from stands there already.
constexpr sql::Statement kCount = {
    "ticket.count",
    "INSERT INTO ticket_counts (county, lead, state, n) "
    "VALUES ($1, $2, $3, CASE WHEN CAST($4 AS bigint) > 0 THEN $4 ELSE 0 END) "
    "ON CONFLICT (county, lead, state) DO UPDATE SET n = ticket_counts.n + $4 RETURNING n"};
constexpr sql::Statement kCounts = {
    "ticket.counts",
    "SELECT lead, state, n FROM ticket_counts WHERE county = $1 AND n > 0 ORDER BY lead, state"};
constexpr sql::Statement kMergedInto = {
    "ticket.merged_into",
    "SELECT number, body, sealed, key_id, seq FROM tickets WHERE county = $1 AND merged_into = $2 "
    "AND merged_into <> '' ORDER BY number LIMIT $3"};
constexpr sql::Statement kProvisional = {
    "ticket.provisional",
    "SELECT number FROM tickets WHERE county = $1 AND provisional = 1 AND number > $2 "
    "ORDER BY number LIMIT $3"};
constexpr int kMostPerDay = 999'999;

int64_t Micros(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1'000'000 + time.nanos() / 1000;
}

// The open handling clock's due time, if one runs.
std::optional<int64_t> OpenDue(const v1::Ticket& ticket) {
  for (const v1::Clock& clock : ticket.clocks()) {
    if (clock.kind() == v1::HANDLE && !clock.has_stop_time()) {
      return Micros(clock.due_time());
    }
  }
  return std::nullopt;
}

bool HasProvisional(const v1::Ticket& ticket) {
  for (const v1::Clock& clock : ticket.clocks()) {
    if (clock.provisional() && !clock.has_stop_time()) {
      return true;
    }
  }
  for (const v1::HelperTask& task : ticket.helper_tasks()) {
    if (task.clock().provisional() && !task.clock().has_stop_time()) {
      return true;
    }
  }
  return false;
}

// name = counties/<county>/tickets/<number>; the pattern was checked at the edge.
std::pair<absl::string_view, absl::string_view> Parts(absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  return parts.size() == 4 ? std::pair(parts[1], parts[3])
                           : std::pair(absl::string_view(), absl::string_view());
}

// Whose desk an order that is not over lies on.
absl::string_view DeskOf(const v1::Ticket& ticket) {
  return domain::IsFinal(ticket.state()) ? absl::string_view()
                                         : absl::string_view(ticket.assignee());
}

// What the order is found by, but for state and lead.
bool FoundAlike(const v1::Ticket& a, const v1::Ticket& b) {
  return a.type() == b.type() && a.channel() == b.channel() && a.category() == b.category() &&
         a.place().grid() == b.place().grid() && a.place().area() == b.place().area() &&
         a.caller().phone() == b.caller().phone() && a.merged_into() == b.merged_into() &&
         DeskOf(a) == DeskOf(b) && domain::OpenDuties(a) == domain::OpenDuties(b) &&
         Micros(a.create_time()) == Micros(b.create_time());
}

absl::Status Count(sql::Tx& tx, absl::string_view county, const v1::Ticket& ticket, int64_t delta) {
  return tx.Add(kCount, {county, ticket.assignment().lead(), int64_t{ticket.state()}}, delta);
}

sql::Param OrNull(const std::optional<int64_t>& value) {
  return value ? sql::Param(*value) : sql::Param(sql::Null{});
}

std::optional<int64_t> AlarmOf(const v1::Ticket& ticket) {
  const std::optional<absl::Time> alarm = domain::NextAlarm(ticket);
  return alarm ? std::optional<int64_t>(absl::ToUnixMicros(*alarm)) : std::nullopt;
}

// A cached row: key, length of the open part, the two parts.
std::string Pack(privacy::KeyId key, absl::string_view body, absl::string_view sealed) {
  std::string packed;
  google::protobuf::io::StringOutputStream stream(&packed);
  google::protobuf::io::CodedOutputStream out(&stream);
  out.WriteVarint64(static_cast<uint64_t>(key));
  out.WriteVarint32(static_cast<uint32_t>(body.size()));
  out.WriteRaw(body.data(), static_cast<int>(body.size()));
  out.WriteRaw(sealed.data(), static_cast<int>(sealed.size()));
  return packed;
}

}  // namespace

std::string TicketStore::CallerIndex(absl::string_view phone) const {
  const absl::StatusOr<codes::Phone> parsed = codes::ParsePhone("caller.phone", phone);
  return parsed.ok() ? vault_->BlindIndex("ticket.phone", parsed->digits) : "";
}

absl::string_view PlaceCode(const v1::Ticket& ticket) {
  const absl::string_view grid = LastSegment(ticket.place().grid());
  return grid.empty() ? LastSegment(ticket.place().area()) : grid;
}

bool InScope(const v1::Ticket& ticket, const RowScope& scope) {
  for (const std::string& unit : scope.units) {
    if (domain::IsRecused(ticket, unit)) {
      return false;
    }
  }
  const auto& helpers = ticket.assignment().helpers();
  return ScopeCovers(scope, PlaceCode(ticket), ticket.assignment().lead()) ||
         std::any_of(helpers.begin(), helpers.end(),
                     [&](const std::string& helper) { return ScopeCovers(scope, "", helper); });
}

absl::StatusOr<std::string> TicketStore::NextNumber(sql::Tx& tx, absl::string_view county,
                                                    absl::Time now) const {
  const std::string day = absl::FormatTime("%Y%m%d", now, ShanghaiZone());
  BAIMI_ASSIGN_OR_RETURN(const int64_t number, tx.AddAndGet(kNextNumber, {county, day}, 1));
  if (number > kMostPerDay) {
    return Error(absl::StatusCode::kResourceExhausted, type::v1::ERROR_REASON_LANE_FULL,
                 absl::StrCat("ticket number: got ", number, " on one day, want at most ",
                              kMostPerDay),
                 "当日工单编号已用尽")
        .Build();
  }
  return absl::StrFormat("%s-%06d", day, number);
}

absl::StatusOr<std::string> TicketStore::LoadSealed(sql::Reader& reader, absl::string_view name,
                                                    int64_t* seq) const {
  const auto [county, number] = Parts(name);
  std::string packed;
  BAIMI_ASSIGN_OR_RETURN(const bool found,
                         reader.QueryOne(kLoad, {county, number}, [&](const sql::Row& row) {
                           packed = Pack(row.Int64(2), row.Bytes(0), row.Bytes(1));
                           *seq = row.Int64(3);
                           return absl::OkStatus();
                         }));
  if (!found) {
    return NotFound(name);
  }
  return packed;
}

privacy::KeyId TicketStore::KeyOf(absl::string_view stored) {
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(stored.data()),
                                            static_cast<int>(stored.size()));
  uint64_t key = 0;
  return in.ReadVarint64(&key) ? static_cast<privacy::KeyId>(key) : privacy::kNoKey;
}

absl::StatusOr<TicketRow> TicketStore::Unseal(absl::string_view name, absl::string_view stored,
                                              const RowScope& scope) const {
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(stored.data()),
                                            static_cast<int>(stored.size()));
  uint64_t key = 0;
  uint32_t size = 0;
  if (!in.ReadVarint64(&key) || !in.ReadVarint32(&size) ||
      stored.size() < static_cast<size_t>(in.CurrentPosition()) + size) {
    return Internal("ticket: a cached row is cut short");
  }
  const absl::string_view parts = stored.substr(static_cast<size_t>(in.CurrentPosition()));
  TicketRow row{.key = static_cast<privacy::KeyId>(key)};
  BAIMI_RETURN_IF_ERROR(
      OpenTicket(*vault_, name, parts.substr(0, size), parts.substr(size), &row.ticket));
  if (!InScope(row.ticket, scope)) {
    return NotFound(name);
  }
  return row;
}

absl::StatusOr<TicketRow> TicketStore::Load(sql::Reader& reader, absl::string_view name,
                                            const RowScope& scope) const {
  int64_t seq = 0;
  BAIMI_ASSIGN_OR_RETURN(const std::string stored, LoadSealed(reader, name, &seq));
  BAIMI_ASSIGN_OR_RETURN(TicketRow row, Unseal(name, stored, scope));
  row.seq = seq;
  return row;
}

absl::Status TicketStore::Write(sql::Tx& tx, const TicketRow& row, bool is_new) const {
  const v1::Ticket& ticket = row.ticket;
  const auto [county, number] = Parts(ticket.name());
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed, SealTicket(*vault_, ticket, row.key));
  const absl::string_view area = LastSegment(ticket.place().area());
  const std::string caller = CallerIndex(ticket.caller().phone());
  const sql::Param params[] = {county,
                               number,
                               int64_t{ticket.state()},
                               int64_t{ticket.type()},
                               int64_t{ticket.channel()},
                               ticket.category(),
                               ticket.assignment().lead(),
                               LastSegment(ticket.place().grid()),
                               area,
                               area.substr(0, 9),
                               sql::Param::Bytes(caller),
                               Micros(ticket.create_time()),
                               OrNull(OpenDue(ticket)),
                               int64_t{HasProvisional(ticket)},
                               row.key,
                               row.seq,
                               sql::Param::Bytes(sealed.open),
                               sql::Param::Bytes(sealed.sealed),
                               OrNull(AlarmOf(ticket)),
                               LastSegment(ticket.merged_into()),
                               DeskOf(ticket),
                               int64_t{domain::OpenDuties(ticket)}};
  if (is_new) {
    // The number is new, so nothing can be wrong with the row that somebody would wait to hear.
    return tx.Queue(kInsert, params);
  }
  BAIMI_ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(kUpdate, params));
  return rows == 1 ? absl::OkStatus() : Internal("ticket: the row to update vanished");
}

absl::Status TicketStore::Progress(sql::Tx& tx, const TicketRow& row, bool same_lead) const {
  const v1::Ticket& ticket = row.ticket;
  const auto [county, number] = Parts(ticket.name());
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed, SealTicket(*vault_, ticket, row.key));
  const sql::Param params[] = {county,
                               number,
                               int64_t{ticket.state()},
                               OrNull(OpenDue(ticket)),
                               int64_t{HasProvisional(ticket)},
                               row.key,
                               row.seq,
                               sql::Param::Bytes(sealed.open),
                               sql::Param::Bytes(sealed.sealed),
                               OrNull(AlarmOf(ticket)),
                               ticket.assignment().lead()};
  BAIMI_ASSIGN_OR_RETURN(const int64_t rows,
                         tx.Execute(same_lead ? kProgress : kReassign,
                                    sql::Params(params).first(same_lead ? 10 : 11)));
  return rows == 1 ? absl::OkStatus() : Internal("ticket: the row to update vanished");
}

absl::Status TicketStore::Insert(sql::Tx& tx, const TicketRow& row) const {
  BAIMI_RETURN_IF_ERROR(Write(tx, row, /*is_new=*/true));
  return Count(tx, Parts(row.ticket.name()).first, row.ticket, 1);
}

absl::Status TicketStore::Update(sql::Tx& tx, const TicketRow& before,
                                 const TicketRow& after) const {
  const bool same_lead = before.ticket.assignment().lead() == after.ticket.assignment().lead();
  BAIMI_RETURN_IF_ERROR(FoundAlike(before.ticket, after.ticket)
                            ? Progress(tx, after, same_lead)
                            : Write(tx, after, /*is_new=*/false));
  BAIMI_RETURN_IF_ERROR(
      FollowHelpers(tx, Parts(after.ticket.name()).first, before.ticket, after.ticket));
  if (same_lead && before.ticket.state() == after.ticket.state()) {
    return absl::OkStatus();
  }
  const absl::string_view county = Parts(after.ticket.name()).first;
  BAIMI_RETURN_IF_ERROR(Count(tx, county, before.ticket, -1));
  return Count(tx, county, after.ticket, 1);
}

absl::StatusOr<v1::TicketCounts> TicketStore::Counts(sql::Reader& reader, absl::string_view county,
                                                     absl::string_view lead) const {
  v1::TicketCounts counts;
  BAIMI_RETURN_IF_ERROR(reader.Query(kCounts, {county}, [&](const sql::Row& row) {
    if (lead.empty() || row.Text(0) == lead) {
      v1::TicketCount* count = counts.add_counts();
      count->set_lead(std::string(row.Text(0)));
      count->set_state(static_cast<v1::TicketState>(row.Int64(1)));
      count->set_count(row.Int64(2));
      counts.set_total(counts.total() + row.Int64(2));
    }
    return absl::OkStatus();
  }));
  return counts;
}

absl::StatusOr<std::vector<TicketRow>> TicketStore::MergedInto(sql::Reader& reader,
                                                               absl::string_view name,
                                                               int limit) const {
  const auto place = Parts(name);
  std::vector<TicketRow> rows;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kMergedInto, {place.first, place.second, limit}, [&](const sql::Row& row) {
        TicketRow& merged = rows.emplace_back();
        merged.key = row.Int64(3);
        merged.seq = row.Int64(4);
        return OpenTicket(*vault_, TicketName(place.first, row.Text(0)), row.Bytes(1), row.Bytes(2),
                          &merged.ticket);
      }));
  return rows;
}

absl::StatusOr<std::vector<std::string>> TicketStore::Provisional(sql::Reader& reader,
                                                                  absl::string_view county,
                                                                  absl::string_view after,
                                                                  int limit) const {
  std::vector<std::string> numbers;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kProvisional, {county, after, limit}, [&](const sql::Row& row) {
        numbers.emplace_back(row.Text(0));
        return absl::OkStatus();
      }));
  return numbers;
}

absl::StatusOr<std::vector<journal::Alarm>> TicketStore::LeaseAlarms(sql::Tx& tx, absl::Time now,
                                                                     absl::Time until,
                                                                     int limit) const {
  std::vector<journal::Alarm> alarms;
  BAIMI_RETURN_IF_ERROR(
      tx.Query(kLeaseAlarms, {sql::Param::Time(now), sql::Param::Time(until), limit},
               [&](const sql::Row& row) {
                 alarms.push_back({std::string(row.Text(0)), std::string(row.Text(1))});
                 return absl::OkStatus();
               }));
  return alarms;
}

}  // namespace baimi::ticket::store
