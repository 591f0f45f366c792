// The gRPC services of syncing drafts and of the figures as a file.
#ifndef BAIMI_SERVICES_TICKET_SMALL_SERVICES_H_
#define BAIMI_SERVICES_TICKET_SMALL_SERVICES_H_

#include <memory>
#include <vector>

#include "common/rpc/runtime.h"
#include "common/rpc/service.h"
#include "services/ticket/api/figure_export_api.h"
#include "services/ticket/api/sync_api.h"

namespace baimi::ticket {

// Handlers that outlive the services.
class SmallServices {
 public:
  // All outlive it.
  SmallServices(const api::Parts& parts, api::TicketApi* tickets, api::SearchApi* search)
      : sync_(parts, tickets, search), figures_(tickets) {}

  void AddServices(rpc::Runtime* runtime, std::vector<std::unique_ptr<rpc::Service>>* services);

 private:
  api::SyncApi sync_;
  api::FigureExportApi figures_;
};

}  // namespace baimi::ticket

#endif  // BAIMI_SERVICES_TICKET_SMALL_SERVICES_H_
