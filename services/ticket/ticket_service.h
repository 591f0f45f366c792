// The ticket service as one object: what its own process and the suite both start.
#ifndef BAIMI_SERVICES_TICKET_TICKET_SERVICE_H_
#define BAIMI_SERVICES_TICKET_TICKET_SERVICE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/cache/cache.h"
#include "common/calendar/calendar.h"
#include "common/config/config.h"
#include "common/journal/alarm_clock.h"
#include "common/journal/change_index.h"
#include "common/journal/feed.h"
#include "common/journal/projector.h"
#include "common/journal/wake_hints.h"
#include "common/journal/writer.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/signer.h"
#include "common/privacy/vault.h"
#include "common/process/node.h"
#include "common/process/part.h"
#include "common/rate/counters.h"
#include "common/resource/page.h"
#include "common/rpc/runtime.h"
#include "common/rpc/service.h"
#include "common/sql/database.h"
#include "services/ticket/api/message_carrier.h"
#include "services/ticket/api/registry_peer.h"
#include "services/ticket/attachments.h"
#include "services/ticket/exports.h"
#include "services/ticket/superior.h"

namespace baimi::ticket {

struct TicketServiceOptions {
  // All required; must outlive the service. The database is migrated with Migrate below.
  sql::Database* database = nullptr;
  privacy::KeyRing* keys = nullptr;
  privacy::Vault* vault = nullptr;
  // In memory where there is one replica, else that of journal/shared_cache.h.
  cache::Cache* cache = nullptr;
  const Clock* clock = nullptr;
  Rng* rng = nullptr;
  // 32 bytes, the same for every replica.
  std::string page_token_key;
  // Limits who guesses at other people's orders; null (default): nobody. Must outlive the service.
  rate::Counters* counters = nullptr;
  // Signs receipts; null (default): none are given. Must outlive the service.
  const privacy::SigningKey* receipt_key = nullptr;
  // Takes text messages to callers; null (default): they wait. Must outlive the service.
  api::MessageCarrier* carrier = nullptr;
  ExportsOptions exports = {};
  // Where bytes of attachments are put; null (default): none are taken. Must outlive the service.
  api::Content* attachments = nullptr;
  SuperiorOptions superior = {};
  journal::WriterOptions writer = {};
  journal::AlarmClockOptions alarms = {};
  // How the figures and the heat follow the journal, the search index and the notices.
  journal::ProjectorOptions figures = {};
  journal::ProjectorOptions search = {};
  journal::ProjectorOptions notices = {};
  // Wakes the watchers of other replicas; null (default) where there are none. Must outlive the
  // service.
  journal::WakeHints* hints = nullptr;
  // Of a shared cache (journal/shared_cache.h), woken on commits and hints; null (default) with a
  // cache in memory. Must outlive the service.
  journal::ChangeIndex* changes = nullptr;
  // Policies may take effect, and with them calendar days, without a call: provisional deadlines
  // are looked at this often, by the machine's clock, and a second after that failed. Default:
  // 10 min.
  absl::Duration recompute_every = absl::Minutes(10);
  // A watch that has nothing to tell sends its cursor this often, by `clock`, so that both ends and
  // all between them know that it lives. Default: 15 s.
  absl::Duration watch_heartbeat = absl::Seconds(15);
};

// What a process that hosts the service may set.
struct HostOptions {
  // As LoadHolidays.
  std::string holidays = {};
  // As above.
  absl::Duration watch_heartbeat = absl::Seconds(15);
  // Where text messages to callers are written as files (api/file_carrier.h), for whoever sends
  // them on. Empty: they wait.
  std::string sms_directory = {};
  // In its place, for tests. Must outlive the service.
  api::MessageCarrier* carrier = nullptr;
  ExportHost exports = {};
  AttachmentHost attachments = {};
  SuperiorHost superior = {};
};
// Settings: --holidays, --watch.heartbeat, --sms.directory, and those of DeclareExports,
// DeclareAttachments and DeclareSuperior.
void DeclareHost(const config::Section& root, HostOptions* options);

class TicketService final : public process::Part {
 public:
  static absl::Status Migrate(sql::Database& database, const Clock& clock);

  // FAILED_PRECONDITION when the schema is not the one this build knows.
  static absl::StatusOr<std::unique_ptr<TicketService>> Create(
      const TicketServiceOptions& options, calendar::Calendar national,
      std::unique_ptr<api::RegistryPeer> registry);
  // The same on `node`, with what the node has. The service lives as long as the node.
  static absl::StatusOr<TicketService*> HostOn(process::Node& node, sql::Database* database,
                                               std::unique_ptr<api::RegistryPeer> registry,
                                               const HostOptions& host = {});
  ~TicketService() override;

  std::vector<std::unique_ptr<rpc::Service>> Services(rpc::Runtime* runtime) override;
  // Deadlines made before the holiday notice was known get their due time by the one loaded now;
  // after that the service looks when a policy is created and every `recompute_every`.
  absl::Status Begin() override;
  absl::Status Check() override;
  // Ends the watches, the alarms and the other work without a caller.
  void EndStreams() override;

  // Does what is due at this time on the service clock, as the alarm clock does by itself. Returns
  // how many orders and links it looked at, messages it sent, orders whose results it pushed, steps
  // of exports it took and blobs it destroyed.
  absl::StatusOr<int> RingAlarms();
  // Counts what the figures and the heat have not counted yet, as the service does by itself every
  // second or so.
  // Returns how many records.
  absl::StatusOr<int64_t> CountFigures();
  // The same for the search index.
  absl::StatusOr<int64_t> IndexSearch();
  // Makes the notices that the journal holds and nobody has made yet, as the service does by itself
  // every second or so. Returns how many records were looked at.
  absl::StatusOr<int64_t> MakeNotices();
  // The same for the results of superior platforms.
  absl::StatusOr<int64_t> MakeSuperiorResults();
  journal::Writer& writer();

 private:
  struct Impl;
  explicit TicketService(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baimi::ticket

#endif  // BAIMI_SERVICES_TICKET_TICKET_SERVICE_H_
