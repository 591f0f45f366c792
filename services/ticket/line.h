// The telephone line as one object: the link with 110 and blocked numbers, their gRPC services, and
// the alarm of a receipt that does not come.
#ifndef BAIMI_SERVICES_TICKET_LINE_H_
#define BAIMI_SERVICES_TICKET_LINE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/journal/alarm_clock.h"
#include "common/rpc/runtime.h"
#include "common/rpc/service.h"
#include "services/ticket/api/number_block_api.h"
#include "services/ticket/api/police_link_api.h"
#include "services/ticket/store/number_block_store.h"
#include "services/ticket/store/police_link_store.h"

namespace baimi::ticket {

// Thread-safe.
class Line {
 public:
  // Makes the call that the service rings an alarm in `county` by.
  using OwnCall = std::function<Call(const std::string& county)>;

  // `parts` outlive it.
  Line(const api::Parts& parts, OwnCall own_call, const journal::AlarmClockOptions& alarms);

  void AddServices(rpc::Runtime* runtime, std::vector<std::unique_ptr<rpc::Service>>* services);
  // Rings what is due, until nothing is. Returns how many links were looked at.
  absl::StatusOr<int> RunDue() { return alarms_.RunDue(); }
  void Stop() { alarms_.Stop(); }

 private:
  const store::PoliceLinkStore links_store_;
  const store::NumberBlockStore blocks_store_;
  api::PoliceLinkApi links_;
  api::NumberBlockApi blocks_;
  journal::AlarmClock alarms_;
};

}  // namespace baimi::ticket

#endif  // BAIMI_SERVICES_TICKET_LINE_H_
