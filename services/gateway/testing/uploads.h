// A service behind the gateway that takes client streams as a test tells it.
#ifndef BAIMI_SERVICES_GATEWAY_TESTING_UPLOADS_H_
#define BAIMI_SERVICES_GATEWAY_TESTING_UPLOADS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/channel.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/server.h"

namespace baimi::gateway::kitchen {

inline constexpr char kUpload[] = "/baimi.testing.v1.KitchenService/UploadPhoto";

// Thread-safe. Answers each call that was half-closed by its caller.
class Uploads {
 public:
  struct Seen {
    std::string authorization;
    std::vector<std::string> messages;
    // The caller closed its half; otherwise it went away or was refused.
    bool whole = false;
  };

  Uploads();
  ~Uploads();

  int port() const { return port_; }
  std::shared_ptr<grpc::Channel> InProcess() { return server_->InProcessChannel({}); }

  // What whole calls get.
  void Answer(const std::string& answer);
  // The next `calls` are ended with `status` once they have sent `messages`.
  void Refuse(int calls, int messages, const grpc::Status& status);
  // Reads no more than so many messages of a call until it is raised.
  void ReadUpTo(size_t messages);

  void AwaitMessages(size_t count);
  // Calls that are over, in that order.
  std::vector<Seen> AwaitEnded(size_t count);

 private:
  class Reactor;
  class Service;

  std::unique_ptr<grpc::CallbackGenericService> service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  absl::Mutex mu_;
  std::string answer_ ABSL_GUARDED_BY(mu_);
  int refusals_ ABSL_GUARDED_BY(mu_) = 0;
  size_t refused_after_ ABSL_GUARDED_BY(mu_) = 0;
  grpc::Status refusal_ ABSL_GUARDED_BY(mu_);
  size_t most_ ABSL_GUARDED_BY(mu_) = SIZE_MAX;
  size_t messages_ ABSL_GUARDED_BY(mu_) = 0;
  absl::flat_hash_set<Reactor*> waiting_ ABSL_GUARDED_BY(mu_);
  std::vector<Seen> ended_ ABSL_GUARDED_BY(mu_);
};

}  // namespace baimi::gateway::kitchen

#endif  // BAIMI_SERVICES_GATEWAY_TESTING_UPLOADS_H_
