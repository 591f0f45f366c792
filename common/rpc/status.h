// absl::Status <-> grpc::Status, with every detail. gRPC 1.51 has no conversion of its own.
#ifndef BAIMI_COMMON_RPC_STATUS_H_
#define BAIMI_COMMON_RPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace baimi::rpc {

// Payloads become the details of a serialized google.rpc.Status. Of many field violations as many
// as callers take: those at the end are left out.
grpc::Status ToGrpc(const absl::Status& status);
// The reverse. Details that are not a google.rpc.Status are dropped.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_STATUS_H_
