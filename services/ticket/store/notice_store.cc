#include "services/ticket/store/notice_store.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kInsert = {
    "notice.insert",
    "INSERT INTO notices (county, seq, n, unit, unread, try_us, lease_us, body) "
    "VALUES ($1, $2, $3, $4, $5, $6, 0, $7)"};
constexpr sql::Statement kUpdate = {
    "notice.update",
    "UPDATE notices SET unread = $4, try_us = $5, lease_us = 0, body = $6 "
    "WHERE county = $1 AND seq = $2 AND n = $3"};
constexpr sql::Statement kLoad = {
    "notice.load", "SELECT body FROM notices WHERE county = $1 AND seq = $2 AND n = $3"};
constexpr sql::Statement kList = {
    "notice.list",
    "SELECT body FROM notices WHERE county = $1 AND (seq, n) < ($2, $3) "
    "ORDER BY seq DESC, n DESC LIMIT $4"};
constexpr sql::Statement kInbox = {
    "notice.inbox",
    "SELECT body FROM notices WHERE county = $1 AND unit = $2 AND unit <> '' "
    "AND (seq, n) < ($3, $4) ORDER BY seq DESC, n DESC LIMIT $5"};
constexpr sql::Statement kLease = {
    "notice.lease",
    "UPDATE notices SET lease_us = $2 WHERE (county, seq, n) IN "
    "(SELECT county, seq, n FROM notices WHERE try_us <= $1 AND lease_us <= $1 "
    "ORDER BY try_us LIMIT $3 /*for update skip locked*/) RETURNING county, seq, n"};

absl::Status Parse(const sql::Row& row, v1::Notice* notice) {
  return notice->ParseFromString(std::string(row.Bytes(0)))
             ? absl::OkStatus()
             : Internal("notice: a stored one does not parse");
}

sql::Param TryOf(const v1::Notice& notice) {
  return notice.has_try_time() ? sql::Param(notice.try_time().seconds() * 1'000'000 +
                                            notice.try_time().nanos() / 1000)
                               : sql::Param(sql::Null{});
}

bool Unread(const v1::Notice& notice) { return !notice.unit().empty() && !notice.has_read_time(); }

}  // namespace

std::string NoticeName(absl::string_view county, const NoticeKey& key) {
  return absl::StrCat("counties/", county, "/notices/", key.seq, "-", key.n);
}

absl::StatusOr<NoticeKey> NoticeKeyOf(absl::string_view name) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(LastSegment(name), absl::MaxSplits('-', 1));
  NoticeKey key;
  if (!absl::SimpleAtoi(parts.first, &key.seq) || !absl::SimpleAtoi(parts.second, &key.n)) {
    return NotFound(name);
  }
  return key;
}

absl::Status NoticeStore::Insert(sql::Tx& tx, absl::string_view county,
                                 const v1::Notice& notice) const {
  BAIMI_ASSIGN_OR_RETURN(const NoticeKey key, NoticeKeyOf(notice.name()));
  const std::string body = notice.SerializeAsString();
  return tx.Queue(kInsert, {county, key.seq, key.n, notice.unit(), int64_t{Unread(notice)},
                            TryOf(notice), sql::Param::Bytes(body)});
}

absl::Status NoticeStore::Update(sql::Tx& tx, absl::string_view county,
                                 const v1::Notice& notice) const {
  BAIMI_ASSIGN_OR_RETURN(const NoticeKey key, NoticeKeyOf(notice.name()));
  const std::string body = notice.SerializeAsString();
  BAIMI_ASSIGN_OR_RETURN(const int64_t rows,
                         tx.Execute(kUpdate, {county, key.seq, key.n, int64_t{Unread(notice)},
                                              TryOf(notice), sql::Param::Bytes(body)}));
  return rows == 1 ? absl::OkStatus() : Internal("notice: the row to update vanished");
}

absl::StatusOr<v1::Notice> NoticeStore::Load(sql::Reader& reader, absl::string_view county,
                                             absl::string_view name) const {
  BAIMI_ASSIGN_OR_RETURN(const NoticeKey key, NoticeKeyOf(name));
  v1::Notice notice;
  BAIMI_ASSIGN_OR_RETURN(const bool found,
                         reader.QueryOne(kLoad, {county, key.seq, key.n},
                                         [&](const sql::Row& row) { return Parse(row, &notice); }));
  if (!found) {
    return NotFound(name);
  }
  return notice;
}

absl::StatusOr<std::vector<v1::Notice>> NoticeStore::List(sql::Reader& reader,
                                                          absl::string_view county,
                                                          absl::string_view unit,
                                                          const NoticeKey& below, int limit) const {
  std::vector<v1::Notice> notices;
  const auto take = [&](const sql::Row& row) { return Parse(row, &notices.emplace_back()); };
  BAIMI_RETURN_IF_ERROR(
      unit.empty() ? reader.Query(kList, {county, below.seq, below.n, limit}, take)
                   : reader.Query(kInbox, {county, unit, below.seq, below.n, limit}, take));
  return notices;
}

absl::StatusOr<std::vector<journal::Alarm>> NoticeStore::Lease(sql::Tx& tx, absl::Time now,
                                                               absl::Time until, int limit) const {
  std::vector<journal::Alarm> alarms;
  BAIMI_RETURN_IF_ERROR(tx.Query(
      kLease, {sql::Param::Time(now), sql::Param::Time(until), limit}, [&](const sql::Row& row) {
        alarms.push_back({std::string(row.Text(0)), absl::StrCat(row.Int64(1), "-", row.Int64(2))});
        return absl::OkStatus();
      }));
  return alarms;
}

}  // namespace baimi::ticket::store
