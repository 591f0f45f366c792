#include "common/base/error.h"
#include "services/grid_registry/api/reads.h"
#include "services/grid_registry/api/registry_api.h"
#include "services/grid_registry/api/writes.h"
#include "services/grid_registry/domain/grid_import.h"

namespace baimi::registry::api {

Async<v1::Grid> GridApi::Create(const Call& call, const v1::CreateGridRequest& request) {
  return parts_.writer->Execute<v1::Grid>(
      call, [this, grid = request.grid()](journal::Tx& tx) -> absl::StatusOr<v1::Grid> {
        return CreateRow(tx, parts_.store->grids, grid.code(), [&] {
          return domain::DecideGrid("grid", nullptr, grid, FactsOf(tx, parts_.store));
        });
      });
}

Async<v1::Grid> GridApi::Get(const Call& call, const v1::GetGridRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const auto county, parts_.counties->Get(call));
  return GetRow(call, county->rows().grids, domain::kGrids, request.name());
}

Async<v1::ListGridsResponse> GridApi::List(const Call& call, const v1::ListGridsRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const std::string prefix, SubtreePrefix(call, request.subtree()));
  BAIMI_ASSIGN_OR_RETURN(const auto county, parts_.counties->Get(call));
  v1::ListGridsResponse response;
  BAIMI_ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                         ListRows<v1::Grid>(
                             call, request, *parts_.pages, county->rows().grids, prefix,
                             [](const v1::Grid&) { return true; }, response.mutable_grids()));
  return response;
}

Async<v1::Grid> GridApi::Update(const Call& call, const v1::UpdateGridRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(
      const std::string code,
      domain::IdInCounty("grid.name", domain::kGrids, call.county, request.grid().name()));
  return parts_.writer->Execute<v1::Grid>(
      call, [this, request, code](journal::Tx& tx) -> absl::StatusOr<v1::Grid> {
        return UpdateRow(tx, parts_.store->grids, code, request.grid(), request.update_mask(),
                         [&](const v1::Grid* current, v1::Grid wanted) {
                           return domain::DecideGrid("grid", current, std::move(wanted),
                                                     FactsOf(tx, parts_.store));
                         });
      });
}

Async<v1::ImportResponse> GridApi::Import(const Call& call, const v1::ImportGridsRequest& request) {
  return parts_.writer->Execute<v1::ImportResponse>(
      call, [this, grids = request.grids()](journal::Tx& tx) -> absl::StatusOr<v1::ImportResponse> {
        domain::GridMap stored;
        BAIMI_RETURN_IF_ERROR(parts_.store->grids.Changed(
            tx.sql(), tx.county(), 0, [&](std::string code, v1::Grid grid) {
              stored.emplace(std::move(code), std::move(grid));
            }));
        BAIMI_ASSIGN_OR_RETURN(const domain::GridImport import,
                               domain::DecideGridImport(grids, stored, FactsOf(tx, parts_.store)));
        for (const v1::GridSaved& event : import.events) {
          if (!domain::Sees(tx.call().scope, event.grid())) {
            return NotFound(event.grid().name());
          }
          const auto current = stored.find(event.grid().code());
          BAIMI_RETURN_IF_ERROR(Commit(tx, parts_.store->grids,
                                       current == stored.end() ? nullptr : &current->second, event)
                                    .status());
        }
        return import.response;
      });
}

Async<v1::LocateGridResponse> GridApi::Locate(const Call& call,
                                              const v1::LocateGridRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const auto county, parts_.counties->Get(call));
  return LocateIn(*county, request);
}

std::optional<absl::StatusOr<v1::LocateGridResponse>> GridApi::LocateCached(
    const Call& call, const v1::LocateGridRequest& request) {
  const auto county = parts_.counties->Peek(call);
  if (county == nullptr) {
    return std::nullopt;
  }
  return LocateIn(*county, request);
}

absl::StatusOr<v1::LocateGridResponse> GridApi::LocateIn(
    const County& county, const v1::LocateGridRequest& request) const {
  std::optional<type::v1::GeoPoint> point;
  if (request.has_point()) {
    point = request.point();
  }
  return domain::Locate(county.locate, point, request.address(), parts_.locate);
}

}  // namespace baimi::registry::api
