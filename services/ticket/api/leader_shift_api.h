// The use cases of LeaderShiftService.
#ifndef BAIMI_SERVICES_TICKET_API_LEADER_SHIFT_API_H_
#define BAIMI_SERVICES_TICKET_API_LEADER_SHIFT_API_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "baimi/ticket/v1/leader_shift_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/domain/leader_shift.h"

namespace baimi::ticket::api {

// Files the order as taken in the shift that it names, if it does: NOT_FOUND; errors of
// domain::CheckTaking.
absl::Status TakeInShift(journal::Tx& tx, const v1::Ticket& filed);

// Thread-safe.
class LeaderShiftApi {
 public:
  explicit LeaderShiftApi(const Parts& parts) : parts_(parts) {}

  Async<v1::LeaderShift> Create(const Call& call, const v1::CreateLeaderShiftRequest& request);
  Async<v1::LeaderShift> Get(const Call& call, const v1::GetLeaderShiftRequest& request);
  Async<v1::ListLeaderShiftsResponse> List(const Call& call,
                                           const v1::ListLeaderShiftsRequest& request);
  Async<v1::LeaderShift> Update(const Call& call, const v1::UpdateLeaderShiftRequest& request);
  Async<v1::LeaderShift> Cancel(const Call& call, const v1::CancelLeaderShiftRequest& request);
  Async<v1::Ticket> Coordinate(const Call& call, const v1::CoordinateTicketRequest& request);
  Async<v1::LeaderShiftSummary> Summary(const Call& call,
                                        const v1::GetLeaderShiftSummaryRequest& request);
  Async<v1::LeaderShiftMonth> Month(const Call& call,
                                    const v1::GetLeaderShiftMonthRequest& request);

 private:
  // Adds what the caller may see of the orders of the shift, and the names of those left open.
  absl::Status AddOrders(sql::Reader& reader, const Call& call, const v1::LeaderShift& shift,
                         v1::ShiftCounts* counts,
                         google::protobuf::RepeatedPtrField<std::string>* left_open) const;

  const Parts parts_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_LEADER_SHIFT_API_H_
