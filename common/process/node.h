// What every process that hosts services has, one service or all of them: keys, cache, metrics,
// lanes, the gRPC door, the admin port, readiness, and the order in which all of it ends.
#ifndef BAIMI_COMMON_PROCESS_NODE_H_
#define BAIMI_COMMON_PROCESS_NODE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/cache/cache.h"
#include "common/exec/lanes.h"
#include "common/journal/change_index.h"
#include "common/journal/wake_hints.h"
#include "common/observe/metrics.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/signer.h"
#include "common/privacy/vault.h"
#include "common/process/part.h"
#include "common/process/secrets.h"
#include "common/rate/counters.h"
#include "common/redis/options.h"
#include "common/rpc/quota.h"
#include "common/rpc/server.h"
#include "common/sql/database.h"

namespace baimi::process {

// A lane's threads wait for peers, so there are more of them than cores.
inline exec::LanesOptions DefaultLanes() {
  exec::LanesOptions lanes;
  lanes.interactive.threads = 16;
  return lanes;
}

// What is put around the parts that a node opens, as they are opened. Null: nothing. Tests let the
// parts fail by it.
struct Decorators {
  // Around every database, that of the keys included.
  std::function<std::unique_ptr<sql::Database>(std::unique_ptr<sql::Database>)> database = nullptr;
  // Around the back end of every cache, memory or Redis; what makes a Redis safe to share
  // (journal/shared_cache.h) stands outside of it.
  std::function<std::unique_ptr<cache::Cache>(std::unique_ptr<cache::Cache>)> cache = nullptr;
};

struct NodeOptions {
  // Address that the doors listen on.
  std::string address = "127.0.0.1";
  // 0 takes any free port; -1 leaves the door closed.
  int grpc_port = 9090;
  int admin_port = 8081;
  // How long accepted calls may take when the process is told to stop.
  absl::Duration drain = absl::Seconds(20);
  // Of each service. Default: 16 interactive threads.
  exec::LanesOptions lanes = DefaultLanes();
  bool log_every_call = false;
  // How often services look for what is due, in real time. Infinite: only when they are told to.
  absl::Duration alarm_poll = absl::Seconds(1);
  // The database of the data keys. Required.
  std::string keys_database = {};
  // "memory:", a cache of the process's own, or "redis://...", one that replicas share.
  std::string cache = "memory:";
  // Memory of the former, bytes.
  int64_t cache_bytes = int64_t{64} << 20;
  // How a Redis is reached: time limits, user, password file. Its clock is set by Open.
  redis::Options redis = {};
  // Calls that a key may make, over all services that the process hosts, and over all processes on
  // the same Redis.
  rpc::QuotaLimits quota = {};
  Decorators decorators = {};
};

// What a service needs to have other replicas; they live as long as the node.
struct SharedParts {
  cache::Cache* cache = nullptr;
  // Null with a cache in memory.
  journal::WakeHints* hints = nullptr;
  journal::ChangeIndex* changes = nullptr;
};

// Brings the key database up to date; several processes may do it at once.
absl::Status MigrateKeys(const std::string& keys_database, const Clock& clock);

// Use: Open, OpenDatabase and OpenCache as the services need, Host each, Start, Begin, Stop. Not
// thread-safe but for ready() and metrics().
class Node {
 public:
  // `clock` and `rng` outlive the node. FAILED_PRECONDITION when the key database has not the
  // schema that this build knows.
  static absl::StatusOr<std::unique_ptr<Node>> Open(NodeOptions options, Secrets secrets,
                                                    const Clock* clock, Rng* rng);
  // Stops without grace.
  ~Node();

  const NodeOptions& options() const;
  const Clock* clock() const;
  Rng* rng() const;
  privacy::KeyRing* keys();
  privacy::Vault* vault();
  observe::Registry& metrics();
  const std::string& page_token_key() const;
  const std::string& service_token() const;
  // Null without a key file.
  const privacy::SigningKey* receipt_key() const;
  // The counters that limit calls, for limits of a service's own. Shared by all replicas where the
  // cache is.
  rate::Counters* counters();
  // Lives as long as the node.
  absl::StatusOr<sql::Database*> OpenDatabase(const std::string& uri);
  // The cache's figures are exported for `service` and `kind`. `database`, which is migrated, holds
  // the service's journal.
  absl::StatusOr<SharedParts> OpenCache(absl::string_view service, absl::string_view kind,
                                        sql::Database* database);

  // `name` labels lanes. Those that call others in this process stand before them: they are drained
  // in this order.
  absl::Status Host(absl::string_view name, std::unique_ptr<Part> part);

  // Opens the doors. The process is not ready yet. UNAVAILABLE when an address is taken.
  absl::Status Start();
  // Begins every part, then is ready for as long as their checks pass: one in a second, three
  // failures in a row make it not ready, one success ready again.
  absl::Status Begin();

  // 0 for a closed door.
  int grpc_port() const;
  int admin_port() const;
  // The services, past no door. Calls need credentials all the same. After Start.
  std::shared_ptr<grpc::Channel> Channel();
  // Their unary methods, for peers in this process.
  std::shared_ptr<const rpc::LocalMethods> local() const;
  // False before Begin, while checks fail, and while it stops.
  bool ready() const;

  // In this order: not ready; streams end; new calls are refused with SERVER_DRAINING while
  // accepted ones finish, at most `grace`; `closing` runs, so that doors in front send no more; the
  // gRPC door and the lanes close. The admin port stays open until Close, for whoever asks how it
  // goes. True when nothing was cut.
  bool Drain(absl::Duration grace, const std::function<void()>& closing = nullptr);
  void Close();

 private:
  struct Impl;
  explicit Node(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baimi::process

#endif  // BAIMI_COMMON_PROCESS_NODE_H_
