#include "common/rpc/server.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/base/status_macros.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/server_builder.h"

namespace baimi::rpc {

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      std::vector<Hosted> hosted) {
  auto server = std::unique_ptr<Server>(new Server());
  server->hosted_ = std::move(hosted);
  server->health_ = std::make_unique<HealthService>();

  grpc::EnableDefaultHealthCheckService(false);
  if (options.reflection) {
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  }
  grpc::ServerBuilder builder;
  if (!options.address.empty()) {
    builder.AddListeningPort(
        options.address,
        options.credentials ? options.credentials : grpc::InsecureServerCredentials(),
        &server->port_);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  }
  builder.SetMaxReceiveMessageSize(options.max_message);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_streams);
  const auto ms = [](absl::Duration d) { return static_cast<int>(absl::ToInt64Milliseconds(d)); };
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             ms(kLeastKeepalive));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, ms(options.keepalive));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, ms(options.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  auto local = std::make_shared<LocalMethods>();
  for (const Hosted& area : server->hosted_) {
    for (Service* service : area.services) {
      BAIMI_RETURN_IF_ERROR(service->Check());
      service->AddLocalMethods(local.get());
      builder.RegisterService(service);
      server->health_->Add(service->full_name());
    }
  }
  if (options.generic.service != nullptr) {
    server->generic_ = options.generic;
    builder.RegisterCallbackGenericService(options.generic.service);
    for (const std::string& name : options.generic.names) {
      server->health_->Add(name);
    }
  }
  server->local_ = std::move(local);
  builder.RegisterService(server->health_.get());
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || (!options.address.empty() && server->port_ == 0)) {
    return absl::UnavailableError(
        absl::StrCat("grpc address: got ", options.address, ", want one that is free"));
  }
  return server;
}

Server::~Server() { Drain(absl::ZeroDuration()); }

std::shared_ptr<grpc::Channel> Server::InProcessChannel() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return server_->InProcessChannel(arguments);
}

int64_t Server::refused() const {
  int64_t calls = generic_.refused ? generic_.refused() : 0;
  for (const Hosted& area : hosted_) {
    calls += area.runtime->in_flight().refused();
  }
  return calls;
}

void Server::AwaitQuiet(absl::Time until) const {
  constexpr absl::Duration kQuiet = absl::Milliseconds(200);
  const absl::Notification never;
  int64_t before = -1;
  for (int64_t now = refused(); now != before && absl::Now() < until; now = refused()) {
    before = now;
    never.WaitForNotificationWithTimeout(std::min(kQuiet, until - absl::Now()));
  }
}

bool Server::Drain(absl::Duration grace, const std::function<void()>& closing) {
  if (server_ == nullptr || drained_) {
    return true;
  }
  drained_ = true;
  health_->SetAll(false);
  const absl::Time until = absl::Now() + grace;
  bool whole = !generic_.drain || generic_.drain(until - absl::Now());
  for (const Hosted& area : hosted_) {
    area.runtime->in_flight().Drain();
    whole = area.runtime->in_flight().AwaitEmpty(until - absl::Now()) && whole;
  }
  if (closing) {
    closing();
  }
  AwaitQuiet(until);
  // Answers that are on their way out and watchers of health get a moment, which lasts only as long
  // as they need; what is then still open is cancelled.
  health_->Stop();
  const absl::Time now = absl::Now();
  server_->Shutdown(absl::ToChronoTime(
      std::max(now + absl::Milliseconds(100), std::min(until, now + absl::Seconds(2)))));
  server_->Wait();
  return whole;
}

}  // namespace baimi::rpc
