#include "tests/bench/flow.h"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/flow/solver.h"
#include "common/flow/testing_brute_force.h"
#include "common/flow/testing_instances.h"
#include "common/flow/testing_lemon.h"

namespace baimi::bench {
namespace {

using flow::Edge;
using flow::Problem;

struct Instance {
  std::string name;
  Problem problem;
  // Milliseconds; DESIGN.md §6.
  std::optional<double> target;
};

std::vector<Instance> Instances() {
  return {
      {"7,516 members x 265 wishes",
       flow::MatchingProblem({.members = 7516, .slots = 265, .slot_places = 1}),
       {}},
      {"100,000 x 20,000 x 20, 60 places for 100 people",
       flow::MatchingProblem({.members = 100'000, .slots = 20'000}), 1000},
      {"the same, 100 places for 100 people",
       flow::MatchingProblem({.members = 100'000, .slots = 20'000, .slot_places = 9}),
       {}},
      {"pairing 69 x 157, all pairs", flow::PairingProblem({}), 50},
      {"pairing 2,000 x 20,000 x 50",
       flow::PairingProblem(
           {.supporters = 2000, .receivers = 20'000, .degree = 50, .least = 5, .most = 12}),
       10'000},
  };
}

double MillisecondsSince(absl::Time start) {
  return absl::ToDoubleMilliseconds(absl::Now() - start);
}

// Cheapest pairs first: those that a lower bound still wants, then those that save something.
std::vector<int32_t> Greedy(const Problem& problem) {
  std::vector<int32_t> order(problem.edges.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return std::make_pair(problem.edges[a].cost, a) < std::make_pair(problem.edges[b].cost, b);
  });
  std::vector<int32_t> flow(problem.edges.size(), 0);
  std::vector<int32_t> left(problem.left.size(), 0);
  std::vector<int32_t> right(problem.right.size(), 0);
  for (const bool wanted : {true, false}) {
    for (const int32_t e : order) {
      const Edge& edge = problem.edges[e];
      const flow::LeftNode& from = problem.left[edge.left];
      const flow::RightNode& to = problem.right[edge.right];
      const bool needed = left[edge.left] < from.lower || right[edge.right] < to.lower;
      if (flow[e] < edge.upper && left[edge.left] < from.upper && right[edge.right] < to.upper &&
          (needed || (!wanted && edge.cost < to.unserved_cost))) {
        ++flow[e];
        ++left[edge.left];
        ++right[edge.right];
      }
    }
  }
  return flow;
}

absl::Status Measure(const Instance& instance, Report& report) {
  const Problem& problem = instance.problem;
  absl::Time start = absl::Now();
  BAIMI_ASSIGN_OR_RETURN(const flow::Outcome outcome, flow::Solve(problem));
  const double ours = MillisecondsSince(start);
  if (!outcome.solution) {
    return absl::InternalError(absl::StrCat(instance.name, ": got infeasible, want an optimum"));
  }
  start = absl::Now();
  BAIMI_RETURN_IF_ERROR(flow::VerifyOptimal(problem, *outcome.solution));
  const double proof = MillisecondsSince(start);
  start = absl::Now();
  const std::optional<int64_t> reference = flow::LemonNetworkSimplex(problem);
  const double lemon = MillisecondsSince(start);
  if (reference != outcome.solution->cost) {
    return absl::InternalError(absl::StrCat(instance.name, ": got cost ", outcome.solution->cost,
                                            ", want ", reference.value_or(-1)));
  }
  start = absl::Now();
  const std::vector<int32_t> greedy = Greedy(problem);
  const double greed = MillisecondsSince(start);
  Figure& solve = report.Add(absl::StrCat(instance.name, ": solve"), "ms", ours);
  solve.Compare("lemon", lemon);
  solve.Compare("greedy", greed);
  solve.target = instance.target;
  solve.better = Better::kLess;
  report.Add(absl::StrCat(instance.name, ": proof"), "ms", proof);
  report.Add(absl::StrCat(instance.name, ": LEMON network simplex"), "ms", lemon);
  report.Add(absl::StrCat(instance.name, ": cost of greedy"), "optimum = 1",
             static_cast<double>(flow::CostOf(problem, greedy)) /
                 static_cast<double>(outcome.solution->cost));
  report.Note(absl::StrCat(instance.name, ", bounds that greedy misses"),
              absl::StrCat(flow::Violation(problem, greedy), " units"));
  return absl::OkStatus();
}

}  // namespace

absl::Status RunFlow(const FlowOptions& options, Report& report) {
  const std::vector<Instance> instances = Instances();
  for (int round = 1; round <= options.rounds; ++round) {
    for (const Instance& instance : instances) {
      std::fprintf(stderr, "round %d of %d: %s\n", round, options.rounds, instance.name.c_str());
      BAIMI_RETURN_IF_ERROR(Measure(instance, report));
    }
  }
  return absl::OkStatus();
}

}  // namespace baimi::bench
