#include "services/ticket/api/area_alert_api.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/resource/update.h"
#include "services/ticket/api/id_pages.h"
#include "services/ticket/api/public_text.h"
#include "services/ticket/domain/area_alert.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/versions.h"
#include "services/ticket/store/area_alert_store.h"

namespace baimi::ticket::api {
namespace {

using Store = store::AreaAlertStore;

constexpr int kMostFound = 100;

v1::AreaAlert Shown(v1::AreaAlert alert, absl::Time now) {
  alert.set_state(domain::StateOf(alert, now));
  return alert;
}

absl::StatusOr<v1::AreaAlert> LoadAlert(sql::Reader& reader, absl::string_view county,
                                        absl::string_view name) {
  if (domain::CountyOf(name) != county) {
    return NotFound(name);
  }
  return Store::Load(reader, name);
}

absl::StatusOr<v1::AreaAlert> Save(Orders::Work& work, const domain::AreaAlertStep& step) {
  BAIMI_RETURN_IF_ERROR(work.tx.Record(step.alert.name(), step.fact, privacy::kNoKey).status());
  BAIMI_RETURN_IF_ERROR(step.alert.version() == 1 ? Store::Insert(work.tx.sql(), step.alert)
                                                  : Store::Update(work.tx.sql(), step.alert));
  return Shown(step.alert, work.context.now);
}

}  // namespace

Async<v1::AreaAlert> AreaAlertApi::Create(const Call& call,
                                          const v1::CreateAreaAlertRequest& request) {
  BAIMI_RETURN_IF_ERROR(CheckPublicTexts(request.area_alert()));
  return orders_.TransactAs<v1::AreaAlert>(
      call, [request](Orders::Work& work) -> absl::StatusOr<v1::AreaAlert> {
        const std::string name =
            absl::StrCat("counties/", work.tx.county(), "/areaAlerts/", work.tx.next_seq());
        BAIMI_ASSIGN_OR_RETURN(
            const domain::AreaAlertStep step,
            domain::WriteAreaAlert(nullptr, request.area_alert(), name, work.context));
        return Save(work, step);
      });
}

Async<v1::AreaAlert> AreaAlertApi::Get(const Call& call, const v1::GetAreaAlertRequest& request) {
  v1::AreaAlert alert;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(alert, LoadAlert(reader, call.county, request.name()));
        return absl::OkStatus();
      }));
  return Shown(std::move(alert), call.now);
}

Async<v1::ListAreaAlertsResponse> AreaAlertApi::List(const Call& call,
                                                     const v1::ListAreaAlertsRequest& request) {
  if (request.all() && request.has_at()) {
    return InvalidField("all", "true with at", "one of all and at", "all 与 at 只能二选一");
  }
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  BAIMI_ASSIGN_OR_RETURN(const int64_t below, BelowOf(cursor));
  const absl::Time at = request.has_at() ? domain::FromProto(request.at()) : call.now;
  std::vector<v1::AreaAlert> rows;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(
            rows, Store::List(reader, call.county, below,
                              request.all() ? std::nullopt : std::make_optional(at), kLookAt));
        return absl::OkStatus();
      }));
  v1::ListAreaAlertsResponse response;
  const int64_t next = TakePage<v1::AreaAlert>(
      rows, size,
      [&](const v1::AreaAlert& row) {
        return (request.all() || domain::IsInForce(row, at)) &&
               (request.area().empty() || domain::IsFor(row, request.area(), request.subtree()));
      },
      [&](const v1::AreaAlert& row) { *response.add_area_alerts() = Shown(row, call.now); });
  if (next != 0) {
    response.set_next_page_token(parts_.tokens->Make(query, {{absl::StrCat(next)}}));
  }
  return response;
}

Async<v1::FindAreaAlertsResponse> AreaAlertApi::Find(const Call& call,
                                                     const v1::FindAreaAlertsRequest& request) {
  v1::Place place;
  *place.mutable_point() = request.point();
  BAIMI_ASSIGN_OR_RETURN(place, parts_.registry->Locate(call, place));
  if (place.area().empty()) {
    return NotFound(absl::StrCat(request.parent(), "/areas at the point"));
  }
  const absl::Time at = request.has_at() ? domain::FromProto(request.at()) : call.now;
  v1::FindAreaAlertsResponse response;
  response.set_area(place.area());
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        response.clear_area_alerts();
        BAIMI_ASSIGN_OR_RETURN(const std::vector<v1::AreaAlert> rows,
                               Store::List(reader, call.county, 0, at, kLookAt));
        for (const v1::AreaAlert& row : rows) {
          if (response.area_alerts_size() < kMostFound && domain::IsInForce(row, at) &&
              domain::IsFor(row, domain::IdOf(place.area()), /*subtree=*/false)) {
            *response.add_area_alerts() = Shown(row, call.now);
          }
        }
        return absl::OkStatus();
      }));
  return response;
}

Async<v1::AreaAlert> AreaAlertApi::Update(const Call& call,
                                          const v1::UpdateAreaAlertRequest& request) {
  return orders_.TransactAs<v1::AreaAlert>(
      call, [request](Orders::Work& work) -> absl::StatusOr<v1::AreaAlert> {
        const std::string& name = request.area_alert().name();
        BAIMI_ASSIGN_OR_RETURN(const v1::AreaAlert before,
                               LoadAlert(work.tx.sql(), work.tx.county(), name));
        BAIMI_RETURN_IF_ERROR(domain::CheckVersion(before.etag(), request.area_alert().etag()));
        v1::AreaAlert wanted = before;
        BAIMI_RETURN_IF_ERROR(
            resource::ApplyUpdate(request.area_alert(), request.update_mask(), &wanted));
        BAIMI_RETURN_IF_ERROR(CheckPublicTexts(wanted));
        BAIMI_ASSIGN_OR_RETURN(const domain::AreaAlertStep step,
                               domain::WriteAreaAlert(&before, wanted, name, work.context));
        return wanted.SerializeAsString() == before.SerializeAsString()
                   ? Shown(before, work.context.now)
                   : Save(work, step);
      });
}

Async<v1::AreaAlert> AreaAlertApi::Withdraw(const Call& call,
                                            const v1::WithdrawAreaAlertRequest& request) {
  BAIMI_RETURN_IF_ERROR(CheckPublicText("rationale", request.rationale()));
  return orders_.TransactAs<v1::AreaAlert>(
      call, [request](Orders::Work& work) -> absl::StatusOr<v1::AreaAlert> {
        BAIMI_ASSIGN_OR_RETURN(const v1::AreaAlert before,
                               LoadAlert(work.tx.sql(), work.tx.county(), request.name()));
        BAIMI_ASSIGN_OR_RETURN(const domain::AreaAlertStep step,
                               domain::WithdrawAreaAlert(before, request, work.context));
        return Save(work, step);
      });
}

}  // namespace baimi::ticket::api
