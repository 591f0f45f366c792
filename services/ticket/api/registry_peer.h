// What the ticket service asks of the grid registry, before its transactions.
#ifndef BAIMI_SERVICES_TICKET_API_REGISTRY_PEER_H_
#define BAIMI_SERVICES_TICKET_API_REGISTRY_PEER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "baimi/registry/v1/registry_service.pb.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "common/base/call.h"
#include "common/rpc/peer.h"

namespace baimi::ticket::api {

// Thread-safe. Blocks; call from a lane.
class RegistryPeer {
 public:
  virtual ~RegistryPeer() = default;

  // The place with grid, area, explanation and score; as given when neither point nor address leads
  // anywhere. An error only when the registry can not be asked.
  virtual absl::StatusOr<v1::Place> Locate(const Call& call, const v1::Place& place) = 0;

  virtual absl::StatusOr<registry::v1::ResolveUnitsResponse> ResolveUnits(
      const Call& call, const std::vector<std::string>& names, absl::string_view area) = 0;
};

std::unique_ptr<RegistryPeer> NewRegistryPeer(rpc::Peer peer);

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_REGISTRY_PEER_H_
