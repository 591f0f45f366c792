// The work on exports that nobody waits for: finding the orders, reading them page by page, putting
// the file together, and removing what is over.
#ifndef BAIMI_SERVICES_TICKET_API_EXPORT_MAKER_H_
#define BAIMI_SERVICES_TICKET_API_EXPORT_MAKER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/export_events.pb.h"
#include "common/base/call.h"
#include "common/journal/alarm_clock.h"
#include "services/ticket/api/export_pieces.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/store/export_store.h"
#include "services/ticket/store/search_query.h"

namespace baimi::ticket::api {

struct ExportMakerOptions {
  // Orders of one step.
  int page = 200;
  // As NewExportFile.
  std::string scratch = {};
};

// Every step is short, reads at one snapshot of its own, and ends with a write that takes effect
// only while the step's attempt is the newest: a replica that was slow, or an export that was
// cancelled meanwhile, changes nothing. After a crash the next attempt goes on at the last page
// that was written. Thread-safe.
class ExportMaker {
 public:
  // All outlive it.
  ExportMaker(const Parts& parts, const store::SearchQuery* query, const store::ExportStore* store,
              const ExportPieces* pieces, const ExportMakerOptions& options)
      : parts_(parts), query_(query), store_(store), pieces_(pieces), options_(options) {}

  // Does the next step of export `id` ("<id>/<attempt>", as ExportStore::Lease says), on the
  // calling thread. An error is tried again after the lease; one that will not pass ends the
  // export.
  void Ring(const Call& call, const std::string& id, const journal::AlarmClock::Done& done) const;

 private:
  absl::Status Step(const Call& call, store::ExportRow row) const;
  // The three stages.
  absl::Status Find(const Call& call, store::ExportRow row) const;
  absl::Status Write(const Call& call, store::ExportRow row) const;
  absl::Status Pack(const Call& call, store::ExportRow row) const;
  // One page of what the filter finds: numbers, and where the next begins.
  absl::Status FindPage(sql::Reader& reader, const Call& call, const v1::ExportWork& work,
                        std::vector<std::string>* numbers, std::vector<std::string>* next) const;
  // The rows of the next page, masked, as PutPage takes them; `orders`: those that were found.
  absl::StatusOr<std::string> RowsOf(const Call& call, const v1::ExportWork& work,
                                     int* orders) const;
  // Writes the file; NOT_FOUND when a page is gone.
  absl::Status MakeFile(v1::ExportWork& work, int64_t attempt) const;
  // Done, with what `row` says, on record.
  absl::Status End(const Call& call, store::ExportRow row) const;
  absl::Status Fail(const Call& call, store::ExportRow row, const absl::Status& why) const;
  absl::Status Remove(const Call& call, const store::ExportRow& row) const;
  // Writes the step's outcome; the next one is due at once.
  absl::Status Save(const Call& call, store::ExportRow& row,
                    const std::vector<std::string>* numbers = nullptr) const;

  const Parts& parts_;
  const store::SearchQuery* const query_;
  const store::ExportStore* const store_;
  const ExportPieces* const pieces_;
  const ExportMakerOptions options_;
};

// What is put on record when an export has ended.
v1::ExportEnded EndedEvent(const v1::ExportWork& work);

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_EXPORT_MAKER_H_
