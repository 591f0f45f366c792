#include "services/ticket/attachments.h"

#include <utility>

#include "common/base/status_macros.h"
#include "services/ticket/api/file_content.h"
#include "services/ticket/store/attachment_store.h"

namespace baimi::ticket {
namespace {

using api::AttachmentApi;

template <typename Request, typename Response>
void Add(rpc::Service& service, absl::string_view method, AttachmentApi* api,
         Async<Response> (AttachmentApi::*handler)(const Call&, const Request&)) {
  service.Unary<Request, Response>(method, std::bind_front(handler, api));
}

const api::SealedContent* OrNull(const std::optional<api::SealedContent>& content) {
  return content ? &*content : nullptr;
}

}  // namespace

void DeclareAttachments(const config::Section& root, AttachmentHost* host) {
  root.String(
      "attachments.directory", &host->directory,
      "Where the bytes of attachments lie, for good. Default: in the data directory of a suite; "
      "elsewhere none are taken.");
}

absl::StatusOr<api::Content*> OpenAttachments(const AttachmentHost& host,
                                              std::unique_ptr<api::Content>* own) {
  if (host.content == nullptr && !host.directory.empty()) {
    BAIMI_ASSIGN_OR_RETURN(*own, api::NewFileContent(host.directory, "attachments.directory"));
  }
  return host.content != nullptr ? host.content : own->get();
}

Attachments::Attachments(const api::Parts& parts, api::Content* content, Rng* rng, OwnCall own_call,
                         const journal::AlarmClockOptions& alarms)
    : content_(content == nullptr ? std::nullopt
                                  : std::make_optional<api::SealedContent>(content, parts.vault)),
      uploads_(parts, OrNull(content_), rng),
      api_(parts, OrNull(content_)) {
  if (!content_) {
    return;
  }
  cleaner_.emplace(parts, &*content_);
  alarms_.emplace(
      parts.database, parts.clock,
      [blobs = store::BlobStore(parts.vault)](sql::Tx& tx, absl::Time now, absl::Time until,
                                              int limit) {
        return blobs.Lease(tx, now, until, limit);
      },
      [this, own_call = std::move(own_call)](const journal::Alarm& alarm,
                                             const journal::AlarmClock::Done& done) {
        cleaner_->Ring(own_call(alarm.county), alarm.id, done);
      },
      alarms);
}

void Attachments::AddService(rpc::Runtime* runtime,
                             std::vector<std::unique_ptr<rpc::Service>>* services) {
  auto service = std::make_unique<rpc::Service>("baimi.ticket.v1.AttachmentService", runtime);
  service->ClientStream<v1::UploadBlobRequest, v1::Blob>(
      "UploadBlob", std::bind_front(&api::BlobUploads::Open, &uploads_));
  Add(*service, "CreateAttachment", &api_, &AttachmentApi::Create);
  Add(*service, "GetAttachment", &api_, &AttachmentApi::Get);
  Add(*service, "ListAttachments", &api_, &AttachmentApi::List);
  Add(*service, "ReadAttachment", &api_, &AttachmentApi::Read);
  Add(*service, "UpdateAttachment", &api_, &AttachmentApi::Update);
  Add(*service, "RedactAttachment", &api_, &AttachmentApi::Redact);
  Add(*service, "RemoveAttachment", &api_, &AttachmentApi::Remove);
  service->ServerStream<v1::DownloadAttachmentRequest, v1::AttachmentChunk>(
      "DownloadAttachment", std::bind_front(&AttachmentApi::Download, &api_));
  services->push_back(std::move(service));
}

absl::StatusOr<int> Attachments::RunDue() { return alarms_ ? alarms_->RunDue() : 0; }

void Attachments::Stop() {
  if (alarms_) {
    alarms_->Stop();
  }
}

}  // namespace baimi::ticket
