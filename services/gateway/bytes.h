// Strings and what gRPC sends.
#ifndef BAIMI_SERVICES_GATEWAY_BYTES_H_
#define BAIMI_SERVICES_GATEWAY_BYTES_H_

#include <string>
#include <vector>

#include "grpcpp/support/byte_buffer.h"

namespace baimi::gateway {

inline grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

inline std::string FromBuffer(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (buffer.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) {
      bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
  }
  return bytes;
}

}  // namespace baimi::gateway

#endif  // BAIMI_SERVICES_GATEWAY_BYTES_H_
