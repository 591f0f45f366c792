// Tables that follow from the journal and are kept up off the write path: figures, search indexes,
// notices.
//
// A projection has a cursor for each county. Its closure is given the records behind the cursor,
// some at a time, and what it writes commits together with the cursor's move: so every record takes
// effect once, in order, however many replicas run the projection and whenever one dies. Replicas
// take turns; one that finds a county taken leaves it.
#ifndef BAIMI_COMMON_JOURNAL_PROJECTOR_H_
#define BAIMI_COMMON_JOURNAL_PROJECTOR_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "baimi/type/v1/journal.pb.h"
#include "common/exec/ticker.h"
#include "common/sql/database.h"

namespace baimi::journal {

struct ProjectorOptions {
  // How often the journal is looked at, in real time. Infinite: only CatchUp does.
  absl::Duration poll = absl::Seconds(1);
  // Most records of one transaction, which others wait for on SQLite.
  int batch = 200;
};

// Thread-safe.
class Projector {
 public:
  // Records of the main stream of one county, in order and without gaps, at least one. Must not
  // block nor have effects outside `tx`. An error undoes the transaction; it is run again later.
  using Apply = std::function<absl::Status(sql::Tx& tx, const std::string& county,
                                           absl::Span<const type::v1::JournalRecord> records)>;

  // `name`, at most 32 characters, is the projection's for ever: another name starts at the first
  // record. `database` outlives this object.
  Projector(sql::Database* database, std::string name, Apply apply,
            const ProjectorOptions& options);

  // Applies records until none of any county is left, but for counties that another replica has.
  // Returns how many were applied here.
  absl::StatusOr<int64_t> CatchUp();

  // Nothing is applied afterwards. Also done by the destructor.
  void Stop();

  // Up to which record of the county `name` has been applied; 0 at the beginning.
  static absl::StatusOr<int64_t> Cursor(sql::Reader& reader, absl::string_view name,
                                        absl::string_view county);

 private:
  absl::StatusOr<std::vector<std::string>> Behind();
  // One transaction; 0 when the county is up to date or taken.
  absl::StatusOr<int64_t> Step(const std::string& county);

  sql::Database* const database_;
  const std::string name_;
  const Apply apply_;
  const ProjectorOptions options_;
  exec::Ticker ticker_;
};

}  // namespace baimi::journal

#endif  // BAIMI_COMMON_JOURNAL_PROJECTOR_H_
