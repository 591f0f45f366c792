#include "common/flow/solver.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/flow/core.h"
#include "common/flow/reduction.h"
#include "common/flow/shortfall.h"

namespace baimi::flow {
namespace {

using internal::Core;
using internal::CoreNode;
using internal::Reduced;
using internal::Remainder;

bool NoUnits(const CoreNode& node) { return node.mandatory + node.optional == 0; }

// Nodes that forced edges fill were left out of the core: any price does that makes more flow on
// their edges not worth while.
void PriceFullNodes(const Problem& problem, const Remainder& remainder, Solution& solution) {
  for (size_t i = 0; i < problem.left.size(); ++i) {
    if (NoUnits(remainder.left[i])) {
      solution.left_price[i] = 0;
    }
  }
  for (size_t j = 0; j < problem.right.size(); ++j) {
    if (NoUnits(remainder.right[j])) {
      solution.right_price[j] = problem.right[j].unserved_cost;
    }
  }
  for (const Edge& edge : problem.edges) {
    if (edge.lower < edge.upper && NoUnits(remainder.left[edge.left]) &&
        !NoUnits(remainder.right[edge.right])) {
      int64_t& price = solution.left_price[edge.left];
      price = std::max(price, solution.right_price[edge.right] - edge.cost);
    }
  }
  for (const Edge& edge : problem.edges) {
    if (edge.lower < edge.upper && NoUnits(remainder.right[edge.right])) {
      int64_t& price = solution.right_price[edge.right];
      price = std::min(price, solution.left_price[edge.left] + edge.cost);
    }
  }
}

Solution Read(const Problem& problem, const Remainder& remainder, const Reduced& reduced,
              const Core& core) {
  Solution solution;
  solution.flow.reserve(problem.edges.size());
  for (const Edge& edge : problem.edges) {
    solution.flow.push_back(edge.lower);
  }
  const std::vector<int32_t> flow = core.Flow();
  for (size_t e = 0; e < flow.size(); ++e) {
    solution.flow[reduced.edges[e]] += flow[e];
  }
  solution.cost = CostOf(problem, solution.flow);
  solution.left_price = reduced.left_is_customer ? core.values() : core.prices();
  solution.right_price = reduced.left_is_customer ? core.prices() : core.values();
  if (reduced.left_is_customer) {
    for (std::vector<int64_t>* prices : {&solution.left_price, &solution.right_price}) {
      for (int64_t& price : *prices) {
        price = -price;
      }
    }
  }
  for (size_t j = 0; j < problem.right.size(); ++j) {
    solution.right_price[j] += problem.right[j].unserved_cost;
  }
  PriceFullNodes(problem, remainder, solution);
  return solution;
}

}  // namespace

absl::StatusOr<Outcome> Solve(const Problem& problem) {
  BAIMI_RETURN_IF_ERROR(Check(problem));
  const Remainder remainder = internal::TakeForced(problem);
  if (remainder.excess > 0) {
    return Outcome{.solution = std::nullopt,
                   .infeasibility = internal::ExplainShortfall(problem, remainder)};
  }
  Reduced reduced = internal::Reduce(problem, remainder, /*costs=*/true);
  Core core(std::move(reduced.input));
  core.Run();
  if (core.missing_units() > 0) {
    return Outcome{.solution = std::nullopt,
                   .infeasibility = internal::ExplainShortfall(problem, remainder)};
  }
  return Outcome{.solution = Read(problem, remainder, reduced, core),
                 .infeasibility = std::nullopt};
}

}  // namespace baimi::flow
