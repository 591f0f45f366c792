#include "services/suite/suite.h"

#include <atomic>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/authenticator.h"
#include "common/base/status_macros.h"
#include "common/cache/cache_metrics.h"
#include "common/cache/memory_cache.h"
#include "common/calendar/calendar.h"
#include "common/exec/lane_metrics.h"
#include "common/observe/log.h"
#include "common/observe/metrics.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "common/rpc/admin.h"
#include "common/rpc/server.h"
#include "common/sql/database.h"
#include "common/sql/migrate.h"
#include "services/gateway/gateway.h"
#include "services/grid_registry/grid_registry.h"
#include "services/suite/holidays.h"
#include "services/ticket/ticket_service.h"

namespace baimi::suite {
namespace {

// One service's share of the process.
struct Area {
  std::unique_ptr<exec::Lanes> lanes;
  std::unique_ptr<exec::LaneMetrics> lane_metrics;
  std::unique_ptr<rpc::Runtime> runtime;
  std::vector<std::unique_ptr<rpc::Service>> services;

  rpc::Hosted hosted() const {
    rpc::Hosted hosted{.runtime = runtime.get()};
    for (const auto& service : services) {
      hosted.services.push_back(service.get());
    }
    return hosted;
  }
};

}  // namespace

// Declared in the order of construction; destroyed in reverse.
struct Suite::Impl {
  SuiteOptions options;
  const Clock* clock = nullptr;
  Rng* rng = nullptr;
  observe::Registry metrics;
  std::unique_ptr<auth::Authenticator> authenticator;
  std::unique_ptr<sql::Database> key_database;
  std::unique_ptr<sql::Database> registry_database;
  std::unique_ptr<sql::Database> ticket_database;
  std::unique_ptr<privacy::KeyRing> keys;
  std::unique_ptr<privacy::Vault> vault;
  std::unique_ptr<cache::Cache> cache;
  std::vector<observe::CallbackHandle> exported;
  std::unique_ptr<grid_registry::GridRegistry> registry;
  std::unique_ptr<ticket::TicketService> ticket;
  Area registry_area;
  Area ticket_area;
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<const transcode::Contract> contract;
  std::unique_ptr<gateway::Gateway> gateway;
  std::unique_ptr<http::Server> admin;
  std::atomic<bool> ready{false};
  bool stopped = false;

  absl::Status OpenDatabases(const DataDir& data);
  absl::Status StartServices(const DataDir& data);
  absl::Status OpenDoors();
  absl::StatusOr<Area> MakeArea(absl::string_view service);
};

namespace {

// The registry through a channel that exists only after the server was started.
class LateRegistryPeer final : public ticket::api::RegistryPeer {
 public:
  void Connect(rpc::Peer peer) { peer_ = ticket::api::NewRegistryPeer(std::move(peer)); }
  absl::StatusOr<ticket::v1::Place> Locate(const Call& call,
                                           const ticket::v1::Place& place) override {
    return peer_->Locate(call, place);
  }
  absl::StatusOr<registry::v1::ResolveUnitsResponse> ResolveUnits(
      const Call& call, const std::vector<std::string>& names, absl::string_view area) override {
    return peer_->ResolveUnits(call, names, area);
  }

 private:
  std::unique_ptr<ticket::api::RegistryPeer> peer_;
};

}  // namespace

absl::Status Suite::Impl::OpenDatabases(const DataDir& data) {
  BAIMI_ASSIGN_OR_RETURN(key_database, sql::Open(data.DatabaseUri("data-keys"), {}));
  BAIMI_ASSIGN_OR_RETURN(registry_database, sql::Open(data.DatabaseUri("registry"), {}));
  BAIMI_ASSIGN_OR_RETURN(ticket_database, sql::Open(data.DatabaseUri("ticket"), {}));
  BAIMI_RETURN_IF_ERROR(
      sql::Migrate(*key_database, "privacy", privacy::KeyRingMigrations(), *clock));
  BAIMI_RETURN_IF_ERROR(grid_registry::GridRegistry::Migrate(*registry_database, *clock));
  BAIMI_RETURN_IF_ERROR(ticket::TicketService::Migrate(*ticket_database, *clock));
  BAIMI_ASSIGN_OR_RETURN(privacy::MasterKeys masters,
                         privacy::MasterKeys::Load(data.File("master.key")));
  BAIMI_ASSIGN_OR_RETURN(
      keys, privacy::KeyRing::Open(key_database.get(), std::move(masters), clock, rng, {}));
  vault = std::make_unique<privacy::Vault>(keys.get(), rng);
  return absl::OkStatus();
}

absl::StatusOr<Area> Suite::Impl::MakeArea(absl::string_view service) {
  Area area;
  exec::LanesOptions lanes = options.lanes;
  lanes.clock = clock;
  area.lane_metrics = std::make_unique<exec::LaneMetrics>(metrics, service);
  lanes.on_wait = area.lane_metrics->WaitHook();
  area.lanes = std::make_unique<exec::Lanes>(lanes);
  area.lane_metrics->Watch(*area.lanes);
  rpc::RuntimeOptions runtime;
  runtime.clock = clock;
  runtime.rng = rng;
  runtime.authenticator = authenticator.get();
  runtime.lanes = area.lanes.get();
  runtime.metrics = &metrics;
  runtime.log_every_call = options.log_every_call;
  BAIMI_ASSIGN_OR_RETURN(area.runtime, rpc::Runtime::Create(runtime));
  return area;
}

absl::Status Suite::Impl::StartServices(const DataDir& data) {
  BAIMI_ASSIGN_OR_RETURN(authenticator,
                         auth::Authenticator::Load(data.File("api-keys.json"), clock));
  cache::MemoryCacheOptions cache_options;
  cache_options.budget = static_cast<size_t>(options.cache_bytes);
  cache_options.clock = clock;
  cache = cache::NewMemoryCache(cache_options);
  exported = cache::ExportCache(metrics, *cache, "ticket", "tickets");

  grid_registry::Options registry_options;
  registry_options.database = registry_database.get();
  registry_options.vault = vault.get();
  registry_options.clock = clock;
  registry_options.rng = rng;
  registry_options.page_token_key = data.page_token_key();
  BAIMI_ASSIGN_OR_RETURN(registry, grid_registry::GridRegistry::Create(registry_options));

  BAIMI_ASSIGN_OR_RETURN(calendar::Calendar national, calendar::Calendar::FromJson(kHolidaysJson));
  ticket::TicketServiceOptions ticket_options;
  ticket_options.database = ticket_database.get();
  ticket_options.keys = keys.get();
  ticket_options.vault = vault.get();
  ticket_options.cache = cache.get();
  ticket_options.clock = clock;
  ticket_options.rng = rng;
  ticket_options.page_token_key = data.page_token_key();
  ticket_options.alarms.poll = options.alarm_poll;
  auto peer = std::make_unique<LateRegistryPeer>();
  LateRegistryPeer* late = peer.get();
  BAIMI_ASSIGN_OR_RETURN(
      ticket, ticket::TicketService::Create(ticket_options, std::move(national), std::move(peer)));

  BAIMI_ASSIGN_OR_RETURN(registry_area, MakeArea("grid_registry"));
  registry_area.services = registry->Services(registry_area.runtime.get());
  BAIMI_ASSIGN_OR_RETURN(ticket_area, MakeArea("ticket"));
  ticket_area.services = ticket->Services(ticket_area.runtime.get());

  rpc::ServerOptions server_options;
  if (options.grpc_port >= 0) {
    server_options.address = absl::StrCat(options.address, ":", options.grpc_port);
  }
  // Tickets first: its calls need the registry until the last of them is done.
  BAIMI_ASSIGN_OR_RETURN(
      server, rpc::Server::Start(server_options, {ticket_area.hosted(), registry_area.hosted()}));
  late->Connect({server->InProcessChannel(), data.service_token(), clock});
  BAIMI_ASSIGN_OR_RETURN(const int recomputed, ticket->RecomputeProvisionalDeadlines());
  if (recomputed > 0) {
    observe::Log(observe::LogLevel::kInfo, "deadlines computed anew by the loaded calendar",
                 {{"orders", recomputed}});
  }
  return absl::OkStatus();
}

absl::Status Suite::Impl::OpenDoors() {
  const auto is_ready = [this] { return ready.load(); };
  if (options.admin_port >= 0) {
    rpc::AdminOptions admin_options;
    admin_options.http.address = options.address;
    admin_options.http.port = options.admin_port;
    admin_options.metrics = &metrics;
    admin_options.runtimes = {ticket_area.runtime.get(), registry_area.runtime.get()};
    admin_options.ready = is_ready;
    BAIMI_ASSIGN_OR_RETURN(admin, rpc::StartAdmin(admin_options));
  }
  if (options.http_port >= 0) {
    contract = transcode::Contract::FromGenerated("baimi.");
    gateway::GatewayOptions gateway_options;
    gateway_options.http.address = options.address;
    gateway_options.http.port = options.http_port;
    gateway_options.metrics = &metrics;
    gateway_options.ready = is_ready;
    BAIMI_ASSIGN_OR_RETURN(gateway,
                           gateway::Gateway::Start(gateway_options, *contract,
                                                   {{"baimi.", server->InProcessChannel()}}));
  }
  server->health().SetAll(true);
  ready = true;
  return absl::OkStatus();
}

Suite::Suite(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Suite::~Suite() {
  impl_->options.drain = absl::ZeroDuration();
  Stop();
}

absl::StatusOr<std::unique_ptr<Suite>> Suite::Start(const SuiteOptions& options,
                                                    const DataDir& data, const Clock* clock,
                                                    Rng* rng) {
  auto suite = std::unique_ptr<Suite>(new Suite(std::make_unique<Impl>()));
  Impl& impl = *suite->impl_;
  impl.options = options;
  impl.clock = clock;
  impl.rng = rng;
  BAIMI_RETURN_IF_ERROR(impl.OpenDatabases(data));
  BAIMI_RETURN_IF_ERROR(impl.StartServices(data));
  BAIMI_RETURN_IF_ERROR(impl.OpenDoors());
  return suite;
}

int Suite::http_port() const { return impl_->gateway ? impl_->gateway->port() : 0; }
int Suite::grpc_port() const { return impl_->server ? impl_->server->port() : 0; }
int Suite::admin_port() const { return impl_->admin ? impl_->admin->port() : 0; }
std::shared_ptr<grpc::Channel> Suite::Channel() { return impl_->server->InProcessChannel(); }

absl::StatusOr<int> Suite::RingAlarms() { return impl_->ticket->RingAlarms(); }

bool Suite::Stop() {
  Impl& impl = *impl_;
  if (impl.stopped) {
    return true;
  }
  impl.stopped = true;
  impl.ready = false;
  if (impl.ticket) {
    impl.ticket->StopFeed();
  }
  bool whole = true;
  if (impl.server) {
    whole = impl.server->Drain(impl.options.drain);
  }
  if (impl.gateway) {
    impl.gateway->Shutdown(std::min(impl.options.drain, absl::Seconds(2)));
  }
  for (Area* area : {&impl.ticket_area, &impl.registry_area}) {
    if (area->lanes) {
      area->lanes->Stop(exec::StopMode::kDrop);
    }
  }
  if (impl.admin) {
    impl.admin->Shutdown(absl::ZeroDuration());
  }
  return whole;
}

}  // namespace baimi::suite
