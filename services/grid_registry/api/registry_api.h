// The use cases of the registry, one method an RPC. Requests are valid by their contract and the
// call is allowed before a method runs; what is checked here is what needs other rows.
//
// Writes run in the journal's writer: load, decide (domain), save, record. Reads are answered from
// the county in memory, which holds every write that was answered before. A row outside call.scope
// is NOT_FOUND. Errors: INVALID_ARGUMENT of the rules (domain/rules.h), ALREADY_EXISTS for a second
// creation, ABORTED for another etag.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_API_REGISTRY_API_H_
#define BAIMI_SERVICES_GRID_REGISTRY_API_REGISTRY_API_H_

#include <optional>

#include "baimi/registry/v1/registry_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "common/journal/writer.h"
#include "common/resource/page.h"
#include "services/grid_registry/api/county_cache.h"
#include "services/grid_registry/domain/locate.h"
#include "services/grid_registry/store/registry_store.h"

namespace baimi::registry::api {

// What every use case works with; all outlive it.
struct Parts {
  journal::Writer* writer = nullptr;
  const store::RegistryStore* store = nullptr;
  CountyCache* counties = nullptr;
  const resource::PageTokens* pages = nullptr;
  domain::LocateOptions locate = {};
};

// All thread-safe.
class AreaApi {
 public:
  explicit AreaApi(const Parts& parts) : parts_(parts) {}
  Async<v1::Area> Create(const Call& call, const v1::CreateAreaRequest& request);
  Async<v1::Area> Get(const Call& call, const v1::GetAreaRequest& request);
  Async<v1::ListAreasResponse> List(const Call& call, const v1::ListAreasRequest& request);
  Async<v1::Area> Update(const Call& call, const v1::UpdateAreaRequest& request);
  // At most domain::kMaxImportRows rows: one transaction.
  Async<v1::ImportResponse> Import(const Call& call, const v1::ImportAreasRequest& request);

 private:
  const Parts parts_;
};

// Locate knows no row scope: whoever may ask may ask about any place of the county.
class GridApi {
 public:
  explicit GridApi(const Parts& parts) : parts_(parts) {}
  Async<v1::Grid> Create(const Call& call, const v1::CreateGridRequest& request);
  Async<v1::Grid> Get(const Call& call, const v1::GetGridRequest& request);
  Async<v1::ListGridsResponse> List(const Call& call, const v1::ListGridsRequest& request);
  Async<v1::Grid> Update(const Call& call, const v1::UpdateGridRequest& request);
  Async<v1::ImportResponse> Import(const Call& call, const v1::ImportGridsRequest& request);
  Async<v1::LocateGridResponse> Locate(const Call& call, const v1::LocateGridRequest& request);
  // The same when the county is in memory, as it nearly always is: microseconds, without waiting.
  std::optional<absl::StatusOr<v1::LocateGridResponse>> LocateCached(
      const Call& call, const v1::LocateGridRequest& request);

 private:
  absl::StatusOr<v1::LocateGridResponse> LocateIn(const County& county,
                                                  const v1::LocateGridRequest& request) const;

  const Parts parts_;
};

class UnitApi {
 public:
  explicit UnitApi(const Parts& parts) : parts_(parts) {}
  Async<v1::Unit> Create(const Call& call, const v1::CreateUnitRequest& request);
  Async<v1::Unit> Get(const Call& call, const v1::GetUnitRequest& request);
  Async<v1::ListUnitsResponse> List(const Call& call, const v1::ListUnitsRequest& request);
  Async<v1::Unit> Update(const Call& call, const v1::UpdateUnitRequest& request);

 private:
  const Parts parts_;
};

class EstateApi {
 public:
  explicit EstateApi(const Parts& parts) : parts_(parts) {}
  Async<v1::Estate> Create(const Call& call, const v1::CreateEstateRequest& request);
  Async<v1::Estate> Get(const Call& call, const v1::GetEstateRequest& request);
  Async<v1::ListEstatesResponse> List(const Call& call, const v1::ListEstatesRequest& request);

 private:
  const Parts parts_;
};

// For peers: sees the whole county, for an order may go to any unit of it.
class DirectoryApi {
 public:
  explicit DirectoryApi(const Parts& parts) : parts_(parts) {}
  Async<v1::ResolveUnitsResponse> ResolveUnits(const Call& call,
                                               const v1::ResolveUnitsRequest& request);
  // The same when the county is in memory.
  std::optional<absl::StatusOr<v1::ResolveUnitsResponse>> ResolveUnitsCached(
      const Call& call, const v1::ResolveUnitsRequest& request);

 private:
  const Parts parts_;
};

}  // namespace baimi::registry::api

#endif  // BAIMI_SERVICES_GRID_REGISTRY_API_REGISTRY_API_H_
