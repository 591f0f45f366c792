#include "services/ticket/store/number_merge.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/status_macros.h"

namespace baimi::ticket::store {

NumberMerge::NumberMerge(sql::Reader& reader, const sql::Statement& statement,
                         absl::string_view county, absl::string_view key,
                         absl::Span<const int> states, absl::string_view below,
                         absl::string_view from)
    : reader_(reader), statement_(statement), county_(county), key_(key), from_(from) {
  for (const int state : states) {
    ranges_.push_back({.state = state, .below = std::string(below)});
  }
}

absl::Status NumberMerge::Refill(size_t count) {
  const auto limit = static_cast<int64_t>(count);
  std::vector<Range*> asked;
  std::vector<std::array<sql::Param, 6>> keys;
  for (Range& range : ranges_) {
    if (range.numbers.empty() && !range.ended) {
      asked.push_back(&range);
      keys.push_back({county_, key_, range.state, range.below, from_, limit});
    }
  }
  const std::vector<sql::Params> sets(keys.begin(), keys.end());
  BAIMI_RETURN_IF_ERROR(reader_.QueryEach(statement_, sets, [&](size_t set, const sql::Row& row) {
    asked[set]->numbers.emplace_back(row.Text(0));
    return absl::OkStatus();
  }));
  for (Range* range : asked) {
    range->ended = range->numbers.size() < count;
    if (!range->numbers.empty()) {
      range->below = range->numbers.back();
      std::reverse(range->numbers.begin(), range->numbers.end());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> NumberMerge::Next(size_t count) {
  std::vector<std::string> merged;
  while (merged.size() < count) {
    // Of a range with nothing left the next number is not known.
    if (std::any_of(ranges_.begin(), ranges_.end(),
                    [](const Range& range) { return range.numbers.empty() && !range.ended; })) {
      BAIMI_RETURN_IF_ERROR(Refill(count - merged.size()));
    }
    const auto newest =
        std::max_element(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) {
          return b.numbers.empty() ? false
                                   : a.numbers.empty() || a.numbers.back() < b.numbers.back();
        });
    if (newest == ranges_.end() || newest->numbers.empty()) {
      break;
    }
    merged.push_back(std::move(newest->numbers.back()));
    newest->numbers.pop_back();
  }
  return merged;
}

}  // namespace baimi::ticket::store
