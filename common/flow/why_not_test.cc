#include "common/flow/why_not.h"

#include <gtest/gtest.h>

#include "common/flow/testing_brute_force.h"
#include "common/flow/testing_instances.h"
#include "common/flow/testing_lemon.h"

namespace baimi::flow {
namespace {

// The changes lead to a plan that keeps all bounds and costs what was said.
void ExpectPlan(const Problem& problem, const Solution& optimum, const Alternative& alternative) {
  std::vector<int32_t> flow = optimum.flow;
  for (const FlowChange& change : alternative.changes) {
    flow[change.edge] += change.units;
  }
  for (size_t e = 0; e < flow.size(); ++e) {
    ASSERT_GE(flow[e], problem.edges[e].lower);
    ASSERT_LE(flow[e], problem.edges[e].upper);
  }
  ASSERT_EQ(Violation(problem, flow), 0);
  ASSERT_EQ(CostOf(problem, flow), optimum.cost + alternative.loss);
  ASSERT_GE(alternative.loss, 0);
}

void ExpectLoss(const Problem& problem, const Solution& optimum,
                const std::optional<Alternative>& got, std::optional<int64_t> want_cost) {
  ASSERT_EQ(got.has_value(), want_cost.has_value());
  if (got) {
    ASSERT_EQ(got->loss, *want_cost - optimum.cost);
    ExpectPlan(problem, optimum, *got);
  }
}

TEST(WhyNot, TinyProblems_EqualBruteForceForEveryEdge) {
  std::mt19937_64 rng(10);
  int asked = 0;
  for (int round = 0; round < 6000; ++round) {
    const Problem problem = TinyProblem(rng);
    const absl::StatusOr<Outcome> outcome = Solve(problem);
    if (!outcome->solution) {
      continue;
    }
    const Solution& optimum = *outcome->solution;
    auto why_not = WhyNot::Create(problem, optimum);
    ASSERT_TRUE(why_not.ok()) << why_not.status();
    for (int32_t e = 0; e < static_cast<int32_t>(problem.edges.size()); ++e) {
      ExpectLoss(problem, optimum, (*why_not)->OneMore(e),
                 LeastCost(problem, [&](const auto& flow) { return flow[e] > optimum.flow[e]; }));
      ExpectLoss(problem, optimum, (*why_not)->Without(e),
                 LeastCost(problem, [&](const auto& flow) { return flow[e] == 0; }));
      ASSERT_FALSE(HasFatalFailure()) << "round " << round << " edge " << e;
      ++asked;
    }
  }
  EXPECT_GT(asked, 5000);
}

// Asked of one object, one question after the other: none leaves a trace.
TEST(WhyNot, AnyProblems_EqualSolvingAgain) {
  std::mt19937_64 rng(11);
  int asked = 0;
  for (int round = 0; round < 40; ++round) {
    const Problem problem = AnyProblem({.with_lower = 5}, rng);
    const absl::StatusOr<Outcome> outcome = Solve(problem);
    if (!outcome->solution) {
      continue;
    }
    const Solution& optimum = *outcome->solution;
    auto why_not = WhyNot::Create(problem, optimum);
    ASSERT_TRUE(why_not.ok());
    for (int question = 0; question < 40; ++question) {
      const auto e = static_cast<int32_t>(Draw(rng, 0, 199));
      Problem other = problem;
      if (question % 2 == 0 && optimum.flow[e] < problem.edges[e].upper) {
        other.edges[e].lower = optimum.flow[e] + 1;
        ExpectLoss(problem, optimum, (*why_not)->OneMore(e), LemonNetworkSimplex(other));
      } else if (problem.edges[e].lower == 0) {
        other.edges[e].upper = 0;
        ExpectLoss(problem, optimum, (*why_not)->Without(e), LemonNetworkSimplex(other));
      }
      ASSERT_FALSE(HasFatalFailure()) << "round " << round << " edge " << e;
      ++asked;
    }
  }
  EXPECT_GT(asked, 500);
}

TEST(WhyNot, PairThatIsTaken_NamesWhoWouldMove) {
  const Problem problem = {.left = {{}, {}},
                           .right = {{.unserved_cost = 100}, {.unserved_cost = 100}},
                           .edges = {{.left = 0, .right = 0, .cost = 1},
                                     {.left = 0, .right = 1, .cost = 4},
                                     {.left = 1, .right = 0, .cost = 2},
                                     {.left = 1, .right = 1, .cost = 3}}};
  const absl::StatusOr<Outcome> outcome = Solve(problem);
  ASSERT_TRUE(outcome.ok() && outcome->solution);
  auto why_not = WhyNot::Create(problem, *outcome->solution);
  ASSERT_TRUE(why_not.ok());
  const std::optional<Alternative> swapped = (*why_not)->OneMore(1);
  ASSERT_TRUE(swapped.has_value());
  EXPECT_EQ(swapped->loss, 2);
  EXPECT_EQ(swapped->changes.size(), 4u);
}

TEST(WhyNot, NoOptimum_IsRefused) {
  const Problem problem = {.left = {{}}, .right = {{}}, .edges = {{.left = 0, .right = 0}}};
  Solution solution = *Solve(problem)->solution;
  solution.cost = 7;
  EXPECT_EQ(WhyNot::Create(problem, solution).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace baimi::flow
