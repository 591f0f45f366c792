#include "services/ticket/api/export_download.h"

#include <utility>

#include "common/base/error.h"

namespace baimi::ticket::api {
namespace {

// Of the stream's queue, chunks that wait in memory for a caller who does not read.
constexpr int kAhead = 4;

absl::Status Busy() {
  return Error(absl::StatusCode::kResourceExhausted, type::v1::ERROR_REASON_LANE_FULL,
               "downloads: got more than can be served, want fewer", "下载过多，请稍后再试")
      .RetryAfter(absl::Seconds(1));
}

absl::Status Stopping() {
  return Error(absl::StatusCode::kUnavailable, type::v1::ERROR_REASON_SERVER_DRAINING,
               "the server is going away: go on at the last next_offset", "服务正在停止，请续传");
}

}  // namespace

void ExportDownload::Start(const ExportPieces* pieces, v1::ExportWork work, int64_t offset,
                           const std::shared_ptr<rpc::Stream<v1::ExportChunk>>& stream,
                           exec::Executor* reader) {
  const std::shared_ptr<ExportDownload> download(
      new ExportDownload(pieces, std::move(work), offset, stream, reader));
  stream->OnChange([download] { download->Wake(); });
  download->Wake();
}

ExportDownload::ExportDownload(const ExportPieces* pieces, v1::ExportWork work, int64_t offset,
                               const std::shared_ptr<rpc::Stream<v1::ExportChunk>>& stream,
                               exec::Executor* reader)
    : pieces_(pieces),
      work_(std::move(work)),
      stream_(stream),
      reader_(reader),
      most_room_(stream->Room()),
      offset_(offset) {}

void ExportDownload::Wake() {
  {
    absl::MutexLock lock(&mu_);
    if (queued_ || stream_->Gone()) {
      return;
    }
    queued_ = true;
  }
  exec::Task task;
  task.run = [self = shared_from_this()] {
    {
      absl::MutexLock lock(&self->mu_);
      self->queued_ = false;
    }
    self->Send();
  };
  task.on_drop = [self = shared_from_this()](exec::DropReason) {
    self->stream_->Finish(Stopping());
  };
  const exec::Admission admitted = reader_->TrySubmit(std::move(task));
  if (admitted != exec::Admission::kAccepted) {
    stream_->Finish(admitted == exec::Admission::kFull ? Busy() : Stopping());
  }
}

void ExportDownload::Send() {
  absl::MutexLock lock(&sending_);
  while (!ended_ && !stream_->Gone() && stream_->Room() > most_room_ - kAhead) {
    absl::StatusOr<v1::ExportChunk> chunk = pieces_->Read(work_, offset_);
    ended_ = !chunk.ok() || chunk->last();
    const absl::Status end = chunk.status();
    if (chunk.ok()) {
      offset_ = chunk->next_offset();
      stream_->Write(*std::move(chunk));
    }
    if (ended_) {
      stream_->Finish(end);
    }
  }
}

}  // namespace baimi::ticket::api
