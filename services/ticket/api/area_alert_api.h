// The use cases of AreaAlertService.
#ifndef BAIMI_SERVICES_TICKET_API_AREA_ALERT_API_H_
#define BAIMI_SERVICES_TICKET_API_AREA_ALERT_API_H_

#include "baimi/ticket/v1/area_alert_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"

namespace baimi::ticket::api {

// Thread-safe.
class AreaAlertApi {
 public:
  explicit AreaAlertApi(const Parts& parts) : parts_(parts) {}

  Async<v1::AreaAlert> Create(const Call& call, const v1::CreateAreaAlertRequest& request);
  Async<v1::AreaAlert> Get(const Call& call, const v1::GetAreaAlertRequest& request);
  Async<v1::ListAreaAlertsResponse> List(const Call& call,
                                         const v1::ListAreaAlertsRequest& request);
  Async<v1::FindAreaAlertsResponse> Find(const Call& call,
                                         const v1::FindAreaAlertsRequest& request);
  Async<v1::AreaAlert> Update(const Call& call, const v1::UpdateAreaAlertRequest& request);
  Async<v1::AreaAlert> Withdraw(const Call& call, const v1::WithdrawAreaAlertRequest& request);

 private:
  const Parts parts_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_AREA_ALERT_API_H_
