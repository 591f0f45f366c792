// Puts the sample's files into running services, call by call.
#ifndef BAIMI_SERVICES_SUITE_SAMPLE_DAY_H_
#define BAIMI_SERVICES_SUITE_SAMPLE_DAY_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/registry/v1/registry_service.grpc.pb.h"
#include "baimi/ticket/v1/ticket_service.grpc.pb.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/rpc/status.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "services/suite/sample_files.h"

namespace baimi::suite {

// Not thread-safe: one call at a time, in the order of the files, so that two loads are the same.
class SampleLoader {
 public:
  // `token` is a key of audience "service" that may do everything. `files` and `clock` outlive the
  // loader; the clock stands at the midnight of the day.
  SampleLoader(const std::shared_ptr<grpc::Channel>& channel, std::string token,
               const SampleFiles& files, SimulatedClock* clock);

  absl::Status LoadRegistry();
  absl::Status LoadPolicy();
  // Files all orders and takes all their steps, in the order of their times, which the clock is
  // moved to.
  absl::Status PlayDay();

  // All orders of the county in the order of their names.
  absl::StatusOr<std::vector<ticket::v1::Ticket>> ListOrders();
  // How many events the order has.
  absl::StatusOr<int> CountEvents(const std::string& name);

 private:
  struct Event;

  template <typename Stub, typename Request, typename Response>
  absl::Status Invoke(Stub& stub,
                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request, absl::string_view actor, Response* response) {
    grpc::ClientContext context;
    Prepare(actor, &context);
    return rpc::FromGrpc((stub.*method)(&context, request, response));
  }
  void Prepare(absl::string_view actor, grpc::ClientContext* context) const;
  absl::Status File(const sample::v1::SampleOrder& order);
  absl::Status Take(const sample::v1::SampleOrder& order, int index);
  template <typename Request>
  absl::Status Step(const sample::v1::SampleStep& step, Request request, const std::string& name,
                    const std::string& request_id,
                    grpc::Status (ticket::v1::TicketService::Stub::*method)(grpc::ClientContext*,
                                                                            const Request&,
                                                                            ticket::v1::Ticket*));
  absl::StatusOr<ticket::v1::RejectTicketRequest> Rejection(
      const sample::v1::SampleStep& step) const;

  const std::string token_;
  const SampleFiles& files_;
  SimulatedClock* const clock_;
  const std::string parent_;
  const std::unique_ptr<registry::v1::AreaService::Stub> areas_;
  const std::unique_ptr<registry::v1::GridService::Stub> grids_;
  const std::unique_ptr<registry::v1::UnitService::Stub> units_;
  const std::unique_ptr<registry::v1::EstateService::Stub> estates_;
  const std::unique_ptr<ticket::v1::TicketService::Stub> tickets_;
  const std::unique_ptr<ticket::v1::TicketPolicyService::Stub> policies_;
  // Resource names of the orders filed, by their ids.
  std::map<std::string, std::string> names_;
};

}  // namespace baimi::suite

#endif  // BAIMI_SERVICES_SUITE_SAMPLE_DAY_H_
