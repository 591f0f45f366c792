// Everything in one process: all services and the gateway. What a county runs on one small box, on
// SQLite files in one data directory and the memory cache.
#ifndef BAIMI_SERVICES_SUITE_SUITE_H_
#define BAIMI_SERVICES_SUITE_SUITE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/process/node.h"
#include "common/process/secrets.h"
#include "grpcpp/channel.h"
#include "services/suite/data_dir.h"
#include "services/ticket/ticket_service.h"

namespace baimi::suite {

struct SuiteOptions {
  // Of the doors, lanes and cache; the database of the keys is one of Databases.
  process::NodeOptions node = {.admin_port = 0};
  // Holiday notices; how often quiet watches show that they live, over gRPC and HTTP.
  ticket::HostOptions ticket = {};
  // 0 takes any free port; -1 leaves the door closed.
  int http_port = 8080;
  // Put around the ticket service's way to the registry. Null: nothing. Tests let it fail by this.
  std::function<std::unique_ptr<ticket::api::RegistryPeer>(
      std::unique_ptr<ticket::api::RegistryPeer>)>
      decorate_registry = nullptr;
};

// Brings all of them up to date.
absl::Status Migrate(const Databases& databases, const Clock& clock);

class Suite {
 public:
  // Migrates and opens the databases, starts the services, then the doors. `clock` and `rng`
  // outlive the suite.
  static absl::StatusOr<std::unique_ptr<Suite>> Start(const SuiteOptions& options,
                                                      const Databases& databases,
                                                      process::Secrets secrets, const Clock* clock,
                                                      Rng* rng);
  // Stops without grace.
  ~Suite();

  // 0 for a closed door.
  int http_port() const;
  int grpc_port() const;
  int admin_port() const;
  // The services, past no door. Calls need credentials all the same.
  std::shared_ptr<grpc::Channel> Channel();

  // Does what is due at this time on the clock, as the services do by themselves every
  // NodeOptions::alarm_poll. Returns how many rows were looked at.
  absl::StatusOr<int> RingAlarms();
  // Counts what the figures lag behind, as the ticket service does by itself every second or so.
  absl::StatusOr<int64_t> CountFigures();
  // The same for the search index.
  absl::StatusOr<int64_t> IndexSearch();
  // Makes the notices of what happened, likewise.
  absl::StatusOr<int64_t> MakeNotices();
  absl::StatusOr<int64_t> MakeSuperiorResults();

  // In order: not ready; watches and alarms end; new calls are refused with SERVER_DRAINING while
  // accepted ones finish, at most options.node.drain; doors, lanes and databases close. True when
  // nothing was cut.
  bool Stop();

 private:
  struct Impl;
  explicit Suite(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baimi::suite

#endif  // BAIMI_SERVICES_SUITE_SUITE_H_
