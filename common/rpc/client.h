// Channels to other processes.
#ifndef BAIMI_COMMON_RPC_CLIENT_H_
#define BAIMI_COMMON_RPC_CLIENT_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/security/credentials.h"

namespace baimi::rpc {

struct ChannelOptions {
  // Null: plaintext, for loopback and private networks.
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  // A connection with calls on it that has been silent for so long is asked whether it is alive,
  // and given up when no answer comes: a host that vanished costs a call no more than both. The
  // former must not be below what servers allow (10 s), or servers close the connection. Default:
  // 20 s, 5 s.
  absl::Duration keepalive = absl::Seconds(20);
  absl::Duration keepalive_timeout = absl::Seconds(5);
  // Waits between attempts to connect to one address, doubled from the first to the last. Default:
  // 100 ms, 2 s.
  absl::Duration reconnect = absl::Milliseconds(100);
  absl::Duration max_reconnect = absl::Seconds(2);
  // A name is looked up again when a connection is lost, no more often than this. Default: 1 s.
  absl::Duration resolve_again = absl::Seconds(1);
  // Watch each server's health and call only those that are SERVING, so that a replica gets no more
  // calls from the moment it says that it goes away. Default: true.
  bool watch_health = true;
};

// `target`: a name of gRPC ("dns:///ticket:9090", "unix:/path") or addresses
// ("ipv4:127.0.0.1:9090,127.0.0.1:9091"). Calls go round all addresses that serve; with none they
// fail at once with UNAVAILABLE. Connects when it is first used, and again by itself. Repeating
// calls is up to the caller: see retry.h.
std::shared_ptr<grpc::Channel> Connect(const std::string& target,
                                       const ChannelOptions& options = {});

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_CLIENT_H_
