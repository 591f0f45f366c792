#include <gtest/gtest.h>

#include "common/flow/solver.h"
#include "common/flow/testing_brute_force.h"
#include "common/flow/testing_instances.h"

namespace baimi::flow {
namespace {

constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;

// Two people, two slots; the cheap pairs cross.
Problem Crossing() {
  return {.left = {{}, {}},
          .right = {{.lower = 1}, {.lower = 1}},
          .edges = {{.left = 0, .right = 0, .cost = 5},
                    {.left = 0, .right = 1, .cost = 1},
                    {.left = 1, .right = 0, .cost = 2},
                    {.left = 1, .right = 1, .cost = 5}}};
}

Solution Optimum(const Problem& problem) { return *Solve(problem)->solution; }

TEST(VerifyOptimal, Optimum_IsProven) {
  EXPECT_EQ(VerifyOptimal(Crossing(), Optimum(Crossing())), absl::OkStatus());
}

TEST(VerifyOptimal, WrongCost_IsRefused) {
  Solution solution = Optimum(Crossing());
  ++solution.cost;
  EXPECT_EQ(VerifyOptimal(Crossing(), solution).code(), kRefused);
}

TEST(VerifyOptimal, MissingNumbers_AreRefused) {
  for (int part = 0; part < 3; ++part) {
    Solution solution = Optimum(Crossing());
    part == 0   ? solution.flow.pop_back()
    : part == 1 ? solution.left_price.pop_back()
                : solution.right_price.pop_back();
    EXPECT_EQ(VerifyOptimal(Crossing(), solution).code(), kRefused) << part;
  }
}

TEST(VerifyOptimal, AbsurdPrice_IsRefusedWithoutOverflow) {
  Solution solution = Optimum(Crossing());
  solution.left_price[0] = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(VerifyOptimal(Crossing(), solution).code(), kRefused);
}

// Whatever the prices: no flow but those of least cost is ever taken for an optimum.
TEST(VerifyOptimal, FlowThatIsNoOptimum_IsRefusedWithAnyPrices) {
  std::mt19937_64 rng(5);
  int refused = 0;
  for (int round = 0; round < 500; ++round) {
    const Problem problem = TinyProblem(rng);
    const absl::StatusOr<Outcome> outcome = Solve(problem);
    if (!outcome->solution) {
      continue;
    }
    ForEachFlow(problem, [&](const std::vector<int32_t>& flow) {
      Solution other = *outcome->solution;
      other.flow = flow;
      other.cost = CostOf(problem, flow);
      const bool optimal = Violation(problem, flow) == 0 && other.cost == outcome->solution->cost;
      // Optimal prices prove every optimum, and nothing else.
      ASSERT_EQ(VerifyOptimal(problem, other).ok(), optimal) << "round " << round;
      refused += optimal ? 0 : 1;
      for (std::vector<int64_t>* prices : {&other.left_price, &other.right_price}) {
        for (int64_t& price : *prices) {
          price += Draw(rng, -2, 2);
        }
      }
      if (!optimal) {
        ASSERT_FALSE(VerifyOptimal(problem, other).ok()) << "round " << round;
      }
    });
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace baimi::flow
