// The solvers of LEMON as independent references: another network, other algorithms, other authors.
#ifndef BAIMI_COMMON_FLOW_TESTING_LEMON_H_
#define BAIMI_COMMON_FLOW_TESTING_LEMON_H_

#include <cstdint>
#include <optional>

#include "common/flow/problem.h"

namespace baimi::flow {

// The least cost; nullopt when no flow keeps all bounds.
std::optional<int64_t> LemonNetworkSimplex(const Problem& problem);
std::optional<int64_t> LemonCostScaling(const Problem& problem);

}  // namespace baimi::flow

#endif  // BAIMI_COMMON_FLOW_TESTING_LEMON_H_
