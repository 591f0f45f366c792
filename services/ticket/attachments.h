// Attachments as one object: where their bytes are kept, their gRPC service, and what destroys
// bytes that belong to nothing.
#ifndef BAIMI_SERVICES_TICKET_ATTACHMENTS_H_
#define BAIMI_SERVICES_TICKET_ATTACHMENTS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/random.h"
#include "common/config/config.h"
#include "common/journal/alarm_clock.h"
#include "common/rpc/runtime.h"
#include "common/rpc/service.h"
#include "services/ticket/api/attachment_api.h"
#include "services/ticket/api/blob_cleaner.h"
#include "services/ticket/api/blob_upload.h"
#include "services/ticket/api/content.h"
#include "services/ticket/api/sealed_content.h"

namespace baimi::ticket {

// What a process that hosts the service may set.
struct AttachmentHost {
  // Where the bytes lie (api/file_content.h); replicas share it. Empty: none are taken.
  std::string directory = {};
  // In its place, for tests. Must outlive the service.
  api::Content* content = nullptr;
};
// Setting: --attachments.directory.
void DeclareAttachments(const config::Section& root, AttachmentHost* host);
// The content to use, or null; `own` must outlive the service.
absl::StatusOr<api::Content*> OpenAttachments(const AttachmentHost& host,
                                              std::unique_ptr<api::Content>* own);

// Thread-safe.
class Attachments {
 public:
  // Makes the call that the service destroys bytes in `county` by.
  using OwnCall = std::function<Call(const std::string& county)>;

  // All outlive it; without `content` no bytes are taken and none are read.
  Attachments(const api::Parts& parts, api::Content* content, Rng* rng, OwnCall own_call,
              const journal::AlarmClockOptions& alarms);

  void AddService(rpc::Runtime* runtime, std::vector<std::unique_ptr<rpc::Service>>* services);
  // Destroys what is due. Returns how many blobs.
  absl::StatusOr<int> RunDue();
  void Stop();

 private:
  const std::optional<api::SealedContent> content_;
  api::BlobUploads uploads_;
  api::AttachmentApi api_;
  std::optional<api::BlobCleaner> cleaner_;
  // None without content.
  std::optional<journal::AlarmClock> alarms_;
};

}  // namespace baimi::ticket

#endif  // BAIMI_SERVICES_TICKET_ATTACHMENTS_H_
