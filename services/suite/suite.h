// Everything in one process: all services, the gateway, SQLite files in one data directory, the
// memory cache. What a county runs on one small box.
#ifndef BAIMI_SERVICES_SUITE_SUITE_H_
#define BAIMI_SERVICES_SUITE_SUITE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/exec/lanes.h"
#include "grpcpp/channel.h"
#include "services/suite/data_dir.h"

namespace baimi::suite {

inline exec::LanesOptions DefaultLanes() {
  exec::LanesOptions lanes;
  lanes.interactive.threads = 16;
  return lanes;
}

struct SuiteOptions {
  // Addresses that the doors listen on.
  std::string address = "127.0.0.1";
  // 0 takes any free port; -1 leaves the door closed.
  int http_port = 8080;
  int grpc_port = 9090;
  int admin_port = 0;
  // How long accepted calls may take when the suite is told to stop.
  absl::Duration drain = absl::Seconds(20);
  // Of each service. A lane's threads wait for peers, so there are more of them than cores.
  // Default: 16 interactive ones.
  exec::LanesOptions lanes = DefaultLanes();
  bool log_every_call = false;
  // How often the services look for what is due, in real time. Infinite: only RingAlarms does.
  absl::Duration alarm_poll = absl::Seconds(1);
  // Memory of the cache, bytes.
  int64_t cache_bytes = int64_t{64} << 20;
};

class Suite {
 public:
  // Opens and migrates the databases of `data`, starts the services, then the doors. `data`,
  // `clock` and `rng` outlive the suite.
  static absl::StatusOr<std::unique_ptr<Suite>> Start(const SuiteOptions& options,
                                                      const DataDir& data, const Clock* clock,
                                                      Rng* rng);
  // Stops without grace.
  ~Suite();

  // 0 for a closed door.
  int http_port() const;
  int grpc_port() const;
  int admin_port() const;
  // The services, past no door. Calls need credentials all the same.
  std::shared_ptr<grpc::Channel> Channel();

  // Does what is due at this time on the clock, as the services do by themselves every alarm_poll.
  // Returns how many rows were looked at.
  absl::StatusOr<int> RingAlarms();

  // In order: not ready; watches and alarms end; new calls are refused with SERVER_DRAINING while
  // accepted ones finish, at most options.drain; doors, lanes and databases close. True when
  // nothing was cut.
  bool Stop();

 private:
  struct Impl;
  explicit Suite(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baimi::suite

#endif  // BAIMI_SERVICES_SUITE_SUITE_H_
