// Numbers of orders from an index that has them by state.
#ifndef BAIMI_SERVICES_TICKET_STORE_NUMBER_MERGE_H_
#define BAIMI_SERVICES_TICKET_STORE_NUMBER_MERGE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

// Merges the ranges of several states into one order, newest first, and reads of each no more than
// it needs. Rows are not looked at: the index alone answers.
class NumberMerge {
 public:
  // `statement` gives, in falling order, the numbers of one state: its parameters are county, key,
  // state, the number to stay below, the least number, and how many at most. All outlive the merge.
  NumberMerge(sql::Reader& reader, const sql::Statement& statement, absl::string_view county,
              absl::string_view key, absl::Span<const int> states, absl::string_view below,
              absl::string_view from);

  // The next `count` numbers; fewer only at the end.
  absl::StatusOr<std::vector<std::string>> Next(size_t count);

 private:
  struct Range {
    int state = 0;
    // What was read and not given, the newest last.
    std::vector<std::string> numbers = {};
    // The last one read.
    std::string below = {};
    bool ended = false;
  };
  // Reads on in every range that has nothing left, `count` numbers at most.
  absl::Status Refill(size_t count);

  sql::Reader& reader_;
  const sql::Statement& statement_;
  const absl::string_view county_;
  const absl::string_view key_;
  const absl::string_view from_;
  std::vector<Range> ranges_;
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_NUMBER_MERGE_H_
