#include "common/flow/shortfall.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace baimi::flow {
namespace {

using internal::Core;
using internal::CoreNode;
using internal::Reduced;
using internal::Remainder;

int32_t LowerOf(const Problem& problem, Side side, int32_t node) {
  return side == Side::kLeft ? problem.left[node].lower : problem.right[node].lower;
}

int32_t UpperOf(const Problem& problem, Side side, int32_t node) {
  return side == Side::kLeft ? problem.left[node].upper : problem.right[node].upper;
}

size_t CountOf(const Problem& problem, Side side) {
  return side == Side::kLeft ? problem.left.size() : problem.right.size();
}

Side Other(Side side) { return side == Side::kLeft ? Side::kRight : Side::kLeft; }

// Membership of node numbers; those out of range are counted.
struct Set {
  Set(const std::vector<int32_t>& nodes, size_t size) : has(size, false) {
    for (const int32_t node : nodes) {
      const bool known = node >= 0 && static_cast<size_t>(node) < size;
      if (!known || has[node]) {
        ++wrong;
      } else {
        has[node] = true;
      }
    }
  }
  std::vector<bool> has;
  int wrong = 0;
};

struct Sums {
  int64_t need = 0;
  int64_t supply = 0;
  int wrong = 0;
};

Sums SumUp(const Problem& problem, const Contradiction& contradiction) {
  const Side hungry_side = contradiction.hungry_side;
  const Set hungry(contradiction.hungry, CountOf(problem, hungry_side));
  const Set limits(contradiction.limits, CountOf(problem, Other(hungry_side)));
  Sums sums;
  sums.wrong = hungry.wrong + limits.wrong;
  for (size_t i = 0; i < hungry.has.size(); ++i) {
    sums.need += hungry.has[i] ? LowerOf(problem, hungry_side, static_cast<int32_t>(i)) : 0;
  }
  for (size_t i = 0; i < limits.has.size(); ++i) {
    sums.supply +=
        limits.has[i] ? UpperOf(problem, Other(hungry_side), static_cast<int32_t>(i)) : 0;
  }
  for (const Edge& edge : problem.edges) {
    const bool to_hungry = hungry.has[hungry_side == Side::kLeft ? edge.left : edge.right];
    const bool limited = limits.has[hungry_side == Side::kLeft ? edge.right : edge.left];
    if (to_hungry && !limited) {
      sums.supply += edge.upper;
    } else if (limited && !to_hungry) {
      sums.supply -= edge.lower;
    }
  }
  return sums;
}

}  // namespace

namespace internal {
namespace {

void AddContradiction(const Problem& problem, Side hungry_side, std::vector<int32_t> left,
                      std::vector<int32_t> right, Infeasibility& infeasibility) {
  Contradiction contradiction;
  contradiction.hungry_side = hungry_side;
  if (hungry_side == Side::kRight) {
    left.swap(right);
  }
  contradiction.hungry = std::move(left);
  contradiction.limits = std::move(right);
  const Sums sums = SumUp(problem, contradiction);
  contradiction.need = sums.need;
  contradiction.supply = sums.supply;
  if (sums.need > sums.supply) {
    infeasibility.contradictions.push_back(std::move(contradiction));
  }
}

// Prices of the left and right nodes by the signs of Solution: 1, 0, -1. Forced flow above a bound
// has a price of its own; other nodes that are full of forced flow take part by the rule of
// PriceFullNodes.
struct Prices {
  std::vector<int64_t> left;
  std::vector<int64_t> right;
};

bool Full(const CoreNode& node) { return node.mandatory + node.optional == 0; }

Prices PricesOf(const Problem& problem, const Remainder& remainder, const Reduced& reduced,
                const Core& core) {
  const int64_t sign = reduced.left_is_customer ? -1 : 1;
  Prices prices;
  prices.left = reduced.left_is_customer ? core.values() : core.prices();
  prices.right = reduced.left_is_customer ? core.prices() : core.values();
  for (std::vector<int64_t>* side : {&prices.left, &prices.right}) {
    for (int64_t& price : *side) {
      price = std::clamp<int64_t>(sign * price, -1, 1);
    }
  }
  for (size_t i = 0; i < prices.left.size(); ++i) {
    if (Full(remainder.left[i])) {
      prices.left[i] = remainder.left_excess[i] > 0 ? 1 : 0;
    }
  }
  for (size_t j = 0; j < prices.right.size(); ++j) {
    if (Full(remainder.right[j])) {
      prices.right[j] = remainder.right_excess[j] > 0 ? -1 : 0;
    }
  }
  for (const Edge& edge : problem.edges) {
    if (edge.lower < edge.upper && Full(remainder.left[edge.left]) &&
        !Full(remainder.right[edge.right])) {
      prices.left[edge.left] = std::max(prices.left[edge.left], prices.right[edge.right]);
    }
  }
  for (const Edge& edge : problem.edges) {
    if (edge.lower < edge.upper && Full(remainder.right[edge.right])) {
      prices.right[edge.right] = std::min(prices.right[edge.right], prices.left[edge.left]);
    }
  }
  return prices;
}

std::vector<int32_t> NodesOf(const std::vector<int64_t>& prices, int64_t price) {
  std::vector<int32_t> nodes;
  for (size_t i = 0; i < prices.size(); ++i) {
    if (prices[i] == price) {
      nodes.push_back(static_cast<int32_t>(i));
    }
  }
  return nodes;
}

void AddRelaxations(Side side, const std::vector<CoreNode>& rest,
                    const std::vector<int64_t>& excess, const std::vector<int64_t>& load,
                    Infeasibility& infeasibility) {
  for (size_t i = 0; i < rest.size(); ++i) {
    const int64_t missing = std::max<int64_t>(rest[i].mandatory - load[i], 0);
    if (excess[i] + missing > 0) {
      infeasibility.relaxations.push_back({.side = side,
                                           .node = static_cast<int32_t>(i),
                                           .raise_upper = excess[i] > 0,
                                           .units = excess[i] + missing});
      infeasibility.total += excess[i] + missing;
    }
  }
}

}  // namespace

Infeasibility ExplainShortfall(const Problem& problem, const Remainder& remainder) {
  Reduced reduced = Reduce(problem, remainder, /*costs=*/false);
  Core core(std::move(reduced.input));
  core.Run();
  std::vector<int64_t> left_load(problem.left.size(), 0);
  std::vector<int64_t> right_load(problem.right.size(), 0);
  const std::vector<int32_t> flow = core.Flow();
  for (size_t e = 0; e < flow.size(); ++e) {
    const Edge& edge = problem.edges[reduced.edges[e]];
    left_load[edge.left] += flow[e];
    right_load[edge.right] += flow[e];
  }
  Infeasibility infeasibility;
  AddRelaxations(Side::kLeft, remainder.left, remainder.left_excess, left_load, infeasibility);
  AddRelaxations(Side::kRight, remainder.right, remainder.right_excess, right_load, infeasibility);
  const Prices prices = PricesOf(problem, remainder, reduced, core);
  AddContradiction(problem, Side::kRight, NodesOf(prices.left, 1), NodesOf(prices.right, 1),
                   infeasibility);
  AddContradiction(problem, Side::kLeft, NodesOf(prices.left, -1), NodesOf(prices.right, -1),
                   infeasibility);
  return infeasibility;
}

}  // namespace internal

absl::Status VerifyInfeasible(const Problem& problem, const Infeasibility& infeasibility) {
  BAIMI_RETURN_IF_ERROR(Check(problem));
  const auto& found = infeasibility.contradictions;
  if (found.size() > 2 || (found.size() == 2 && found[0].hungry_side == found[1].hungry_side)) {
    return absl::FailedPreconditionError("contradictions: want at most one for each side");
  }
  int64_t short_of = 0;
  for (const Contradiction& contradiction : found) {
    const Sums sums = SumUp(problem, contradiction);
    if (sums.wrong > 0 || sums.need != contradiction.need || sums.supply != contradiction.supply ||
        sums.need <= sums.supply) {
      return absl::FailedPreconditionError(
          absl::StrCat("contradiction: got need ", contradiction.need, " of ", contradiction.supply,
                       ", want ", sums.need, " of ", sums.supply, ", and more than there is"));
    }
    short_of += sums.need - sums.supply;
  }
  int64_t moved = 0;
  for (const Relaxation& relaxation : infeasibility.relaxations) {
    moved += relaxation.units;
  }
  if (moved != infeasibility.total || short_of != infeasibility.total || moved <= 0) {
    return absl::FailedPreconditionError(absl::StrCat("total: got ", infeasibility.total, ", want ",
                                                      moved, " as relaxed and ", short_of,
                                                      " as contradicted"));
  }
  return absl::OkStatus();
}

Problem Relaxed(const Problem& problem, const Infeasibility& infeasibility) {
  Problem relaxed = problem;
  for (const Relaxation& move : infeasibility.relaxations) {
    const bool left = move.side == Side::kLeft;
    int32_t& lower = left ? relaxed.left[move.node].lower : relaxed.right[move.node].lower;
    int32_t& upper = left ? relaxed.left[move.node].upper : relaxed.right[move.node].upper;
    if (move.raise_upper) {
      upper = static_cast<int32_t>(std::min<int64_t>(upper + move.units, kMaxUnits));
    } else {
      lower -= static_cast<int32_t>(move.units);
    }
  }
  return relaxed;
}

}  // namespace baimi::flow
