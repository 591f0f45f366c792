// A registry that fails on purpose, for tests of what the ticket service does then.
#ifndef BAIMI_SERVICES_TICKET_TESTING_FAULTY_REGISTRY_PEER_H_
#define BAIMI_SERVICES_TICKET_TESTING_FAULTY_REGISTRY_PEER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/testing/faults.h"
#include "services/ticket/api/registry_peer.h"

namespace baimi::ticket::testing {

// Thread-safe.
class FaultyRegistryPeer final : public api::RegistryPeer {
 public:
  // `faults` outlives it.
  FaultyRegistryPeer(std::unique_ptr<api::RegistryPeer> base, test::PeerFaults* faults)
      : base_(std::move(base)), faults_(faults) {}

  absl::StatusOr<v1::Place> Locate(const Call& call, const v1::Place& place) override {
    return faults_->Wrap([&] { return base_->Locate(call, place); });
  }
  absl::StatusOr<registry::v1::ResolveUnitsResponse> ResolveUnits(
      const Call& call, const std::vector<std::string>& names, absl::string_view area) override {
    return faults_->Wrap([&] { return base_->ResolveUnits(call, names, area); });
  }

 private:
  const std::unique_ptr<api::RegistryPeer> base_;
  test::PeerFaults* const faults_;
};

}  // namespace baimi::ticket::testing

#endif  // BAIMI_SERVICES_TICKET_TESTING_FAULTY_REGISTRY_PEER_H_
