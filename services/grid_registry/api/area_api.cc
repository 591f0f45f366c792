#include "common/base/error.h"
#include "services/grid_registry/api/reads.h"
#include "services/grid_registry/api/registry_api.h"
#include "services/grid_registry/api/writes.h"
#include "services/grid_registry/domain/area_import.h"

namespace baimi::registry::api {

Async<v1::Area> AreaApi::Create(const Call& call, const v1::CreateAreaRequest& request) {
  return parts_.writer->Execute<v1::Area>(
      call, [this, area = request.area()](journal::Tx& tx) -> absl::StatusOr<v1::Area> {
        return CreateRow(tx, parts_.store->areas, area.code(), [&] {
          return domain::DecideArea("area", nullptr, area, FactsOf(tx, parts_.store));
        });
      });
}

Async<v1::Area> AreaApi::Get(const Call& call, const v1::GetAreaRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const auto county, parts_.counties->Get(call));
  return GetRow(call, county->rows().areas, domain::kAreas, request.name());
}

Async<v1::ListAreasResponse> AreaApi::List(const Call& call, const v1::ListAreasRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const std::string prefix, SubtreePrefix(call, request.subtree()));
  BAIMI_ASSIGN_OR_RETURN(const auto county, parts_.counties->Get(call));
  v1::ListAreasResponse response;
  BAIMI_ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      ListRows<v1::Area>(
          call, request, *parts_.pages, county->rows().areas, prefix,
          [&](const v1::Area& area) {
            return (request.level() == v1::AREA_LEVEL_UNSPECIFIED ||
                    request.level() == area.level()) &&
                   (request.kind() == v1::AREA_KIND_UNSPECIFIED || request.kind() == area.kind());
          },
          response.mutable_areas()));
  return response;
}

Async<v1::Area> AreaApi::Update(const Call& call, const v1::UpdateAreaRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(
      const std::string code,
      domain::IdInCounty("area.name", domain::kAreas, call.county, request.area().name()));
  return parts_.writer->Execute<v1::Area>(
      call, [this, request, code](journal::Tx& tx) -> absl::StatusOr<v1::Area> {
        return UpdateRow(tx, parts_.store->areas, code, request.area(), request.update_mask(),
                         [&](const v1::Area* current, v1::Area wanted) {
                           return domain::DecideArea("area", current, std::move(wanted),
                                                     FactsOf(tx, parts_.store));
                         });
      });
}

Async<v1::ImportResponse> AreaApi::Import(const Call& call, const v1::ImportAreasRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(domain::AreaFile file, domain::ParseAreaCsv(request.csv(), call.county));
  return parts_.writer->Execute<v1::ImportResponse>(
      call,
      [this, file = std::move(file),
       source = request.source()](journal::Tx& tx) -> absl::StatusOr<v1::ImportResponse> {
        domain::AreaMap stored;
        BAIMI_RETURN_IF_ERROR(parts_.store->areas.Changed(
            tx.sql(), tx.county(), 0, [&](std::string code, v1::Area area) {
              stored.emplace(std::move(code), std::move(area));
            }));
        BAIMI_ASSIGN_OR_RETURN(
            const domain::AreaImport import,
            domain::DecideAreaImport(file, stored, source, FactsOf(tx, parts_.store)));
        for (const v1::AreaSaved& event : import.events) {
          if (!domain::Sees(tx.call().scope, event.area())) {
            return NotFound(event.area().name());
          }
          const auto current = stored.find(event.area().code());
          BAIMI_RETURN_IF_ERROR(Commit(tx, parts_.store->areas,
                                       current == stored.end() ? nullptr : &current->second, event)
                                    .status());
        }
        return import.response;
      });
}

}  // namespace baimi::registry::api
