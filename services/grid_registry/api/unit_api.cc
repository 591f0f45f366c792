#include "common/base/error.h"
#include "common/resource/name.h"
#include "services/grid_registry/api/reads.h"
#include "services/grid_registry/api/registry_api.h"
#include "services/grid_registry/api/writes.h"

namespace baimi::registry::api {

Async<v1::Unit> UnitApi::Create(const Call& call, const v1::CreateUnitRequest& request) {
  return parts_.writer->Execute<v1::Unit>(
      call,
      [this, id = request.unit_id(),
       unit = request.unit()](journal::Tx& tx) -> absl::StatusOr<v1::Unit> {
        return CreateRow(tx, parts_.store->units, id, [&] {
          return domain::DecideUnit("unit", nullptr, unit,
                                    resource::FormatName(tx.county(), domain::kUnits, id),
                                    FactsOf(tx, parts_.store));
        });
      });
}

Async<v1::Unit> UnitApi::Get(const Call& call, const v1::GetUnitRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const auto county, parts_.counties->Get(call));
  return GetRow(call, county->rows().units, domain::kUnits, request.name());
}

Async<v1::ListUnitsResponse> UnitApi::List(const Call& call, const v1::ListUnitsRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const auto county, parts_.counties->Get(call));
  v1::ListUnitsResponse response;
  BAIMI_ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                         ListRows<v1::Unit>(
                             call, request, *parts_.pages, county->rows().units, "",
                             [&](const v1::Unit& unit) {
                               return request.kind() == v1::UNIT_KIND_UNSPECIFIED ||
                                      request.kind() == unit.kind();
                             },
                             response.mutable_units()));
  return response;
}

Async<v1::Unit> UnitApi::Update(const Call& call, const v1::UpdateUnitRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(
      const std::string id,
      domain::IdInCounty("unit.name", domain::kUnits, call.county, request.unit().name()));
  return parts_.writer->Execute<v1::Unit>(
      call, [this, request, id](journal::Tx& tx) -> absl::StatusOr<v1::Unit> {
        return UpdateRow(tx, parts_.store->units, id, request.unit(), request.update_mask(),
                         [&](const v1::Unit* current, v1::Unit wanted) {
                           return domain::DecideUnit("unit", current, std::move(wanted),
                                                     request.unit().name(),
                                                     FactsOf(tx, parts_.store));
                         });
      });
}

Async<v1::Estate> EstateApi::Create(const Call& call, const v1::CreateEstateRequest& request) {
  return parts_.writer->Execute<v1::Estate>(
      call,
      [this, id = request.estate_id(),
       estate = request.estate()](journal::Tx& tx) -> absl::StatusOr<v1::Estate> {
        return CreateRow(tx, parts_.store->estates, id, [&] {
          return domain::DecideEstate("estate", nullptr, estate,
                                      resource::FormatName(tx.county(), domain::kEstates, id),
                                      FactsOf(tx, parts_.store));
        });
      });
}

Async<v1::Estate> EstateApi::Get(const Call& call, const v1::GetEstateRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const auto county, parts_.counties->Get(call));
  return GetRow(call, county->rows().estates, domain::kEstates, request.name());
}

Async<v1::ListEstatesResponse> EstateApi::List(const Call& call,
                                               const v1::ListEstatesRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const auto county, parts_.counties->Get(call));
  v1::ListEstatesResponse response;
  BAIMI_ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                         ListRows<v1::Estate>(
                             call, request, *parts_.pages, county->rows().estates, "",
                             [](const v1::Estate&) { return true; }, response.mutable_estates()));
  return response;
}

namespace {

absl::StatusOr<v1::ResolveUnitsResponse> ResolveIn(const Call& call, const County& county,
                                                   const v1::ResolveUnitsRequest& request) {
  v1::ResolveUnitsResponse response;
  for (int i = 0; i < request.names_size(); ++i) {
    BAIMI_ASSIGN_OR_RETURN(const std::string id,
                           domain::IdInCounty(absl::StrCat("names[", i, "]"), domain::kUnits,
                                              call.county, request.names(i)));
    if (const v1::Unit* unit = domain::Find(county.rows().units, id)) {
      *response.add_units() = *unit;
    }
  }
  if (request.area().empty()) {
    return response;
  }
  BAIMI_ASSIGN_OR_RETURN(const std::string area,
                         domain::IdInCounty("area", domain::kAreas, call.county, request.area()));
  const v1::AreaLevel level = domain::LevelOf(area);
  if (const v1::Unit* unit = domain::Find(county.offices, area);
      unit != nullptr && level == v1::VILLAGE) {
    *response.mutable_community() = *unit;
  }
  if (level == v1::VILLAGE || level == v1::TOWNSHIP) {
    if (const v1::Unit* unit = domain::Find(county.offices, domain::TownshipOf(area))) {
      *response.mutable_township() = *unit;
    }
  }
  return response;
}

}  // namespace

Async<v1::ResolveUnitsResponse> DirectoryApi::ResolveUnits(const Call& call,
                                                           const v1::ResolveUnitsRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const auto county, parts_.counties->Get(call));
  return ResolveIn(call, *county, request);
}

std::optional<absl::StatusOr<v1::ResolveUnitsResponse>> DirectoryApi::ResolveUnitsCached(
    const Call& call, const v1::ResolveUnitsRequest& request) {
  const auto county = parts_.counties->Peek(call);
  if (county == nullptr) {
    return std::nullopt;
  }
  return ResolveIn(call, *county, request);
}

}  // namespace baimi::registry::api
