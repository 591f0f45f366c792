// The tables of attachments, and of the blobs that hold their bytes. What tells about people is
// sealed: of an attachment under the key of its order, of a blob under its own.
#ifndef BAIMI_SERVICES_TICKET_STORE_ATTACHMENT_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_ATTACHMENT_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/attachments.pb.h"
#include "common/journal/alarm_clock.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

// Bytes come, wait for an order, belong to one, and go. Each step is taken by one statement, so
// that of two who take it one finds nothing to do.
enum class BlobState {
  // There is a row, perhaps bytes. Seen by nobody.
  kArriving = 0,
  kFree = 1,
  kTaken = 2,
  // To be destroyed. Seen by nobody.
  kDoomed = 3,
};

struct BlobRow {
  v1::StoredBlob stored = {};
  BlobState state = BlobState::kArriving;
  // Grows with every lease.
  int64_t attempt = 0;
  // SHA-256 of each part, 32 bytes each.
  std::string part_hashes = {};
};

// Stateless; thread-safe.
class BlobStore {
 public:
  // `vault` outlives the store.
  explicit BlobStore(const privacy::Vault* vault) : vault_(vault) {}

  // kArriving; `alarm`: when it is destroyed if nothing comes of it.
  absl::Status Insert(sql::Tx& tx, const v1::StoredBlob& blob, absl::Time alarm) const;
  // kArriving to kFree; ABORTED when it is not arriving any more.
  absl::Status Arrive(sql::Tx& tx, const v1::StoredBlob& blob, absl::string_view part_hashes,
                      absl::Time alarm) const;
  // kFree to kTaken; ABORTED when it is not free.
  absl::Status Take(sql::Tx& tx, const v1::StoredBlob& blob) const;
  // Whatever it was, to kDoomed, due at `alarm`; OK when it is gone.
  absl::Status Doom(sql::Tx& tx, absl::string_view county, absl::string_view id,
                    absl::Time alarm) const;
  // The same by whoever leased it; ABORTED when it was taken, or leased again.
  absl::Status DoomLeased(sql::Tx& tx, absl::string_view county, absl::string_view id,
                          int64_t attempt) const;
  // ABORTED when the attempt is another one.
  absl::Status Delete(sql::Tx& tx, absl::string_view county, absl::string_view id,
                      int64_t attempt) const;
  // NOT_FOUND when absent.
  absl::StatusOr<BlobRow> Load(sql::Reader& reader, absl::string_view county,
                               absl::string_view id) const;

  // Blobs of any county whose time has come, as "<id>/<attempt>": journal::AlarmClock::Lease.
  absl::StatusOr<std::vector<journal::Alarm>> Lease(sql::Tx& tx, absl::Time now, absl::Time until,
                                                    int limit) const;

 private:
  const privacy::Vault* vault_;
};

std::string BlobName(absl::string_view county, absl::string_view id);

// Stateless; thread-safe.
class AttachmentStore {
 public:
  // `vault` outlives the store.
  explicit AttachmentStore(const privacy::Vault* vault) : vault_(vault) {}

  // The number that the order's next attachment gets: from 1 on, also after those that were
  // removed.
  absl::StatusOr<int> NextNumber(sql::Reader& reader, absl::string_view ticket) const;
  // `key` is the order's.
  absl::Status Insert(sql::Tx& tx, const v1::StoredAttachment& stored, privacy::KeyId key) const;
  absl::Status Update(sql::Tx& tx, const v1::StoredAttachment& stored, privacy::KeyId key) const;
  // NOT_FOUND when absent. Of a shredded order the words are empty.
  absl::StatusOr<v1::StoredAttachment> Load(sql::Reader& reader, absl::string_view name) const;
  // Of the order, with numbers above `after`, in their order, at most `limit`.
  absl::StatusOr<std::vector<v1::StoredAttachment>> List(sql::Reader& reader,
                                                         absl::string_view ticket, int after,
                                                         int limit) const;

 private:
  const privacy::Vault* vault_;
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_ATTACHMENT_STORE_H_
