// Exports as one object: where they are kept, the work on them, their gRPC service.
#ifndef BAIMI_SERVICES_TICKET_EXPORTS_H_
#define BAIMI_SERVICES_TICKET_EXPORTS_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/random.h"
#include "common/config/config.h"
#include "common/journal/alarm_clock.h"
#include "common/rpc/runtime.h"
#include "common/rpc/service.h"
#include "services/ticket/api/content.h"
#include "services/ticket/api/export_api.h"
#include "services/ticket/api/export_maker.h"
#include "services/ticket/api/export_pieces.h"
#include "services/ticket/store/export_store.h"

namespace baimi::ticket {

struct ExportsOptions {
  // Where the files are put; null (default): no export is begun. Must outlive the service.
  api::Content* content = nullptr;
  api::ExportMakerOptions maker = {};
};

// What a process that hosts the service may set.
struct ExportHost {
  // Where exports lie until they are fetched or their time is over (api/file_content.h); replicas
  // share it. Empty: there are none.
  std::string directory = {};
  // In its place, for tests. Must outlive the service.
  api::Content* content = nullptr;
  // As ExportMakerOptions.
  int page = 200;
};
// Setting: --exports.directory.
void DeclareExports(const config::Section& root, ExportHost* host);
// Fills `options`; `own` must outlive the service.
absl::Status OpenExports(const ExportHost& host, std::unique_ptr<api::Content>* own,
                         ExportsOptions* options);

// Thread-safe.
class Exports {
 public:
  // Makes the call that the service does a step in `county` by.
  using OwnCall = std::function<Call(const std::string& county)>;

  // All outlive it. Steps are taken as `alarms` says, but one by one.
  Exports(const api::Parts& parts, const store::SearchQuery* query, Rng* rng, OwnCall own_call,
          const ExportsOptions& options, const journal::AlarmClockOptions& alarms);

  void AddService(rpc::Runtime* runtime, std::vector<std::unique_ptr<rpc::Service>>* services);
  // Takes every step that is due, until none is. Returns how many.
  absl::StatusOr<int> RunDue();
  // The step under way is the last one; what is not done goes on with another replica, or after the
  // next start.
  void Stop();

 private:
  const store::ExportStore store_;
  std::optional<api::ExportPieces> pieces_;
  api::ExportApi api_;
  std::optional<api::ExportMaker> maker_;
  std::atomic<bool> stopped_{false};
  // None without content.
  std::optional<journal::AlarmClock> alarms_;
};

}  // namespace baimi::ticket

#endif  // BAIMI_SERVICES_TICKET_EXPORTS_H_
