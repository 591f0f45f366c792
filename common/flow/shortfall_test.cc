#include "common/flow/shortfall.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "common/flow/testing_brute_force.h"
#include "common/flow/testing_instances.h"

namespace baimi::flow {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Infeasibility Explain(const Problem& problem) {
  const absl::StatusOr<Outcome> outcome = Solve(problem);
  EXPECT_TRUE(outcome.ok() && outcome->infeasibility);
  const absl::Status proof = VerifyInfeasible(problem, *outcome->infeasibility);
  EXPECT_TRUE(proof.ok()) << proof;
  return *outcome->infeasibility;
}

TEST(Infeasible, TinyProblems_TotalIsTheSmallestAndEnough) {
  std::mt19937_64 rng(6);
  int infeasible = 0;
  int both_sides = 0;
  for (int round = 0; round < 8000; ++round) {
    const Problem problem = TinyProblem(rng);
    const absl::StatusOr<Outcome> outcome = Solve(problem);
    ASSERT_TRUE(outcome.ok());
    if (!outcome->infeasibility) {
      continue;
    }
    const Infeasibility& found = *outcome->infeasibility;
    ASSERT_EQ(VerifyInfeasible(problem, found), absl::OkStatus()) << "round " << round;
    int64_t least = std::numeric_limits<int64_t>::max();
    ForEachFlow(problem, [&](const std::vector<int32_t>& flow) {
      least = std::min(least, Violation(problem, flow));
    });
    ASSERT_EQ(found.total, least) << "round " << round;
    const absl::StatusOr<Outcome> relaxed = Solve(Relaxed(problem, found));
    ASSERT_TRUE(relaxed.ok() && relaxed->solution) << "round " << round;
    ++infeasible;
    both_sides += found.contradictions.size() == 2 ? 1 : 0;
  }
  EXPECT_GT(infeasible, 500);
  EXPECT_GT(both_sides, 50);
}

TEST(Infeasible, AnyProblems_AreProvenAndRelaxed) {
  std::mt19937_64 rng(7);
  int infeasible = 0;
  for (int round = 0; round < 300; ++round) {
    const Problem problem = AnyProblem({.edges = 100, .with_lower = 30, .locked = 20}, rng);
    const absl::StatusOr<Outcome> outcome = Solve(problem);
    ASSERT_TRUE(outcome.ok());
    if (outcome->infeasibility) {
      ++infeasible;
      ASSERT_EQ(VerifyInfeasible(problem, *outcome->infeasibility), absl::OkStatus());
      ASSERT_TRUE(Solve(Relaxed(problem, *outcome->infeasibility))->solution) << round;
    }
  }
  EXPECT_GT(infeasible, 100);
}

// Three villages that only one unit can support, which may have two.
TEST(Infeasible, ThreeVillagesOneUnit_NamesThem) {
  Problem problem = {.left = {{.upper = 2}, {.upper = 2}},
                     .right = std::vector<RightNode>(4, {.lower = 1}),
                     .edges = {{.left = 0, .right = 0},
                               {.left = 0, .right = 1},
                               {.left = 0, .right = 2},
                               {.left = 1, .right = 3}}};
  const Infeasibility found = Explain(problem);
  ASSERT_EQ(found.contradictions.size(), 1u);
  EXPECT_EQ(found.contradictions[0].hungry_side, Side::kRight);
  EXPECT_THAT(found.contradictions[0].hungry, ElementsAre(0, 1, 2));
  EXPECT_THAT(found.contradictions[0].limits, ElementsAre(0));
  EXPECT_EQ(found.contradictions[0].need, 3);
  EXPECT_EQ(found.contradictions[0].supply, 2);
  ASSERT_EQ(found.relaxations.size(), 1u);
  EXPECT_EQ(found.relaxations[0].side, Side::kRight);
  EXPECT_FALSE(found.relaxations[0].raise_upper);
  EXPECT_EQ(found.total, 1);
}

TEST(Infeasible, SupporterWithoutAnyone_IsNamed) {
  const Infeasibility found = Explain({.left = {{}, {.lower = 3, .upper = 5}}});
  ASSERT_EQ(found.contradictions.size(), 1u);
  EXPECT_EQ(found.contradictions[0].hungry_side, Side::kLeft);
  EXPECT_THAT(found.contradictions[0].hungry, ElementsAre(1));
  EXPECT_THAT(found.contradictions[0].limits, IsEmpty());
  EXPECT_EQ(found.total, 3);
}

TEST(Infeasible, LocksAboveTheQuota_RaiseIt) {
  const Infeasibility found = Explain(
      {.left = {{.upper = 1}},
       .right = {{}, {}},
       .edges = {{.left = 0, .right = 0, .lower = 1}, {.left = 0, .right = 1, .lower = 1}}});
  ASSERT_EQ(found.contradictions.size(), 1u);
  EXPECT_THAT(found.contradictions[0].hungry, IsEmpty());
  EXPECT_THAT(found.contradictions[0].limits, ElementsAre(0));
  EXPECT_EQ(found.contradictions[0].supply, -1);
  ASSERT_EQ(found.relaxations.size(), 1u);
  EXPECT_TRUE(found.relaxations[0].raise_upper);
}

TEST(VerifyInfeasible, WrongSums_AreRefused) {
  const Problem problem = {.left = {{}, {.lower = 3, .upper = 5}}};
  const Infeasibility found = Explain(problem);
  Infeasibility other = found;
  ++other.contradictions[0].need;
  EXPECT_FALSE(VerifyInfeasible(problem, other).ok());
  other = found;
  ++other.total;
  EXPECT_FALSE(VerifyInfeasible(problem, other).ok());
  other = found;
  other.contradictions.push_back(other.contradictions[0]);
  EXPECT_FALSE(VerifyInfeasible(problem, other).ok());
  other = found;
  other.contradictions[0].hungry.push_back(9);
  EXPECT_FALSE(VerifyInfeasible(problem, other).ok());
  EXPECT_FALSE(VerifyInfeasible(problem, {}).ok());
}

}  // namespace
}  // namespace baimi::flow
