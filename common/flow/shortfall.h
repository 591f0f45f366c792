// Why no flow keeps all bounds.
#ifndef BAIMI_COMMON_FLOW_SHORTFALL_H_
#define BAIMI_COMMON_FLOW_SHORTFALL_H_

#include "common/flow/reduction.h"
#include "common/flow/solver.h"

namespace baimi::flow::internal {

// `problem` must be infeasible and `remainder` its own. A flow with the fewest missing units gives
// the relaxations; its prices are 1, 0 and -1, and the nodes of price 1 and of price -1 are the two
// sides of the minimum cuts: the contradictions.
Infeasibility ExplainShortfall(const Problem& problem, const Remainder& remainder);

}  // namespace baimi::flow::internal

#endif  // BAIMI_COMMON_FLOW_SHORTFALL_H_
