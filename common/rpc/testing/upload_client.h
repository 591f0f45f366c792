// A client stream as its client sees it, for tests that wait for each step.
#ifndef BAIMI_COMMON_RPC_TESTING_UPLOAD_CLIENT_H_
#define BAIMI_COMMON_RPC_TESTING_UPLOAD_CLIENT_H_

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/client_callback.h"

namespace baimi::rpc::testing {

// Thread-safe. The destructor cancels a call that is still open and waits for its end.
class UploadClient {
 public:
  // `method`: "/package.Service/Method". `token`: of the bearer; none when empty.
  UploadClient(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
               const std::string& token, absl::Duration timeout = absl::Seconds(60));
  ~UploadClient();

  // Queues a message in wire form.
  void Write(const std::string& message);
  // After what is queued.
  void Close();
  void Cancel();
  // Messages that the transport took.
  void AwaitWritten(int count);
  // The answer in wire form, or how the call ended.
  absl::StatusOr<std::string> Await();

 private:
  class Reactor;

  grpc::ClientContext context_;
  grpc::GenericStub stub_;
  Reactor* const reactor_;
  absl::Mutex mu_;
  std::deque<std::string> queue_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool closing_ ABSL_GUARDED_BY(mu_) = false;
  bool over_ ABSL_GUARDED_BY(mu_) = false;
  int written_ ABSL_GUARDED_BY(mu_) = 0;
  std::string answer_ ABSL_GUARDED_BY(mu_);
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mu_);
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
};

}  // namespace baimi::rpc::testing

#endif  // BAIMI_COMMON_RPC_TESTING_UPLOAD_CLIENT_H_
