// The sample county in a suite of this process, on a simulated clock and SQLite files.
#ifndef BAIMI_TESTS_BENCH_COUNTY_H_
#define BAIMI_TESTS_BENCH_COUNTY_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "baimi/ticket/v1/rating_service.grpc.pb.h"
#include "baimi/ticket/v1/ticket_service.grpc.pb.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/rpc/status.h"
#include "grpcpp/client_context.h"
#include "services/suite/data_dir.h"
#include "services/suite/sample_files.h"
#include "services/suite/suite.h"
#include "tests/bench/servers.h"

namespace baimi::bench {

class County {
 public:
  // With the sample's registry and policy, at the beginning of `day`; no orders. Alarms and figures
  // wait until they are asked for.
  static absl::StatusOr<std::unique_ptr<County>> Make(const std::string& sample_dir,
                                                      absl::CivilDay day);

  // With every permission and for no unit. A call that may or may not have been done is made again,
  // as its callers do: it carries a request_id, or changes nothing. Thread-safe.
  // `Stub` is that of TicketService or of RatingService.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request) {
    absl::Status status;
    for (int tries = 0; tries < kTries; ++tries) {
      grpc::ClientContext context;
      context.AddMetadata("authorization", "Bearer " + token_);
      Response response;
      status = rpc::FromGrpc(
          (std::get<std::unique_ptr<Stub>>(stubs_).get()->*method)(&context, request, &response));
      if (status.ok()) {
        return response;
      }
      if (!absl::IsDeadlineExceeded(status) && !absl::IsUnavailable(status)) {
        break;
      }
      ++repeated_;
    }
    return status;
  }

  // Calls that were made again.
  int64_t repeated() const { return repeated_; }

  SimulatedClock& clock() { return clock_; }
  suite::Suite& suite() { return *suite_; }
  const suite::SampleFiles& files() const { return files_; }
  suite::Databases databases() const { return data_->databases(); }

 private:
  static constexpr int kTries = 5;

  explicit County(absl::CivilDay day) : clock_(absl::FromCivil(day, ShanghaiZone())) {}
  absl::Status Start(const std::string& sample_dir);

  SimulatedClock clock_;
  const std::unique_ptr<Rng> rng_ = NewSystemRng();
  std::unique_ptr<TempFolder> folder_;
  std::unique_ptr<suite::DataDir> data_;
  suite::SampleFiles files_;
  std::string token_;
  std::unique_ptr<suite::Suite> suite_;
  std::tuple<std::unique_ptr<ticket::v1::TicketService::Stub>,
             std::unique_ptr<ticket::v1::RatingService::Stub>>
      stubs_;
  std::atomic<int64_t> repeated_{0};
};

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_COUNTY_H_
