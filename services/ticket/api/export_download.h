// One download: the chunks of a file, as fast as its caller reads.
#ifndef BAIMI_SERVICES_TICKET_API_EXPORT_DOWNLOAD_H_
#define BAIMI_SERVICES_TICKET_API_EXPORT_DOWNLOAD_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "baimi/ticket/v1/export_service.pb.h"
#include "common/exec/executor.h"
#include "common/rpc/stream.h"
#include "services/ticket/api/export_pieces.h"

namespace baimi::ticket::api {

// Lives as long as its stream. Thread-safe.
class ExportDownload : public std::enable_shared_from_this<ExportDownload> {
 public:
  // Sends `work`'s file from `offset` on, reading it on `reader`, and ends the stream. `pieces` and
  // `reader` outlive the stream.
  static void Start(const ExportPieces* pieces, v1::ExportWork work, int64_t offset,
                    const std::shared_ptr<rpc::Stream<v1::ExportChunk>>& stream,
                    exec::Executor* reader);

 private:
  ExportDownload(const ExportPieces* pieces, v1::ExportWork work, int64_t offset,
                 const std::shared_ptr<rpc::Stream<v1::ExportChunk>>& stream,
                 exec::Executor* reader);

  // There may be room.
  void Wake();
  // Fills the room.
  void Send();

  const ExportPieces* const pieces_;
  const v1::ExportWork work_;
  const std::shared_ptr<rpc::Stream<v1::ExportChunk>> stream_;
  exec::Executor* const reader_;
  // Of a stream in which nothing waits.
  const int most_room_;
  absl::Mutex mu_;
  // A Send is queued and has not begun.
  bool queued_ ABSL_GUARDED_BY(mu_) = false;
  // Held while chunks are read: one thread sends at a time.
  absl::Mutex sending_;
  int64_t offset_ ABSL_GUARDED_BY(sending_);
  bool ended_ ABSL_GUARDED_BY(sending_) = false;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_EXPORT_DOWNLOAD_H_
