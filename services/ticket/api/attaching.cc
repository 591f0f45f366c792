#include "services/ticket/api/attaching.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/store/attachment_store.h"

namespace baimi::ticket::api {
namespace {

bool IsOwn(const Call& call, const v1::StoredBlob& blob) {
  const type::v1::Actor& uploader = blob.uploader();
  return uploader.id() == call.actor.id() && uploader.unit() == call.actor.unit() &&
         uploader.via_service() == call.actor.via_service();
}

absl::Status Taken(absl::string_view name) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_BLOB_TAKEN,
               absl::StrCat("blob: got ", name, ", which an order took, want one that is free"),
               "该文件已用作其他附件，请重新上传")
      .With("blob", name);
}

}  // namespace

absl::StatusOr<v1::StoredBlob> FreeBlob(const Parts& parts, journal::Tx& tx,
                                        absl::string_view name) {
  if (domain::CountyOf(name) != tx.county()) {
    return NotFound(name);
  }
  BAIMI_ASSIGN_OR_RETURN(
      store::BlobRow row,
      store::BlobStore(parts.vault).Load(tx.sql(), tx.county(), domain::IdOf(name)));
  if (!IsOwn(tx.call(), row.stored)) {
    return NotFound(name);
  }
  if (row.state == store::BlobState::kTaken) {
    return Taken(name);
  }
  if (row.state != store::BlobState::kFree ||
      tx.now() >= domain::FromProto(row.stored.blob().expire_time())) {
    return NotFound(name);
  }
  return std::move(row.stored);
}

absl::Status TakeBlob(const Parts& parts, journal::Tx& tx, v1::StoredBlob blob,
                      const std::string& attachment) {
  blob.set_attachment(attachment);
  const absl::Status taken = store::BlobStore(parts.vault).Take(tx.sql(), blob);
  // Its time was over in this moment.
  return absl::IsAborted(taken) ? NotFound(blob.blob().name()) : taken;
}

absl::Status AttachFiled(const Parts& parts, journal::Tx& tx,
                         const v1::CreateTicketRequest& request, const domain::Context& context,
                         privacy::KeyId key, domain::Decision* decision) {
  v1::CreateAttachmentRequest of_caller;
  of_caller.set_kind(v1::ATTACHMENT_REQUEST);
  for (int i = 0; i < request.blobs_size(); ++i) {
    BAIMI_RETURN_IF_ERROR(domain::MayAttach(context.policy.policy()));
    BAIMI_ASSIGN_OR_RETURN(const v1::StoredBlob blob, FreeBlob(parts, tx, request.blobs(i)));
    BAIMI_ASSIGN_OR_RETURN(domain::AttachmentDecision attached,
                           domain::Attach(decision->ticket, of_caller, blob, i + 1, context));
    BAIMI_RETURN_IF_ERROR(TakeBlob(parts, tx, blob, attached.stored.attachment().name()));
    BAIMI_RETURN_IF_ERROR(
        store::AttachmentStore(parts.vault).Insert(tx.sql(), attached.stored, key));
    decision->ticket = std::move(attached.decision.ticket);
    for (v1::TicketFact& fact : attached.decision.facts) {
      decision->facts.push_back(std::move(fact));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckEvidence(const Parts& parts, sql::Reader& reader, absl::string_view ticket,
                           const v1::Reply& reply) {
  for (int i = 0; i < reply.evidence_size(); ++i) {
    const std::string& value = reply.evidence(i);
    if (!domain::NamesAttachment(value)) {
      continue;
    }
    bool found = false;
    if (domain::TicketOf(value) == ticket) {
      const absl::StatusOr<v1::StoredAttachment> stored =
          store::AttachmentStore(parts.vault).Load(reader, value);
      if (!stored.ok() && !absl::IsNotFound(stored.status())) {
        return stored.status();
      }
      found = stored.ok() && stored->attachment().state() == v1::ATTACHMENT_PRESENT;
    }
    BAIMI_RETURN_IF_ERROR(
        domain::CheckEvidence(absl::StrCat("reply.evidence[", i, "]"), value, ticket, found));
  }
  return absl::OkStatus();
}

}  // namespace baimi::ticket::api
