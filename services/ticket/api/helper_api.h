// The use cases of HelperService.
#ifndef BAIMI_SERVICES_TICKET_API_HELPER_API_H_
#define BAIMI_SERVICES_TICKET_API_HELPER_API_H_

#include "baimi/ticket/v1/helper_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"

namespace baimi::ticket::api {

// Thread-safe.
class HelperApi {
 public:
  explicit HelperApi(const Parts& parts) : parts_(parts) {}

  Async<v1::Ticket> Acknowledge(const Call& call, const v1::AcknowledgeHelpRequest& request);
  Async<v1::Ticket> Submit(const Call& call, const v1::SubmitHelpRequest& request);
  Async<v1::Ticket> ExplainDelay(const Call& call, const v1::ExplainHelpDelayRequest& request);
  Async<v1::Ticket> Change(const Call& call, const v1::ChangeHelpersRequest& request);
  Async<v1::ListHelperTasksResponse> List(const Call& call,
                                          const v1::ListHelperTasksRequest& request);

 private:
  const Parts parts_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_HELPER_API_H_
