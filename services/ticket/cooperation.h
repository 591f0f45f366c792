// The gRPC services of helpers, arbitrations and whistles.
#ifndef BAIMI_SERVICES_TICKET_COOPERATION_H_
#define BAIMI_SERVICES_TICKET_COOPERATION_H_

#include <memory>
#include <vector>

#include "common/rpc/runtime.h"
#include "common/rpc/service.h"
#include "services/ticket/api/arbitration_api.h"
#include "services/ticket/api/helper_api.h"
#include "services/ticket/api/whistle_api.h"

namespace baimi::ticket {

// Handlers that outlive the services.
class Cooperation {
 public:
  explicit Cooperation(const api::Parts& parts)
      : helpers_(parts), arbitrations_(parts), whistles_(parts) {}

  void AddServices(rpc::Runtime* runtime, std::vector<std::unique_ptr<rpc::Service>>* services);

 private:
  api::HelperApi helpers_;
  api::ArbitrationApi arbitrations_;
  api::WhistleApi whistles_;
};

}  // namespace baimi::ticket

#endif  // BAIMI_SERVICES_TICKET_COOPERATION_H_
