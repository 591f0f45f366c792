// The use cases of taking orders in: what a category asks, and putting an order right.
#ifndef BAIMI_SERVICES_TICKET_API_INTAKE_API_H_
#define BAIMI_SERVICES_TICKET_API_INTAKE_API_H_

#include "baimi/ticket/v1/intake_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"

namespace baimi::ticket::api {

// Thread-safe.
class IntakeApi {
 public:
  explicit IntakeApi(const Parts& parts) : parts_(parts) {}

  Async<v1::Ticket> Reclassify(const Call& call, const v1::ReclassifyTicketRequest& request);
  Async<v1::GetQuestionsResponse> GetQuestions(const Call& call,
                                               const v1::GetQuestionsRequest& request);

 private:
  const Parts parts_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_INTAKE_API_H_
