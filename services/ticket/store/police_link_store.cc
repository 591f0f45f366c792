#include "services/ticket/store/police_link_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/police_link.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

#define BAIMI_LINKS "SELECT id, body, sealed, key_id, seq FROM police_links WHERE county = $1 AND "
constexpr sql::Statement kLoad = {"police_links.load", BAIMI_LINKS "id = $2"};
constexpr sql::Statement kList = {"police_links.list",
                                  BAIMI_LINKS "seq < $2 ORDER BY seq DESC LIMIT $3"};
constexpr sql::Statement kWaiting = {
    "police_links.waiting", BAIMI_LINKS "waits = 1 AND seq < $2 ORDER BY seq DESC LIMIT $3"};
constexpr sql::Statement kOfTicket = {"police_links.of_ticket", BAIMI_LINKS
                                      "ticket = $2 AND ticket <> '' AND waits >= $3 AND seq < $4 "
                                      "ORDER BY seq DESC LIMIT $5"};
#undef BAIMI_LINKS
constexpr sql::Statement kSave = {
    "police_links.save",
    "INSERT INTO police_links (county, id, seq, ticket, waits, alarm_us, lease_us, key_id, body, "
    "sealed) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9) ON CONFLICT (county, id) "
    "DO UPDATE SET waits = $5, alarm_us = $6, lease_us = 0, body = $8, sealed = $9"};
constexpr sql::Statement kFindCase = {
    "police_links.find_case",
    "SELECT id, digests FROM police_cases WHERE county = $1 AND case_number = $2 AND kind = $3"};
constexpr sql::Statement kClaimCase = {
    "police_links.claim_case",
    "INSERT INTO police_cases (county, case_number, kind, id, digests) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (county, case_number, kind) DO NOTHING"};
constexpr sql::Statement kLease = {
    "police_links.lease",
    "UPDATE police_links SET lease_us = $2 WHERE (county, id) IN "
    "(SELECT county, id FROM police_links WHERE alarm_us <= $1 AND lease_us <= $1 "
    "ORDER BY alarm_us LIMIT $3 /*for update skip locked*/) RETURNING county, id"};

constexpr int64_t kAboveAll = int64_t{1} << 60;

std::string Context(absl::string_view name) { return absl::StrCat("row:", name); }

std::string LinkName(absl::string_view county, absl::string_view id) {
  return absl::StrCat("counties/", county, "/policeLinks/", id);
}

}  // namespace

absl::Status PoliceLinkStore::Open(absl::string_view county, const sql::Row& row,
                                   PoliceLinkRow* out) const {
  out->key = row.Int64(3);
  out->seq = row.Int64(4);
  const absl::Status opened =
      vault_->Open(row.Bytes(1), row.Bytes(2), Context(LinkName(county, row.Text(0))), &out->link);
  return ReasonOf(opened) == "DATA_SHREDDED" ? absl::OkStatus() : opened;
}

absl::StatusOr<PoliceLinkRow> PoliceLinkStore::Load(sql::Reader& reader,
                                                    absl::string_view name) const {
  PoliceLinkRow loaded;
  const absl::string_view county = domain::CountyOf(name);
  BAIMI_ASSIGN_OR_RETURN(const bool found, reader.QueryOne(kLoad, {county, LastSegment(name)},
                                                           [&](const sql::Row& row) {
                                                             return Open(county, row, &loaded);
                                                           }));
  if (!found) {
    return NotFound(name);
  }
  return loaded;
}

absl::Status PoliceLinkStore::Save(sql::Tx& tx, const PoliceLinkRow& row) const {
  const v1::PoliceLink& link = row.link;
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed,
                         vault_->Seal(row.key, link, Context(link.name())));
  const std::optional<absl::Time> alarm = domain::NextAlarm(link);
  return tx
      .Execute(kSave, {domain::CountyOf(link.name()), LastSegment(link.name()), row.seq,
                       LastSegment(link.ticket()), int64_t{!link.has_acknowledge_time()},
                       alarm ? sql::Param::Time(*alarm) : sql::Param(sql::Null{}), row.key,
                       sql::Param::Bytes(sealed.open), sql::Param::Bytes(sealed.sealed)})
      .status();
}

absl::StatusOr<std::vector<PoliceLinkRow>> PoliceLinkStore::List(sql::Reader& reader,
                                                                 absl::string_view county,
                                                                 bool unacknowledged,
                                                                 absl::string_view ticket,
                                                                 int64_t below, int limit) const {
  std::vector<PoliceLinkRow> rows;
  below = below == 0 ? kAboveAll : below;
  const auto take = [&](const sql::Row& row) { return Open(county, row, &rows.emplace_back()); };
  if (!ticket.empty()) {
    BAIMI_RETURN_IF_ERROR(reader.Query(
        kOfTicket, {county, LastSegment(ticket), int64_t{unacknowledged}, below, limit}, take));
    return rows;
  }
  BAIMI_RETURN_IF_ERROR(
      reader.Query(unacknowledged ? kWaiting : kList, {county, below, limit}, take));
  return rows;
}

absl::StatusOr<std::optional<PoliceCase>> PoliceLinkStore::FindCase(sql::Reader& reader,
                                                                    absl::string_view county,
                                                                    absl::string_view number,
                                                                    v1::PoliceLinkKind kind) const {
  PoliceCase known{std::string(number), kind};
  BAIMI_ASSIGN_OR_RETURN(
      const bool found,
      reader.QueryOne(kFindCase, {county, number, int64_t{kind}}, [&](const sql::Row& row) {
        known.link = LinkName(county, row.Text(0));
        known.digests = std::string(row.Bytes(1));
        return absl::OkStatus();
      }));
  return found ? std::optional(std::move(known)) : std::nullopt;
}

absl::StatusOr<bool> PoliceLinkStore::ClaimCase(sql::Tx& tx, absl::string_view county,
                                                const PoliceCase& known) const {
  BAIMI_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute(kClaimCase, {county, known.number, int64_t{known.kind}, LastSegment(known.link),
                              sql::Param::Bytes(known.digests)}));
  return rows == 1;
}

absl::StatusOr<std::vector<journal::Alarm>> PoliceLinkStore::Lease(sql::Tx& tx, absl::Time now,
                                                                   absl::Time until,
                                                                   int limit) const {
  std::vector<journal::Alarm> alarms;
  BAIMI_RETURN_IF_ERROR(tx.Query(
      kLease, {sql::Param::Time(now), sql::Param::Time(until), limit}, [&](const sql::Row& row) {
        alarms.push_back({std::string(row.Text(0)), std::string(row.Text(1))});
        return absl::OkStatus();
      }));
  return alarms;
}

}  // namespace baimi::ticket::store
