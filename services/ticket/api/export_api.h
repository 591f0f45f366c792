// The handlers of TicketExportService.
#ifndef BAIMI_SERVICES_TICKET_API_EXPORT_API_H_
#define BAIMI_SERVICES_TICKET_API_EXPORT_API_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "baimi/ticket/v1/export_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "common/base/random.h"
#include "common/exec/executor.h"
#include "common/rpc/stream.h"
#include "google/protobuf/empty.pb.h"
#include "services/ticket/api/export_pieces.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/store/export_store.h"

namespace baimi::ticket::api {

// Thread-safe.
class ExportApi {
 public:
  // All outlive it. Null `pieces`: there is nowhere to put files, and no export is begun.
  ExportApi(const Parts& parts, const store::ExportStore* store, const ExportPieces* pieces,
            Rng* rng);

  Async<v1::ExportOperation> Export(const Call& call, const v1::ExportTicketsRequest& request);
  Async<v1::ExportOperation> Get(const Call& call, const v1::GetExportOperationRequest& request);
  Async<v1::ListExportOperationsResponse> List(const Call& call,
                                               const v1::ListExportOperationsRequest& request);
  Async<v1::ExportOperation> Cancel(const Call& call,
                                    const v1::CancelExportOperationRequest& request);
  Async<google::protobuf::Empty> Delete(const Call& call,
                                        const v1::DeleteExportOperationRequest& request);
  Async<v1::ExportChunk> Read(const Call& call, const v1::ReadExportRequest& request);
  absl::Status Download(const Call& call, const v1::DownloadExportRequest& request,
                        const std::shared_ptr<rpc::Stream<v1::ExportChunk>>& stream);

 private:
  // NOT_FOUND for everybody but who asked for it, and for him too once he sees other things.
  absl::StatusOr<store::ExportRow> LoadOwn(sql::Reader& reader, const Call& call,
                                           const std::string& name) const;
  // EXPORT_NOT_DONE without a file, INVALID_ARGUMENT for an offset behind its end.
  absl::StatusOr<v1::ExportWork> LoadFile(const Call& call, const std::string& name,
                                          int64_t offset) const;
  absl::Status RecordRead(const Call& call, const v1::ExportWork& work, int64_t offset,
                          int64_t bytes) const;

  const Parts& parts_;
  const store::ExportStore* const store_;
  const ExportPieces* const pieces_;
  Rng* const rng_;
  // Reads the pieces of downloads: gRPC's threads may not wait for a disk.
  exec::Executor reader_;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_EXPORT_API_H_
