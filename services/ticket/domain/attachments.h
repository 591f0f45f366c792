// Files of orders: what is taken, who sees it, and what the centre may do with it.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_ATTACHMENTS_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_ATTACHMENTS_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/attachment_service.pb.h"
#include "baimi/ticket/v1/attachments.pb.h"
#include "baimi/ticket/v1/events.pb.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// ---- what is taken

// Reports what is wrong with the policy's `attachments`, where it has them.
void CheckAttachmentPolicy(
    const v1::TicketPolicy& policy,
    absl::FunctionRef<void(absl::string_view path, absl::string_view got, absl::string_view want)>
        violate);
// MEDIA_KIND_UNSPECIFIED for a type that is never taken.
v1::MediaKind KindOf(absl::string_view media_type);
// FAILED_PRECONDITION, ATTACHMENTS_NOT_ALLOWED without `attachments`.
absl::Status MayAttach(const v1::TicketPolicy& policy);
// Also for media that the policy does not take; `media_type` is the one found.
absl::Status CheckMedia(const v1::TicketPolicy& policy, absl::string_view media_type);
// ATTACHMENT_LIMIT above max_bytes.
absl::Status CheckSize(const v1::TicketPolicy& policy, int64_t bytes);
// INVALID_ARGUMENT, BAD_MEDIA, with a violation of media_type.
absl::Status BadMedia(absl::string_view got, absl::string_view want, absl::string_view want_zh);

// ---- who sees it

// Who asks acts for no unit, or for the policy's fallback unit.
bool IsCentre(const Context& context);
// Recused units do not see the order, and with it none of its files.
bool MaySee(const v1::Attachment& attachment, bool centre);
// As it is answered.
v1::Attachment Shown(v1::Attachment attachment, bool centre);
// Leaves of an attachment in `fact` what whoever is not of the centre may know, as it may be one
// that he does not see: name, kind, visibility and state.
void HideAttachment(v1::TicketFact* fact);
// Which bytes are read, and whether that must be on record. PERMISSION_DENIED, CONTENT_NOT_SHOWN:
// the original, by others than the centre. FAILED_PRECONDITION, DATA_SHREDDED: removed.
// INVALID_ARGUMENT: an original that there is none of; no purpose for what only the centre sees.
struct Reading {
  // Id of the blob.
  std::string blob = {};
  v1::MediaInfo media = {};
  bool recorded = false;
};
absl::StatusOr<Reading> Read(const v1::StoredAttachment& stored, bool original,
                             absl::string_view purpose, bool centre);

// ---- what is done with it; each is one fact of the order, and the attachment as it becomes

struct AttachmentDecision {
  Decision decision;
  v1::StoredAttachment stored;
};

// Gives the order `blob` as its attachment `number`, as the request says; of the request only what
// describes the attachment is looked at. FAILED_PRECONDITION: the order is ARCHIVED
// (ILLEGAL_TRANSITION); ATTACHMENTS_NOT_ALLOWED; ATTACHMENT_LIMIT at max_per_ticket.
// INVALID_ARGUMENT: no kind. PERMISSION_DENIED, UNDERTAKER_MAY_NOT_DECIDE: a unit that makes
// HANDLERS what is CENTRE_ONLY by default.
absl::StatusOr<AttachmentDecision> Attach(const v1::Ticket& ticket,
                                          const v1::CreateAttachmentRequest& request,
                                          const v1::StoredBlob& blob, int number,
                                          const Context& context);

// The three below: PERMISSION_DENIED, UNDERTAKER_MAY_NOT_DECIDE by others than the centre; ABORTED
// for an etag that is not the attachment's; DATA_SHREDDED when it was removed.

// INVALID_ARGUMENT: no visibility.
absl::StatusOr<AttachmentDecision> SetVisibility(const v1::Ticket& ticket,
                                                 const v1::StoredAttachment& stored,
                                                 const v1::Attachment& wanted,
                                                 const Context& context);
// `stored` keeps the blob that was read before as the original; of one that has an original
// already, that blob is read no more: the caller sees to it that it is destroyed.
absl::StatusOr<AttachmentDecision> Redact(const v1::Ticket& ticket,
                                          const v1::StoredAttachment& stored,
                                          const v1::RedactAttachmentRequest& request,
                                          const v1::StoredBlob& blob, const Context& context);
// Both blobs are to be destroyed.
absl::StatusOr<AttachmentDecision> Remove(const v1::Ticket& ticket,
                                          const v1::StoredAttachment& stored,
                                          const v1::RemoveAttachmentRequest& request,
                                          const Context& context);

// What attachment facts do to the order's row.
void ApplyAttachments(v1::Ticket& row, const v1::TicketFact& fact);

// ---- what names it

// "counties/469030/tickets/20261122-000123/attachments/2" of order and number.
std::string AttachmentName(absl::string_view ticket, int number);
// The order of an attachment's name.
absl::string_view TicketOf(absl::string_view attachment);
// `value` of a reply's evidence is meant to be the name of a resource here.
bool NamesAttachment(absl::string_view value);
// INVALID_ARGUMENT at `path`: not an attachment of the order. Whether there is such a one is the
// store's to say, and the same error's: `found`.
absl::Status CheckEvidence(absl::string_view path, absl::string_view value,
                           absl::string_view ticket, bool found);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_ATTACHMENTS_H_
