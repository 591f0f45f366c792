// Unary methods of services in this process, for callers beside them.
#ifndef BAIMI_COMMON_RPC_LOCAL_METHODS_H_
#define BAIMI_COMMON_RPC_LOCAL_METHODS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/rpc/pipeline.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"

namespace baimi::rpc {

// Thread-safe once filled.
class LocalMethods {
 public:
  // Blocks until the call has ended; the pipeline may clear output-only fields of the request.
  // `request` and `response` are of the method's types.
  using Invoke = std::function<absl::Status(const LocalContext&, google::protobuf::Message* request,
                                            google::protobuf::Message* response)>;

  struct WireAnswer {
    absl::Status status;
    // Empty on errors.
    grpc::ByteBuffer response;
    // As the trailing metadata "baimi-seq"; 0: nothing was committed.
    int64_t committed_seq = 0;
  };
  // Runs once: on the caller's thread before Invoke returns, or later on one of the service's.
  using WireDone = std::function<void(WireAnswer)>;
  // Never blocks. A call can not be cut: it ends when its handler does, past its deadline too. The
  // names of the context's metadata live until `done` ran.
  using InvokeWire =
      std::function<void(LocalContext context, const grpc::ByteBuffer& request, WireDone done)>;

  struct Local {
    Invoke typed;
    InvokeWire wire;
  };

  void Add(const std::string& method, Local local) { methods_[method] = std::move(local); }
  // By "/package.Service/Method"; null when the method is served elsewhere. As long as this lives.
  const Local* Find(absl::string_view method) const {
    const auto found = methods_.find(method);
    return found == methods_.end() ? nullptr : &found->second;
  }

 private:
  absl::flat_hash_map<std::string, Local> methods_;
};

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_LOCAL_METHODS_H_
