#include "services/ticket/superior.h"

#include <utility>

#include "common/base/status_macros.h"
#include "services/ticket/api/superior_files.h"

namespace baimi::ticket {
namespace {

using api::SuperiorApi;

template <typename Request, typename Response>
void Add(rpc::Service& service, absl::string_view method, SuperiorApi* api,
         Async<Response> (SuperiorApi::*handler)(const Call&, const Request&)) {
  service.Unary<Request, Response>(method, std::bind_front(handler, api));
}

}  // namespace

void DeclareSuperior(const config::Section& root, SuperiorHost* host) {
  root.String("superior.directory", &host->directory,
              "Where results for superior platforms are written, a file each; empty: they wait to "
              "be fetched.");
}

absl::Status OpenSuperior(const SuperiorHost& host, std::unique_ptr<api::SuperiorCarrier>* own,
                          SuperiorOptions* options) {
  if (host.carrier == nullptr && !host.directory.empty()) {
    BAIMI_ASSIGN_OR_RETURN(*own, api::NewSuperiorFiles(host.directory));
  }
  options->carrier = host.carrier != nullptr ? host.carrier : own->get();
  return absl::OkStatus();
}

Superior::Superior(const api::Parts& parts, OwnCall own_call, const SuperiorOptions& options,
                   const journal::AlarmClockOptions& alarms)
    : store_(parts.vault),
      maker_(parts, &store_),
      watch_(parts, &store_, options.results.poll),
      api_(parts, &store_, &watch_),
      making_(
          parts.database, store::kSuperiorProjection,
          [this](sql::Tx& tx, const std::string& county,
                 absl::Span<const type::v1::JournalRecord> records) {
            return maker_.Make(tx, county, records);
          },
          options.results) {
  if (options.carrier == nullptr) {
    return;
  }
  sender_.emplace(parts, &store_, options.carrier);
  pushing_.emplace(
      parts.database, parts.clock,
      [this](sql::Tx& tx, absl::Time now, absl::Time until, int limit) {
        return store_.Lease(tx, now, until, limit);
      },
      [this, own_call = std::move(own_call)](const journal::Alarm& alarm,
                                             const journal::AlarmClock::Done& done) {
        sender_->Ring(own_call(alarm.county), alarm.id, done);
      },
      alarms);
}

void Superior::AddService(rpc::Runtime* runtime,
                          std::vector<std::unique_ptr<rpc::Service>>* services) {
  auto service = std::make_unique<rpc::Service>("baimi.ticket.v1.SuperiorPlatformService", runtime);
  Add(*service, "ReceiveSuperiorTicket", &api_, &SuperiorApi::Receive);
  Add(*service, "AmendSuperiorTicket", &api_, &SuperiorApi::Amend);
  Add(*service, "LookUpSuperiorTicket", &api_, &SuperiorApi::LookUp);
  Add(*service, "ListSuperiorResults", &api_, &SuperiorApi::ListResults);
  Add(*service, "AcknowledgeSuperiorResults", &api_, &SuperiorApi::Acknowledge);
  Add(*service, "ListSuperiorPlatforms", &api_, &SuperiorApi::ListPlatforms);
  Add(*service, "ResumeSuperiorPush", &api_, &SuperiorApi::Resume);
  service->ServerStream<v1::WatchSuperiorResultsRequest, v1::WatchSuperiorResultsResponse>(
      "WatchSuperiorResults", std::bind_front(&SuperiorApi::Watch, &api_));
  services->push_back(std::move(service));
}

absl::StatusOr<int> Superior::RunDue() { return pushing_ ? pushing_->RunDue() : 0; }

void Superior::Stop() {
  making_.Stop();
  if (pushing_) {
    pushing_->Stop();
  }
  watch_.Stop();
}

}  // namespace baimi::ticket
