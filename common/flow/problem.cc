#include "common/flow/problem.h"

#include <algorithm>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace baimi::flow {
namespace {

absl::Status Refuse(absl::string_view list, size_t index, absl::string_view field, int64_t got,
                    absl::string_view want, absl::string_view want_zh) {
  return InvalidField(absl::StrCat(list, "[", index, "].", field), absl::StrCat(got), want,
                      want_zh);
}

absl::Status CheckBounds(absl::string_view list, size_t index, int32_t lower, int32_t upper) {
  if (lower < 0) {
    return Refuse(list, index, "lower", lower, ">= 0", "不得小于0");
  }
  if (upper < lower || upper > kMaxUnits) {
    return Refuse(list, index, "upper", upper,
                  absl::StrCat("from ", lower, " (its lower) to ", kMaxUnits),
                  absl::StrCat("须在下限", lower, "与", kMaxUnits, "之间"));
  }
  return absl::OkStatus();
}

absl::Status CheckEnd(size_t index, absl::string_view field, int32_t node, size_t nodes) {
  if (node < 0 || static_cast<size_t>(node) >= nodes) {
    return Refuse("edges", index, field, node, absl::StrCat("from 0 to below ", nodes),
                  absl::StrCat("须从0到", nodes, "以下"));
  }
  return absl::OkStatus();
}

absl::int128 Magnitude(int64_t value) {
  const absl::int128 wide = value;
  return wide < 0 ? -wide : wide;
}

absl::int128 GreatestCost(const Problem& problem) {
  absl::int128 greatest = 0;
  for (const RightNode& node : problem.right) {
    greatest = std::max(greatest, Magnitude(node.unserved_cost));
  }
  for (const Edge& edge : problem.edges) {
    greatest = std::max(greatest, Magnitude(edge.cost));
  }
  return greatest;
}

absl::int128 WidePathCost(const Problem& problem) {
  return (absl::int128(problem.left.size()) + absl::int128(problem.right.size()) + 4) *
         GreatestCost(problem);
}

absl::Status CheckSums(const Problem& problem) {
  if (WidePathCost(problem) > kMaxPathCost) {
    return InvalidField("edges.cost", "too great", "(nodes + 4) * greatest cost <= 2^57",
                        "（节点数+4）×最大成本不得超过2^57");
  }
  absl::int128 total = 0;
  for (const RightNode& node : problem.right) {
    total += Magnitude(node.unserved_cost) * node.upper;
  }
  for (const Edge& edge : problem.edges) {
    total += Magnitude(edge.cost) *
             std::min({edge.upper, problem.right[static_cast<size_t>(edge.right)].upper,
                       problem.left[static_cast<size_t>(edge.left)].upper});
  }
  if (total > kMaxTotalCost) {
    return InvalidField("edges.cost", "too great", "a total below 2^62 for all loads",
                        "任何负荷下总成本须小于2^62");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Check(const Problem& problem) {
  const size_t most = std::max({problem.left.size(), problem.right.size(), problem.edges.size()});
  if (most > static_cast<size_t>(kMaxItems)) {
    return InvalidField("problem", absl::StrCat(most, " items"), absl::StrCat("<= ", kMaxItems),
                        absl::StrCat("不得超过", kMaxItems));
  }
  for (size_t i = 0; i < problem.left.size(); ++i) {
    BAIMI_RETURN_IF_ERROR(CheckBounds("left", i, problem.left[i].lower, problem.left[i].upper));
  }
  for (size_t i = 0; i < problem.right.size(); ++i) {
    BAIMI_RETURN_IF_ERROR(CheckBounds("right", i, problem.right[i].lower, problem.right[i].upper));
  }
  for (size_t i = 0; i < problem.edges.size(); ++i) {
    const Edge& edge = problem.edges[i];
    BAIMI_RETURN_IF_ERROR(CheckEnd(i, "left", edge.left, problem.left.size()));
    BAIMI_RETURN_IF_ERROR(CheckEnd(i, "right", edge.right, problem.right.size()));
    BAIMI_RETURN_IF_ERROR(CheckBounds("edges", i, edge.lower, edge.upper));
  }
  return CheckSums(problem);
}

int64_t CostOf(const Problem& problem, const std::vector<int32_t>& flow) {
  int64_t cost = 0;
  for (const RightNode& node : problem.right) {
    cost += node.unserved_cost * node.upper;
  }
  for (size_t i = 0; i < problem.edges.size(); ++i) {
    if (flow[i] != 0) {
      const Edge& edge = problem.edges[i];
      cost += (edge.cost - problem.right[static_cast<size_t>(edge.right)].unserved_cost) * flow[i];
    }
  }
  return cost;
}

int64_t PathCostBound(const Problem& problem) {
  return static_cast<int64_t>(WidePathCost(problem));
}

}  // namespace baimi::flow
