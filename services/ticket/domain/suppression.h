// Withholding small counts so that nobody computes them. Pure functions.
//
// Counts that hang together by sums are cells of a flow: each runs from one node to another, and at
// every node what comes in goes out. A row of a table is a node (its total comes in, its counts go
// out), so is a column; a second way to share out the same total follows after the first one. Every
// table with margins, and every tree of sums, is such a flow, and because of that the range that
// the published cells leave a withheld one is known exactly, in whole numbers: it is what can be
// sent around past the published cells.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_SUPPRESSION_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_SUPPRESSION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"

namespace baimi::ticket::domain {

struct FlowCell {
  int from = 0;
  int to = 0;
  // Not negative.
  int64_t value = 0;
  // Of withholding it; positive, below 10^14. What is withheld beside the small cells is
  // chosen so that it costs little.
  int64_t cost = 1;
  // Withheld whatever its value.
  bool forced = false;
  // Known to be at most so much; not less than `value`.
  std::optional<int64_t> most = std::nullopt;
};

// What is known of a withheld cell: low <= value, and value <= high where there is any end.
struct FlowRange {
  int64_t low = 0;
  std::optional<int64_t> high = std::nullopt;
};

// Of cell `at`, by all cells that are not withheld. A withheld cell that is not 0 is known not to
// be 0, since what is 0 is published.
FlowRange RangeOf(absl::Span<const FlowCell> cells, const std::vector<bool>& withheld, size_t at);

// Every withheld cell has a range with high - low >= k.
bool IsSafe(absl::Span<const FlowCell> cells, const std::vector<bool>& withheld, int64_t k);

// Which cells are withheld: those that are forced, those from 1 to k - 1, and as many more as it
// takes to be safe. No cell may have a `most`; in each node, cells come in and go out.
std::vector<bool> Withhold(absl::Span<const FlowCell> cells, int64_t k);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_SUPPRESSION_H_
