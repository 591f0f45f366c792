#include "services/ticket/store/export_store.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kInsert = {
    "export.insert",
    "INSERT INTO ticket_exports (county, id, requester, create_us, running, hidden, attempt, "
    "alarm_us, lease_us, body, sealed) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, 0, $8, $9)"};
constexpr sql::Statement kLoad = {
    "export.load",
    "SELECT body, sealed, attempt FROM ticket_exports WHERE county = $1 AND id = $2"};
constexpr sql::Statement kUpdate = {
    "export.update",
    "UPDATE ticket_exports SET running = $4, hidden = $5, alarm_us = $6, lease_us = 0, body = $7, "
    "sealed = $8 WHERE county = $1 AND id = $2 AND attempt = $3"};
constexpr sql::Statement kRenew = {
    "export.renew",
    "UPDATE ticket_exports SET lease_us = $4 WHERE county = $1 AND id = $2 AND attempt = $3"};
constexpr sql::Statement kOvertake = {
    "export.overtake",
    "UPDATE ticket_exports SET running = $3, hidden = $4, alarm_us = $5, lease_us = 0, body = $6, "
    "sealed = $7, attempt = attempt + 1 WHERE county = $1 AND id = $2"};
constexpr sql::Statement kDelete = {
    "export.delete", "DELETE FROM ticket_exports WHERE county = $1 AND id = $2 AND attempt = $3"};
constexpr sql::Statement kDeletePages = {
    "export.delete_pages", "DELETE FROM ticket_export_pages WHERE county = $1 AND id = $2"};
constexpr sql::Statement kPutPage = {
    "export.put_page",
    "INSERT INTO ticket_export_pages (county, id, page, numbers) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (county, id, page) DO UPDATE SET numbers = excluded.numbers"};
constexpr sql::Statement kLoadPage = {
    "export.load_page",
    "SELECT numbers FROM ticket_export_pages WHERE county = $1 AND id = $2 AND page = $3"};
constexpr sql::Statement kList = {
    "export.list",
    "SELECT body, sealed, id FROM ticket_exports WHERE county = $1 AND requester = $2 "
    "AND hidden = 0 AND (create_us, id) < ($3, $4) ORDER BY create_us DESC, id DESC LIMIT $5"};
constexpr sql::Statement kRunning = {
    "export.running", "SELECT COUNT(*) FROM ticket_exports WHERE county = $1 AND running = 1"};
constexpr sql::Statement kLease = {
    "export.lease",
    "UPDATE ticket_exports SET lease_us = $2, attempt = attempt + 1 WHERE (county, id) IN "
    "(SELECT county, id FROM ticket_exports WHERE alarm_us <= $1 AND lease_us <= $1 "
    "ORDER BY alarm_us, id LIMIT $3 /*for update skip locked*/) RETURNING county, id, attempt"};

std::string Aad(absl::string_view name) { return absl::StrCat(name, "#export"); }

const std::string& NameOf(const v1::ExportWork& work) { return work.operation().name(); }

int64_t IsRunning(const v1::ExportWork& work) { return work.operation().done() ? 0 : 1; }

int64_t CreateUs(const v1::ExportWork& work) {
  return absl::ToUnixMicros(domain::FromProto(work.operation().metadata().create_time()));
}

absl::Status Overtaken(absl::string_view name) {
  return absl::AbortedError(absl::StrCat(name, ": another attempt goes on with it"));
}

absl::StatusOr<v1::ExportWork> Open(const privacy::Vault& vault, absl::string_view name,
                                    const sql::Row& row) {
  v1::ExportWork work;
  BAIMI_RETURN_IF_ERROR(vault.Open(row.Bytes(0), row.Bytes(1), Aad(name), &work));
  return work;
}

}  // namespace

std::string ExportName(absl::string_view county, absl::string_view id) {
  return absl::StrCat("counties/", county, "/exportOperations/", id);
}

absl::Status ExportStore::Insert(sql::Tx& tx, const v1::ExportWork& work, absl::Time alarm) const {
  const std::string& name = NameOf(work);
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed,
                         vault_->Seal(work.record_key(), work, Aad(name)));
  return tx.Queue(kInsert, {domain::CountyOf(name), domain::IdOf(name),
                            work.operation().metadata().requester().id(), CreateUs(work),
                            IsRunning(work), int64_t{work.removing()}, sql::Param::Time(alarm),
                            sql::Param::Bytes(sealed.open), sql::Param::Bytes(sealed.sealed)});
}

absl::StatusOr<ExportRow> ExportStore::Load(sql::Reader& reader, absl::string_view name) const {
  ExportRow found;
  BAIMI_ASSIGN_OR_RETURN(const bool is_there,
                         reader.QueryOne(kLoad, {domain::CountyOf(name), domain::IdOf(name)},
                                         [&](const sql::Row& row) -> absl::Status {
                                           BAIMI_ASSIGN_OR_RETURN(found.work,
                                                                  Open(*vault_, name, row));
                                           found.attempt = row.Int64(2);
                                           return absl::OkStatus();
                                         }));
  if (!is_there) {
    return NotFound(name);
  }
  return found;
}

absl::Status ExportStore::Update(sql::Tx& tx, const v1::ExportWork& work, int64_t attempt,
                                 absl::Time alarm) const {
  const std::string& name = NameOf(work);
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed,
                         vault_->Seal(work.record_key(), work, Aad(name)));
  BAIMI_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute(kUpdate, {domain::CountyOf(name), domain::IdOf(name), attempt, IsRunning(work),
                           int64_t{work.removing()}, sql::Param::Time(alarm),
                           sql::Param::Bytes(sealed.open), sql::Param::Bytes(sealed.sealed)}));
  return rows == 1 ? absl::OkStatus() : Overtaken(name);
}

absl::Status ExportStore::Renew(sql::Tx& tx, absl::string_view name, int64_t attempt,
                                absl::Time until) const {
  BAIMI_ASSIGN_OR_RETURN(const int64_t rows,
                         tx.Execute(kRenew, {domain::CountyOf(name), domain::IdOf(name), attempt,
                                             sql::Param::Time(until)}));
  return rows == 1 ? absl::OkStatus() : Overtaken(name);
}

absl::Status ExportStore::Overtake(sql::Tx& tx, const v1::ExportWork& work,
                                   absl::Time alarm) const {
  const std::string& name = NameOf(work);
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed,
                         vault_->Seal(work.record_key(), work, Aad(name)));
  BAIMI_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute(kOvertake, {domain::CountyOf(name), domain::IdOf(name), IsRunning(work),
                             int64_t{work.removing()}, sql::Param::Time(alarm),
                             sql::Param::Bytes(sealed.open), sql::Param::Bytes(sealed.sealed)}));
  return rows == 1 ? absl::OkStatus() : NotFound(name);
}

absl::Status ExportStore::Delete(sql::Tx& tx, absl::string_view name, int64_t attempt) const {
  BAIMI_ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(kDelete, {domain::CountyOf(name),
                                                                  domain::IdOf(name), attempt}));
  if (rows != 1) {
    return Overtaken(name);
  }
  return tx.Queue(kDeletePages, {domain::CountyOf(name), domain::IdOf(name)});
}

absl::Status ExportStore::PutPage(sql::Tx& tx, absl::string_view name, int page,
                                  const std::vector<std::string>& numbers) const {
  const std::string joined = absl::StrJoin(numbers, ",");
  return tx.Queue(kPutPage, {domain::CountyOf(name), domain::IdOf(name), page, joined});
}

absl::StatusOr<std::vector<std::string>> ExportStore::LoadPage(sql::Reader& reader,
                                                               absl::string_view name,
                                                               int page) const {
  std::vector<std::string> numbers;
  BAIMI_ASSIGN_OR_RETURN(
      const bool is_there,
      reader.QueryOne(kLoadPage, {domain::CountyOf(name), domain::IdOf(name), page},
                      [&](const sql::Row& row) {
                        numbers = absl::StrSplit(row.Text(0), ',', absl::SkipEmpty());
                        return absl::OkStatus();
                      }));
  if (!is_there) {
    return NotFound(absl::StrCat(name, " page ", page));
  }
  return numbers;
}

absl::StatusOr<std::vector<v1::ExportWork>> ExportStore::List(sql::Reader& reader,
                                                              absl::string_view county,
                                                              absl::string_view requester,
                                                              const ExportKey& after,
                                                              int limit) const {
  const int64_t below = after.id.empty() ? std::numeric_limits<int64_t>::max() : after.create_us;
  std::vector<v1::ExportWork> found;
  BAIMI_RETURN_IF_ERROR(reader.Query(
      kList, {county, requester, below, after.id, limit}, [&](const sql::Row& row) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(v1::ExportWork work,
                               Open(*vault_, ExportName(county, row.Text(2)), row));
        found.push_back(std::move(work));
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<int> ExportStore::Running(sql::Reader& reader, absl::string_view county) const {
  int running = 0;
  BAIMI_RETURN_IF_ERROR(reader.Query(kRunning, {county}, [&](const sql::Row& row) {
    running = static_cast<int>(row.Int64(0));
    return absl::OkStatus();
  }));
  return running;
}

absl::StatusOr<std::vector<journal::Alarm>> ExportStore::Lease(sql::Tx& tx, absl::Time now,
                                                               absl::Time until, int limit) const {
  std::vector<journal::Alarm> alarms;
  BAIMI_RETURN_IF_ERROR(tx.Query(
      kLease, {sql::Param::Time(now), sql::Param::Time(until), limit}, [&](const sql::Row& row) {
        alarms.push_back({std::string(row.Text(0)), absl::StrCat(row.Text(1), "/", row.Int64(2))});
        return absl::OkStatus();
      }));
  return alarms;
}

}  // namespace baimi::ticket::store
