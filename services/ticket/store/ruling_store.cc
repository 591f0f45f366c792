#include "services/ticket/store/ruling_store.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/arbitration.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kLoad = {
    "arbitrations.load",
    "SELECT id, body, sealed, key_id, seq FROM arbitrations WHERE county = $1 AND id = $2"};
constexpr sql::Statement kInsert = {
    "arbitrations.insert",
    "INSERT INTO arbitrations (county, id, seq, ticket, category, area, open, ruled_us, key_id, "
    "body, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};
constexpr sql::Statement kUpdate = {
    "arbitrations.update",
    "UPDATE arbitrations SET open = $7, ruled_us = $8, body = $10, sealed = $11 WHERE county = $1 "
    "AND id = $2 AND seq = $3 AND ticket = $4 AND category = $5 AND area = $6 AND key_id = $9"};
constexpr sql::Statement kCountOf = {
    "arbitrations.count_of", "SELECT COUNT(*) FROM arbitrations WHERE county = $1 AND ticket = $2"};

#define BAIMI_ARBITRATIONS \
  "SELECT id, body, sealed, key_id, seq FROM arbitrations WHERE county = $1 AND "
#define BAIMI_NEWEST_FIRST "seq < $4 ORDER BY seq DESC LIMIT $5"
constexpr sql::Statement kList = {"arbitrations.list",
                                  BAIMI_ARBITRATIONS "$2 = '' AND $3 = '' AND " BAIMI_NEWEST_FIRST};
constexpr sql::Statement kByTicket = {
    "arbitrations.by_ticket", BAIMI_ARBITRATIONS "ticket = $2 AND $3 = '' AND " BAIMI_NEWEST_FIRST};
constexpr sql::Statement kByCategory = {"arbitrations.by_category", BAIMI_ARBITRATIONS
                                        "category = $2 AND $3 = '' AND " BAIMI_NEWEST_FIRST};
constexpr sql::Statement kByPlace = {"arbitrations.by_place", BAIMI_ARBITRATIONS
                                     "category = $2 AND area = $3 AND " BAIMI_NEWEST_FIRST};
#undef BAIMI_NEWEST_FIRST
#undef BAIMI_ARBITRATIONS

// Only the open part: nothing personal is shown of them.
constexpr sql::Statement kRuledHere = {
    "arbitrations.ruled_here",
    "SELECT body FROM arbitrations WHERE county = $1 AND category = $2 AND area = $3 AND "
    "ruled_us IS NOT NULL ORDER BY ruled_us DESC LIMIT $4"};
constexpr sql::Statement kRuled = {
    "arbitrations.ruled",
    "SELECT body FROM arbitrations WHERE county = $1 AND category = $2 AND $3 = '' AND "
    "ruled_us IS NOT NULL ORDER BY ruled_us DESC LIMIT $4"};

constexpr sql::Statement kLoadPrecedent = {
    "precedents.load", "SELECT body, seq FROM precedents WHERE county = $1 AND id = $2"};
constexpr sql::Statement kInsertPrecedent = {
    "precedents.insert",
    "INSERT INTO precedents (county, id, seq, category, withdrawn, body) "
    "VALUES ($1, $2, $3, $4, $5, $6)"};
constexpr sql::Statement kUpdatePrecedent = {
    "precedents.update",
    "UPDATE precedents SET withdrawn = $5, body = $6 WHERE county = $1 AND id = $2 AND seq = $3 "
    "AND category = $4"};
constexpr sql::Statement kListPrecedents = {
    "precedents.list",
    "SELECT body, seq FROM precedents WHERE county = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3"};
constexpr sql::Statement kPrecedentsFor = {
    "precedents.in_force",
    "SELECT body, seq FROM precedents WHERE county = $1 AND category = $2 AND withdrawn = 0 "
    "ORDER BY seq"};

constexpr int64_t kAboveAll = int64_t{1} << 60;

std::string Context(absl::string_view name) { return absl::StrCat("row:", name); }

int64_t Micros(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1'000'000 + time.nanos() / 1000;
}

template <typename Message>
absl::Status Parse(absl::string_view bytes, Message* message) {
  return message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))
             ? absl::OkStatus()
             : Internal("rulings: a stored row does not parse");
}

absl::Status Open(const privacy::Vault& vault, absl::string_view county, const sql::Row& row,
                  ArbitrationRow* out) {
  out->key = row.Int64(3);
  out->seq = row.Int64(4);
  const std::string name = absl::StrCat("counties/", county, "/arbitrations/", row.Text(0));
  const absl::Status opened =
      vault.Open(row.Bytes(1), row.Bytes(2), Context(name), &out->arbitration);
  return ReasonOf(opened) == "DATA_SHREDDED" ? absl::OkStatus() : opened;
}

absl::Status WritePrecedent(sql::Tx& tx, const sql::Statement& statement, const PrecedentRow& row) {
  const std::string body = row.precedent.SerializeAsString();
  BAIMI_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute(statement, {domain::CountyOf(row.precedent.name()),
                             LastSegment(row.precedent.name()), row.seq, row.precedent.category(),
                             int64_t{row.precedent.has_withdraw_time()}, sql::Param::Bytes(body)}));
  return rows == 1 ? absl::OkStatus() : Internal("precedents: the row to update vanished");
}

}  // namespace

absl::StatusOr<ArbitrationRow> RulingStore::LoadArbitration(sql::Reader& reader,
                                                            absl::string_view name) const {
  ArbitrationRow loaded;
  const absl::string_view county = domain::CountyOf(name);
  BAIMI_ASSIGN_OR_RETURN(
      const bool found,
      reader.QueryOne(kLoad, {county, LastSegment(name)},
                      [&](const sql::Row& row) { return Open(*vault_, county, row, &loaded); }));
  if (!found) {
    return NotFound(name);
  }
  return loaded;
}

absl::Status RulingStore::Write(sql::Tx& tx, const ArbitrationRow& row, bool is_new) const {
  const v1::Arbitration& arbitration = row.arbitration;
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed,
                         vault_->Seal(row.key, arbitration, Context(arbitration.name())));
  // What is shown beside other orders; a report never is (§1.10).
  const bool ruled =
      arbitration.state() == v1::ARBITRATION_RULED && arbitration.ticket_type() != v1::REPORT;
  BAIMI_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute(
          is_new ? kInsert : kUpdate,
          {domain::CountyOf(arbitration.name()), LastSegment(arbitration.name()), row.seq,
           LastSegment(arbitration.ticket()), arbitration.category(),
           LastSegment(arbitration.area()), int64_t{arbitration.state() == v1::ARBITRATION_OPEN},
           ruled ? sql::Param(Micros(arbitration.ruling().rule_time())) : sql::Param(sql::Null{}),
           row.key, sql::Param::Bytes(sealed.open), sql::Param::Bytes(sealed.sealed)}));
  return rows == 1 ? absl::OkStatus() : Internal("arbitrations: the row to update vanished");
}

absl::Status RulingStore::Insert(sql::Tx& tx, const ArbitrationRow& row) const {
  return Write(tx, row, /*is_new=*/true);
}

absl::Status RulingStore::Update(sql::Tx& tx, const ArbitrationRow& row) const {
  return Write(tx, row, /*is_new=*/false);
}

absl::StatusOr<std::vector<ArbitrationRow>> RulingStore::List(
    sql::Reader& reader, absl::string_view county, const v1::ListArbitrationsRequest& request,
    int64_t below, int limit) const {
  const bool by_ticket = !request.ticket().empty();
  const bool by_category = !by_ticket && !request.category().empty();
  const bool by_place = by_category && !request.area().empty();
  const sql::Statement& statement = by_ticket     ? kByTicket
                                    : by_place    ? kByPlace
                                    : by_category ? kByCategory
                                                  : kList;
  const absl::string_view key =
      by_ticket ? LastSegment(request.ticket()) : absl::string_view(request.category());
  std::vector<ArbitrationRow> rows;
  BAIMI_RETURN_IF_ERROR(reader.Query(
      statement,
      {county, key, by_place ? absl::string_view(request.area()) : "",
       below == 0 ? kAboveAll : below, limit},
      [&](const sql::Row& row) { return Open(*vault_, county, row, &rows.emplace_back()); }));
  return rows;
}

absl::StatusOr<int> RulingStore::CountOf(sql::Reader& reader, absl::string_view ticket) const {
  int count = 0;
  BAIMI_RETURN_IF_ERROR(reader.Query(kCountOf, {domain::CountyOf(ticket), LastSegment(ticket)},
                                     [&](const sql::Row& row) {
                                       count = static_cast<int>(row.Int64(0));
                                       return absl::OkStatus();
                                     }));
  return count;
}

absl::StatusOr<std::vector<v1::PastRuling>> RulingStore::PastRulings(sql::Reader& reader,
                                                                     const v1::Ticket& ticket,
                                                                     int limit) const {
  const absl::string_view county = domain::CountyOf(ticket.name());
  const absl::string_view area = LastSegment(ticket.place().area());
  std::vector<v1::PastRuling> rulings;
  const auto take = [&](const sql::Row& row) -> absl::Status {
    v1::Arbitration arbitration;
    BAIMI_RETURN_IF_ERROR(Parse(row.Bytes(0), &arbitration));
    const bool known = std::any_of(rulings.begin(), rulings.end(), [&](const v1::PastRuling& past) {
      return past.arbitration() == arbitration.name();
    });
    if (!known && rulings.size() < static_cast<size_t>(limit)) {
      rulings.push_back(domain::ToPastRuling(arbitration));
    }
    return absl::OkStatus();
  };
  if (!area.empty()) {
    BAIMI_RETURN_IF_ERROR(reader.Query(kRuledHere, {county, ticket.category(), area, limit}, take));
  }
  BAIMI_RETURN_IF_ERROR(reader.Query(kRuled, {county, ticket.category(), "", 2 * limit}, take));
  return rulings;
}

absl::StatusOr<PrecedentRow> RulingStore::LoadPrecedent(sql::Reader& reader,
                                                        absl::string_view name) const {
  PrecedentRow loaded;
  BAIMI_ASSIGN_OR_RETURN(
      const bool found, reader.QueryOne(kLoadPrecedent, {domain::CountyOf(name), LastSegment(name)},
                                        [&](const sql::Row& row) {
                                          loaded.seq = row.Int64(1);
                                          return Parse(row.Bytes(0), &loaded.precedent);
                                        }));
  if (!found) {
    return NotFound(name);
  }
  return loaded;
}

absl::Status RulingStore::Insert(sql::Tx& tx, const PrecedentRow& row) const {
  return WritePrecedent(tx, kInsertPrecedent, row);
}

absl::Status RulingStore::Update(sql::Tx& tx, const PrecedentRow& row) const {
  return WritePrecedent(tx, kUpdatePrecedent, row);
}

absl::StatusOr<std::vector<PrecedentRow>> RulingStore::ListPrecedents(sql::Reader& reader,
                                                                      absl::string_view county,
                                                                      bool all, int64_t below,
                                                                      int limit) const {
  std::vector<PrecedentRow> rows;
  below = below == 0 ? kAboveAll : below;
  while (rows.size() < static_cast<size_t>(limit)) {
    int read = 0;
    BAIMI_RETURN_IF_ERROR(reader.Query(
        kListPrecedents, {county, below, limit}, [&](const sql::Row& row) -> absl::Status {
          ++read;
          below = row.Int64(1);
          PrecedentRow found{.seq = below};
          BAIMI_RETURN_IF_ERROR(Parse(row.Bytes(0), &found.precedent));
          if ((all || !found.precedent.has_withdraw_time()) &&
              rows.size() < static_cast<size_t>(limit)) {
            rows.push_back(std::move(found));
          }
          return absl::OkStatus();
        }));
    if (read < limit) {
      break;
    }
  }
  return rows;
}

absl::StatusOr<std::vector<v1::Precedent>> RulingStore::PrecedentsFor(
    sql::Reader& reader, const v1::Ticket& ticket) const {
  const absl::string_view county = domain::CountyOf(ticket.name());
  const absl::string_view category = ticket.category();
  std::vector<std::array<sql::Param, 2>> keys;
  for (size_t digits = 2; digits <= category.size(); digits += 2) {
    keys.push_back({county, category.substr(0, digits)});
  }
  const std::vector<sql::Params> sets(keys.begin(), keys.end());
  std::vector<v1::Precedent> precedents;
  BAIMI_RETURN_IF_ERROR(reader.QueryEach(kPrecedentsFor, sets, [&](size_t, const sql::Row& row) {
    return Parse(row.Bytes(0), &precedents.emplace_back());
  }));
  return precedents;
}

}  // namespace baimi::ticket::store
