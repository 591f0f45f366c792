#include "services/ticket/api/registry_peer.h"

#include "absl/strings/str_cat.h"
#include "baimi/registry/v1/registry_service.grpc.pb.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace baimi::ticket::api {
namespace {

using registry::v1::DirectoryService;
using registry::v1::GridService;

class GrpcRegistryPeer final : public RegistryPeer {
 public:
  explicit GrpcRegistryPeer(rpc::Peer peer)
      : peer_(std::move(peer)),
        grids_(GridService::NewStub(peer_.channel)),
        directory_(DirectoryService::NewStub(peer_.channel)) {}

  absl::StatusOr<v1::Place> Locate(const Call& call, const v1::Place& place) override {
    v1::Place located = place;
    registry::v1::LocateGridRequest request;
    request.set_parent(absl::StrCat("counties/", call.county));
    if (place.has_point()) {
      *request.mutable_point() = place.point();
    }
    request.set_address(place.address());
    if (!request.has_point() && request.address().empty()) {
      return located;
    }
    const auto answer = rpc::CallPeer<GridService::Stub, registry::v1::LocateGridRequest,
                                      registry::v1::LocateGridResponse>(
        peer_, call, grids_.get(), "/baimi.registry.v1.GridService/LocateGrid",
        &GridService::Stub::LocateGrid, request);
    if (ReasonOf(answer.status()) == "NO_GRID_HERE") {
      return located;
    }
    BAIMI_RETURN_IF_ERROR(answer.status());
    located.set_grid(answer->grid().name());
    located.set_area(answer->grid().area());
    located.set_explanation(answer->explanation());
    located.set_score(answer->score());
    return located;
  }

  absl::StatusOr<registry::v1::ResolveUnitsResponse> ResolveUnits(
      const Call& call, const std::vector<std::string>& names, absl::string_view area) override {
    registry::v1::ResolveUnitsRequest request;
    request.set_parent(absl::StrCat("counties/", call.county));
    request.mutable_names()->Assign(names.begin(), names.end());
    request.set_area(std::string(area));
    return rpc::CallPeer<DirectoryService::Stub, registry::v1::ResolveUnitsRequest,
                         registry::v1::ResolveUnitsResponse>(
        peer_, call, directory_.get(), "/baimi.registry.v1.DirectoryService/ResolveUnits",
        &DirectoryService::Stub::ResolveUnits, request);
  }

 private:
  const rpc::Peer peer_;
  const std::unique_ptr<GridService::Stub> grids_;
  const std::unique_ptr<DirectoryService::Stub> directory_;
};

}  // namespace

std::unique_ptr<RegistryPeer> NewRegistryPeer(rpc::Peer peer) {
  return std::make_unique<GrpcRegistryPeer>(std::move(peer));
}

}  // namespace baimi::ticket::api
