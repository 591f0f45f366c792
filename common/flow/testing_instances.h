// Problems for tests and benchmarks, the same for the same seed.
#ifndef BAIMI_COMMON_FLOW_TESTING_INSTANCES_H_
#define BAIMI_COMMON_FLOW_TESTING_INSTANCES_H_

#include <cstdint>
#include <random>

#include "common/flow/problem.h"

namespace baimi::flow {

// From `from` to `to`, both included. Not std::uniform_int_distribution: its values differ between
// libraries.
int64_t Draw(std::mt19937_64& rng, int64_t from, int64_t to);

// At most 4 x 4 nodes and 7 edges of at most 2 units: few enough to try all flows. Lower bounds,
// locks, double edges, negative costs, zero quotas and equal costs all occur; a third or so is
// infeasible.
Problem TinyProblem(std::mt19937_64& rng);

struct AnyShape {
  int lefts = 30;
  int rights = 30;
  int edges = 200;
  // Greatest capacity of an edge, and quota of a node.
  int capacity = 3;
  int quota = 6;
  int64_t least_cost = -50;
  int64_t greatest_cost = 200;
  // Of 100 nodes, how many have a lower bound; of 1,000 edges, how many are locked.
  int with_lower = 10;
  int locked = 5;
};

Problem AnyProblem(const AnyShape& shape, std::mt19937_64& rng);

// Members and slots of wishes: both live in communities on a map, a member is eligible for `degree`
// slots near home, and costs are whole scores from 0 to 10,000 made of urgency (five steps),
// distance, skill (three steps) and fairness (four steps), so that many are equal.
struct MatchingShape {
  int members = 1000;
  int slots = 200;
  int degree = 20;
  // Quotas are drawn from 1 to these.
  int member_quota = 1;
  int slot_places = 5;
  // What an empty place costs.
  int64_t unserved = 20'000;
  uint64_t seed = 1;
};

Problem MatchingProblem(const MatchingShape& shape);

// Supporters and receivers: every receiver has at least one supporter and at most two, every
// supporter between `least` and `most` receivers; costs as above without fairness.
struct PairingShape {
  int supporters = 69;
  int receivers = 157;
  // Eligible supporters of a receiver; at most all.
  int degree = 69;
  int least = 1;
  int most = 4;
  uint64_t seed = 1;
};

Problem PairingProblem(const PairingShape& shape);

}  // namespace baimi::flow

#endif  // BAIMI_COMMON_FLOW_TESTING_INSTANCES_H_
