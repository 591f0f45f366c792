// Handlers of DeskService and RatingService.
#ifndef BAIMI_SERVICES_TICKET_API_DESK_API_H_
#define BAIMI_SERVICES_TICKET_API_DESK_API_H_

#include "baimi/ticket/v1/desk_service.pb.h"
#include "baimi/ticket/v1/rating_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"

namespace baimi::ticket::api {

// Thread-safe.
class DeskApi {
 public:
  explicit DeskApi(const Parts& parts) : parts_(parts) {}

  Async<v1::ListDeskTicketsResponse> List(const Call& call,
                                          const v1::ListDeskTicketsRequest& request);
  Async<v1::Ticket> Assign(const Call& call, const v1::AssignTicketRequest& request);
  Async<v1::HandOverDeskResponse> HandOver(const Call& call,
                                           const v1::HandOverDeskRequest& request);

  Async<v1::Ticket> VerifyBadRating(const Call& call, const v1::VerifyBadRatingRequest& request);
  Async<v1::Ticket> DecideBadRating(const Call& call, const v1::DecideBadRatingRequest& request);

 private:
  const Parts parts_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_DESK_API_H_
