// Shares nothing with the solver but the definition of the problem.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/flow/solver.h"

namespace baimi::flow {
namespace {

// Sums of two prices and a cost stay far from overflow.
constexpr int64_t kMaxPrice = kMaxPathCost * 8;

absl::Status Wrong(absl::string_view list, size_t index, absl::string_view what, int64_t got,
                   absl::string_view want) {
  return absl::FailedPreconditionError(
      absl::StrCat(list, "[", index, "].", what, ": got ", got, ", want ", want));
}

// `reduced` is what one more unit costs by the prices.
absl::Status Complementary(absl::string_view list, size_t index, int64_t units, int64_t lower,
                           int64_t upper, int64_t reduced) {
  if (units < lower || units > upper) {
    return Wrong(list, index, "flow", units, absl::StrCat("from ", lower, " to ", upper));
  }
  if (reduced < 0 && units < upper) {
    return Wrong(list, index, "reduced cost", reduced, ">= 0 below the upper bound");
  }
  if (reduced > 0 && units > lower) {
    return Wrong(list, index, "reduced cost", reduced, "<= 0 above the lower bound");
  }
  return absl::OkStatus();
}

absl::Status CheckPrices(absl::string_view list, const std::vector<int64_t>& prices, size_t want) {
  if (prices.size() != want) {
    return absl::FailedPreconditionError(
        absl::StrCat(list, ": got ", prices.size(), " prices, want ", want));
  }
  for (size_t i = 0; i < prices.size(); ++i) {
    if (prices[i] < -kMaxPrice || prices[i] > kMaxPrice) {
      return Wrong(list, i, "price", prices[i], absl::StrCat("at most ", kMaxPrice, " of size"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status VerifyOptimal(const Problem& problem, const Solution& solution) {
  BAIMI_RETURN_IF_ERROR(Check(problem));
  BAIMI_RETURN_IF_ERROR(CheckPrices("left", solution.left_price, problem.left.size()));
  BAIMI_RETURN_IF_ERROR(CheckPrices("right", solution.right_price, problem.right.size()));
  if (solution.flow.size() != problem.edges.size()) {
    return absl::FailedPreconditionError(
        absl::StrCat("flow: got ", solution.flow.size(), " numbers, want ", problem.edges.size()));
  }
  std::vector<int64_t> left(problem.left.size(), 0);
  std::vector<int64_t> right(problem.right.size(), 0);
  for (size_t e = 0; e < problem.edges.size(); ++e) {
    const Edge& edge = problem.edges[e];
    left[edge.left] += solution.flow[e];
    right[edge.right] += solution.flow[e];
    BAIMI_RETURN_IF_ERROR(Complementary(
        "edges", e, solution.flow[e], edge.lower, edge.upper,
        edge.cost + solution.left_price[edge.left] - solution.right_price[edge.right]));
  }
  for (size_t i = 0; i < left.size(); ++i) {
    const LeftNode& node = problem.left[i];
    BAIMI_RETURN_IF_ERROR(
        Complementary("left", i, left[i], node.lower, node.upper, -solution.left_price[i]));
  }
  for (size_t j = 0; j < right.size(); ++j) {
    const RightNode& node = problem.right[j];
    BAIMI_RETURN_IF_ERROR(Complementary("right", j, right[j], node.lower, node.upper,
                                        solution.right_price[j] - node.unserved_cost));
  }
  const int64_t cost = CostOf(problem, solution.flow);
  if (solution.cost != cost) {
    return absl::FailedPreconditionError(
        absl::StrCat("cost: got ", solution.cost, ", want ", cost));
  }
  return absl::OkStatus();
}

}  // namespace baimi::flow
