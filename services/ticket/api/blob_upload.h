// UploadBlob: bytes as they come, looked at, cleaned and stored.
#ifndef BAIMI_SERVICES_TICKET_API_BLOB_UPLOAD_H_
#define BAIMI_SERVICES_TICKET_API_BLOB_UPLOAD_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/attachment_service.pb.h"
#include "common/base/call.h"
#include "common/base/random.h"
#include "common/rpc/client_stream.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/api/sealed_content.h"

namespace baimi::ticket::api {

// Pictures are held in memory until they are cleaned: so many bytes of them at a time; above it an
// upload is refused with LANE_FULL. What is no picture goes to the content as it comes.
inline constexpr int64_t kPictureMemory = 64 << 20;
// An upload leaves a row before it leaves bytes. One that ends otherwise than well is cleaned up
// after this, longer than any upload takes.
inline constexpr absl::Duration kArrivesWithin = absl::Hours(1);

// Thread-safe.
class BlobUploads {
 public:
  using Receiver = rpc::Receiver<v1::UploadBlobRequest, v1::Blob>;

  // All outlive it and what it opens; without `content` nothing is taken.
  BlobUploads(const Parts& parts, const SealedContent* content, Rng* rng)
      : parts_(parts), content_(content), rng_(rng) {}

  absl::StatusOr<std::unique_ptr<Receiver>> Open(const Call& call,
                                                 const v1::UploadBlobRequest& first);

 private:
  const Parts& parts_;
  const SealedContent* const content_;
  Rng* const rng_;
  std::atomic<int64_t> picture_bytes_{0};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_BLOB_UPLOAD_H_
