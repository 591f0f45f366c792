#include "common/process/node.h"

#include <atomic>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/cache/cache_metrics.h"
#include "common/cache/memory_cache.h"
#include "common/cache/verified.h"
#include "common/exec/lane_metrics.h"
#include "common/exec/ticker.h"
#include "common/journal/change_index.h"
#include "common/journal/redis_wake_hints.h"
#include "common/journal/shared_cache.h"
#include "common/observe/log.h"
#include "common/rate/counters.h"
#include "common/rate/redis_counters.h"
#include "common/rpc/admin.h"
#include "common/sql/migrate.h"

namespace baimi::process {
namespace {

constexpr absl::Duration kCheckEvery = absl::Seconds(1);
constexpr int kChecksToFail = 3;

// One service's share of the process.
struct Area {
  std::unique_ptr<Part> part;
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
struct Node::Impl {
  NodeOptions options;
  Secrets secrets;
  const Clock* clock;
  Rng* rng;
  observe::Registry metrics;
  std::unique_ptr<rate::Counters> counters;
  std::unique_ptr<sql::Database> key_database;
  std::unique_ptr<privacy::KeyRing> keys;
  std::unique_ptr<privacy::Vault> vault;
  std::vector<std::unique_ptr<sql::Database>> databases;
  std::vector<std::unique_ptr<journal::WakeHints>> hints;
  std::vector<journal::SharedCache> caches;
  std::vector<observe::CallbackHandle> exported;
  std::vector<std::unique_ptr<Area>> areas;
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<http::Server> admin;
  std::atomic<bool> ready{false};
  int failures = 0;
  bool drained = false;
  std::unique_ptr<exec::Ticker> checks;

  Impl(NodeOptions node_options, Secrets node_secrets, const Clock* node_clock, Rng* node_rng)
      : options(std::move(node_options)),
        secrets(std::move(node_secrets)),
        clock(node_clock),
        rng(node_rng) {}

  void SetReady(bool is_ready) {
    if (ready.exchange(is_ready) != is_ready) {
      server->health().SetAll(is_ready);
    }
  }
  absl::StatusOr<std::unique_ptr<sql::Database>> Open(const std::string& uri) const;
  void Check();
};

absl::StatusOr<std::unique_ptr<sql::Database>> Node::Impl::Open(const std::string& uri) const {
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<sql::Database> database, sql::Open(uri, {}));
  const auto& decorate = options.decorators.database;
  return decorate ? decorate(std::move(database)) : std::move(database);
}

void Node::Impl::Check() {
  absl::Status worst;
  for (const auto& area : areas) {
    worst.Update(area->part->Check());
  }
  failures = worst.ok() ? 0 : failures + 1;
  if (!worst.ok() && (failures == 1 || failures == kChecksToFail)) {
    observe::Log(observe::LogLevel::kWarning, "a check for readiness failed",
                 {{"in_a_row", failures}, {"status", worst}});
  }
  if (failures == 0 || failures >= kChecksToFail) {
    SetReady(failures == 0);
  }
}

namespace {

bool IsInMemory(const NodeOptions& options) { return options.cache == "memory:"; }

absl::StatusOr<std::unique_ptr<rate::Counters>> OpenCounters(const NodeOptions& options,
                                                             const Clock* clock) {
  if (IsInMemory(options)) {
    return rate::NewMemoryCounters(clock);
  }
  rate::RedisCountersOptions shared;
  shared.prefix = "baimi/rate/";
  shared.clock = clock;
  shared.connection = options.redis;
  return rate::OpenRedisCounters(options.cache, shared);
}

}  // namespace

absl::Status MigrateKeys(const std::string& keys_database, const Clock& clock) {
  BAIMI_ASSIGN_OR_RETURN(const auto database, sql::Open(keys_database, {}));
  return sql::Migrate(*database, "privacy", privacy::KeyRingMigrations(), clock);
}

Node::Node(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Node::~Node() {
  Drain(absl::ZeroDuration());
  Close();
}

absl::StatusOr<std::unique_ptr<Node>> Node::Open(NodeOptions options, Secrets secrets,
                                                 const Clock* clock, Rng* rng) {
  auto node = std::unique_ptr<Node>(
      new Node(std::make_unique<Impl>(std::move(options), std::move(secrets), clock, rng)));
  Impl& impl = *node->impl_;
  BAIMI_ASSIGN_OR_RETURN(impl.counters, OpenCounters(impl.options, clock));
  BAIMI_ASSIGN_OR_RETURN(impl.key_database, impl.Open(impl.options.keys_database));
  BAIMI_RETURN_IF_ERROR(
      sql::CheckSchema(*impl.key_database, "privacy", privacy::KeyRingMigrations()));
  BAIMI_ASSIGN_OR_RETURN(impl.keys, privacy::KeyRing::Open(impl.key_database.get(),
                                                           impl.secrets.masters, clock, rng, {}));
  impl.vault = std::make_unique<privacy::Vault>(impl.keys.get(), rng);
  return node;
}

const NodeOptions& Node::options() const { return impl_->options; }
const Clock* Node::clock() const { return impl_->clock; }
Rng* Node::rng() const { return impl_->rng; }
privacy::KeyRing* Node::keys() { return impl_->keys.get(); }
privacy::Vault* Node::vault() { return impl_->vault.get(); }
observe::Registry& Node::metrics() { return impl_->metrics; }
const std::string& Node::page_token_key() const { return impl_->secrets.page_token_key; }
const std::string& Node::service_token() const { return impl_->secrets.service_token; }
const privacy::SigningKey* Node::receipt_key() const {
  return impl_->secrets.receipt_key ? &*impl_->secrets.receipt_key : nullptr;
}
rate::Counters* Node::counters() { return impl_->counters.get(); }

absl::StatusOr<sql::Database*> Node::OpenDatabase(const std::string& uri) {
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<sql::Database> database, impl_->Open(uri));
  impl_->databases.push_back(std::move(database));
  return impl_->databases.back().get();
}

absl::StatusOr<SharedParts> Node::OpenCache(absl::string_view service, absl::string_view kind,
                                            sql::Database* database) {
  const NodeOptions& options = impl_->options;
  SharedParts parts;
  journal::SharedCache opened;
  if (IsInMemory(options)) {
    cache::MemoryCacheOptions memory;
    memory.budget = static_cast<size_t>(options.cache_bytes);
    memory.clock = impl_->clock;
    opened.cache = cache::NewMemoryCache(memory);
    if (options.decorators.cache) {
      opened.cache = options.decorators.cache(std::move(opened.cache));
    }
    if (database->dialect() == sql::Dialect::kPostgres) {
      // There may be another replica: what it changes is seen in the journal.
      opened.changes = journal::ChangeIndex::Create(database, impl_->clock, {});
      opened.cache = cache::NewVerifiedCache(std::move(opened.cache), opened.changes.get());
    }
  } else {
    // What other services and other databases put there must not be met.
    BAIMI_ASSIGN_OR_RETURN(const std::string incarnation, sql::IncarnationOf(*database));
    const std::string prefix = absl::StrCat("baimi/", incarnation, "/", service, "/");
    journal::SharedCacheOptions shared;
    shared.redis.prefix = absl::StrCat(prefix, kind, "/");
    shared.redis.clock = impl_->clock;
    shared.redis.connection = options.redis;
    shared.decorate = options.decorators.cache;
    BAIMI_ASSIGN_OR_RETURN(opened, journal::OpenSharedCache(options.cache, database, shared));
    journal::RedisWakeHintsOptions wake;
    wake.channel = absl::StrCat(prefix, "wake");
    wake.clock = impl_->clock;
    wake.connection = options.redis;
    wake.rng = impl_->rng;
    wake.connection.clock = impl_->clock;
    BAIMI_ASSIGN_OR_RETURN(auto hints, journal::OpenRedisWakeHints(options.cache, wake));
    parts.hints = impl_->hints.emplace_back(std::move(hints)).get();
  }
  journal::SharedCache& kept = impl_->caches.emplace_back(std::move(opened));
  parts.cache = kept.cache.get();
  parts.changes = kept.changes.get();
  for (observe::CallbackHandle& handle :
       cache::ExportCache(impl_->metrics, *parts.cache, service, kind)) {
    impl_->exported.push_back(std::move(handle));
  }
  return parts;
}

absl::Status Node::Host(absl::string_view name, std::unique_ptr<Part> part) {
  Area& area = *impl_->areas.emplace_back(std::make_unique<Area>());
  area.part = std::move(part);
  exec::LanesOptions lanes = impl_->options.lanes;
  lanes.clock = impl_->clock;
  area.lane_metrics = std::make_unique<exec::LaneMetrics>(impl_->metrics, name);
  lanes.on_wait = area.lane_metrics->WaitHook();
  area.lanes = std::make_unique<exec::Lanes>(lanes);
  area.lane_metrics->Watch(*area.lanes);
  rpc::RuntimeOptions runtime;
  runtime.clock = impl_->clock;
  runtime.rng = impl_->rng;
  runtime.authenticator = impl_->secrets.authenticator.get();
  runtime.lanes = area.lanes.get();
  runtime.metrics = &impl_->metrics;
  runtime.log_every_call = impl_->options.log_every_call;
  runtime.counters = impl_->counters.get();
  runtime.quota = impl_->options.quota;
  BAIMI_ASSIGN_OR_RETURN(area.runtime, rpc::Runtime::Create(runtime));
  area.services = area.part->Services(area.runtime.get());
  return absl::OkStatus();
}

absl::Status Node::Start() {
  Impl& impl = *impl_;
  rpc::ServerOptions server;
  if (impl.options.grpc_port >= 0) {
    server.address = absl::StrCat(impl.options.address, ":", impl.options.grpc_port);
  }
  std::vector<rpc::Hosted> hosted;
  rpc::AdminOptions admin;
  for (const auto& area : impl.areas) {
    hosted.push_back(area->hosted());
    admin.runtimes.push_back(area->runtime.get());
  }
  BAIMI_ASSIGN_OR_RETURN(impl.server, rpc::Server::Start(server, std::move(hosted)));
  if (impl.options.admin_port >= 0) {
    admin.http.address = impl.options.address;
    admin.http.port = impl.options.admin_port;
    admin.metrics = &impl.metrics;
    admin.ready = [&impl] { return impl.ready.load(); };
    BAIMI_ASSIGN_OR_RETURN(impl.admin, rpc::StartAdmin(admin));
  }
  return absl::OkStatus();
}

absl::Status Node::Begin() {
  for (const auto& area : impl_->areas) {
    BAIMI_RETURN_IF_ERROR(area->part->Begin());
  }
  impl_->SetReady(true);
  impl_->checks = std::make_unique<exec::Ticker>(kCheckEvery, [this] { impl_->Check(); });
  return absl::OkStatus();
}

int Node::grpc_port() const { return impl_->server ? impl_->server->port() : 0; }
int Node::admin_port() const { return impl_->admin ? impl_->admin->port() : 0; }
std::shared_ptr<grpc::Channel> Node::Channel() { return impl_->server->InProcessChannel(); }
std::shared_ptr<const rpc::LocalMethods> Node::local() const { return impl_->server->local(); }
bool Node::ready() const { return impl_->ready.load(); }

bool Node::Drain(absl::Duration grace, const std::function<void()>& closing) {
  Impl& impl = *impl_;
  if (std::exchange(impl.drained, true)) {
    return true;
  }
  impl.checks.reset();
  bool whole = true;
  if (impl.server) {
    impl.SetReady(false);
    for (const auto& area : impl.areas) {
      area->part->EndStreams();
    }
    whole = impl.server->Drain(grace, closing);
  }
  for (const auto& area : impl.areas) {
    if (area->lanes) {
      area->lanes->Stop(exec::StopMode::kDrop);
    }
  }
  return whole;
}

void Node::Close() {
  if (impl_->admin) {
    impl_->admin->Shutdown(absl::ZeroDuration());
  }
}

}  // namespace baimi::process
