// The cross-cutting work around every handler, as named stages (DESIGN.md §3.4). Interceptors of
// gRPC 1.51 cannot refuse a call, so this is ours.
//
// A call passes `admit` of every stage on the library thread (must not block), then waits in its
// lane, then passes `prepare` of every stage on the lane's thread, then the handler; `finish` runs
// in reverse order for every stage that was entered, whatever the outcome.
#ifndef BAIMI_COMMON_RPC_PIPELINE_H_
#define BAIMI_COMMON_RPC_PIPELINE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/auth/authenticator.h"
#include "common/base/call.h"
#include "common/rpc/method.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/server_callback.h"

namespace baimi::rpc {

// What a caller in the same process hands over instead of a gRPC context.
struct LocalContext {
  std::vector<std::pair<absl::string_view, std::string>> metadata = {};
  // By the machine's clock.
  absl::Time deadline = absl::InfiniteFuture();
};

// One call on its way through. Owned by its reactor.
struct CallState {
  const Method* method = nullptr;
  // At most one of the two is set; neither when a test drives the pipeline alone.
  grpc::CallbackServerContext* context = nullptr;
  const LocalContext* local = nullptr;
  google::protobuf::Message* request = nullptr;
  Call call;
  std::shared_ptr<const auth::Identity> identity;
  absl::Time received;
  // Stages entered; their `finish` is owed.
  size_t entered = 0;
  // Given to a failed call and logged with its cause.
  std::string error_id;

  // A metadata value sent by the caller, as long as the call lives; "" when absent.
  absl::string_view Metadata(absl::string_view key) const;
};

struct Stage {
  std::string name;
  // Stages that must stand before this one if they are present.
  std::vector<std::string> after = {};
  std::function<absl::Status(CallState&)> admit = {};
  std::function<absl::Status(CallState&)> prepare = {};
  // `response` is null on errors and for streams. May change the status.
  std::function<void(CallState&, google::protobuf::Message* response, absl::Status&)> finish = {};
};

class Pipeline {
 public:
  // INVALID_ARGUMENT naming the stage when a name stands twice or an order is violated.
  static absl::StatusOr<Pipeline> Create(std::vector<Stage> stages);

  absl::Status Admit(CallState& state) const;
  absl::Status Prepare(CallState& state) const;
  void Finish(CallState& state, google::protobuf::Message* response, absl::Status& status) const;
  std::vector<std::string> names() const;

 private:
  explicit Pipeline(std::vector<Stage> stages) : stages_(std::move(stages)) {}
  std::vector<Stage> stages_;
};

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_PIPELINE_H_
