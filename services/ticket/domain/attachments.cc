#include "services/ticket/domain/attachments.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/text/utf8.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {
namespace {

constexpr size_t kShortestPurpose = 4;

struct MediaOf {
  absl::string_view type;
  v1::MediaKind kind;
};
constexpr MediaOf kMedia[] = {
    {"image/jpeg", v1::MEDIA_PICTURE},       {"image/png", v1::MEDIA_PICTURE},
    {"image/webp", v1::MEDIA_PICTURE},       {"audio/mp4", v1::MEDIA_SOUND},
    {"audio/mpeg", v1::MEDIA_SOUND},         {"audio/amr", v1::MEDIA_SOUND},
    {"audio/ogg", v1::MEDIA_SOUND},          {"video/mp4", v1::MEDIA_VIDEO},
    {"application/pdf", v1::MEDIA_DOCUMENT},
};

Error NotAllowed(absl::string_view message, absl::string_view message_zh) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ATTACHMENTS_NOT_ALLOWED,
               message, message_zh);
}

Error OverLimit(absl::string_view message, absl::string_view message_zh) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ATTACHMENT_LIMIT, message,
               message_zh);
}

absl::Status CentreOnly(const Context& context) {
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_UNDERTAKER_MAY_NOT_DECIDE,
               absl::StrCat("actor.unit: got ", context.actor.unit(),
                            ", want the centre, which decides who sees attachments"),
               "附件的可见范围、遮盖和移除由热线中心决定")
      .With("unit", context.actor.unit());
}

absl::Status Shredded(const v1::Attachment& attachment) {
  return Error(absl::StatusCode::kFailedPrecondition, type::v1::ERROR_REASON_DATA_SHREDDED,
               absl::StrCat("state: got ATTACHMENT_REMOVED of ", attachment.name(),
                            ", want ATTACHMENT_PRESENT"),
               "附件已移除，内容已销毁");
}

// Of a caller whom §1.10 keeps with the centre.
bool IsGuarded(const v1::Ticket& ticket, v1::AttachmentKind kind) {
  return kind == v1::ATTACHMENT_REQUEST &&
         (ticket.caller().confidential() || ticket.type() == v1::REPORT);
}

std::string NextEtag(const v1::Attachment& attachment) {
  int64_t version = 0;
  const bool counted = absl::SimpleAtoi(absl::StripPrefix(attachment.etag(), "v"), &version);
  return EtagOf(counted ? version + 1 : 1);
}

// What the centre's three changes have in common.
absl::Status CheckChange(const v1::StoredAttachment& stored, absl::string_view etag,
                         const Context& context) {
  if (!IsCentre(context)) {
    return CentreOnly(context);
  }
  const v1::Attachment& attachment = stored.attachment();
  if (!etag.empty() && etag != attachment.etag()) {
    return EtagMismatch(etag, attachment.etag());
  }
  return attachment.state() == v1::ATTACHMENT_REMOVED ? Shredded(attachment) : absl::OkStatus();
}

AttachmentDecision Changed(const v1::Ticket& ticket, v1::StoredAttachment stored,
                           v1::AttachmentChange change, const Context& context) {
  v1::Attachment& attachment = *stored.mutable_attachment();
  attachment.set_etag(NextEtag(attachment));
  *attachment.mutable_update_time() = ToProto(context.now);
  v1::TicketFact fact = BeginSideFact(ticket, context);
  fact.mutable_attachment_changed()->set_change(change);
  *fact.mutable_attachment_changed()->mutable_attachment() = attachment;
  return {Decide(ticket, std::move(fact)), std::move(stored)};
}

absl::Status CheckMayAdd(const v1::Ticket& ticket, const v1::CreateAttachmentRequest& request,
                         const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  const v1::TicketPolicy& policy = context.policy.policy();
  BAIMI_RETURN_IF_ERROR(MayAttach(policy));
  if (ticket.state() == v1::ARCHIVED) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ILLEGAL_TRANSITION,
                 "state: got ARCHIVED, want an order that is not in the archive",
                 "工单已归档，不能再添加附件")
        .With("state", "ARCHIVED");
  }
  if (request.kind() == v1::ATTACHMENT_KIND_UNSPECIFIED) {
    return InvalidField("kind", "nothing", "ATTACHMENT_REQUEST to ATTACHMENT_OTHER", "附件类别");
  }
  const int most = policy.attachments().max_per_ticket();
  if (ticket.attachment_count() >= most) {
    return OverLimit(absl::StrCat("attachments: got ", ticket.attachment_count(),
                                  " of the order, want fewer than ", most),
                     absl::StrCat("每件工单最多 ", most, " 个附件"))
        .With("max_per_ticket", absl::StrCat(most));
  }
  if (IsGuarded(ticket, request.kind()) && request.visibility() == v1::HANDLERS &&
      !IsCentre(context)) {
    return CentreOnly(context);
  }
  return absl::OkStatus();
}

}  // namespace

void CheckAttachmentPolicy(
    const v1::TicketPolicy& policy,
    absl::FunctionRef<void(absl::string_view path, absl::string_view got, absl::string_view want)>
        violate) {
  if (!policy.has_attachments()) {
    return;
  }
  const auto check = [&](absl::string_view field, int64_t got, int64_t most) {
    if (got < 1 || got > most) {
      violate(absl::StrCat("attachments.", field), absl::StrCat(got), absl::StrCat("1 to ", most));
    }
  };
  const v1::AttachmentPolicy& attachments = policy.attachments();
  check("max_bytes", attachments.max_bytes(), 200'000'000);
  check("max_per_ticket", attachments.max_per_ticket(), 100);
  check("unclaimed_hours", attachments.unclaimed_hours(), 168);
  if (attachments.kinds().empty()) {
    violate("attachments.kinds", "", "one or more kinds of media");
  }
  for (int i = 0; i < attachments.kinds_size(); ++i) {
    const auto& kinds = attachments.kinds();
    const bool known = kinds[i] >= v1::MEDIA_PICTURE && kinds[i] <= v1::MEDIA_DOCUMENT;
    if (!known || std::find(kinds.begin(), kinds.begin() + i, kinds[i]) != kinds.begin() + i) {
      violate(absl::StrCat("attachments.kinds[", i, "]"), absl::StrCat(kinds[i]),
              "MEDIA_PICTURE to MEDIA_DOCUMENT, each once");
    }
  }
}

v1::MediaKind KindOf(absl::string_view media_type) {
  const auto* const found =
      std::find_if(std::begin(kMedia), std::end(kMedia),
                   [&](const MediaOf& media) { return media.type == media_type; });
  return found == std::end(kMedia) ? v1::MEDIA_KIND_UNSPECIFIED : found->kind;
}

absl::Status MayAttach(const v1::TicketPolicy& policy) {
  return policy.has_attachments()
             ? absl::OkStatus()
             : NotAllowed("attachments: got a policy without them, want one with attachments",
                          "现行规则未开放附件");
}

absl::Status CheckMedia(const v1::TicketPolicy& policy, absl::string_view media_type) {
  BAIMI_RETURN_IF_ERROR(MayAttach(policy));
  const auto& kinds = policy.attachments().kinds();
  if (std::find(kinds.begin(), kinds.end(), KindOf(media_type)) != kinds.end()) {
    return absl::OkStatus();
  }
  std::string want;
  for (const int kind : kinds) {
    absl::StrAppend(&want, want.empty() ? "" : ", ",
                    v1::MediaKind_Name(static_cast<v1::MediaKind>(kind)));
  }
  return NotAllowed(absl::StrCat("media_type: got ", media_type, ", want one of ", want),
                    absl::StrCat("现行规则不接收 ", media_type, " 类型的附件"))
      .With("media_type", media_type);
}

absl::Status CheckSize(const v1::TicketPolicy& policy, int64_t bytes) {
  const int64_t most = policy.attachments().max_bytes();
  if (bytes <= most) {
    return absl::OkStatus();
  }
  return OverLimit(absl::StrCat("data: got more than ", most, " bytes, want at most as many"),
                   absl::StrCat("文件超过 ", most, " 字节"))
      .With("max_bytes", absl::StrCat(most));
}

absl::Status BadMedia(absl::string_view got, absl::string_view want, absl::string_view want_zh) {
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_BAD_MEDIA,
               absl::StrCat("media_type: got ", got, ", want ", want),
               absl::StrCat("文件内容不符：收到 ", got, "，应为", want_zh))
      .Field("media_type", absl::StrCat("got ", got, ", want ", want));
}

bool IsCentre(const Context& context) {
  const std::string& unit = context.actor.unit();
  return unit.empty() || unit == IdOf(context.policy.policy().fallback_unit());
}

bool MaySee(const v1::Attachment& attachment, bool centre) {
  return centre || attachment.visibility() == v1::HANDLERS;
}

v1::Attachment Shown(v1::Attachment attachment, bool centre) {
  if (!centre) {
    attachment.clear_original();
  }
  return attachment;
}

void HideAttachment(v1::TicketFact* fact) {
  v1::Attachment* attachment = nullptr;
  if (fact->has_attachment_added()) {
    attachment = fact->mutable_attachment_added()->mutable_attachment();
  } else if (fact->has_attachment_changed()) {
    attachment = fact->mutable_attachment_changed()->mutable_attachment();
  } else {
    return;
  }
  v1::Attachment left;
  left.set_name(attachment->name());
  left.set_kind(attachment->kind());
  left.set_visibility(attachment->visibility());
  left.set_state(attachment->state());
  *attachment = std::move(left);
}

absl::StatusOr<Reading> Read(const v1::StoredAttachment& stored, bool original,
                             absl::string_view purpose, bool centre) {
  const v1::Attachment& attachment = stored.attachment();
  if (attachment.state() == v1::ATTACHMENT_REMOVED) {
    return Shredded(attachment);
  }
  if (original && !centre) {
    return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_CONTENT_NOT_SHOWN,
                 "original: got true, want false but by the centre", "原始附件仅限热线中心查看");
  }
  if (original && !attachment.redacted()) {
    return InvalidField("original", "true", "false: nothing was redacted",
                        "该附件没有遮盖前的原件");
  }
  Reading reading;
  reading.recorded = original || attachment.visibility() == v1::CENTRE_ONLY;
  if (reading.recorded && text::Utf8Length(purpose) < kShortestPurpose) {
    return InvalidField("purpose", purpose.empty() ? "nothing" : purpose, "4 to 200 characters",
                        "查看目的（4至200字）");
  }
  reading.blob = original ? stored.original_blob() : stored.blob();
  reading.media = original ? attachment.original() : attachment.media();
  return reading;
}

absl::StatusOr<AttachmentDecision> Attach(const v1::Ticket& ticket,
                                          const v1::CreateAttachmentRequest& request,
                                          const v1::StoredBlob& blob, int number,
                                          const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckMayAdd(ticket, request, context));
  v1::StoredAttachment stored;
  stored.set_blob(std::string(IdOf(blob.blob().name())));
  v1::Attachment& attachment = *stored.mutable_attachment();
  attachment.set_name(AttachmentName(ticket.name(), number));
  attachment.set_kind(request.kind());
  attachment.set_description(request.description());
  attachment.set_file_name(request.file_name().empty() ? blob.file_name() : request.file_name());
  attachment.set_visibility(request.visibility());
  if (request.visibility() == v1::ATTACHMENT_VISIBILITY_UNSPECIFIED) {
    attachment.set_visibility(IsGuarded(ticket, request.kind()) ? v1::CENTRE_ONLY : v1::HANDLERS);
  }
  attachment.set_state(v1::ATTACHMENT_PRESENT);
  *attachment.mutable_media() = blob.blob().media();
  *attachment.mutable_actor() = context.actor;
  *attachment.mutable_create_time() = ToProto(context.now);
  *attachment.mutable_update_time() = ToProto(context.now);
  attachment.set_etag(EtagOf(1));
  v1::TicketFact fact = BeginSideFact(ticket, context);
  *fact.mutable_attachment_added()->mutable_attachment() = attachment;
  return AttachmentDecision{Decide(ticket, std::move(fact)), std::move(stored)};
}

absl::StatusOr<AttachmentDecision> SetVisibility(const v1::Ticket& ticket,
                                                 const v1::StoredAttachment& stored,
                                                 const v1::Attachment& wanted,
                                                 const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckChange(stored, wanted.etag(), context));
  if (wanted.visibility() == v1::ATTACHMENT_VISIBILITY_UNSPECIFIED) {
    return InvalidField("attachment.visibility", "nothing", "HANDLERS or CENTRE_ONLY", "可见范围");
  }
  v1::StoredAttachment after = stored;
  after.mutable_attachment()->set_visibility(wanted.visibility());
  return Changed(ticket, std::move(after), v1::VISIBILITY_CHANGED, context);
}

absl::StatusOr<AttachmentDecision> Redact(const v1::Ticket& ticket,
                                          const v1::StoredAttachment& stored,
                                          const v1::RedactAttachmentRequest& request,
                                          const v1::StoredBlob& blob, const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckChange(stored, request.etag(), context));
  v1::StoredAttachment after = stored;
  v1::Attachment& attachment = *after.mutable_attachment();
  if (!attachment.redacted()) {
    after.set_original_blob(after.blob());
    *attachment.mutable_original() = attachment.media();
    attachment.set_redacted(true);
  }
  after.set_blob(std::string(IdOf(blob.blob().name())));
  *attachment.mutable_media() = blob.blob().media();
  attachment.set_change_reason(request.reason());
  return Changed(ticket, std::move(after), v1::CONTENT_REDACTED, context);
}

absl::StatusOr<AttachmentDecision> Remove(const v1::Ticket& ticket,
                                          const v1::StoredAttachment& stored,
                                          const v1::RemoveAttachmentRequest& request,
                                          const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckChange(stored, request.etag(), context));
  v1::StoredAttachment after = stored;
  after.clear_blob();
  after.clear_original_blob();
  after.mutable_attachment()->set_state(v1::ATTACHMENT_REMOVED);
  after.mutable_attachment()->set_change_reason(request.reason());
  return Changed(ticket, std::move(after), v1::CONTENT_REMOVED, context);
}

void ApplyAttachments(v1::Ticket& row, const v1::TicketFact& fact) {
  if (fact.has_attachment_added()) {
    row.set_attachment_count(row.attachment_count() + 1);
  } else if (fact.attachment_changed().change() == v1::CONTENT_REMOVED) {
    row.set_attachment_count(row.attachment_count() - 1);
  }
}

std::string AttachmentName(absl::string_view ticket, int number) {
  return absl::StrCat(ticket, "/attachments/", number);
}

absl::string_view TicketOf(absl::string_view attachment) {
  return attachment.substr(0, attachment.find("/attachments/"));
}

bool NamesAttachment(absl::string_view value) { return absl::StartsWith(value, "counties/"); }

absl::Status CheckEvidence(absl::string_view path, absl::string_view value,
                           absl::string_view ticket, bool found) {
  return found ? absl::OkStatus()
               : InvalidField(path, value, absl::StrCat("an attachment of ", ticket),
                              "本工单的附件，或其他引用");
}

}  // namespace baimi::ticket::domain
