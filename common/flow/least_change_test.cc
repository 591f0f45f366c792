#include "common/flow/least_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <utility>

#include "common/flow/testing_brute_force.h"
#include "common/flow/testing_instances.h"

namespace baimi::flow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

int64_t Changed(const std::vector<int32_t>& flow, const std::vector<int32_t>& before) {
  int64_t changed = 0;
  for (size_t e = 0; e < flow.size(); ++e) {
    changed += std::abs(flow[e] - before[e]);
  }
  return changed;
}

// {changed, cost}, the least of all flows.
std::optional<std::pair<int64_t, int64_t>> Best(const Problem& problem,
                                                const std::vector<int32_t>& before) {
  std::optional<std::pair<int64_t, int64_t>> best;
  ForEachFlow(problem, [&](const std::vector<int32_t>& flow) {
    if (Violation(problem, flow) == 0) {
      const std::pair<int64_t, int64_t> now = {Changed(flow, before), CostOf(problem, flow)};
      best = std::min(best.value_or(now), now);
    }
  });
  return best;
}

void ExpectBest(const Problem& problem, const std::vector<int32_t>& before) {
  const absl::StatusOr<LeastChangeOutcome> outcome = SolveLeastChange(problem, before);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  const auto want = Best(problem, before);
  ASSERT_EQ(outcome->plan.has_value(), want.has_value());
  ASSERT_NE(outcome->plan.has_value(), outcome->infeasibility.has_value());
  if (want) {
    const LeastChange& plan = *outcome->plan;
    ASSERT_EQ(std::make_pair(plan.changed, plan.cost), *want);
    ASSERT_EQ(Violation(problem, plan.flow), 0);
    ASSERT_EQ(Changed(plan.flow, before), plan.changed);
    ASSERT_EQ(VerifyOptimal(plan.derived, plan.proof), absl::OkStatus());
  } else {
    ASSERT_EQ(VerifyInfeasible(problem, *outcome->infeasibility), absl::OkStatus());
  }
}

TEST(LeastChange, TinyProblemsAndAnyPlan_EqualBruteForce) {
  std::mt19937_64 rng(8);
  for (int round = 0; round < 4000; ++round) {
    const Problem problem = TinyProblem(rng);
    std::vector<int32_t> before;
    for (size_t e = 0; e < problem.edges.size(); ++e) {
      before.push_back(static_cast<int32_t>(Draw(rng, 0, 3)));
    }
    ExpectBest(problem, before);
    ASSERT_FALSE(HasFatalFailure()) << "round " << round;
  }
}

// As in life: the optimum of yesterday, and one supporter gone.
TEST(LeastChange, AnyOneSupporterGone_EqualsBruteForce) {
  std::mt19937_64 rng(9);
  int replanned = 0;
  for (int round = 0; round < 1500; ++round) {
    const Problem problem = TinyProblem(rng);
    const absl::StatusOr<Outcome> yesterday = Solve(problem);
    if (!yesterday->solution) {
      continue;
    }
    for (size_t gone = 0; gone < problem.left.size(); ++gone) {
      Problem today = problem;
      today.left[gone] = {.lower = 0, .upper = 0};
      for (Edge& edge : today.edges) {
        if (edge.left == static_cast<int32_t>(gone)) {
          edge.lower = edge.upper = 0;
        }
      }
      ExpectBest(today, yesterday->solution->flow);
      ASSERT_FALSE(HasFatalFailure()) << "round " << round;
      ++replanned;
    }
  }
  EXPECT_GT(replanned, 1000);
}

TEST(LeastChange, NothingToDo_ChangesNothingThoughCheaperPlansExist) {
  const Problem problem = {
      .left = {{}, {}},
      .right = {{.lower = 1}},
      .edges = {{.left = 0, .right = 0, .cost = 1000}, {.left = 1, .right = 0, .cost = 0}}};
  const absl::StatusOr<LeastChangeOutcome> outcome = SolveLeastChange(problem, {1, 0});
  ASSERT_TRUE(outcome.ok() && outcome->plan);
  EXPECT_THAT(outcome->plan->flow, ElementsAre(1, 0));
  EXPECT_EQ(outcome->plan->changed, 0);
  EXPECT_EQ(outcome->plan->cost, 1000);
}

TEST(LeastChange, BadPlan_IsRefused) {
  const Problem problem = {.left = {{}}, .right = {{}}, .edges = {{.left = 0, .right = 0}}};
  EXPECT_THAT(std::string(SolveLeastChange(problem, {}).status().message()),
              HasSubstr("before: got 0 numbers, want 1"));
  EXPECT_THAT(std::string(SolveLeastChange(problem, {-1}).status().message()),
              HasSubstr("before[0]: got -1"));
}

// Costs that Check accepts, but not when every change must weigh more than all of them.
TEST(LeastChange, CostsTooGreatToWeigh_AreRefused) {
  const Problem problem = {
      .left = {{}}, .right = {{}}, .edges = {{.left = 0, .right = 0, .cost = kMaxPathCost / 8}}};
  ASSERT_TRUE(Check(problem).ok());
  EXPECT_EQ(SolveLeastChange(problem, {0}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace baimi::flow
