#include "services/ticket/api/attachment_api.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/attachment_events.pb.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/resource/update.h"
#include "google/protobuf/empty.pb.h"
#include "services/ticket/api/attaching.h"
#include "services/ticket/api/blob_bytes.h"
#include "services/ticket/api/chunk_download.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::api {
namespace {

constexpr size_t kDownloads = 256;

absl::Status NotForThePublic() {
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_CONTENT_NOT_SHOWN,
               "pii view: got public, want one that sees what callers say", "附件内容不对公众展示");
}

}  // namespace

AttachmentApi::AttachmentApi(const Parts& parts, const SealedContent* content)
    : parts_(parts),
      orders_(parts),
      blobs_(parts.vault),
      attachments_(parts.vault),
      content_(content),
      reader_({.name = "attachment-download",
               .queue = kDownloads,
               .clock = parts.clock,
               .on_wait = nullptr}) {}

Async<v1::Attachment> AttachmentApi::Create(const Call& call,
                                            const v1::CreateAttachmentRequest& request) {
  if (content_ == nullptr) {
    return domain::MayAttach({});
  }
  return orders_.TransactAs<v1::Attachment>(
      call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Attachment> {
        BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, request.parent()));
        BAIMI_RETURN_IF_ERROR(domain::MayAttach(work.context.policy.policy()));
        BAIMI_ASSIGN_OR_RETURN(const v1::StoredBlob blob,
                               FreeBlob(parts_, work.tx, request.blob()));
        BAIMI_ASSIGN_OR_RETURN(const int number,
                               attachments_.NextNumber(work.tx.sql(), request.parent()));
        BAIMI_ASSIGN_OR_RETURN(domain::AttachmentDecision decided,
                               domain::Attach(row.ticket, request, blob, number, work.context));
        const v1::Attachment& attachment = decided.stored.attachment();
        BAIMI_RETURN_IF_ERROR(TakeBlob(parts_, work.tx, blob, attachment.name()));
        BAIMI_RETURN_IF_ERROR(attachments_.Insert(work.tx.sql(), decided.stored, row.key));
        BAIMI_RETURN_IF_ERROR(orders_.Commit(work, row, std::move(decided.decision)).status());
        return domain::Shown(attachment, domain::IsCentre(work.context));
      });
}

absl::StatusOr<bool> AttachmentApi::Centre(sql::Reader& reader, const Call& call) const {
  BAIMI_ASSIGN_OR_RETURN(const auto policy, parts_.policies->At(reader, call.county, call.now));
  return domain::IsCentre({call.now, call.actor, *policy});
}

Async<v1::Attachment> AttachmentApi::Get(const Call& call,
                                         const v1::GetAttachmentRequest& request) {
  const std::string& name = request.name();
  v1::StoredAttachment stored;
  bool centre = false;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_RETURN_IF_ERROR(LoadVisible(parts_, reader, call, domain::TicketOf(name)).status());
        BAIMI_ASSIGN_OR_RETURN(stored, attachments_.Load(reader, name));
        BAIMI_ASSIGN_OR_RETURN(centre, Centre(reader, call));
        return absl::OkStatus();
      }));
  if (!domain::MaySee(stored.attachment(), centre)) {
    return NotFound(name);
  }
  return domain::Shown(std::move(*stored.mutable_attachment()), centre);
}

Async<v1::ListAttachmentsResponse> AttachmentApi::List(const Call& call,
                                                       const v1::ListAttachmentsRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  int after = 0;
  if (!cursor.last_key.empty() && !absl::SimpleAtoi(cursor.last_key[0], &after)) {
    return Internal("page token: a number that is none");
  }
  std::vector<v1::StoredAttachment> found;
  bool centre = false;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_RETURN_IF_ERROR(LoadVisible(parts_, reader, call, request.parent()).status());
        BAIMI_ASSIGN_OR_RETURN(centre, Centre(reader, call));
        BAIMI_ASSIGN_OR_RETURN(found, attachments_.List(reader, request.parent(), after, size));
        return absl::OkStatus();
      }));
  v1::ListAttachmentsResponse response;
  if (found.size() == static_cast<size_t>(size)) {
    const absl::string_view last = domain::IdOf(found.back().attachment().name());
    response.set_next_page_token(parts_.tokens->Make(query, {{std::string(last)}}));
  }
  for (v1::StoredAttachment& stored : found) {
    if (domain::MaySee(stored.attachment(), centre)) {
      *response.add_attachments() = domain::Shown(std::move(*stored.mutable_attachment()), centre);
    }
  }
  return response;
}

absl::StatusOr<SealedFile> AttachmentApi::LoadFile(const Call& call, const Wanted& wanted,
                                                   bool* recorded) const {
  store::BlobRow blob;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        const absl::string_view ticket = domain::TicketOf(wanted.name);
        BAIMI_RETURN_IF_ERROR(LoadVisible(parts_, reader, call, ticket).status());
        BAIMI_ASSIGN_OR_RETURN(const v1::StoredAttachment stored,
                               attachments_.Load(reader, wanted.name));
        BAIMI_ASSIGN_OR_RETURN(const bool centre, Centre(reader, call));
        if (!domain::MaySee(stored.attachment(), centre)) {
          return NotFound(wanted.name);
        }
        if (call.pii_view == PiiView::kPublic) {
          return NotForThePublic();
        }
        BAIMI_ASSIGN_OR_RETURN(const domain::Reading reading,
                               domain::Read(stored, wanted.original, wanted.purpose, centre));
        BAIMI_ASSIGN_OR_RETURN(blob, blobs_.Load(reader, call.county, reading.blob));
        *recorded = reading.recorded;
        return absl::OkStatus();
      }));
  if (content_ == nullptr) {
    return domain::MayAttach({});
  }
  SealedFile file = FileOf(blob);
  if (wanted.offset > file.size) {
    return InvalidField("offset", absl::StrCat(wanted.offset), absl::StrCat("0 to ", file.size),
                        "超出文件末尾");
  }
  return file;
}

absl::Status AttachmentApi::Record(const Call& call, const Wanted& wanted, int64_t bytes) const {
  v1::AttachmentRead event;
  event.set_attachment(wanted.name);
  event.set_original(wanted.original);
  event.set_offset(wanted.offset);
  event.set_bytes(bytes);
  event.set_purpose(wanted.purpose);
  return parts_.writer
      ->Execute<google::protobuf::Empty>(
          call,
          [event](journal::Tx& tx) -> absl::StatusOr<google::protobuf::Empty> {
            const std::string ticket(domain::TicketOf(event.attachment()));
            BAIMI_RETURN_IF_ERROR(tx.RecordAccess(ticket, event, privacy::kNoKey).status());
            return google::protobuf::Empty();
          })
      .Wait()
      .status();
}

Async<v1::AttachmentChunk> AttachmentApi::Read(const Call& call,
                                               const v1::ReadAttachmentRequest& request) {
  const Wanted wanted{request.name(), request.offset(), request.original(), request.purpose()};
  bool recorded = false;
  BAIMI_ASSIGN_OR_RETURN(const SealedFile file, LoadFile(call, wanted, &recorded));
  BAIMI_ASSIGN_OR_RETURN(v1::AttachmentChunk chunk,
                         content_->Read<v1::AttachmentChunk>(file, request.offset()));
  if (recorded) {
    BAIMI_RETURN_IF_ERROR(Record(call, wanted, static_cast<int64_t>(chunk.data().size())));
  }
  return chunk;
}

absl::Status AttachmentApi::Download(
    const Call& call, const v1::DownloadAttachmentRequest& request,
    const std::shared_ptr<rpc::Stream<v1::AttachmentChunk>>& stream) {
  const Wanted wanted{request.name(), request.offset(), request.original(), request.purpose()};
  bool recorded = false;
  BAIMI_ASSIGN_OR_RETURN(SealedFile file, LoadFile(call, wanted, &recorded));
  if (recorded) {
    BAIMI_RETURN_IF_ERROR(Record(call, wanted, file.size - request.offset()));
  }
  ChunkDownload<v1::AttachmentChunk>::Start(
      [content = content_, file = std::move(file)](int64_t offset) {
        return content->Read<v1::AttachmentChunk>(file, offset);
      },
      request.offset(), stream, &reader_);
  return absl::OkStatus();
}

absl::StatusOr<AttachmentApi::Seen> AttachmentApi::Load(Orders::Work& work,
                                                        const std::string& name) const {
  Seen seen;
  BAIMI_ASSIGN_OR_RETURN(seen.order, orders_.Load(work, domain::TicketOf(name)));
  BAIMI_ASSIGN_OR_RETURN(seen.stored, attachments_.Load(work.tx.sql(), name));
  if (!domain::MaySee(seen.stored.attachment(), domain::IsCentre(work.context))) {
    return NotFound(name);
  }
  return seen;
}

absl::StatusOr<v1::Attachment> AttachmentApi::Commit(Orders::Work& work, const Seen& seen,
                                                     domain::AttachmentDecision decided) const {
  const v1::StoredAttachment& after = decided.stored;
  for (const std::string& blob : {seen.stored.blob(), seen.stored.original_blob()}) {
    if (!blob.empty() && blob != after.blob() && blob != after.original_blob()) {
      BAIMI_RETURN_IF_ERROR(blobs_.Doom(work.tx.sql(), work.tx.county(), blob, work.tx.now()));
    }
  }
  BAIMI_RETURN_IF_ERROR(attachments_.Update(work.tx.sql(), after, seen.order.key));
  BAIMI_RETURN_IF_ERROR(orders_.Commit(work, seen.order, std::move(decided.decision)).status());
  return after.attachment();
}

Async<v1::Attachment> AttachmentApi::Update(const Call& call,
                                            const v1::UpdateAttachmentRequest& request) {
  return orders_.TransactAs<v1::Attachment>(
      call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Attachment> {
        BAIMI_ASSIGN_OR_RETURN(const Seen seen, Load(work, request.attachment().name()));
        v1::Attachment wanted = seen.stored.attachment();
        BAIMI_RETURN_IF_ERROR(
            resource::ApplyUpdate(request.attachment(), request.update_mask(), &wanted));
        wanted.set_etag(request.attachment().etag());
        BAIMI_ASSIGN_OR_RETURN(
            domain::AttachmentDecision decided,
            domain::SetVisibility(seen.order.ticket, seen.stored, wanted, work.context));
        return Commit(work, seen, std::move(decided));
      });
}

Async<v1::Attachment> AttachmentApi::Redact(const Call& call,
                                            const v1::RedactAttachmentRequest& request) {
  return orders_.TransactAs<v1::Attachment>(
      call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Attachment> {
        BAIMI_ASSIGN_OR_RETURN(const Seen seen, Load(work, request.name()));
        BAIMI_ASSIGN_OR_RETURN(const v1::StoredBlob blob,
                               FreeBlob(parts_, work.tx, request.blob()));
        BAIMI_ASSIGN_OR_RETURN(
            domain::AttachmentDecision decided,
            domain::Redact(seen.order.ticket, seen.stored, request, blob, work.context));
        BAIMI_RETURN_IF_ERROR(TakeBlob(parts_, work.tx, blob, request.name()));
        return Commit(work, seen, std::move(decided));
      });
}

Async<v1::Attachment> AttachmentApi::Remove(const Call& call,
                                            const v1::RemoveAttachmentRequest& request) {
  return orders_.TransactAs<v1::Attachment>(
      call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Attachment> {
        BAIMI_ASSIGN_OR_RETURN(const Seen seen, Load(work, request.name()));
        BAIMI_ASSIGN_OR_RETURN(
            domain::AttachmentDecision decided,
            domain::Remove(seen.order.ticket, seen.stored, request, work.context));
        return Commit(work, seen, std::move(decided));
      });
}

}  // namespace baimi::ticket::api
