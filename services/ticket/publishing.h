// The gRPC services of publications, leaders' shifts and alerts for areas.
#ifndef BAIMI_SERVICES_TICKET_PUBLISHING_H_
#define BAIMI_SERVICES_TICKET_PUBLISHING_H_

#include <memory>
#include <vector>

#include "common/rpc/runtime.h"
#include "common/rpc/service.h"
#include "services/ticket/api/area_alert_api.h"
#include "services/ticket/api/leader_shift_api.h"
#include "services/ticket/api/publication_api.h"

namespace baimi::ticket {

// Handlers that outlive the services.
class Publishing {
 public:
  explicit Publishing(const api::Parts& parts)
      : publications_(parts), shifts_(parts), alerts_(parts) {}

  void AddServices(rpc::Runtime* runtime, std::vector<std::unique_ptr<rpc::Service>>* services);

 private:
  api::PublicationApi publications_;
  api::LeaderShiftApi shifts_;
  api::AreaAlertApi alerts_;
};

}  // namespace baimi::ticket

#endif  // BAIMI_SERVICES_TICKET_PUBLISHING_H_
