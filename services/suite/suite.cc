#include "services/suite/suite.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/sql/database.h"
#include "services/gateway/gateway.h"
#include "services/grid_registry/grid_registry.h"
#include "services/ticket/ticket_service.h"

namespace baimi::suite {
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

struct Suite::Impl {
  absl::Duration drain;
  // The node goes first, and ends the last calls of the gateway, which are made without a
  // connection that could be cut.
  std::unique_ptr<const transcode::Contract> contract;
  std::unique_ptr<gateway::Router> router;
  std::unique_ptr<gateway::Gateway> gateway;
  std::unique_ptr<process::Node> node;
  ticket::TicketService* ticket = nullptr;
  bool stopped = false;

  absl::Status StartServices(const SuiteOptions& options, const Databases& databases);
  absl::Status StartGateway(const SuiteOptions& options);
};

absl::Status Suite::Impl::StartServices(const SuiteOptions& options, const Databases& databases) {
  BAIMI_ASSIGN_OR_RETURN(sql::Database * tickets, node->OpenDatabase(databases.ticket));
  BAIMI_ASSIGN_OR_RETURN(sql::Database * registry, node->OpenDatabase(databases.registry));
  auto made = std::make_unique<LateRegistryPeer>();
  LateRegistryPeer* late = made.get();
  std::unique_ptr<ticket::api::RegistryPeer> peer = std::move(made);
  if (options.decorate_registry) {
    peer = options.decorate_registry(std::move(peer));
  }
  // Tickets first: its calls need the registry until the last of them is done.
  BAIMI_ASSIGN_OR_RETURN(
      ticket, ticket::TicketService::HostOn(*node, tickets, std::move(peer), options.ticket));
  BAIMI_RETURN_IF_ERROR(grid_registry::GridRegistry::HostOn(*node, registry));
  BAIMI_RETURN_IF_ERROR(node->Start());
  late->Connect({.channel = node->Channel(),
                 .bearer_token = node->service_token(),
                 .clock = node->clock(),
                 .local = node->local()});
  return absl::OkStatus();
}

absl::Status Suite::Impl::StartGateway(const SuiteOptions& options) {
  if (options.http_port < 0) {
    return absl::OkStatus();
  }
  contract = transcode::Contract::FromGenerated("baimi.");
  gateway::GatewayOptions gateway_options;
  gateway_options.http.address = options.node.address;
  gateway_options.http.port = options.http_port;
  gateway_options.metrics = &node->metrics();
  gateway_options.ready = [this] { return node->ready(); };
  gateway_options.heartbeat = options.ticket.watch_heartbeat;
  gateway_options.clock = node->clock();
  // There is no other replica that a call could be sent to.
  BAIMI_ASSIGN_OR_RETURN(
      router, gateway::Router::Create(*contract, {{"baimi.", node->Channel()}}, node->rng(),
                                      &node->metrics(), {.attempts = 1}, node->local()));
  BAIMI_ASSIGN_OR_RETURN(gateway,
                         gateway::Gateway::Start(gateway_options, *contract, router.get()));
  return absl::OkStatus();
}

absl::Status Migrate(const Databases& databases, const Clock& clock) {
  BAIMI_RETURN_IF_ERROR(process::MigrateKeys(databases.keys, clock));
  BAIMI_ASSIGN_OR_RETURN(const auto tickets, sql::Open(databases.ticket, {}));
  BAIMI_RETURN_IF_ERROR(ticket::TicketService::Migrate(*tickets, clock));
  BAIMI_ASSIGN_OR_RETURN(const auto registry, sql::Open(databases.registry, {}));
  return grid_registry::GridRegistry::Migrate(*registry, clock);
}

Suite::Suite(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Suite::~Suite() {
  impl_->drain = absl::ZeroDuration();
  Stop();
}

absl::StatusOr<std::unique_ptr<Suite>> Suite::Start(const SuiteOptions& options,
                                                    const Databases& databases,
                                                    process::Secrets secrets, const Clock* clock,
                                                    Rng* rng) {
  auto suite = std::unique_ptr<Suite>(new Suite(std::make_unique<Impl>()));
  Impl& impl = *suite->impl_;
  impl.drain = options.node.drain;
  process::NodeOptions node = options.node;
  node.keys_database = databases.keys;
  BAIMI_RETURN_IF_ERROR(Migrate(databases, *clock));
  BAIMI_ASSIGN_OR_RETURN(impl.node,
                         process::Node::Open(std::move(node), std::move(secrets), clock, rng));
  BAIMI_RETURN_IF_ERROR(impl.StartServices(options, databases));
  BAIMI_RETURN_IF_ERROR(impl.StartGateway(options));
  BAIMI_RETURN_IF_ERROR(impl.node->Begin());
  return suite;
}

int Suite::http_port() const { return impl_->gateway ? impl_->gateway->port() : 0; }
int Suite::grpc_port() const { return impl_->node->grpc_port(); }
int Suite::admin_port() const { return impl_->node->admin_port(); }
std::shared_ptr<grpc::Channel> Suite::Channel() { return impl_->node->Channel(); }

absl::StatusOr<int> Suite::RingAlarms() { return impl_->ticket->RingAlarms(); }
absl::StatusOr<int64_t> Suite::CountFigures() { return impl_->ticket->CountFigures(); }
absl::StatusOr<int64_t> Suite::IndexSearch() { return impl_->ticket->IndexSearch(); }

absl::StatusOr<int64_t> Suite::MakeNotices() { return impl_->ticket->MakeNotices(); }
absl::StatusOr<int64_t> Suite::MakeSuperiorResults() {
  return impl_->ticket->MakeSuperiorResults();
}

bool Suite::Stop() {
  Impl& impl = *impl_;
  if (std::exchange(impl.stopped, true) || !impl.node) {
    return true;
  }
  const bool whole = impl.node->Drain(impl.drain, [&impl] {
    if (impl.gateway) {
      impl.gateway->Refuse();
      // gRPC does not bear a call on the channel of a server of this process that is shut down.
      impl.router->EndStreams();
    }
  });
  if (impl.gateway) {
    impl.gateway->Shutdown(std::min(impl.drain, absl::Seconds(2)));
  }
  impl.node->Close();
  return whole;
}

}  // namespace baimi::suite
