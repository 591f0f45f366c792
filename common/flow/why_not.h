// "Why not this pair?" and "what if this pair may not be?": the exact loss, against an optimum.
#ifndef BAIMI_COMMON_FLOW_WHY_NOT_H_
#define BAIMI_COMMON_FLOW_WHY_NOT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/flow/solver.h"

namespace baimi::flow {

// What an edge gains or loses.
struct FlowChange {
  int32_t edge = 0;
  int32_t units = 0;
};

struct Alternative {
  // Cost of the best plan with the demand, less the cost of the optimum; >= 0, and 0 when another
  // optimum has it.
  int64_t loss = 0;
  // From the optimum to that plan, by edge: who would have to move.
  std::vector<FlowChange> changes;
};

// Holds references to both arguments, which must outlive it and stay as they are. Not thread-safe:
// one for each thread. Made in linear time; a question costs one shortest path in the residual
// graph for each unit that moves, over what is nearer than the answer.
class WhyNot {
 public:
  // INVALID_ARGUMENT or FAILED_PRECONDITION by VerifyOptimal.
  static absl::StatusOr<std::unique_ptr<WhyNot>> Create(const Problem& problem,
                                                        const Solution& optimum);
  virtual ~WhyNot() = default;

  // The best plan in which `edge` carries one unit more than in the optimum; nullopt when no plan
  // that keeps all bounds does. For a pair that is not in the plan: what it costs to have it.
  virtual std::optional<Alternative> OneMore(int32_t edge) = 0;

  // The best plan in which `edge` carries nothing; nullopt when its lower bound or another one
  // forbids that.
  virtual std::optional<Alternative> Without(int32_t edge) = 0;
};

}  // namespace baimi::flow

#endif  // BAIMI_COMMON_FLOW_WHY_NOT_H_
