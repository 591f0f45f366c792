// Re-planning with the least change: a refusal, a new slot, a supporter that is gone.
//
// Lexicographic: first the fewest changed units, |flow - before| summed over all edges, among all
// flows that keep the bounds and locks of the problem; then the least cost among those. Unserved
// units are a cost, not a change.
//
// The reduction to Solve: an edge becomes two, one of the `before` units it had, at cost - weight,
// and one of the others, at cost + weight. An improving cycle of the residual graph that meets each
// node once cannot save as much cost as `weight`, so one change weighs more than any cost. The
// weight is PathCostBound + 1, and Check of the derived problem sees that nothing overflows: with n
// nodes a cost may be 2^57 / n^2 or so (120,000 nodes: 1e7).
//
// To keep a pair only unless changing it saves more than it is worth, lower the cost of its edge by
// that worth and use Solve.
#ifndef BAIMI_COMMON_FLOW_LEAST_CHANGE_H_
#define BAIMI_COMMON_FLOW_LEAST_CHANGE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/flow/solver.h"

namespace baimi::flow {

struct LeastChange {
  // For each edge of the problem.
  std::vector<int32_t> flow;
  // CostOf(problem, flow).
  int64_t cost = 0;
  // Units taken away plus units added.
  int64_t changed = 0;
  // The derived problem and its optimum: VerifyOptimal(derived, proof) proves both parts.
  Problem derived;
  Solution proof;
};

struct LeastChangeOutcome {
  // Exactly one is set.
  std::optional<LeastChange> plan;
  std::optional<Infeasibility> infeasibility;
};

// `before` has one number an edge: what the pair had in the plan to keep. It need not keep the
// bounds. Pairs that are no longer eligible have no edge, are lost in any case and not counted.
// INVALID_ARGUMENT by Check, when a number is negative or missing, and when the weighted costs pass
// the limits.
absl::StatusOr<LeastChangeOutcome> SolveLeastChange(const Problem& problem,
                                                    const std::vector<int32_t>& before);

}  // namespace baimi::flow

#endif  // BAIMI_COMMON_FLOW_LEAST_CHANGE_H_
