#include "common/base/fault_draws.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace baimi {
namespace {

struct Plan {
  uint64_t seed = 1;
  double loss = 0;
  double error = 0;
  double delay_chance = 0;
  std::function<void()> delay = {};
};

// 'x' where a loss was drawn.
std::string Pattern(FaultDraws<Plan>& draws, const Plan& plan) {
  draws.SetPlan(plan);
  std::string pattern;
  for (int i = 0; i < 100; ++i) {
    pattern += draws.Hit(&Plan::loss) ? 'x' : '.';
  }
  return pattern;
}

TEST(FaultDraws, NoPlan_NeverHits) {
  FaultDraws<Plan> draws;
  EXPECT_EQ(Pattern(draws, {}), std::string(100, '.'));
  EXPECT_EQ(draws.injected(), 0);
}

TEST(FaultDraws, Seed_SameGivesTheSameHitsAnotherOthers) {
  FaultDraws<Plan> draws;
  const std::string first = Pattern(draws, {.seed = 7, .loss = 0.5});
  EXPECT_NE(first.find('x'), std::string::npos);
  EXPECT_NE(first.find('.'), std::string::npos);
  EXPECT_EQ(Pattern(draws, {.seed = 7, .loss = 0.5}), first);
  EXPECT_NE(Pattern(draws, {.seed = 8, .loss = 0.5}), first);
}

TEST(FaultDraws, Injected_IsCountedByKindOverAllPlans) {
  FaultDraws<Plan> draws({.loss = 1});
  EXPECT_TRUE(draws.Hit(&Plan::loss));
  EXPECT_FALSE(draws.Hit(&Plan::error));
  draws.SetPlan({.loss = 1, .error = 1, .delay_chance = 1});
  EXPECT_TRUE(draws.Hit(&Plan::loss));
  EXPECT_TRUE(draws.Hit(&Plan::error));
  draws.MayDelay();
  EXPECT_EQ(draws.injected(&Plan::loss), 2);
  EXPECT_EQ(draws.injected(&Plan::error), 1);
  EXPECT_EQ(draws.injected(&Plan::delay_chance), 1);
  EXPECT_EQ(draws.injected(), 4);
}

TEST(FaultDraws, Delay_MayAskThePlanItself) {
  FaultDraws<Plan> draws;
  int64_t seen = 0;
  draws.SetPlan({.delay_chance = 1, .delay = [&] { seen = draws.injected(); }});
  draws.MayDelay();
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace baimi
