// The transportation problem of the matching and pairing services: people and slots, supporters and
// receivers.
#ifndef BAIMI_COMMON_FLOW_PROBLEM_H_
#define BAIMI_COMMON_FLOW_PROBLEM_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"

namespace baimi::flow {

// How many units a node of either side takes: lower <= load <= upper.
struct LeftNode {
  int32_t lower = 0;
  int32_t upper = 1;
};

struct RightNode {
  int32_t lower = 0;
  int32_t upper = 1;
  // Paid for each unit between the load and `upper`: what it costs to leave the unit unserved. With
  // 0 and costs >= 0 nothing above the lower bounds is worth serving.
  int64_t unserved_cost = 0;
};

// An eligible pair; what is forbidden has no edge. Two edges may join the same nodes: costs that
// grow with the flow.
struct Edge {
  int32_t left = 0;
  int32_t right = 0;
  // lower <= flow <= upper. A locked pair has lower > 0.
  int32_t lower = 0;
  int32_t upper = 1;
  // Of one unit; may be negative.
  int64_t cost = 0;
};

// Choose an integer flow for each edge that keeps all bounds and makes
//   sum of cost * flow + sum of unserved_cost * (upper - load) of the right nodes
// smallest.
struct Problem {
  std::vector<LeftNode> left = {};
  std::vector<RightNode> right = {};
  std::vector<Edge> edges = {};
};

// Of a node's or an edge's upper bound.
inline constexpr int32_t kMaxUnits = 1'000'000'000;
// Of (nodes + 4) * the greatest |cost| or |unserved_cost|, so that no sum along a path overflows:
// with 120,000 nodes a cost may be 1.2e12.
inline constexpr int64_t kMaxPathCost = int64_t{1} << 57;
// Of the greatest |total cost| that the bounds admit.
inline constexpr int64_t kMaxTotalCost = int64_t{1} << 62;
// Of nodes and of edges.
inline constexpr int64_t kMaxItems = int64_t{1} << 30;

// INVALID_ARGUMENT that names the field when a bound is negative, above kMaxUnits or lower > upper,
// an edge names no node, or one of the limits above is passed. Bounds that contradict each other
// are valid: they are infeasible.
absl::Status Check(const Problem& problem);

// The cost of `flow`, one number an edge; exact for valid problems and flows within their bounds.
int64_t CostOf(const Problem& problem, const std::vector<int32_t>& flow);

// (nodes + 4) * the greatest |cost| or |unserved_cost|: above the cost of any path or cycle that
// meets each node once. Exact for what Check accepts.
int64_t PathCostBound(const Problem& problem);

}  // namespace baimi::flow

#endif  // BAIMI_COMMON_FLOW_PROBLEM_H_
