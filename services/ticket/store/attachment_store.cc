#include "services/ticket/store/attachment_store.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/attachments.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kInsertBlob = {
    "blob.insert",
    "INSERT INTO ticket_blobs (county, id, state, attempt, alarm_us, lease_us, body, sealed, "
    "part_hashes) VALUES ($1, $2, 0, 0, $3, 0, $4, $5, $6)"};
constexpr sql::Statement kArrive = {
    "blob.arrive",
    "UPDATE ticket_blobs SET state = 1, alarm_us = $3, body = $4, sealed = $5, part_hashes = $6 "
    "WHERE county = $1 AND id = $2 AND state = 0"};
constexpr sql::Statement kTake = {
    "blob.take",
    "UPDATE ticket_blobs SET state = 2, alarm_us = NULL, body = $3, sealed = $4 "
    "WHERE county = $1 AND id = $2 AND state = 1"};
constexpr sql::Statement kDoom = {"blob.doom",
                                  "UPDATE ticket_blobs SET state = 3, alarm_us = $3, lease_us = 0 "
                                  "WHERE county = $1 AND id = $2"};
constexpr sql::Statement kDoomLeased = {
    "blob.doom_leased",
    "UPDATE ticket_blobs SET state = 3 WHERE county = $1 AND id = $2 AND attempt = $3 "
    "AND state <> 2"};
constexpr sql::Statement kDeleteBlob = {
    "blob.delete", "DELETE FROM ticket_blobs WHERE county = $1 AND id = $2 AND attempt = $3"};
constexpr sql::Statement kLoadBlob = {
    "blob.load",
    "SELECT body, sealed, state, attempt, part_hashes FROM ticket_blobs "
    "WHERE county = $1 AND id = $2"};
constexpr sql::Statement kLease = {
    "blob.lease",
    "UPDATE ticket_blobs SET lease_us = $2, attempt = attempt + 1 WHERE (county, id) IN "
    "(SELECT county, id FROM ticket_blobs WHERE alarm_us <= $1 AND lease_us <= $1 "
    "ORDER BY alarm_us, id LIMIT $3 /*for update skip locked*/) RETURNING county, id, attempt"};

constexpr sql::Statement kNext = {"attachment.next",
                                  "SELECT COALESCE(MAX(number), 0) + 1 FROM ticket_attachments "
                                  "WHERE county = $1 AND ticket = $2"};
constexpr sql::Statement kInsert = {
    "attachment.insert",
    "INSERT INTO ticket_attachments (county, ticket, number, body, sealed) "
    "VALUES ($1, $2, $3, $4, $5)"};
constexpr sql::Statement kUpdate = {"attachment.update",
                                    "UPDATE ticket_attachments SET body = $4, sealed = $5 "
                                    "WHERE county = $1 AND ticket = $2 AND number = $3"};
constexpr sql::Statement kLoad = {"attachment.load",
                                  "SELECT body, sealed, number FROM ticket_attachments "
                                  "WHERE county = $1 AND ticket = $2 AND number = $3"};
constexpr sql::Statement kList = {
    "attachment.list",
    "SELECT body, sealed, number FROM ticket_attachments "
    "WHERE county = $1 AND ticket = $2 AND number > $3 ORDER BY number LIMIT $4"};

std::string BlobAad(absl::string_view name) { return absl::StrCat(name, "#blob"); }
std::string Aad(absl::string_view name) { return absl::StrCat(name, "#attachment"); }

absl::Status OneRow(const absl::StatusOr<int64_t>& rows, absl::string_view id) {
  if (!rows.ok()) {
    return rows.status();
  }
  return *rows == 1 ? absl::OkStatus()
                    : absl::AbortedError(absl::StrCat("blob ", id, ": somebody was faster"));
}

// Where an attachment stands: county, order and number of its name.
struct Place {
  absl::string_view county;
  absl::string_view ticket;
  int number = 0;
};
Place PlaceOf(absl::string_view name) {
  Place place{domain::CountyOf(name), domain::IdOf(domain::TicketOf(name))};
  if (!absl::SimpleAtoi(domain::IdOf(name), &place.number)) {
    place.number = 0;  // There is no such one.
  }
  return place;
}

absl::StatusOr<v1::StoredAttachment> Open(const privacy::Vault& vault, absl::string_view ticket,
                                          const sql::Row& row) {
  v1::StoredAttachment stored;
  const std::string name = domain::AttachmentName(ticket, static_cast<int>(row.Int64(2)));
  const absl::Status opened = vault.Open(row.Bytes(0), row.Bytes(1), Aad(name), &stored);
  if (!opened.ok() && ReasonOf(opened) != "DATA_SHREDDED") {
    return opened;
  }
  return stored;
}

}  // namespace

std::string BlobName(absl::string_view county, absl::string_view id) {
  return absl::StrCat("counties/", county, "/blobs/", id);
}

absl::Status BlobStore::Insert(sql::Tx& tx, const v1::StoredBlob& blob, absl::Time alarm) const {
  const std::string& name = blob.blob().name();
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed,
                         vault_->Seal(blob.key(), blob, BlobAad(name)));
  return tx.Queue(kInsertBlob, {domain::CountyOf(name), domain::IdOf(name), sql::Param::Time(alarm),
                                sql::Param::Bytes(sealed.open), sql::Param::Bytes(sealed.sealed),
                                sql::Param::Bytes("")});
}

absl::Status BlobStore::Arrive(sql::Tx& tx, const v1::StoredBlob& blob,
                               absl::string_view part_hashes, absl::Time alarm) const {
  const std::string& name = blob.blob().name();
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed,
                         vault_->Seal(blob.key(), blob, BlobAad(name)));
  return OneRow(
      tx.Execute(kArrive, {domain::CountyOf(name), domain::IdOf(name), sql::Param::Time(alarm),
                           sql::Param::Bytes(sealed.open), sql::Param::Bytes(sealed.sealed),
                           sql::Param::Bytes(part_hashes)}),
      domain::IdOf(name));
}

absl::Status BlobStore::Take(sql::Tx& tx, const v1::StoredBlob& blob) const {
  const std::string& name = blob.blob().name();
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed,
                         vault_->Seal(blob.key(), blob, BlobAad(name)));
  return OneRow(
      tx.Execute(kTake, {domain::CountyOf(name), domain::IdOf(name), sql::Param::Bytes(sealed.open),
                         sql::Param::Bytes(sealed.sealed)}),
      domain::IdOf(name));
}

absl::Status BlobStore::Doom(sql::Tx& tx, absl::string_view county, absl::string_view id,
                             absl::Time alarm) const {
  return tx.Queue(kDoom, {county, id, sql::Param::Time(alarm)});
}

absl::Status BlobStore::DoomLeased(sql::Tx& tx, absl::string_view county, absl::string_view id,
                                   int64_t attempt) const {
  return OneRow(tx.Execute(kDoomLeased, {county, id, attempt}), id);
}

absl::Status BlobStore::Delete(sql::Tx& tx, absl::string_view county, absl::string_view id,
                               int64_t attempt) const {
  return OneRow(tx.Execute(kDeleteBlob, {county, id, attempt}), id);
}

absl::StatusOr<BlobRow> BlobStore::Load(sql::Reader& reader, absl::string_view county,
                                        absl::string_view id) const {
  const std::string name = BlobName(county, id);
  BlobRow found;
  BAIMI_ASSIGN_OR_RETURN(
      const bool is_there,
      reader.QueryOne(kLoadBlob, {county, id}, [&](const sql::Row& row) -> absl::Status {
        // Its key is destroyed before its row is gone.
        const absl::Status opened =
            vault_->Open(row.Bytes(0), row.Bytes(1), BlobAad(name), &found.stored);
        found.state = static_cast<BlobState>(row.Int64(2));
        found.attempt = row.Int64(3);
        found.part_hashes = std::string(row.Bytes(4));
        return ReasonOf(opened) == "DATA_SHREDDED" ? absl::OkStatus() : opened;
      }));
  if (!is_there) {
    return NotFound(name);
  }
  return found;
}

absl::StatusOr<std::vector<journal::Alarm>> BlobStore::Lease(sql::Tx& tx, absl::Time now,
                                                             absl::Time until, int limit) const {
  std::vector<journal::Alarm> alarms;
  BAIMI_RETURN_IF_ERROR(tx.Query(
      kLease, {sql::Param::Time(now), sql::Param::Time(until), limit}, [&](const sql::Row& row) {
        alarms.push_back({std::string(row.Text(0)), absl::StrCat(row.Text(1), "/", row.Int64(2))});
        return absl::OkStatus();
      }));
  return alarms;
}

absl::StatusOr<int> AttachmentStore::NextNumber(sql::Reader& reader,
                                                absl::string_view ticket) const {
  int next = 1;
  BAIMI_RETURN_IF_ERROR(reader.Query(kNext, {domain::CountyOf(ticket), domain::IdOf(ticket)},
                                     [&](const sql::Row& row) {
                                       next = static_cast<int>(row.Int64(0));
                                       return absl::OkStatus();
                                     }));
  return next;
}

absl::Status AttachmentStore::Insert(sql::Tx& tx, const v1::StoredAttachment& stored,
                                     privacy::KeyId key) const {
  const std::string& name = stored.attachment().name();
  const Place place = PlaceOf(name);
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed, vault_->Seal(key, stored, Aad(name)));
  return tx.Queue(kInsert, {place.county, place.ticket, place.number,
                            sql::Param::Bytes(sealed.open), sql::Param::Bytes(sealed.sealed)});
}

absl::Status AttachmentStore::Update(sql::Tx& tx, const v1::StoredAttachment& stored,
                                     privacy::KeyId key) const {
  const std::string& name = stored.attachment().name();
  const Place place = PlaceOf(name);
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed, vault_->Seal(key, stored, Aad(name)));
  return tx.Queue(kUpdate, {place.county, place.ticket, place.number,
                            sql::Param::Bytes(sealed.open), sql::Param::Bytes(sealed.sealed)});
}

absl::StatusOr<v1::StoredAttachment> AttachmentStore::Load(sql::Reader& reader,
                                                           absl::string_view name) const {
  const Place place = PlaceOf(name);
  v1::StoredAttachment stored;
  BAIMI_ASSIGN_OR_RETURN(const bool is_there,
                         reader.QueryOne(kLoad, {place.county, place.ticket, place.number},
                                         [&](const sql::Row& row) -> absl::Status {
                                           BAIMI_ASSIGN_OR_RETURN(
                                               stored, Open(*vault_, domain::TicketOf(name), row));
                                           return absl::OkStatus();
                                         }));
  // "attachments/01" is none.
  if (!is_there || stored.attachment().name() != name) {
    return NotFound(name);
  }
  return stored;
}

absl::StatusOr<std::vector<v1::StoredAttachment>> AttachmentStore::List(sql::Reader& reader,
                                                                        absl::string_view ticket,
                                                                        int after,
                                                                        int limit) const {
  std::vector<v1::StoredAttachment> found;
  BAIMI_RETURN_IF_ERROR(reader.Query(
      kList, {domain::CountyOf(ticket), domain::IdOf(ticket), after, limit},
      [&](const sql::Row& row) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(v1::StoredAttachment stored, Open(*vault_, ticket, row));
        found.push_back(std::move(stored));
        return absl::OkStatus();
      }));
  return found;
}

}  // namespace baimi::ticket::store
