// The contract that the gateway's tests stand before: that of the kitchen (baimi.testing.v1) as a
// packaged descriptor set, with one method that no program was built with.
#ifndef BAIMI_SERVICES_GATEWAY_TESTING_KITCHEN_H_
#define BAIMI_SERVICES_GATEWAY_TESTING_KITCHEN_H_

#include <memory>

#include "common/transcode/contract.h"

namespace baimi::gateway::kitchen {

inline constexpr char kGet[] = "/baimi.testing.v1.KitchenService/GetDish";
inline constexpr char kCreate[] = "/baimi.testing.v1.KitchenService/CreateDish";
inline constexpr char kWatch[] = "/baimi.testing.v1.KitchenService/WatchDishes";
inline constexpr char kInternal[] = "/baimi.testing.v1.KitchenService/PolishDish";
// rpc GlueDish(GetDishRequest) returns (Dish): GET /v1/{name=counties/*/dishes/*}:glue, a read.
inline constexpr char kGlue[] = "/baimi.testing.v1.KitchenService/GlueDish";

// The test fails without it.
std::unique_ptr<const transcode::Contract> KitchenWithGlue();

}  // namespace baimi::gateway::kitchen

#endif  // BAIMI_SERVICES_GATEWAY_TESTING_KITCHEN_H_
