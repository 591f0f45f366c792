// A gRPC server around services: health, reflection, limits, an in-process door, graceful drain.
#ifndef BAIMI_COMMON_RPC_SERVER_H_
#define BAIMI_COMMON_RPC_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/health.h"
#include "common/rpc/runtime.h"
#include "common/rpc/service.h"
#include "grpcpp/channel.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"

namespace baimi::rpc {

// Clients may ask whether a connection is alive as often as this, and no more often.
inline constexpr absl::Duration kLeastKeepalive = absl::Seconds(10);

// Takes every method that no hosted service has. `service`, `drain` and `refused` are needed.
struct Generic {
  grpc::CallbackGenericService* service = nullptr;
  // Refuses new calls, ends streams, and waits at most so long for the calls under way; true when
  // none is left.
  std::function<bool(absl::Duration)> drain = {};
  // Calls refused since then.
  std::function<int64_t()> refused = {};
  // Known to the health service.
  std::vector<std::string> names = {};
};

struct ServerOptions {
  // "127.0.0.1:9090"; port 0 takes any free one. Empty: no door but the in-process one.
  std::string address;
  // Null: plaintext, for loopback and private networks.
  std::shared_ptr<grpc::ServerCredentials> credentials;
  // Largest message received, bytes.
  int max_message = 4 << 20;
  // Calls that one connection may have open, streams included. What is behind a gateway has all of
  // its calls on one connection. Default: 10,000.
  int max_streams = 10'000;
  bool reflection = true;
  Generic generic = {};
  // A connection whose client has been silent for so long is asked whether it is alive. Default:
  // 60 s, with 20 s for the answer.
  absl::Duration keepalive = absl::Seconds(60);
  absl::Duration keepalive_timeout = absl::Seconds(20);
};

// A service area with its own lanes and drain gate.
struct Hosted {
  Runtime* runtime = nullptr;
  std::vector<Service*> services = {};
};

class Server {
 public:
  // What is hosted outlives the server; those that call others in this process stand before them,
  // since they are drained in this order. FAILED_PRECONDITION when a method of a contract has no
  // handler; UNAVAILABLE when the address is taken.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       std::vector<Hosted> hosted);
  // Drains without grace.
  ~Server();

  // 0 without a door.
  int port() const { return port_; }
  // Calls through it pass the same pipeline.
  std::shared_ptr<grpc::Channel> InProcessChannel();
  // The unary methods of everything hosted, without a connection; as long as what is hosted lives.
  std::shared_ptr<const LocalMethods> local() const { return local_; }
  HealthService& health() { return *health_; }

  // In this order: health NOT_SERVING; the generic service is drained; for each hosted area new
  // calls are refused with SERVER_DRAINING and those under way are waited for; `closing` runs, so
  // that doors in front send no more; new calls are told so until none has come for 200 ms, since
  // one that reaches a server in the moment it shuts down gets a bare CANCELLED; all together at
  // most `grace`; the server is shut down; lanes are not touched. Streams must have been ended by
  // their owners. Returns true when nothing had to be cut.
  bool Drain(absl::Duration grace, const std::function<void()>& closing = nullptr);

 private:
  Server() = default;

  int64_t refused() const;
  // Until no call was refused for a moment, or `until`.
  void AwaitQuiet(absl::Time until) const;

  std::vector<Hosted> hosted_;
  Generic generic_;
  std::shared_ptr<const LocalMethods> local_;
  std::unique_ptr<HealthService> health_;
  int port_ = 0;
  bool drained_ = false;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_SERVER_H_
