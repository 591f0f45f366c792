#include "common/flow/solver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>

#include "common/flow/testing_brute_force.h"
#include "common/flow/testing_instances.h"
#include "common/flow/testing_lemon.h"

namespace baimi::flow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The proven optimum, or nullopt when infeasible.
std::optional<int64_t> ProvenCost(const Problem& problem) {
  const absl::StatusOr<Outcome> outcome = Solve(problem);
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_NE(outcome->solution.has_value(), outcome->infeasibility.has_value());
  if (outcome->infeasibility) {
    const absl::Status proof = VerifyInfeasible(problem, *outcome->infeasibility);
    EXPECT_TRUE(proof.ok()) << proof;
    return std::nullopt;
  }
  const absl::Status proof = VerifyOptimal(problem, *outcome->solution);
  EXPECT_TRUE(proof.ok()) << proof;
  return outcome->solution->cost;
}

TEST(Solve, TinyProblems_EqualBruteForce) {
  std::mt19937_64 rng(1);
  int feasible = 0;
  for (int round = 0; round < 8000; ++round) {
    const Problem problem = TinyProblem(rng);
    const std::optional<int64_t> want = LeastCost(problem);
    feasible += want ? 1 : 0;
    ASSERT_EQ(ProvenCost(problem), want) << "round " << round;
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
  EXPECT_GT(feasible, 4000);
  EXPECT_LT(feasible, 7500);
}

TEST(Solve, AnyProblems_EqualTwoOtherSolvers) {
  std::mt19937_64 rng(2);
  int feasible = 0;
  for (int round = 0; round < 600; ++round) {
    AnyShape shape;
    shape.lefts = static_cast<int>(Draw(rng, 1, 60));
    shape.rights = static_cast<int>(Draw(rng, 1, 60));
    shape.edges = static_cast<int>(Draw(rng, 0, 600));
    shape.quota = static_cast<int>(Draw(rng, 1, 40));
    shape.capacity = static_cast<int>(Draw(rng, 1, 10));
    shape.least_cost = Draw(rng, -300, 0);
    shape.greatest_cost = Draw(rng, 0, 3) * 150;
    shape.with_lower = static_cast<int>(Draw(rng, 0, 2) * 6);
    shape.locked = static_cast<int>(Draw(rng, 0, 1) * 10);
    const Problem problem = AnyProblem(shape, rng);
    const std::optional<int64_t> got = ProvenCost(problem);
    feasible += got ? 1 : 0;
    ASSERT_EQ(got, LemonNetworkSimplex(problem)) << "round " << round;
    ASSERT_EQ(got, LemonCostScaling(problem)) << "round " << round;
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
  EXPECT_GT(feasible, 200);
  EXPECT_LT(feasible, 550);
}

// The last two have as many places as people: searches are put off and begin again.
TEST(Solve, Matchings_EqualAnotherSolver) {
  const MatchingShape shapes[] = {
      {.members = 3000, .slots = 300, .member_quota = 2},
      {.members = 500, .slots = 1000, .slot_places = 1},
      {.members = 300, .slots = 600, .degree = 5, .slot_places = 9, .unserved = 2500},
      {.members = 2000, .slots = 667, .degree = 10, .seed = 7},
      {.members = 2000, .slots = 2000, .degree = 8, .slot_places = 1, .seed = 8},
  };
  for (const MatchingShape& shape : shapes) {
    const Problem problem = MatchingProblem(shape);
    EXPECT_EQ(ProvenCost(problem), LemonNetworkSimplex(problem)) << shape.members;
  }
}

TEST(Solve, Pairings_EqualTwoOtherSolvers) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    for (const int degree : {69, 5, 2}) {
      const Problem problem = PairingProblem({.degree = degree, .seed = seed});
      const std::optional<int64_t> got = ProvenCost(problem);
      EXPECT_EQ(got, LemonNetworkSimplex(problem)) << seed << " " << degree;
      EXPECT_EQ(got, LemonCostScaling(problem)) << seed << " " << degree;
    }
  }
}

TEST(Solve, Nothing_CostsNothing) {
  const absl::StatusOr<Outcome> outcome = Solve({});
  ASSERT_TRUE(outcome.ok() && outcome->solution);
  EXPECT_EQ(outcome->solution->cost, 0);
  EXPECT_THAT(outcome->solution->flow, IsEmpty());
}

TEST(Solve, NobodyEligible_LeavesAllUnserved) {
  EXPECT_EQ(ProvenCost({.left = {{}, {}}, .right = {{.upper = 3, .unserved_cost = 5}}}), 15);
}

TEST(Solve, ZeroQuota_ServesNobody) {
  const Problem problem = {.left = {{.upper = 0}},
                           .right = {{.unserved_cost = 5}},
                           .edges = {{.left = 0, .right = 0, .cost = -100}}};
  EXPECT_EQ(ProvenCost(problem), 5);
}

TEST(Solve, MoreSlotsThanPeople_LeavesTheCheapestToLeave) {
  const Problem problem = {
      .left = {{}},
      .right = {{.unserved_cost = 10}, {.unserved_cost = 30}},
      .edges = {{.left = 0, .right = 0, .cost = 1}, {.left = 0, .right = 1, .cost = 15}}};
  const absl::StatusOr<Outcome> outcome = Solve(problem);
  ASSERT_TRUE(outcome.ok() && outcome->solution);
  EXPECT_THAT(outcome->solution->flow, ElementsAre(0, 1));
  EXPECT_EQ(outcome->solution->cost, 25);
  EXPECT_TRUE(VerifyOptimal(problem, *outcome->solution).ok());
}

TEST(Solve, LockedEdge_IsKeptAgainstCost) {
  const Problem problem = {.left = {{}, {}},
                           .right = {{.lower = 1}},
                           .edges = {{.left = 0, .right = 0, .cost = 1},
                                     {.left = 1, .right = 0, .lower = 1, .cost = 9}}};
  EXPECT_EQ(ProvenCost(problem), 9);
}

TEST(Solve, GreatUnits_TakeFewSteps) {
  Problem problem = {.left = {{.upper = kMaxUnits}, {.lower = 5, .upper = kMaxUnits}},
                     .right = {{.lower = 7, .upper = kMaxUnits}},
                     .edges = {{.left = 0, .right = 0, .upper = kMaxUnits, .cost = -2},
                               {.left = 1, .right = 0, .upper = 10, .cost = 3}}};
  EXPECT_EQ(ProvenCost(problem), -2 * int64_t{kMaxUnits - 5} + 15);
}

TEST(Solve, GreatestCosts_DoNotOverflow) {
  std::mt19937_64 rng(3);
  int solved = 0;
  for (int round = 0; round < 2000; ++round) {
    Problem problem = TinyProblem(rng);
    const int64_t most =
        kMaxPathCost / static_cast<int64_t>(problem.left.size() + problem.right.size() + 4);
    for (Edge& edge : problem.edges) {
      edge.cost = Draw(rng, -1, 1) * (most - Draw(rng, 0, 3));
    }
    for (RightNode& node : problem.right) {
      node.unserved_cost = Draw(rng, -1, 1) * (most - Draw(rng, 0, 3));
    }
    if (Check(problem).ok()) {
      ++solved;
      ASSERT_EQ(ProvenCost(problem), LeastCost(problem)) << "round " << round;
    }
  }
  EXPECT_GT(solved, 1000);
}

TEST(Solve, OrderOfEdges_DoesNotMatter) {
  std::mt19937_64 rng(4);
  for (const MatchingShape& shape :
       {MatchingShape{.members = 800, .slots = 100}, MatchingShape{.members = 300, .slots = 100}}) {
    const Problem problem = MatchingProblem(shape);
    Problem shuffled = problem;
    std::shuffle(shuffled.edges.begin(), shuffled.edges.end(), rng);
    const auto plan = [](const Problem& of) {
      const absl::StatusOr<Outcome> outcome = Solve(of);
      std::map<std::pair<int32_t, int32_t>, int32_t> flows;
      for (size_t e = 0; e < of.edges.size(); ++e) {
        flows[{of.edges[e].left, of.edges[e].right}] = outcome->solution->flow[e];
      }
      return flows;
    };
    EXPECT_EQ(plan(problem), plan(shuffled));
  }
}

TEST(Check, InvalidProblems_AreRefusedByName) {
  struct Case {
    Problem problem;
    const char* want;
  };
  const Case cases[] = {
      {{.left = {{.lower = -1}}}, "left[0].lower: got -1"},
      {{.left = {{}, {.lower = 2}}}, "left[1].upper: got 1, want from 2"},
      {{.right = {{.upper = kMaxUnits + 1}}}, "right[0].upper: got 1000000001"},
      {{.left = {{}}, .right = {{}}, .edges = {{.left = 1}}}, "edges[0].left: got 1"},
      {{.left = {{}}, .right = {{}}, .edges = {{.right = -1}}}, "edges[0].right: got -1"},
      {{.left = {{}}, .right = {{}}, .edges = {{.lower = 3}}}, "edges[0].upper: got 1"},
      {{.left = {{}}, .right = {{}}, .edges = {{.cost = kMaxPathCost / 6 + 1}}}, "2^57"},
      {{.left = {{}}, .right = {{}}, .edges = {{.cost = std::numeric_limits<int64_t>::min()}}},
       "2^57"},
      {{.right = {{.upper = kMaxUnits, .unserved_cost = kMaxPathCost / 8}}}, "2^62"},
  };
  for (const Case& c : cases) {
    const absl::Status status = Solve(c.problem).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.want;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.want));
  }
}

}  // namespace
}  // namespace baimi::flow
