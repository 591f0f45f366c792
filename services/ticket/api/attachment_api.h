// Handlers of attachments.
#ifndef BAIMI_SERVICES_TICKET_API_ATTACHMENT_API_H_
#define BAIMI_SERVICES_TICKET_API_ATTACHMENT_API_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "baimi/ticket/v1/attachment_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "common/exec/executor.h"
#include "common/rpc/stream.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/api/sealed_content.h"
#include "services/ticket/domain/attachments.h"
#include "services/ticket/store/attachment_store.h"

namespace baimi::ticket::api {

// Thread-safe.
class AttachmentApi {
 public:
  // All outlive it; without `content` nothing is read and none is added.
  AttachmentApi(const Parts& parts, const SealedContent* content);

  Async<v1::Attachment> Create(const Call& call, const v1::CreateAttachmentRequest& request);
  Async<v1::Attachment> Get(const Call& call, const v1::GetAttachmentRequest& request);
  Async<v1::ListAttachmentsResponse> List(const Call& call,
                                          const v1::ListAttachmentsRequest& request);
  Async<v1::AttachmentChunk> Read(const Call& call, const v1::ReadAttachmentRequest& request);
  absl::Status Download(const Call& call, const v1::DownloadAttachmentRequest& request,
                        const std::shared_ptr<rpc::Stream<v1::AttachmentChunk>>& stream);
  Async<v1::Attachment> Update(const Call& call, const v1::UpdateAttachmentRequest& request);
  Async<v1::Attachment> Redact(const Call& call, const v1::RedactAttachmentRequest& request);
  Async<v1::Attachment> Remove(const Call& call, const v1::RemoveAttachmentRequest& request);

 private:
  // Both messages that ask for bytes.
  struct Wanted {
    const std::string& name;
    int64_t offset;
    bool original;
    const std::string& purpose;
  };
  // An attachment and its order as the caller may see them, in a change.
  struct Seen {
    store::TicketRow order;
    v1::StoredAttachment stored;
  };
  absl::StatusOr<Seen> Load(Orders::Work& work, const std::string& name) const;
  // Writes what was decided about an attachment that `seen` was; destroys the blobs that it has no
  // more.
  absl::StatusOr<v1::Attachment> Commit(Orders::Work& work, const Seen& seen,
                                        domain::AttachmentDecision decided) const;
  // Whether `call` acts for the centre.
  absl::StatusOr<bool> Centre(sql::Reader& reader, const Call& call) const;
  // Where the bytes are that the caller may read. On the access journal, for `bytes` of them, where
  // that must be.
  absl::StatusOr<SealedFile> LoadFile(const Call& call, const Wanted& wanted, bool* recorded) const;
  absl::Status Record(const Call& call, const Wanted& wanted, int64_t bytes) const;

  const Parts& parts_;
  const Orders orders_;
  const store::BlobStore blobs_;
  const store::AttachmentStore attachments_;
  const SealedContent* const content_;
  // Reads the chunks of downloads: gRPC's threads may not wait for a disk.
  exec::Executor reader_;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_ATTACHMENT_API_H_
