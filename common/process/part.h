// A service as its process sees it: the same object runs in a process of its own and in the suite.
#ifndef BAIMI_COMMON_PROCESS_PART_H_
#define BAIMI_COMMON_PROCESS_PART_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/runtime.h"
#include "common/rpc/service.h"

namespace baimi::process {

class Part {
 public:
  virtual ~Part() = default;

  // Its gRPC services, to be hosted with `runtime`; the part and the runtime outlive them.
  virtual std::vector<std::unique_ptr<rpc::Service>> Services(rpc::Runtime* runtime) = 0;

  // What is left to do once the process's doors are open, before it is ready.
  virtual absl::Status Begin() { return absl::OkStatus(); }

  // OK while it can answer: its database is there, with the schema that this build knows. May block
  // for a moment. Thread-safe.
  virtual absl::Status Check() = 0;

  // Ends its streams: the first step of a drain.
  virtual void EndStreams() {}
};

}  // namespace baimi::process

#endif  // BAIMI_COMMON_PROCESS_PART_H_
