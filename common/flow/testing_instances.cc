#include "common/flow/testing_instances.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

namespace baimi::flow {
namespace {

int32_t Draw32(std::mt19937_64& rng, int64_t from, int64_t to) {
  return static_cast<int32_t>(Draw(rng, from, to));
}

// Communities stand on a square map of `side` x `side`.
struct Place {
  int x = 0;
  int y = 0;
};

constexpr int kReach = 2;

struct Town {
  size_t At(int x, int y) const {
    return static_cast<size_t>(y) * static_cast<size_t>(side) + static_cast<size_t>(x);
  }

  int side = 1;
  // The right nodes of each community.
  std::vector<std::vector<int32_t>> rights;
  std::vector<Place> homes;
  std::vector<int> urgency;
  std::vector<int> skill;
};

Town Build(int rights, std::mt19937_64& rng) {
  Town town;
  town.side = std::max(1, static_cast<int>(std::sqrt(rights / 50.0)));
  town.rights.resize(town.At(0, town.side));
  for (int j = 0; j < rights; ++j) {
    const Place home = {.x = Draw32(rng, 0, town.side - 1), .y = Draw32(rng, 0, town.side - 1)};
    town.rights[town.At(home.x, home.y)].push_back(j);
    town.homes.push_back(home);
    town.urgency.push_back(Draw32(rng, 0, 4) * 250);
    town.skill.push_back(Draw32(rng, 0, 7));
  }
  return town;
}

int64_t Score(const Town& town, int32_t right, Place from, int skill, int fairness,
              std::mt19937_64& rng) {
  const double dx = town.homes[right].x - from.x;
  const double dy = town.homes[right].y - from.y;
  const int64_t metres =
      static_cast<int64_t>(std::sqrt(dx * dx + dy * dy) * 1000) + 25 * Draw(rng, 0, 20);
  const int gap = std::abs(skill - town.skill[right]);
  const int64_t fit = gap == 0 ? 0 : gap <= 2 ? 600 : 1500;
  return std::min<int64_t>(10'000, town.urgency[right] + metres + fit + fairness);
}

// Edges of one left node to `degree` right nodes near `home`.
void Join(const Town& town, int32_t left, int degree, int fairness, Problem& problem,
          std::mt19937_64& rng) {
  const Place home = {.x = Draw32(rng, 0, town.side - 1), .y = Draw32(rng, 0, town.side - 1)};
  const int skill = Draw32(rng, 0, 7);
  std::set<int32_t> chosen;
  for (int tries = 0; tries < 10 * degree && static_cast<int>(chosen.size()) < degree; ++tries) {
    const int x = std::clamp(home.x + Draw32(rng, -kReach, kReach), 0, town.side - 1);
    const int y = std::clamp(home.y + Draw32(rng, -kReach, kReach), 0, town.side - 1);
    const std::vector<int32_t>& near = town.rights[town.At(x, y)];
    if (!near.empty()) {
      chosen.insert(near[Draw(rng, 0, static_cast<int64_t>(near.size()) - 1)]);
    }
  }
  for (const int32_t right : chosen) {
    problem.edges.push_back(
        {.left = left, .right = right, .cost = Score(town, right, home, skill, fairness, rng)});
  }
}

}  // namespace

int64_t Draw(std::mt19937_64& rng, int64_t from, int64_t to) {
  return from + static_cast<int64_t>(rng() % static_cast<uint64_t>(to - from + 1));
}

Problem TinyProblem(std::mt19937_64& rng) {
  AnyShape shape;
  shape.lefts = Draw32(rng, 0, 4);
  shape.rights = Draw32(rng, 0, 4);
  shape.edges = shape.lefts * shape.rights == 0 ? 0 : Draw32(rng, 0, 7);
  shape.capacity = 2;
  shape.quota = Draw32(rng, 0, 3);
  shape.least_cost = Draw(rng, -3, 1);
  shape.greatest_cost = shape.least_cost + Draw(rng, 0, 6);
  shape.with_lower = Draw32(rng, 0, 2) * 25;
  shape.locked = Draw32(rng, 0, 1) * 150;
  return AnyProblem(shape, rng);
}

Problem AnyProblem(const AnyShape& shape, std::mt19937_64& rng) {
  Problem problem;
  const auto bounds = [&](int32_t& lower, int32_t& upper) {
    upper = Draw32(rng, 0, shape.quota);
    lower = Draw(rng, 1, 100) <= shape.with_lower ? Draw32(rng, 0, upper) : 0;
  };
  problem.left.resize(shape.lefts);
  for (LeftNode& node : problem.left) {
    bounds(node.lower, node.upper);
  }
  problem.right.resize(shape.rights);
  for (RightNode& node : problem.right) {
    bounds(node.lower, node.upper);
    node.unserved_cost = Draw(rng, 0, 1) * Draw(rng, shape.least_cost, shape.greatest_cost);
  }
  for (int e = 0; e < shape.edges; ++e) {
    Edge edge = {.left = Draw32(rng, 0, shape.lefts - 1),
                 .right = Draw32(rng, 0, shape.rights - 1),
                 .upper = Draw32(rng, 0, shape.capacity),
                 .cost = Draw(rng, shape.least_cost, shape.greatest_cost)};
    edge.lower = Draw(rng, 1, 1000) <= shape.locked ? Draw32(rng, 0, edge.upper) : 0;
    problem.edges.push_back(edge);
  }
  return problem;
}

Problem MatchingProblem(const MatchingShape& shape) {
  std::mt19937_64 rng(shape.seed);
  const Town town = Build(shape.slots, rng);
  Problem problem;
  for (int j = 0; j < shape.slots; ++j) {
    problem.right.push_back(
        {.upper = Draw32(rng, 1, shape.slot_places), .unserved_cost = shape.unserved});
  }
  for (int i = 0; i < shape.members; ++i) {
    problem.left.push_back({.upper = Draw32(rng, 1, shape.member_quota)});
    Join(town, i, shape.degree, Draw32(rng, 0, 3) * 500, problem, rng);
  }
  return problem;
}

Problem PairingProblem(const PairingShape& shape) {
  std::mt19937_64 rng(shape.seed);
  const Town town = Build(shape.supporters, rng);
  Problem problem;
  problem.left.assign(shape.supporters, {.lower = shape.least, .upper = shape.most});
  problem.right.assign(shape.receivers, {.lower = 1, .upper = 2});
  // Drawn from the receivers' side, where the degree is given, and turned round.
  for (int j = 0; j < shape.receivers; ++j) {
    Problem drawn;
    Join(town, j, std::min(shape.degree, shape.supporters), /*fairness=*/0, drawn, rng);
    for (Edge edge : drawn.edges) {
      std::swap(edge.left, edge.right);
      problem.edges.push_back(edge);
    }
  }
  return problem;
}

}  // namespace baimi::flow
