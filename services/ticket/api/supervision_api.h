// The use cases of 督办 and 催办.
#ifndef BAIMI_SERVICES_TICKET_API_SUPERVISION_API_H_
#define BAIMI_SERVICES_TICKET_API_SUPERVISION_API_H_

#include <functional>
#include <string>

#include "baimi/ticket/v1/supervision_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"

namespace baimi::ticket::api {

// Thread-safe.
class SupervisionApi {
 public:
  explicit SupervisionApi(const Parts& parts) : parts_(parts) {}

  Async<v1::Supervision> Raise(const Call& call, const v1::RaiseSupervisionRequest& request);
  Async<v1::Supervision> Get(const Call& call, const v1::GetSupervisionRequest& request);
  Async<v1::ListSupervisionsResponse> List(const Call& call,
                                           const v1::ListSupervisionsRequest& request);
  Async<v1::Supervision> Acknowledge(const Call& call,
                                     const v1::AcknowledgeSupervisionRequest& request);
  Async<v1::Supervision> Report(const Call& call, const v1::ReportSupervisionRequest& request);
  Async<v1::Ticket> Urge(const Call& call, const v1::UrgeTicketRequest& request);
  // The same inside a change that goes on.
  static absl::StatusOr<v1::Ticket> UrgeOne(const Parts& parts, const Orders& orders,
                                            Orders::Work& work,
                                            const v1::UrgeTicketRequest& request);

 private:
  // One step of the supervision `name`, by whoever sees it.
  template <typename Request>
  Async<v1::Supervision> Step(const Call& call, const Request& request,
                              absl::StatusOr<domain::Decision> (*decide)(const v1::Ticket&,
                                                                         const Request&,
                                                                         const domain::Context&));
  // The order whatever the scope; NOT_FOUND for one who may not see the supervision `name` of it.
  absl::StatusOr<store::TicketRow> LoadFor(sql::Reader& reader, const Call& call,
                                           const std::string& name) const;

  const Parts parts_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_SUPERVISION_API_H_
