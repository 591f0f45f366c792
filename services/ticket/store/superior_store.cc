#include "services/ticket/store/superior_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kFindOrder = {
    "superior.find_order",
    "SELECT ticket, digests FROM superior_orders WHERE county = $1 AND platform = $2 "
    "AND number = $3"};
constexpr sql::Statement kClaimOrder = {
    "superior.claim_order",
    "INSERT INTO superior_orders (county, platform, number, ticket, merged_into, digests) "
    "VALUES ($1, $2, $3, $4, '', $5) ON CONFLICT (county, platform, number) DO NOTHING"};
constexpr sql::Statement kOwn = {
    "superior.own",
    "SELECT platform, number, ticket FROM superior_orders WHERE county = $1 AND ticket = $2"};
constexpr sql::Statement kMerged = {
    "superior.merged",
    "SELECT platform, number, ticket FROM superior_orders WHERE county = $1 AND merged_into = $2 "
    "AND merged_into <> '' ORDER BY ticket"};
constexpr sql::Statement kFollowMerge = {
    "superior.follow_merge",
    "UPDATE superior_orders SET merged_into = $3 WHERE county = $1 AND ticket = $2"};
constexpr sql::Statement kNoteView = {
    "superior.note_view",
    "INSERT INTO superior_platforms (county, platform, last_seq, ack_seq, view) "
    "VALUES ($1, $2, 0, 0, $3) ON CONFLICT (county, platform) DO UPDATE SET view = $3 "
    "WHERE superior_platforms.view <> $3"};
constexpr sql::Statement kPlatform = {
    "superior.platform",
    "SELECT last_seq, ack_seq, view FROM superior_platforms WHERE county = $1 AND platform = $2"};
constexpr sql::Statement kWaiting = {
    "superior.waiting",
    "SELECT COUNT(*), CAST(COALESCE(SUM(gave_up), 0) AS bigint), COALESCE(MIN(time_us), 0) "
    "FROM superior_results "
    "WHERE county = $1 AND platform = $2 AND pending > 0"};
constexpr sql::Statement kNextSeq = {
    "superior.next_seq",
    "INSERT INTO superior_platforms (county, platform, last_seq, ack_seq, view) "
    "VALUES ($1, $2, 1, 0, 0) ON CONFLICT (county, platform) "
    "DO UPDATE SET last_seq = superior_platforms.last_seq + 1 RETURNING last_seq"};
constexpr sql::Statement kInsert = {
    "superior.insert",
    "INSERT INTO superior_results (county, platform, seq, ticket, pending, gave_up, time_us, "
    "key_id, body, sealed) VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9)"};
constexpr sql::Statement kEnterLane = {
    "superior.enter_lane",
    "INSERT INTO superior_lanes (county, ticket, platform, stopped, try_us, lease_us) "
    "VALUES ($1, $2, $3, 0, $4, 0) ON CONFLICT (county, ticket) DO UPDATE SET try_us = "
    "CASE WHEN superior_lanes.stopped = 1 THEN superior_lanes.try_us "
    "ELSE COALESCE(superior_lanes.try_us, $4) END"};

#define BAIMI_RESULTS                                                                           \
  "SELECT platform, seq, ack_us, key_id, body, sealed FROM superior_results WHERE county = $1 " \
  "AND "
constexpr sql::Statement kLoad = {"superior.load", BAIMI_RESULTS "platform = $2 AND seq = $3"};
constexpr sql::Statement kList = {"superior.list",
                                  BAIMI_RESULTS "platform = $2 AND seq > $3 ORDER BY seq LIMIT $4"};
constexpr sql::Statement kNext = {"superior.next",
                                  BAIMI_RESULTS "ticket = $2 AND pending = 1 ORDER BY seq LIMIT 1"};
#undef BAIMI_RESULTS
constexpr sql::Statement kSave = {
    "superior.save",
    "UPDATE superior_results SET pending = $4, gave_up = $5, body = $6, sealed = $7 "
    "WHERE county = $1 AND platform = $2 AND seq = $3"};
constexpr sql::Statement kAcknowledgeResults = {
    "superior.acknowledge_results",
    "UPDATE superior_results SET ack_us = $5, pending = 0, gave_up = 0 WHERE county = $1 "
    "AND platform = $2 AND seq > $3 AND seq <= $4"};
constexpr sql::Statement kAcknowledge = {
    "superior.acknowledge",
    "UPDATE superior_platforms SET ack_seq = $3 WHERE county = $1 AND platform = $2"};
constexpr sql::Statement kFreeLanes = {
    "superior.free_lanes",
    "UPDATE superior_lanes SET stopped = 2, try_us = $3, lease_us = 0 WHERE county = $1 "
    "AND platform = $2 AND stopped = 1 AND NOT EXISTS (SELECT 1 FROM superior_results "
    "WHERE superior_results.county = $1 AND superior_results.ticket = superior_lanes.ticket "
    "AND superior_results.pending = 1 AND superior_results.gave_up = 1)"};
constexpr sql::Statement kResumeResults = {
    "superior.resume_results",
    "UPDATE superior_results SET gave_up = 0 WHERE county = $1 AND platform = $2 AND pending > 0 "
    "AND gave_up = 1"};
constexpr sql::Statement kResumeLanes = {
    "superior.resume_lanes",
    "UPDATE superior_lanes SET stopped = 2, try_us = $3, lease_us = 0 WHERE county = $1 "
    "AND platform = $2 AND stopped = 1"};
constexpr sql::Statement kWakeLanes = {
    "superior.wake_lanes",
    "UPDATE superior_lanes SET try_us = $3, lease_us = 0 WHERE county = $1 AND platform = $2 "
    "AND stopped = 0 AND try_us IS NULL AND EXISTS (SELECT 1 FROM superior_results "
    "WHERE superior_results.county = $1 AND superior_results.ticket = superior_lanes.ticket "
    "AND superior_results.pending = 1)"};
constexpr sql::Statement kLockLane = {
    "superior.lock_lane",
    "UPDATE superior_lanes SET platform = platform WHERE county = $1 AND ticket = $2 "
    "RETURNING platform, stopped, try_us"};
constexpr sql::Statement kSaveLane = {
    "superior.save_lane",
    "UPDATE superior_lanes SET stopped = $3, try_us = $4, lease_us = 0 WHERE county = $1 "
    "AND ticket = $2"};
constexpr sql::Statement kLease = {
    "superior.lease",
    "UPDATE superior_lanes SET lease_us = $2 WHERE (county, ticket) IN "
    "(SELECT county, ticket FROM superior_lanes WHERE try_us <= $1 AND lease_us <= $1 "
    "ORDER BY try_us LIMIT $3 /*for update skip locked*/) RETURNING county, ticket"};

std::string Context(absl::string_view name) { return absl::StrCat("row:", name); }

std::string ResultName(absl::string_view county, absl::string_view platform, int64_t seq) {
  return absl::StrCat("counties/", county, "/superiorResults/", platform, "-", seq);
}

int64_t Micros(const google::protobuf::Timestamp& time) {
  return absl::ToUnixMicros(domain::FromProto(time));
}

}  // namespace

absl::StatusOr<std::optional<SuperiorOrder>> SuperiorStore::FindOrder(
    sql::Reader& reader, absl::string_view county, absl::string_view platform,
    absl::string_view number) const {
  SuperiorOrder order{std::string(platform), std::string(number)};
  BAIMI_ASSIGN_OR_RETURN(
      const bool found,
      reader.QueryOne(kFindOrder, {county, platform, number}, [&](const sql::Row& row) {
        order.ticket = std::string(row.Text(0));
        order.digests = std::string(row.Bytes(1));
        return absl::OkStatus();
      }));
  return found ? std::optional(std::move(order)) : std::nullopt;
}

absl::StatusOr<bool> SuperiorStore::ClaimOrder(sql::Tx& tx, absl::string_view county,
                                               const SuperiorOrder& order) const {
  BAIMI_ASSIGN_OR_RETURN(const int64_t rows,
                         tx.Execute(kClaimOrder, {county, order.platform, order.number,
                                                  order.ticket, sql::Param::Bytes(order.digests)}));
  return rows == 1;
}

absl::StatusOr<std::vector<SuperiorOrder>> SuperiorStore::ToldOf(sql::Reader& reader,
                                                                 absl::string_view county,
                                                                 absl::string_view ticket) const {
  std::vector<SuperiorOrder> orders;
  const auto take = [&](const sql::Row& row) {
    orders.push_back(
        {std::string(row.Text(0)), std::string(row.Text(1)), std::string(row.Text(2))});
    return absl::OkStatus();
  };
  BAIMI_RETURN_IF_ERROR(reader.Query(kOwn, {county, ticket}, take));
  BAIMI_RETURN_IF_ERROR(reader.Query(kMerged, {county, ticket}, take));
  return orders;
}

absl::Status SuperiorStore::FollowMerge(sql::Tx& tx, absl::string_view county,
                                        absl::string_view ticket, absl::string_view into) const {
  return tx.Execute(kFollowMerge, {county, ticket, into}).status();
}

absl::Status SuperiorStore::NoteView(sql::Tx& tx, absl::string_view county,
                                     absl::string_view platform, PiiView view) const {
  return tx.Execute(kNoteView, {county, platform, static_cast<int64_t>(view)}).status();
}

absl::StatusOr<PiiView> SuperiorStore::View(sql::Reader& reader, absl::string_view county,
                                            absl::string_view platform) const {
  PiiView view = PiiView::kPublic;
  BAIMI_RETURN_IF_ERROR(reader
                            .QueryOne(kPlatform, {county, platform},
                                      [&](const sql::Row& row) {
                                        view = static_cast<PiiView>(row.Int64(2));
                                        return absl::OkStatus();
                                      })
                            .status());
  return view;
}

absl::StatusOr<v1::SuperiorPlatformStatus> SuperiorStore::Status(sql::Reader& reader,
                                                                 absl::string_view county,
                                                                 absl::string_view platform) const {
  v1::SuperiorPlatformStatus status;
  status.set_platform(std::string(platform));
  BAIMI_RETURN_IF_ERROR(reader
                            .QueryOne(kPlatform, {county, platform},
                                      [&](const sql::Row& row) {
                                        status.set_last_seq(row.Int64(0));
                                        status.set_acknowledged_seq(row.Int64(1));
                                        return absl::OkStatus();
                                      })
                            .status());
  BAIMI_RETURN_IF_ERROR(reader
                            .QueryOne(kWaiting, {county, platform},
                                      [&](const sql::Row& row) {
                                        status.set_waiting(row.Int64(0));
                                        status.set_given_up(row.Int64(1));
                                        if (status.waiting() > 0) {
                                          *status.mutable_oldest_time() =
                                              domain::ToProto(absl::FromUnixMicros(row.Int64(2)));
                                        }
                                        return absl::OkStatus();
                                      })
                            .status());
  return status;
}

absl::Status SuperiorStore::Add(sql::Tx& tx, absl::string_view county, Pending pending,
                                ResultRow* row) const {
  v1::SuperiorResult& result = row->result;
  BAIMI_ASSIGN_OR_RETURN(const bool counted, tx.QueryOne(kNextSeq, {county, result.platform()},
                                                         [&](const sql::Row& next) {
                                                           result.set_seq(next.Int64(0));
                                                           return absl::OkStatus();
                                                         }));
  if (!counted) {
    return Internal("superior: no next seq");
  }
  result.set_name(ResultName(county, result.platform(), result.seq()));
  const bool push = pending == Pending::kPush;
  result.mutable_delivery()->set_state(v1::SUPERIOR_WAITING);
  if (push) {
    *result.mutable_delivery()->mutable_try_time() = result.time();
  }
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed,
                         vault_->Seal(row->key, result, Context(result.name())));
  const absl::string_view ticket = LastSegment(result.ticket());
  BAIMI_RETURN_IF_ERROR(
      tx.Execute(kInsert, {county, result.platform(), result.seq(), ticket,
                           static_cast<int64_t>(pending), Micros(result.time()), row->key,
                           sql::Param::Bytes(sealed.open), sql::Param::Bytes(sealed.sealed)})
          .status());
  return push ? tx.Execute(kEnterLane, {county, ticket, result.platform(), Micros(result.time())})
                    .status()
              : absl::OkStatus();
}

absl::Status SuperiorStore::Open(absl::string_view county, const sql::Row& row,
                                 ResultRow* out) const {
  out->key = row.Int64(3);
  const absl::Status opened =
      vault_->Open(row.Bytes(4), row.Bytes(5),
                   Context(ResultName(county, row.Text(0), row.Int64(1))), &out->result);
  // What was destroyed is told without its words.
  if (!opened.ok() && ReasonOf(opened) != "DATA_SHREDDED") {
    return opened;
  }
  if (!row.IsNull(2)) {
    v1::SuperiorDelivery& delivery = *out->result.mutable_delivery();
    delivery.set_state(v1::SUPERIOR_ACKNOWLEDGED);
    delivery.clear_try_time();
    *delivery.mutable_acknowledge_time() = domain::ToProto(absl::FromUnixMicros(row.Int64(2)));
  }
  return absl::OkStatus();
}

absl::StatusOr<ResultRow> SuperiorStore::Load(sql::Reader& reader, absl::string_view county,
                                              absl::string_view platform, int64_t seq) const {
  ResultRow loaded;
  BAIMI_ASSIGN_OR_RETURN(const bool found,
                         reader.QueryOne(kLoad, {county, platform, seq}, [&](const sql::Row& row) {
                           return Open(county, row, &loaded);
                         }));
  if (!found) {
    return NotFound(ResultName(county, platform, seq));
  }
  return loaded;
}

absl::StatusOr<std::vector<ResultRow>> SuperiorStore::List(sql::Reader& reader,
                                                           absl::string_view county,
                                                           absl::string_view platform,
                                                           int64_t after, int limit) const {
  std::vector<ResultRow> rows;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kList, {county, platform, after, limit},
                   [&](const sql::Row& row) { return Open(county, row, &rows.emplace_back()); }));
  return rows;
}

absl::Status SuperiorStore::SaveDelivery(sql::Tx& tx, absl::string_view county, Pending pending,
                                         const ResultRow& row) const {
  const v1::SuperiorResult& result = row.result;
  BAIMI_ASSIGN_OR_RETURN(const privacy::SealedMessage sealed,
                         vault_->Seal(row.key, result, Context(result.name())));
  const int64_t gave_up = result.delivery().state() == v1::SUPERIOR_GIVEN_UP ? 1 : 0;
  return tx
      .Execute(kSave, {county, result.platform(), result.seq(), static_cast<int64_t>(pending),
                       gave_up, sql::Param::Bytes(sealed.open), sql::Param::Bytes(sealed.sealed)})
      .status();
}

absl::Status SuperiorStore::Acknowledge(sql::Tx& tx, absl::string_view county,
                                        absl::string_view platform, int64_t before, int64_t up_to,
                                        absl::Time now) const {
  // First, as whoever adds results does: else the two could wait for each other.
  BAIMI_RETURN_IF_ERROR(tx.Execute(kAcknowledge, {county, platform, up_to}).status());
  BAIMI_RETURN_IF_ERROR(
      tx.Execute(kAcknowledgeResults, {county, platform, before, up_to, sql::Param::Time(now)})
          .status());
  return tx.Execute(kFreeLanes, {county, platform, sql::Param::Time(now)}).status();
}

absl::StatusOr<int64_t> SuperiorStore::Resume(sql::Tx& tx, absl::string_view county,
                                              absl::string_view platform, absl::Time now) const {
  BAIMI_RETURN_IF_ERROR(tx.Execute(kResumeResults, {county, platform}).status());
  BAIMI_ASSIGN_OR_RETURN(const int64_t stopped,
                         tx.Execute(kResumeLanes, {county, platform, sql::Param::Time(now)}));
  BAIMI_ASSIGN_OR_RETURN(const int64_t idle,
                         tx.Execute(kWakeLanes, {county, platform, sql::Param::Time(now)}));
  return stopped + idle;
}

absl::StatusOr<std::optional<Lane>> SuperiorStore::LockLane(sql::Tx& tx, absl::string_view county,
                                                            absl::string_view ticket) const {
  Lane lane;
  BAIMI_ASSIGN_OR_RETURN(const bool found,
                         tx.QueryOne(kLockLane, {county, ticket}, [&](const sql::Row& row) {
                           lane.platform = std::string(row.Text(0));
                           lane.stopped = row.Int64(1);
                           if (!row.IsNull(2)) {
                             lane.try_time = absl::FromUnixMicros(row.Int64(2));
                           }
                           return absl::OkStatus();
                         }));
  return found ? std::optional(std::move(lane)) : std::nullopt;
}

absl::StatusOr<std::optional<ResultRow>> SuperiorStore::Next(sql::Reader& reader,
                                                             absl::string_view county,
                                                             absl::string_view ticket) const {
  ResultRow next;
  BAIMI_ASSIGN_OR_RETURN(const bool found,
                         reader.QueryOne(kNext, {county, ticket}, [&](const sql::Row& row) {
                           return Open(county, row, &next);
                         }));
  return found ? std::optional(std::move(next)) : std::nullopt;
}

absl::Status SuperiorStore::SaveLane(sql::Tx& tx, absl::string_view county,
                                     absl::string_view ticket, const Lane& lane) const {
  const sql::Param try_us =
      lane.try_time ? sql::Param::Time(*lane.try_time) : sql::Param(sql::Null{});
  return tx.Execute(kSaveLane, {county, ticket, lane.stopped, try_us}).status();
}

absl::StatusOr<std::vector<journal::Alarm>> SuperiorStore::Lease(sql::Tx& tx, absl::Time now,
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
