// The suite under measurement, on a data directory of its own with the sample county in it.
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

namespace baimi::bench {

inline constexpr char kCounty[] = "counties/469030";
// Where the bench's orders go by the sample's catalogue.
inline constexpr char kLead[] = "counties/469030/units/zhujianju";

// Not thread-safe, apart from Lifecycle.
class Site {
 public:
  // Makes a temporary data directory, removed at the end, and starts the baimi-suite that stands
  // beside this program.
  static absl::StatusOr<std::unique_ptr<Site>> Make(const std::string& sample_dir);
  ~Site();

  // Stops the suite and starts it again on the same data.
  absl::Status Restart();

  const Child& suite() const { return *suite_; }
  int http_port() const { return suite_->Port("http"); }
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
  absl::Status StartSuite(const std::vector<std::string>& more);

  std::string folder_;
  std::string prefix_;
  std::string clerk_;
  std::string unit_;
  std::optional<Child> suite_;
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
};

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_SITE_H_
