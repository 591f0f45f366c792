#include "services/ticket/exports.h"

#include <utility>

#include "common/base/status_macros.h"
#include "services/ticket/api/file_content.h"

namespace baimi::ticket {
namespace {

using api::ExportApi;

journal::AlarmClockOptions OneByOne(journal::AlarmClockOptions alarms) {
  alarms.batch = 1;
  return alarms;
}

template <typename Request, typename Response>
void Add(rpc::Service& service, absl::string_view method, ExportApi* api,
         Async<Response> (ExportApi::*handler)(const Call&, const Request&)) {
  service.Unary<Request, Response>(method, std::bind_front(handler, api));
}

}  // namespace

void DeclareExports(const config::Section& root, ExportHost* host) {
  root.String(
      "exports.directory", &host->directory,
      "Where exported files lie until they are fetched. Default: in the data directory of a "
      "suite; elsewhere there are no exports.");
}

absl::Status OpenExports(const ExportHost& host, std::unique_ptr<api::Content>* own,
                         ExportsOptions* options) {
  if (host.content == nullptr && !host.directory.empty()) {
    BAIMI_ASSIGN_OR_RETURN(*own, api::NewFileContent(host.directory));
  }
  options->content = host.content != nullptr ? host.content : own->get();
  options->maker = {.page = host.page, .scratch = host.directory};
  return absl::OkStatus();
}

Exports::Exports(const api::Parts& parts, const store::SearchQuery* query, Rng* rng,
                 OwnCall own_call, const ExportsOptions& options,
                 const journal::AlarmClockOptions& alarms)
    : store_(parts.vault),
      pieces_(options.content == nullptr
                  ? std::nullopt
                  : std::make_optional<api::ExportPieces>(options.content, parts.vault)),
      api_(parts, &store_, pieces_ ? &*pieces_ : nullptr, rng) {
  if (!pieces_) {
    return;
  }
  maker_.emplace(parts, query, &store_, &*pieces_, options.maker);
  alarms_.emplace(
      parts.database, parts.clock,
      [this](sql::Tx& tx, absl::Time now, absl::Time until,
             int limit) -> absl::StatusOr<std::vector<journal::Alarm>> {
        if (stopped_) {
          return std::vector<journal::Alarm>();
        }
        return store_.Lease(tx, now, until, limit);
      },
      [this, own_call = std::move(own_call)](const journal::Alarm& alarm,
                                             const journal::AlarmClock::Done& done) {
        maker_->Ring(own_call(alarm.county), alarm.id, done);
      },
      OneByOne(alarms));
}

void Exports::AddService(rpc::Runtime* runtime,
                         std::vector<std::unique_ptr<rpc::Service>>* services) {
  auto service = std::make_unique<rpc::Service>("baimi.ticket.v1.TicketExportService", runtime);
  Add(*service, "ExportTickets", &api_, &ExportApi::Export);
  Add(*service, "GetExportOperation", &api_, &ExportApi::Get);
  Add(*service, "ListExportOperations", &api_, &ExportApi::List);
  Add(*service, "CancelExportOperation", &api_, &ExportApi::Cancel);
  Add(*service, "DeleteExportOperation", &api_, &ExportApi::Delete);
  Add(*service, "ReadExport", &api_, &ExportApi::Read);
  service->ServerStream<v1::DownloadExportRequest, v1::ExportChunk>(
      "DownloadExport", std::bind_front(&ExportApi::Download, &api_));
  services->push_back(std::move(service));
}

absl::StatusOr<int> Exports::RunDue() { return alarms_ ? alarms_->RunDue() : 0; }

void Exports::Stop() {
  stopped_ = true;
  if (alarms_) {
    alarms_->Stop();
  }
}

}  // namespace baimi::ticket
