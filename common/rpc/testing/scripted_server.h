// A real gRPC server on the loopback, with health and drain, whose answers a test writes.
#ifndef BAIMI_COMMON_RPC_TESTING_SCRIPTED_SERVER_H_
#define BAIMI_COMMON_RPC_TESTING_SCRIPTED_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/rpc/server.h"
#include "grpcpp/generic/async_generic_service.h"

namespace baimi::rpc::testing {

struct ScriptedCall {
  // "/package.Service/Method".
  std::string method;
  std::map<std::string, std::string> metadata;
  std::string request;
  absl::Time deadline;
};

struct ScriptedAnswer {
  grpc::Status status = grpc::Status::OK;
  // Sent before the status.
  std::vector<std::string> messages = {};
  std::map<std::string, std::string> trailing = {};
  // Stays open after the messages until the caller or the server ends it.
  bool stays = false;
};

// Thread-safe.
class ScriptedServer {
 public:
  using Script = std::function<ScriptedAnswer(const ScriptedCall&)>;

  // Listens on a free port of the loopback and is SERVING.
  explicit ScriptedServer(Script script);
  ~ScriptedServer();

  // "127.0.0.1:12345".
  std::string address() const;
  std::vector<ScriptedCall> calls() const;
  // Waits until so many calls that stay were ended by their callers.
  void AwaitCancelled(int count) const;
  Server& server() { return *server_; }
  // Closes the door at once; what is under way is cancelled.
  void Stop();

 private:
  class Reactor;
  class Service;

  const Script script_;
  mutable absl::Mutex mu_;
  std::vector<ScriptedCall> calls_ ABSL_GUARDED_BY(mu_);
  int cancelled_ ABSL_GUARDED_BY(mu_) = 0;
  std::unique_ptr<grpc::CallbackGenericService> service_;
  std::unique_ptr<Server> server_;
};

}  // namespace baimi::rpc::testing

#endif  // BAIMI_COMMON_RPC_TESTING_SCRIPTED_SERVER_H_
