// How a Problem becomes the input of the core, and its result a Solution. Forced flow is taken off
// the bounds of nodes and edges; what is left of lower bounds is mandatory; unserved costs are
// folded into the edges. The side with fewer units becomes the customers.
#ifndef BAIMI_COMMON_FLOW_REDUCTION_H_
#define BAIMI_COMMON_FLOW_REDUCTION_H_

#include <cstdint>
#include <vector>

#include "common/flow/core.h"
#include "common/flow/problem.h"

namespace baimi::flow::internal {

// What the edges' lower bounds leave of the nodes' bounds.
struct Remainder {
  std::vector<CoreNode> left;
  std::vector<CoreNode> right;
  // By how much the forced flow of a node passes its upper bound; 0 for most.
  std::vector<int64_t> left_excess;
  std::vector<int64_t> right_excess;
  int64_t excess = 0;
};

Remainder TakeForced(const Problem& problem);

struct Reduced {
  Core::Input input;
  // The problem's edge of each edge of the core.
  std::vector<int32_t> edges;
  bool left_is_customer = false;
};

// With `costs` false every edge costs nothing and a missing unit 1: what remains is how many are
// missing.
Reduced Reduce(const Problem& problem, const Remainder& remainder, bool costs);

}  // namespace baimi::flow::internal

#endif  // BAIMI_COMMON_FLOW_REDUCTION_H_
