#include "services/ticket/small_services.h"

#include <functional>

namespace baimi::ticket {

void SmallServices::AddServices(rpc::Runtime* runtime,
                                std::vector<std::unique_ptr<rpc::Service>>* services) {
  auto service = std::make_unique<rpc::Service>("baimi.ticket.v1.TicketSyncService", runtime);
  service->Unary<v1::SyncTicketsRequest, v1::SyncTicketsResponse>(
      "SyncTickets", std::bind_front(&api::SyncApi::Sync, &sync_));
  services->push_back(std::move(service));

  service = std::make_unique<rpc::Service>("baimi.ticket.v1.FigureExportService", runtime);
  service->Unary<v1::ExportFiguresRequest, v1::FigureFile>(
      "ExportFigures", std::bind_front(&api::FigureExportApi::Export, &figures_));
  services->push_back(std::move(service));
}

}  // namespace baimi::ticket
