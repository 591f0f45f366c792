// What dispatches and returns have to do with rulings.
#ifndef BAIMI_SERVICES_TICKET_API_RULINGS_H_
#define BAIMI_SERVICES_TICKET_API_RULINGS_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/cooperation.pb.h"
#include "baimi/ticket/v1/ticket_service.pb.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"

namespace baimi::ticket::api {

// How many past rulings an arbitration shows.
inline constexpr int kPastRulings = 10;

// The precedent that an order would follow at `at`.
absl::StatusOr<std::optional<v1::Precedent>> BestPrecedent(const Parts& parts, sql::Reader& reader,
                                                           const v1::Ticket& ticket, absl::Time at);

// ABORTED, RULINGS_CHANGED, when a decision prepared with `prepared` would now be made with `now`.
absl::Status CheckSamePrecedent(const std::optional<v1::Precedent>& prepared,
                                const std::optional<v1::Precedent>& now);

// Keeps the record of a return that is decided at once; `row` before that.
absl::Status RecordReturn(const Parts& parts, Orders::Work& work, const store::TicketRow& row,
                          const v1::DecideReturnRequest& request);

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_RULINGS_H_
