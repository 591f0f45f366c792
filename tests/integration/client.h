// The tests' clients. Plain ones send each call once and as it is. Where the suite runs under
// faults they behave as a good client does: a request_id on every change, the same call again when
// it was not answered, and nothing read that is older than what was written.
#ifndef BAIMI_TESTS_INTEGRATION_CLIENT_H_
#define BAIMI_TESTS_INTEGRATION_CLIENT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/http/testing/client.h"
#include "common/rpc/status.h"
#include "common/testing/caller.h"
#include "common/transcode/route_table.h"
#include "google/protobuf/message.h"
#include "grpcpp/grpcpp.h"

namespace baimi::integration {

// What all clients of one test remember. Thread-safe.
class Persistence {
 public:
  Persistence();

  // Calls that are made again at most so often; the faults let far fewer fail in a row.
  static constexpr int kAttempts = 200;
  // True for what a repetition of the same call may cure: the answer is unknown, or something
  // behind the service failed. A replica that goes away has no other one here.
  static bool IsWorthRepeating(const absl::Status& status);
  static bool IsWorthRepeating(const http::testing::ClientResponse& answer);

  // Gives a change that has no request_id one of its own.
  void Name(google::protobuf::Message* request);
  // The same for HTTP: a member of the body where the body is the whole request, else a query
  // parameter of the target. Calls that no route takes are left as they are.
  void Name(absl::string_view method, std::string* target, std::string* body);

  // The package of the service that takes the HTTP call; empty when no route does.
  std::string PackageOf(absl::string_view method, absl::string_view target) const;

  // The last change of the service of `package` that any client of the test was told of; 0 for
  // none. `seq` is the text of a baimi-seq.
  int64_t LastSeq(absl::string_view package) const;
  void Saw(absl::string_view package, absl::string_view seq);

 private:
  std::string NewId();

  const std::unique_ptr<const transcode::Contract> contract_;
  const std::unique_ptr<const transcode::RouteTable> routes_;
  mutable absl::Mutex mu_;
  int64_t ids_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<std::string, int64_t, std::less<>> seqs_ ABSL_GUARDED_BY(mu_);
};

// gRPC calls with one key. Copyable, thread-safe.
class Caller {
 public:
  // Plain without `persistence`, which outlives it.
  Caller(std::shared_ptr<grpc::Channel> channel, std::string token,
         Persistence* persistence = nullptr)
      : base_(std::move(channel), std::move(token)), persistence_(persistence) {}

  void Prepare(grpc::ClientContext* context) const { base_.Prepare(context); }
  const std::shared_ptr<grpc::Channel>& channel() const { return base_.channel(); }
  bool persistent() const { return persistence_ != nullptr; }

  // caller(&TicketService::Stub::GetTicket, request)
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> operator()(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                   const Request&, Response*),
                                      Request request) const {
    if (persistence_ == nullptr) {
      return base_(method, request);
    }
    persistence_->Name(&request);
    Stub stub(channel());
    absl::Status error;
    for (int attempt = 0; attempt < Persistence::kAttempts; ++attempt) {
      grpc::ClientContext context;
      PrepareAttempt(request, &context);
      Response response;
      const grpc::Status status = (stub.*method)(&context, request, &response);
      if (status.ok()) {
        Learn(request, context);
        return response;
      }
      error = rpc::FromGrpc(status);
      if (!Persistence::IsWorthRepeating(error)) {
        break;
      }
    }
    return error;
  }

 private:
  void PrepareAttempt(const google::protobuf::Message& request, grpc::ClientContext* context) const;
  void Learn(const google::protobuf::Message& request, const grpc::ClientContext& context) const;

  test::Caller base_;
  Persistence* persistence_;
};

}  // namespace baimi::integration

#endif  // BAIMI_TESTS_INTEGRATION_CLIENT_H_
