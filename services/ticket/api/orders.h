// Changing orders: what every handler that changes one does around the rule that decides.
#ifndef BAIMI_SERVICES_TICKET_API_ORDERS_H_
#define BAIMI_SERVICES_TICKET_API_ORDERS_H_

#include <functional>
#include <string>
#include <vector>

#include "baimi/ticket/v1/resources.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::api {

// Thread-safe.
class Orders {
 public:
  // The parts outlive this object.
  explicit Orders(const Parts& parts) : parts_(parts) {}

  // One change of one order. `decide` sees the row and the context; it may run more than once.
  using Decide =
      std::function<absl::StatusOr<domain::Decision>(const v1::Ticket&, const domain::Context&)>;
  Async<v1::Ticket> Change(const Call& call, const std::string& name, Decide decide) const;

  // One transaction over orders of the county.
  struct Work {
    journal::Tx& tx;
    const domain::Context context;
    // Orders written so far.
    std::vector<std::string> names = {};
  };
  // Runs `use`, perhaps more than once; drops the cached copies of what it wrote once that is
  // committed, before the caller is answered.
  Async<v1::Ticket> Transact(const Call& call,
                             std::function<absl::StatusOr<v1::Ticket>(Work&)> use) const;
  // NOT_FOUND also for orders out of the call's scope.
  absl::StatusOr<store::TicketRow> Load(Work& work, absl::string_view name) const;
  // Records the facts of `decision` and writes its order. The one that is answered comes last.
  absl::StatusOr<v1::Ticket> Commit(Work& work, const store::TicketRow& before,
                                    domain::Decision decision) const;

 private:
  const Parts& parts_;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_ORDERS_H_
