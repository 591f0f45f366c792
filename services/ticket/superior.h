// Superior platforms as one object: their orders, their results from the journal, the push, the
// watches, their gRPC service.
#ifndef BAIMI_SERVICES_TICKET_SUPERIOR_H_
#define BAIMI_SERVICES_TICKET_SUPERIOR_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/config/config.h"
#include "common/journal/alarm_clock.h"
#include "common/journal/projector.h"
#include "common/rpc/runtime.h"
#include "common/rpc/service.h"
#include "services/ticket/api/superior_api.h"
#include "services/ticket/api/superior_carrier.h"
#include "services/ticket/api/superior_maker.h"
#include "services/ticket/api/superior_sender.h"
#include "services/ticket/api/superior_watch.h"
#include "services/ticket/store/superior_store.h"

namespace baimi::ticket {

struct SuperiorOptions {
  // Takes results to superior platforms; null (default): they wait to be fetched. Must outlive the
  // service.
  api::SuperiorCarrier* carrier = nullptr;
  // How the results follow the journal, and how often watches look at them.
  journal::ProjectorOptions results = {};
};

// What a process that hosts the service may set.
struct SuperiorHost {
  // Where results are written as files (api/superior_files.h), for whoever exchanges them. Empty:
  // they wait to be fetched.
  std::string directory = {};
  // In its place, for tests. Must outlive the service.
  api::SuperiorCarrier* carrier = nullptr;
};
// Setting: --superior.directory.
void DeclareSuperior(const config::Section& root, SuperiorHost* host);
// Fills `options`; `own` must outlive the service.
absl::Status OpenSuperior(const SuperiorHost& host, std::unique_ptr<api::SuperiorCarrier>* own,
                          SuperiorOptions* options);

// Thread-safe.
class Superior {
 public:
  // Makes the call that the service pushes a result in `county` by.
  using OwnCall = std::function<Call(const std::string& county)>;

  // `parts` outlive it.
  Superior(const api::Parts& parts, OwnCall own_call, const SuperiorOptions& options,
           const journal::AlarmClockOptions& alarms);

  void AddService(rpc::Runtime* runtime, std::vector<std::unique_ptr<rpc::Service>>* services);
  // Makes the results that the journal holds and nobody has made yet. Returns how many records were
  // looked at.
  absl::StatusOr<int64_t> MakeResults() { return making_.CatchUp(); }
  // Pushes what is due, until nothing is. Returns how many orders were looked at.
  absl::StatusOr<int> RunDue();
  void Stop();

 private:
  const store::SuperiorStore store_;
  const api::SuperiorMaker maker_;
  api::SuperiorWatch watch_;
  api::SuperiorApi api_;
  // None without a carrier.
  std::optional<api::SuperiorSender> sender_;
  std::optional<journal::AlarmClock> pushing_;
  journal::Projector making_;
};

}  // namespace baimi::ticket

#endif  // BAIMI_SERVICES_TICKET_SUPERIOR_H_
