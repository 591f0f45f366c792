// Solves the transportation problem exactly, proves the optimum, and explains what cannot be
// solved.
//
// All functions are pure and thread-safe. They are deterministic: the same problem gives the same
// answer, and the order of the edges does not matter but between two that join the same nodes. No
// cost is perturbed: of several optima, the walk of the algorithm picks one by the order of nodes.
// A caller that wants ties broken by id numbers its nodes by id.
#ifndef BAIMI_COMMON_FLOW_SOLVER_H_
#define BAIMI_COMMON_FLOW_SOLVER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/flow/problem.h"

namespace baimi::flow {

// An optimum and its proof.
struct Solution {
  // For each edge.
  std::vector<int32_t> flow;
  int64_t cost = 0;
  // What one more unit of a left node's upper bound would save. > 0 only when the node is full, < 0
  // only when it is at its lower bound.
  std::vector<int64_t> left_price;
  // What serving one more unit of a right node costs, including what that does to others. Above
  // `unserved_cost` only at the lower bound, below it only when the node is full.
  std::vector<int64_t> right_price;
};

enum class Side { kLeft, kRight };

// Bounds that contradict each other. `hungry` nodes of the one side must have `need` units in total
// (the sum of their lower bounds), and there is no more than `supply` for them: the upper bounds of
// `limits` (the other side) less what their edges to others are forced to carry, plus the upper
// bounds of the edges to the hungry nodes from nodes that are not in `limits`. When `hungry` is
// empty the forced edges of `limits` alone pass its upper bounds, and `supply` is negative.
struct Contradiction {
  Side hungry_side = Side::kRight;
  std::vector<int32_t> hungry;
  std::vector<int32_t> limits;
  int64_t need = 0;
  int64_t supply = 0;
};

// One bound, and how far it must move.
struct Relaxation {
  Side side = Side::kLeft;
  int32_t node = 0;
  // The upper bound goes up by `units`; otherwise the lower bound goes down.
  bool raise_upper = false;
  int64_t units = 0;
};

struct Infeasibility {
  // One or two: what right nodes cannot get, and what left nodes cannot. Their need - supply adds
  // up to `total`, which proves that no smaller change helps.
  std::vector<Contradiction> contradictions;
  // A smallest change of the bounds of nodes that makes the problem feasible, by side and node.
  // Lower bounds go down, unless the forced edges of a node alone pass its upper bound. Raising
  // upper bounds of `limits` may do as well, with the same total.
  std::vector<Relaxation> relaxations;
  // Sum of their units; > 0.
  int64_t total = 0;
};

// Exactly one of the two is set.
struct Outcome {
  std::optional<Solution> solution;
  std::optional<Infeasibility> infeasibility;
};

// INVALID_ARGUMENT by Check; never another error.
absl::StatusOr<Outcome> Solve(const Problem& problem);

// Proves by definition, without the solver, that `solution` is an optimum of `problem`: every bound
// holds, the cost is right, and prices and flow are complementary, from which it follows that no
// other flow costs less. INVALID_ARGUMENT for an invalid problem, FAILED_PRECONDITION naming the
// first node or edge for which it is not so. Linear time.
absl::Status VerifyOptimal(const Problem& problem, const Solution& solution);

// The same for what Solve says of an infeasible problem: the sums of the contradictions are right
// and sum up to `total`, and the relaxed bounds contradict them no longer. That `total` relaxations
// do suffice is shown by solving the problem with `Relaxed`.
absl::Status VerifyInfeasible(const Problem& problem, const Infeasibility& infeasibility);

// `problem` with the bounds moved; feasible when `infeasibility` is Solve's.
Problem Relaxed(const Problem& problem, const Infeasibility& infeasibility);

}  // namespace baimi::flow

#endif  // BAIMI_COMMON_FLOW_SOLVER_H_
