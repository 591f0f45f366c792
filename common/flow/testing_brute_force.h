// Tries every flow: the reference for problems so small that nothing can be wrong with it.
#ifndef BAIMI_COMMON_FLOW_TESTING_BRUTE_FORCE_H_
#define BAIMI_COMMON_FLOW_TESTING_BRUTE_FORCE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "common/flow/problem.h"

namespace baimi::flow {

// Every flow within the bounds of the edges.
void ForEachFlow(const Problem& problem,
                 const std::function<void(const std::vector<int32_t>& flow)>& visit);

// By how many units the loads of `flow` pass the bounds of nodes, in total.
int64_t Violation(const Problem& problem, const std::vector<int32_t>& flow);

// The least cost among the flows that keep all bounds and for which `wanted` holds; nullopt when
// there is none.
std::optional<int64_t> LeastCost(
    const Problem& problem,
    const std::function<bool(const std::vector<int32_t>& flow)>& wanted = nullptr);

}  // namespace baimi::flow

#endif  // BAIMI_COMMON_FLOW_TESTING_BRUTE_FORCE_H_
