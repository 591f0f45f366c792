// The figures as a file.
#ifndef BAIMI_SERVICES_TICKET_API_FIGURE_EXPORT_API_H_
#define BAIMI_SERVICES_TICKET_API_FIGURE_EXPORT_API_H_

#include "baimi/ticket/v1/figure_export_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/ticket_api.h"

namespace baimi::ticket::api {

// Thread-safe.
class FigureExportApi {
 public:
  // `tickets` outlives it.
  explicit FigureExportApi(TicketApi* tickets) : tickets_(tickets) {}

  Async<v1::FigureFile> Export(const Call& call, const v1::ExportFiguresRequest& request);

 private:
  TicketApi* const tickets_;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_FIGURE_EXPORT_API_H_
