// The services under measurement, in one of their forms, with the sample county in them.
#ifndef BAIMI_TESTS_BENCH_SITE_H_
#define BAIMI_TESTS_BENCH_SITE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "baimi/ticket/v1/ticket_service.pb.h"
#include "common/http/testing/client.h"
#include "grpcpp/channel.h"
#include "tests/bench/child.h"
#include "tests/bench/servers.h"

namespace baimi::bench {

inline constexpr char kCountyCode[] = "469030";
inline constexpr char kCounty[] = "counties/469030";
inline constexpr char kCreateTicket[] = "/baimi.ticket.v1.TicketService/CreateTicket";
// Where the bench's orders go by the sample's catalogue.
inline constexpr char kLead[] = "counties/469030/units/zhujianju";

// What a hotline files: without a name and a place in the grid.
ticket::v1::Ticket SampleOrder();

// URIs of empty databases.
struct Databases {
  std::string ticket;
  std::string registry;
  std::string keys;
};

// Not thread-safe, apart from Lifecycle.
class Site {
 public:
  // baimi-suite as it stands beside this program: all in one process. Without `databases` on SQLite
  // files of a folder of its own.
  static absl::StatusOr<std::unique_ptr<Site>> MakeSuite(
      const std::string& sample_dir, const std::optional<Databases>& databases = std::nullopt);
  // Gateway, ticket service and grid registry, a process each, with `cache` (a Redis) between.
  static absl::StatusOr<std::unique_ptr<Site>> MakeProcesses(const std::string& sample_dir,
                                                             const Databases& databases,
                                                             const std::string& cache);

  // Stops the suite and starts it again on the same data. The suite only.
  absl::Status Restart();

  // From the start of the last process to its ready line.
  absl::Duration start_time() const { return processes_.back().start_time(); }
  // Of all processes; what a database or a cache takes is not in it.
  double ResidentMib() const;
  absl::Duration CpuTime() const;

  int http_port() const { return processes_.back().Port("http"); }
  // Connections to the gRPC door, made anew by Restart.
  const std::vector<std::shared_ptr<grpc::Channel>>& channels() const { return channels_; }
  const std::string& clerk() const { return clerk_; }

  // Differs from that of every other site and `n`.
  std::string RequestId(int64_t n) const;
  // The n-th order that is filed.
  ticket::v1::CreateTicketRequest NewOrder(int64_t n) const;

  absl::StatusOr<int64_t> CountOrders() const;

  // Files, dispatches, signs and answers one order over HTTP and looks for it in the list of its
  // unit: five calls. Thread-safe.
  absl::Status Lifecycle(http::testing::Client& client, int64_t n) const;

 private:
  Site() = default;
  static absl::StatusOr<std::unique_ptr<Site>> NewSite();
  absl::Status StartSuite(const std::vector<std::string>& more);
  // Adds a process that is ready.
  absl::Status Add(const std::vector<std::string>& arguments);
  absl::Status ReadKeys();
  void ConnectToDoor();

  std::unique_ptr<TempFolder> folder_;
  std::string data_;
  std::string prefix_;
  std::string clerk_;
  std::string unit_;
  // Whoever calls another one after it; the last one has the doors.
  std::vector<Child> processes_;
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
};

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_SITE_H_
