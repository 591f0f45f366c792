// One call from the gateway to a service, made again where that is safe.
#ifndef BAIMI_SERVICES_GATEWAY_CALL_H_
#define BAIMI_SERVICES_GATEWAY_CALL_H_

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/random.h"
#include "common/observe/metrics.h"
#include "grpcpp/alarm.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/client_callback.h"
#include "services/gateway/methods.h"
#include "services/gateway/seq_memory.h"

namespace baimi::gateway {

// gRPC metadata: lower-case names.
using Metadata = std::vector<std::pair<std::string, std::string>>;

class Call;
class StreamCall;

// What both doors send their calls through. Waits at its end for every call. Thread-safe.
class Router {
 public:
  // As Methods::Build. `rng` and `metrics` outlive the router.
  static absl::StatusOr<std::unique_ptr<Router>> Create(
      const transcode::Contract& contract,
      const std::map<std::string, std::shared_ptr<grpc::Channel>>& channels, Rng* rng,
      observe::Registry* metrics, const rpc::RetryOptions& retry = {},
      std::shared_ptr<const rpc::LocalMethods> local = nullptr);

  const Methods& methods() const { return *methods_; }
  // Ends all streams, those that are begun later too, with SERVER_DRAINING: the first step of a
  // drain.
  void EndStreams();
  // Ends the streams, cancels what can be cancelled and waits until no call is left: before
  // anything that the calls use goes away. Calls of methods of this process end with their
  // handlers.
  void Quiesce();
  ~Router() { Quiesce(); }

 private:
  friend class Call;
  friend class StreamCall;
  void Made(Call* call);
  void Gone(Call* call);
  Router(std::unique_ptr<const Methods> methods, Rng* rng, observe::Registry* metrics);
  // False once EndStreams was called.
  bool Begin(StreamCall* stream);
  void Ended(StreamCall* stream);

  const std::unique_ptr<const Methods> methods_;
  Rng* const rng_;
  // Calls that were made again, by the code of the attempt before.
  observe::Family<observe::Counter>* const retries_;
  SeqMemory seqs_;
  absl::Mutex mu_;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  absl::flat_hash_set<Call*> calls_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_set<StreamCall*> streams_ ABSL_GUARDED_BY(mu_);
};

// Metadata that goes from callers to services, and that comes back.
bool IsHandedOn(absl::string_view name);
bool IsHandedBack(absl::string_view name);
// What metadata may hold: printable ASCII. gRPC takes other bytes from a connection as they are,
// and ends the process that hands them on.
bool IsMetadataText(absl::string_view value);

struct CallRequest {
  const Method* method = nullptr;
  // Only what is handed on; `authorization` tells callers apart for read-your-writes.
  Metadata metadata;
  // Of a client stream the first one.
  grpc::ByteBuffer message;
  // By the machine's clock; a stream's may be infinite.
  absl::Time deadline;
};

struct CallEnd {
  grpc::Status status;
  // Of unary calls and client streams that ended well.
  grpc::ByteBuffer response;
  // Only what is handed back.
  Metadata trailing;
};

// What the caller is told of a call's end. A service that closes cancels what reaches it in that
// moment; nobody here cancels a call whose caller still waits. So CANCELLED without a reason is
// UNAVAILABLE: SERVER_DRAINING for a read, COMMIT_OUTCOME_UNKNOWN for a call that may have been cut
// while it ran. UNAVAILABLE without a reason is DEPENDENCY_UNAVAILABLE, DEADLINE_EXCEEDED is
// DEADLINE_PASSED.
absl::Status FromService(const grpc::Status& status, bool read);

// What unary and streamed calls share: attempts, and what is remembered of changes.
class Call : public std::enable_shared_from_this<Call> {
 public:
  virtual ~Call();
  // Asks the running attempt to end and makes no other. From any thread, at any time.
  void Cancel();

 protected:
  Call(Router* router, CallRequest request);
  // The context of the next attempt; null when the call was cancelled meanwhile.
  grpc::ClientContext* NewContext();
  // True when another attempt follows: Attempt() is called when it is time.
  bool TryAgain(const grpc::Status& status);
  virtual void Attempt() = 0;
  // The end by the last attempt's context; remembers what was changed.
  CallEnd EndOf(const grpc::Status& status);
  // The caller has changed its county up to `seq`.
  void Changed(int64_t seq);
  // Counts an attempt without a context; false when the call was cancelled meanwhile.
  bool BeginLocal();

  Router* const router_;
  CallRequest request_;

 private:
  SeqMemory::Key KeyOf() const;
  std::unique_ptr<grpc::Alarm> TakeAlarm();

  std::string county_;
  std::string credentials_;
  bool idempotent_ = false;
  int made_ = 0;
  absl::Mutex mu_;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  std::unique_ptr<grpc::ClientContext> context_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<grpc::Alarm> alarm_ ABSL_GUARDED_BY(mu_);
};

class UnaryCall final : public Call {
 public:
  // `done` runs once, on a library thread or, for a call cancelled before, on the caller's.
  static std::shared_ptr<UnaryCall> Make(Router* router, CallRequest request,
                                         std::function<void(CallEnd)> done);
  void Start() { Attempt(); }

 private:
  UnaryCall(Router* router, CallRequest request, std::function<void(CallEnd)> done)
      : Call(router, std::move(request)), done_(std::move(done)) {}
  void Attempt() override;
  void AttemptHere(const rpc::LocalMethods::InvokeWire& invoke);
  void Ended(const grpc::Status& status);
  void EndedHere(rpc::LocalMethods::WireAnswer answer);
  std::shared_ptr<UnaryCall> Self() {
    return std::static_pointer_cast<UnaryCall>(shared_from_this());
  }

  const std::function<void(CallEnd)> done_;
  grpc::ByteBuffer response_;
};

// A server stream, read one message at a time. Made again only before its first message.
class StreamCall final : public Call {
 public:
  struct Events {
    // A message; the next one comes after Next().
    std::function<void(const grpc::ByteBuffer&)> message;
    // The last event.
    std::function<void(CallEnd)> done;
  };
  static std::shared_ptr<StreamCall> Make(Router* router, CallRequest request, Events events);
  void Start();
  // Once after each message.
  void Next();

 private:
  friend class Router;
  class Reactor;
  StreamCall(Router* router, CallRequest request, Events events)
      : Call(router, std::move(request)), events_(std::move(events)) {}
  void Attempt() override;
  void Got(const grpc::ByteBuffer& message);
  void Ended(const grpc::Status& status);
  std::shared_ptr<StreamCall> Self() {
    return std::static_pointer_cast<StreamCall>(shared_from_this());
  }

  const Events events_;
  // By the router.
  std::atomic<bool> drained_{false};
  bool any_ = false;
  Reactor* reactor_ = nullptr;
};

// A client stream, written one message at a time. What was sent is kept up to kKept bytes, and as
// long as it is, the call is made again like a unary one.
class UploadCall final : public Call {
 public:
  static constexpr size_t kKept = size_t{512} << 10;

  struct Events {
    // The service took what there was: time for Write or WritesDone, from here or later. On a
    // library thread.
    std::function<void()> ready;
    // The last event.
    std::function<void(CallEnd)> done;
  };
  static std::shared_ptr<UploadCall> Make(Router* router, CallRequest request, Events events);
  void Start() { Attempt(); }
  // One of the two, once after each `ready`. `last`: nothing comes after it, and `ready` no more.
  void Write(grpc::ByteBuffer message, bool last = false);
  // Where the last message was not known to be the last.
  void WritesDone();

 private:
  class Reactor;
  UploadCall(Router* router, CallRequest request, Events events);
  void Attempt() override;
  // Gives the reactor what is next, or asks for it.
  void Pump();
  bool MayRepeat();
  // From the reactor.
  void Written(bool ok);
  void Answered(const grpc::ByteBuffer& response);
  void ReadsOver();
  void Ended(const grpc::Status& status);
  std::shared_ptr<UploadCall> Self() {
    return std::static_pointer_cast<UploadCall>(shared_from_this());
  }

  const Events events_;
  grpc::ByteBuffer response_;
  absl::Mutex up_mu_;
  // Null between attempts, and when an attempt takes no more.
  Reactor* reactor_ ABSL_GUARDED_BY(up_mu_) = nullptr;
  // What was written of it stays as long as the call may be made again.
  std::deque<grpc::ByteBuffer> messages_ ABSL_GUARDED_BY(up_mu_);
  size_t kept_ ABSL_GUARDED_BY(up_mu_) = 0;
  bool whole_ ABSL_GUARDED_BY(up_mu_) = true;
  // Of messages_.
  size_t next_ ABSL_GUARDED_BY(up_mu_) = 0;
  bool writing_ ABSL_GUARDED_BY(up_mu_) = false;
  bool asked_ ABSL_GUARDED_BY(up_mu_) = false;
  bool complete_ ABSL_GUARDED_BY(up_mu_) = false;
  bool closed_ ABSL_GUARDED_BY(up_mu_) = false;
};

}  // namespace baimi::gateway

#endif  // BAIMI_SERVICES_GATEWAY_CALL_H_
