#include "common/flow/least_change.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace baimi::flow {
namespace {

absl::Status CheckBefore(const Problem& problem, const std::vector<int32_t>& before) {
  if (before.size() != problem.edges.size()) {
    return InvalidField("before", absl::StrCat(before.size(), " numbers"),
                        absl::StrCat(problem.edges.size(), ", one an edge"),
                        absl::StrCat("须为", problem.edges.size(), "个，每条边一个"));
  }
  for (size_t e = 0; e < before.size(); ++e) {
    if (before[e] < 0) {
      return InvalidField(absl::StrCat("before[", e, "]"), absl::StrCat(before[e]), ">= 0",
                          "不得小于0");
    }
  }
  return absl::OkStatus();
}

// Two edges for one, in turn: what is kept, and what is added.
Problem Derive(const Problem& problem, const std::vector<int32_t>& before, int64_t weight) {
  Problem derived;
  derived.left = problem.left;
  derived.right = problem.right;
  derived.edges.reserve(problem.edges.size() * 2);
  for (size_t e = 0; e < problem.edges.size(); ++e) {
    Edge kept = problem.edges[e];
    Edge added = kept;
    kept.upper = std::min(kept.upper, before[e]);
    kept.lower = std::min(kept.lower, kept.upper);
    kept.cost -= weight;
    added.upper -= kept.upper;
    added.lower -= kept.lower;
    added.cost += weight;
    derived.edges.push_back(kept);
    derived.edges.push_back(added);
  }
  return derived;
}

}  // namespace

absl::StatusOr<LeastChangeOutcome> SolveLeastChange(const Problem& problem,
                                                    const std::vector<int32_t>& before) {
  BAIMI_RETURN_IF_ERROR(Check(problem));
  BAIMI_RETURN_IF_ERROR(CheckBefore(problem, before));
  LeastChange plan;
  plan.derived = Derive(problem, before, PathCostBound(problem) + 1);
  BAIMI_ASSIGN_OR_RETURN(Outcome outcome, Solve(plan.derived));
  if (outcome.infeasibility) {
    return LeastChangeOutcome{.plan = std::nullopt,
                              .infeasibility = std::move(outcome.infeasibility)};
  }
  plan.proof = *std::move(outcome.solution);
  plan.flow.resize(before.size());
  for (size_t e = 0; e < before.size(); ++e) {
    plan.flow[e] = plan.proof.flow[2 * e] + plan.proof.flow[2 * e + 1];
    plan.changed += std::abs(int64_t{plan.flow[e]} - before[e]);
  }
  plan.cost = CostOf(problem, plan.flow);
  return LeastChangeOutcome{.plan = std::move(plan), .infeasibility = std::nullopt};
}

}  // namespace baimi::flow
