#include "services/ticket/store/area_alert_store.h"

#include <string>

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/store/knowledge_store.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kLoad = {"area_alerts.load",
                                  "SELECT body FROM area_alerts WHERE county = $1 AND id = $2"};
constexpr sql::Statement kInsert = {
    "area_alerts.insert",
    "INSERT INTO area_alerts (county, id, start_us, end_us, body) VALUES ($1, $2, $3, $4, $5)"};
constexpr sql::Statement kUpdate = {
    "area_alerts.update",
    "UPDATE area_alerts SET start_us = $3, end_us = $4, body = $5 WHERE county = $1 AND id = $2"};
constexpr sql::Statement kList = {
    "area_alerts.list",
    "SELECT body FROM area_alerts WHERE county = $1 AND id < $2 ORDER BY id DESC LIMIT $3"};
constexpr sql::Statement kListAt = {
    "area_alerts.list_at",
    "SELECT body FROM area_alerts WHERE county = $1 AND id < $2 AND end_us > $4 AND "
    "start_us <= $4 ORDER BY id DESC LIMIT $3"};

constexpr int64_t kAboveAll = int64_t{1} << 60;

absl::Status Parse(const sql::Row& row, v1::AreaAlert* alert) {
  const absl::string_view body = row.Bytes(0);
  return alert->ParseFromArray(body.data(), static_cast<int>(body.size()))
             ? absl::OkStatus()
             : Internal("area alerts: a stored row does not parse");
}

absl::Status Write(sql::Tx& tx, const sql::Statement& statement, const v1::AreaAlert& alert) {
  const std::string body = alert.SerializeAsString();
  BAIMI_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute(statement,
                 {domain::CountyOf(alert.name()), KnowledgeId(alert.name()),
                  sql::Param::Time(domain::FromProto(alert.start_time())),
                  sql::Param::Time(domain::FromProto(alert.end_time())), sql::Param::Bytes(body)}));
  return rows == 1 ? absl::OkStatus() : Internal("area alerts: the row to update vanished");
}

}  // namespace

absl::StatusOr<v1::AreaAlert> AreaAlertStore::Load(sql::Reader& reader, absl::string_view name) {
  v1::AreaAlert alert;
  BAIMI_ASSIGN_OR_RETURN(const bool found,
                         reader.QueryOne(kLoad, {domain::CountyOf(name), KnowledgeId(name)},
                                         [&](const sql::Row& row) { return Parse(row, &alert); }));
  if (!found) {
    return NotFound(name);
  }
  return alert;
}

absl::Status AreaAlertStore::Insert(sql::Tx& tx, const v1::AreaAlert& alert) {
  return Write(tx, kInsert, alert);
}

absl::Status AreaAlertStore::Update(sql::Tx& tx, const v1::AreaAlert& alert) {
  return Write(tx, kUpdate, alert);
}

absl::StatusOr<std::vector<v1::AreaAlert>> AreaAlertStore::List(sql::Reader& reader,
                                                                absl::string_view county,
                                                                int64_t below,
                                                                std::optional<absl::Time> at,
                                                                int limit) {
  std::vector<v1::AreaAlert> alerts;
  const auto take = [&](const sql::Row& row) { return Parse(row, &alerts.emplace_back()); };
  const int64_t end = below == 0 ? kAboveAll : below;
  BAIMI_RETURN_IF_ERROR(
      at ? reader.Query(kListAt, {county, end, int64_t{limit}, sql::Param::Time(*at)}, take)
         : reader.Query(kList, {county, end, int64_t{limit}}, take));
  return alerts;
}

}  // namespace baimi::ticket::store
