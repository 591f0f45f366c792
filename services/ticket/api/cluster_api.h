// The use cases of ClusterService.
#ifndef BAIMI_SERVICES_TICKET_API_CLUSTER_API_H_
#define BAIMI_SERVICES_TICKET_API_CLUSTER_API_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "baimi/ticket/v1/cluster_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/domain/catalogue.h"
#include "services/ticket/domain/cluster.h"
#include "services/ticket/store/heat_store.h"

namespace baimi::ticket::api {

// Thread-safe.
class ClusterApi {
 public:
  // `heat` outlives this object.
  ClusterApi(const Parts& parts, const store::HeatStore* heat) : parts_(parts), heat_(heat) {}

  Async<v1::ListClustersResponse> List(const Call& call, const v1::ListClustersRequest& request);
  Async<v1::Cluster> Settle(const Call& call, const v1::SettleClusterRequest& request);

 private:
  // The county as the caller may count it.
  struct Picture {
    std::shared_ptr<const domain::PolicyInForce> policy;
    store::HeatView view;
    // Of the first order.
    absl::CivilDay first;
    // Nothing is looked for before it.
    std::optional<absl::CivilDay> ready;
    std::vector<domain::HeatCell> cells;
    domain::Scan scan;
  };
  // Least likely first; the name decides between equals.
  using Place = std::pair<double, std::string>;
  struct Page {
    const v1::ListClustersRequest& request;
    int size = 0;
    // Of the last one of the page before.
    std::optional<Place> after;
  };
  // What a settlement is decided by.
  struct Seen {
    v1::Cluster cluster;
    std::optional<store::SettlementRow> settled;
    absl::CivilDay from;
    domain::UnitsAtHand units;
  };

  absl::StatusOr<Picture> Look(sql::Reader& reader, const Call& call, absl::CivilDay as_of) const;
  // Its own units are in no report that is counted.
  absl::StatusOr<bool> SeesReports(sql::Reader& reader, const Call& call,
                                   absl::CivilDay from) const;
  absl::Status FillPage(sql::Reader& reader, const Call& call, const Picture& picture,
                        const Page& page, v1::ListClustersResponse* response) const;
  absl::StatusOr<v1::Cluster> Describe(sql::Reader& reader, const Call& call,
                                       const Picture& picture, const domain::Rising& rising) const;
  absl::Status DescribeOrders(sql::Reader& reader, const Call& call, const Picture& picture,
                              const domain::Rising& rising, v1::Cluster* cluster) const;
  absl::Status DescribeState(sql::Reader& reader, const Call& call, const Picture& picture,
                             const domain::Rising& rising, v1::Cluster* cluster) const;
  absl::StatusOr<Seen> LookAt(const Call& call, const domain::CellKey& key,
                              const v1::SettleClusterRequest& request) const;
  absl::StatusOr<v1::Cluster> SettleIn(Orders::Work& work, const v1::SettleClusterRequest& request,
                                       const Seen& seen, privacy::KeyId key) const;

  const Parts parts_;
  const store::HeatStore* const heat_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_CLUSTER_API_H_
