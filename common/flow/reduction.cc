#include "common/flow/reduction.h"

#include <algorithm>

namespace baimi::flow::internal {
namespace {

CoreNode Rest(int64_t lower, int64_t upper, int64_t forced) {
  const int64_t mandatory = std::max<int64_t>(lower - forced, 0);
  const int64_t all = std::max<int64_t>(upper - forced, 0);
  return {.mandatory = static_cast<int32_t>(mandatory),
          .optional = static_cast<int32_t>(all - mandatory)};
}

template <typename Node>
void TakeOff(const std::vector<Node>& nodes, const std::vector<int64_t>& forced,
             std::vector<CoreNode>& rest, std::vector<int64_t>& excess, int64_t& total) {
  rest.resize(nodes.size());
  excess.resize(nodes.size());
  for (size_t i = 0; i < nodes.size(); ++i) {
    rest[i] = Rest(nodes[i].lower, nodes[i].upper, forced[i]);
    excess[i] = std::max<int64_t>(forced[i] - nodes[i].upper, 0);
    total += excess[i];
  }
}

int64_t Units(const std::vector<CoreNode>& nodes) {
  int64_t units = 0;
  for (const CoreNode& node : nodes) {
    units += node.mandatory + node.optional;
  }
  return units;
}

bool HasUnits(const CoreNode& node) { return node.mandatory + node.optional > 0; }

}  // namespace

Remainder TakeForced(const Problem& problem) {
  std::vector<int64_t> left(problem.left.size(), 0);
  std::vector<int64_t> right(problem.right.size(), 0);
  for (const Edge& edge : problem.edges) {
    left[edge.left] += edge.lower;
    right[edge.right] += edge.lower;
  }
  Remainder remainder;
  TakeOff(problem.left, left, remainder.left, remainder.left_excess, remainder.excess);
  TakeOff(problem.right, right, remainder.right, remainder.right_excess, remainder.excess);
  return remainder;
}

Reduced Reduce(const Problem& problem, const Remainder& remainder, bool costs) {
  Reduced reduced;
  reduced.left_is_customer = Units(remainder.left) < Units(remainder.right);
  reduced.input.missing = costs ? PathCostBound(problem) + 1 : 1;
  reduced.input.customers = reduced.left_is_customer ? remainder.left : remainder.right;
  reduced.input.providers = reduced.left_is_customer ? remainder.right : remainder.left;
  reduced.input.edges.reserve(problem.edges.size());
  reduced.edges.reserve(problem.edges.size());
  for (size_t i = 0; i < problem.edges.size(); ++i) {
    const Edge& edge = problem.edges[i];
    if (edge.upper == edge.lower || !HasUnits(remainder.left[edge.left]) ||
        !HasUnits(remainder.right[edge.right])) {
      continue;
    }
    reduced.input.edges.push_back(
        {.customer = reduced.left_is_customer ? edge.left : edge.right,
         .provider = reduced.left_is_customer ? edge.right : edge.left,
         .capacity = edge.upper - edge.lower,
         .cost = costs ? edge.cost - problem.right[edge.right].unserved_cost : 0});
    reduced.edges.push_back(static_cast<int32_t>(i));
  }
  return reduced;
}

}  // namespace baimi::flow::internal
