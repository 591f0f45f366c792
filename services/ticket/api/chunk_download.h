// One download: the chunks of a file, as fast as its caller reads.
#ifndef BAIMI_SERVICES_TICKET_API_CHUNK_DOWNLOAD_H_
#define BAIMI_SERVICES_TICKET_API_CHUNK_DOWNLOAD_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/exec/executor.h"
#include "common/rpc/stream.h"

namespace baimi::ticket::api {

// Of the stream's queue, chunks that wait in memory for a caller who does not read.
inline constexpr int kDownloadAhead = 4;
// For whoever cannot be served, or not to the end.
absl::Status TooManyDownloads();
absl::Status DownloadStopped();

// Chunk is a message with next_offset and last. Lives as long as its stream. Thread-safe.
template <typename Chunk>
class ChunkDownload : public std::enable_shared_from_this<ChunkDownload<Chunk>> {
 public:
  // Called by one thread at a time.
  using Read = std::function<absl::StatusOr<Chunk>(int64_t offset)>;

  // Sends the file from `offset` on, reading it on `reader`, and ends the stream. What `read` uses
  // and `reader` outlive the stream.
  static void Start(Read read, int64_t offset, const std::shared_ptr<rpc::Stream<Chunk>>& stream,
                    exec::Executor* reader) {
    const std::shared_ptr<ChunkDownload> download(
        new ChunkDownload(std::move(read), offset, stream, reader));
    stream->OnChange([download] { download->Wake(); });
    download->Wake();
  }

 private:
  ChunkDownload(Read read, int64_t offset, const std::shared_ptr<rpc::Stream<Chunk>>& stream,
                exec::Executor* reader)
      : read_(std::move(read)),
        stream_(stream),
        reader_(reader),
        most_room_(stream->Room()),
        offset_(offset) {}

  // There may be room.
  void Wake();
  // Fills the room.
  void Send();

  const Read read_;
  const std::shared_ptr<rpc::Stream<Chunk>> stream_;
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

template <typename Chunk>
void ChunkDownload<Chunk>::Wake() {
  {
    absl::MutexLock lock(&mu_);
    if (queued_ || stream_->Gone()) {
      return;
    }
    queued_ = true;
  }
  exec::Task task;
  task.run = [self = this->shared_from_this()] {
    {
      absl::MutexLock lock(&self->mu_);
      self->queued_ = false;
    }
    self->Send();
  };
  task.on_drop = [self = this->shared_from_this()](exec::DropReason) {
    self->stream_->Finish(DownloadStopped());
  };
  const exec::Admission admitted = reader_->TrySubmit(std::move(task));
  if (admitted != exec::Admission::kAccepted) {
    stream_->Finish(admitted == exec::Admission::kFull ? TooManyDownloads() : DownloadStopped());
  }
}

template <typename Chunk>
void ChunkDownload<Chunk>::Send() {
  absl::MutexLock lock(&sending_);
  while (!ended_ && !stream_->Gone() && stream_->Room() > most_room_ - kDownloadAhead) {
    absl::StatusOr<Chunk> chunk = read_(offset_);
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

#endif  // BAIMI_SERVICES_TICKET_API_CHUNK_DOWNLOAD_H_
