// Server reflection from the contract: what clients such as `buf curl` learn the services from. The
// library's own knows linked messages only, and the gateway links none.
#ifndef BAIMI_SERVICES_GATEWAY_REFLECTION_H_
#define BAIMI_SERVICES_GATEWAY_REFLECTION_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/transcode/contract.h"
#include "grpcpp/generic/async_generic_service.h"

namespace baimi::gateway {

// "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", or the same of v1: their
// messages are the same on the wire.
bool IsReflection(absl::string_view path);

// The serialised ServerReflectionResponse to a serialised ServerReflectionRequest. Thread-safe.
std::string AnswerReflection(const transcode::Contract& contract, absl::string_view request);

// Serves one call; frees itself. `contract` outlives it.
grpc::ServerGenericBidiReactor* NewReflectionReactor(const transcode::Contract* contract);

}  // namespace baimi::gateway

#endif  // BAIMI_SERVICES_GATEWAY_REFLECTION_H_
