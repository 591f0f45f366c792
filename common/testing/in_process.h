// Services behind the real pipeline and lanes, without a port: what a test of one service's RPCs
// needs around it.
#ifndef BAIMI_COMMON_TESTING_IN_PROCESS_H_
#define BAIMI_COMMON_TESTING_IN_PROCESS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/auth/authenticator.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/exec/lanes.h"
#include "common/observe/metrics.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "common/testing/caller.h"

namespace baimi::test {

// Not thread-safe but for what it hands out. Its services are destroyed with it, after their calls
// have ended.
class InProcess {
 public:
  // `clock` and `rng` outlive it. `permissions`: of the admin, e.g. "ticket.*".
  InProcess(const Clock* clock, Rng* rng, const std::vector<std::string>& permissions);
  ~InProcess();

  // For the services, before Serve.
  rpc::Runtime* runtime() { return runtime_.get(); }
  observe::Registry& metrics() { return metrics_; }
  absl::Status Serve(std::vector<std::unique_ptr<rpc::Service>> services);

  // Has the permissions in every county and sees everything unmasked.
  Caller Admin();

 private:
  observe::Registry metrics_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<exec::Lanes> lanes_;
  std::unique_ptr<rpc::Runtime> runtime_;
  std::vector<std::unique_ptr<rpc::Service>> services_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace baimi::test

#endif  // BAIMI_COMMON_TESTING_IN_PROCESS_H_
