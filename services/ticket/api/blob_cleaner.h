// Destroys the bytes that no order took, and those that were taken from one.
#ifndef BAIMI_SERVICES_TICKET_API_BLOB_CLEANER_H_
#define BAIMI_SERVICES_TICKET_API_BLOB_CLEANER_H_

#include <string>

#include "absl/status/status.h"
#include "common/base/call.h"
#include "common/journal/alarm_clock.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/api/sealed_content.h"
#include "services/ticket/store/attachment_store.h"

namespace baimi::ticket::api {

// Thread-safe.
class BlobCleaner {
 public:
  // Both outlive it.
  BlobCleaner(const Parts& parts, const SealedContent* content)
      : parts_(parts), blobs_(parts.vault), content_(content) {}

  // Of the alarm "<id>/<attempt>". The row goes last: who dies before that is followed by another
  // one, after the lease.
  void Ring(const Call& call, const std::string& id, const journal::AlarmClock::Done& done) const;

 private:
  absl::Status Clean(const Call& call, const std::string& id, int64_t attempt) const;

  const Parts& parts_;
  const store::BlobStore blobs_;
  const SealedContent* const content_;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_BLOB_CLEANER_H_
