#include "services/ticket/api/blob_cleaner.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "baimi/ticket/v1/attachment_events.pb.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "google/protobuf/empty.pb.h"

namespace baimi::ticket::api {
namespace {

// A database that hangs must not hold up the end of the process.
constexpr absl::Duration kLongestStep = absl::Seconds(10);

}  // namespace

void BlobCleaner::Ring(const Call& call, const std::string& id,
                       const journal::AlarmClock::Done& done) const {
  const std::pair<std::string, std::string> parts = absl::StrSplit(id, absl::MaxSplits('/', 1));
  int64_t attempt = 0;
  if (!absl::SimpleAtoi(parts.second, &attempt)) {
    done(Internal("blob: an alarm without its attempt"));
    return;
  }
  done(Clean(call, parts.first, attempt));
}

absl::Status BlobCleaner::Clean(const Call& call, const std::string& id, int64_t attempt) const {
  store::BlobRow row;
  const absl::Status doomed = parts_.database->Write(
      {.deadline = SystemClock().Now() + kLongestStep}, [&](sql::Tx& tx) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(row, blobs_.Load(tx, call.county, id));
        // As it was before, in `row`.
        return row.attempt != attempt || row.state == store::BlobState::kTaken
                   ? NotFound(id)
                   : blobs_.DoomLeased(tx, call.county, id, attempt);
      });
  if (absl::IsNotFound(doomed)) {
    return absl::OkStatus();  // Gone, taken in this moment, or somebody else has it.
  }
  BAIMI_RETURN_IF_ERROR(doomed);
  BAIMI_RETURN_IF_ERROR(content_->Prune(id, ""));
  absl::Status destroyed = parts_.keys->Destroy(row.stored.key());
  if (!destroyed.ok() && !absl::IsNotFound(destroyed)) {
    return destroyed;
  }
  const std::string name = store::BlobName(call.county, id);
  const bool unclaimed = row.stored.attachment().empty() && row.stored.blob().has_expire_time();
  return parts_.writer
      ->Execute<google::protobuf::Empty>(
          call,
          [this, id, attempt, name,
           unclaimed](journal::Tx& tx) -> absl::StatusOr<google::protobuf::Empty> {
            BAIMI_RETURN_IF_ERROR(blobs_.Delete(tx.sql(), tx.county(), id, attempt));
            if (unclaimed) {  // Else the order's record tells of it, or nobody heard of it.
              v1::BlobRemoved event;
              event.set_blob(name);
              BAIMI_RETURN_IF_ERROR(tx.RecordAccess(name, event, privacy::kNoKey).status());
            }
            return google::protobuf::Empty();
          })
      .Wait()
      .status();
}

}  // namespace baimi::ticket::api
