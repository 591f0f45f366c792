#include "common/flow/testing_brute_force.h"

#include <algorithm>

namespace baimi::flow {

void ForEachFlow(const Problem& problem,
                 const std::function<void(const std::vector<int32_t>& flow)>& visit) {
  std::vector<int32_t> flow;
  for (const Edge& edge : problem.edges) {
    flow.push_back(edge.lower);
  }
  for (;;) {
    visit(flow);
    size_t e = 0;
    while (e < flow.size() && flow[e] == problem.edges[e].upper) {
      flow[e] = problem.edges[e].lower;
      ++e;
    }
    if (e == flow.size()) {
      return;
    }
    ++flow[e];
  }
}

int64_t Violation(const Problem& problem, const std::vector<int32_t>& flow) {
  std::vector<int64_t> left(problem.left.size(), 0);
  std::vector<int64_t> right(problem.right.size(), 0);
  for (size_t e = 0; e < flow.size(); ++e) {
    left[problem.edges[e].left] += flow[e];
    right[problem.edges[e].right] += flow[e];
  }
  int64_t violation = 0;
  const auto add = [&](int64_t load, int64_t lower, int64_t upper) {
    violation += std::max<int64_t>(lower - load, 0) + std::max<int64_t>(load - upper, 0);
  };
  for (size_t i = 0; i < left.size(); ++i) {
    add(left[i], problem.left[i].lower, problem.left[i].upper);
  }
  for (size_t j = 0; j < right.size(); ++j) {
    add(right[j], problem.right[j].lower, problem.right[j].upper);
  }
  return violation;
}

std::optional<int64_t> LeastCost(
    const Problem& problem, const std::function<bool(const std::vector<int32_t>& flow)>& wanted) {
  std::optional<int64_t> least;
  ForEachFlow(problem, [&](const std::vector<int32_t>& flow) {
    if (Violation(problem, flow) == 0 && (!wanted || wanted(flow))) {
      const int64_t cost = CostOf(problem, flow);
      least = std::min(least.value_or(cost), cost);
    }
  });
  return least;
}

}  // namespace baimi::flow
