// Exclusions from the figures.
#ifndef BAIMI_SERVICES_TICKET_API_EXCLUSION_API_H_
#define BAIMI_SERVICES_TICKET_API_EXCLUSION_API_H_

#include "baimi/ticket/v1/exclusion_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"

namespace baimi::ticket::api {

// Thread-safe.
class ExclusionApi {
 public:
  explicit ExclusionApi(const Parts& parts) : parts_(parts) {}

  Async<v1::Ticket> Request(const Call& call, const v1::RequestExclusionRequest& request);
  Async<v1::Ticket> Decide(const Call& call, const v1::DecideExclusionRequest& request);
  Async<v1::ListExclusionsResponse> List(const Call& call,
                                         const v1::ListExclusionsRequest& request);

 private:
  // One verb, and its trace in the list of requests.
  Async<v1::Ticket> Change(const Call& call, const std::string& name, Orders::Decide decide) const;

  const Parts parts_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_EXCLUSION_API_H_
