#include "common/flow/testing_lemon.h"

#include <lemon/cost_scaling.h>
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

namespace baimi::flow {
namespace {

using Graph = lemon::SmartDigraph;

// hub -> left -> right -> hub.
template <typename Algorithm>
std::optional<int64_t> Run(const Problem& problem) {
  Graph graph;
  Graph::ArcMap<int64_t> lower(graph);
  Graph::ArcMap<int64_t> upper(graph);
  Graph::ArcMap<int64_t> cost(graph);
  const int lefts = static_cast<int>(problem.left.size());
  const int hub = lefts + static_cast<int>(problem.right.size());
  for (int node = 0; node <= hub; ++node) {
    graph.addNode();
  }
  const auto add = [&](int from, int to, int64_t least, int64_t most, int64_t each) {
    const Graph::Arc arc = graph.addArc(graph.nodeFromId(from), graph.nodeFromId(to));
    lower[arc] = least;
    upper[arc] = most;
    cost[arc] = each;
  };
  for (int i = 0; i < lefts; ++i) {
    add(hub, i, problem.left[i].lower, problem.left[i].upper, 0);
  }
  int64_t all_unserved = 0;
  for (int j = 0; j < hub - lefts; ++j) {
    const RightNode& node = problem.right[j];
    add(lefts + j, hub, node.lower, node.upper, -node.unserved_cost);
    all_unserved += node.unserved_cost * node.upper;
  }
  for (const Edge& edge : problem.edges) {
    add(edge.left, lefts + edge.right, edge.lower, edge.upper, edge.cost);
  }
  Algorithm algorithm(graph);
  algorithm.lowerMap(lower).upperMap(upper).costMap(cost);
  if (algorithm.run() != Algorithm::OPTIMAL) {
    return std::nullopt;
  }
  return algorithm.template totalCost<int64_t>() + all_unserved;
}

}  // namespace

std::optional<int64_t> LemonNetworkSimplex(const Problem& problem) {
  return Run<lemon::NetworkSimplex<Graph, int64_t, int64_t>>(problem);
}

std::optional<int64_t> LemonCostScaling(const Problem& problem) {
  return Run<lemon::CostScaling<Graph, int64_t, int64_t>>(problem);
}

}  // namespace baimi::flow
