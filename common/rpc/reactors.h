// What carries a call through the pipeline, and the reactor of streams. Used by service.h only.
#ifndef BAIMI_COMMON_RPC_REACTORS_H_
#define BAIMI_COMMON_RPC_REACTORS_H_

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/privacy/mask.h"
#include "common/rpc/runtime.h"
#include "common/rpc/status.h"
#include "common/rpc/stream.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

namespace baimi::rpc {

template <typename Request, typename Response>
using StreamHandler =
    std::function<absl::Status(const Call&, const Request&, std::shared_ptr<Stream<Response>>)>;

// The part of a served call that is the same for every type: admission, lane, completion.
class ServedCall {
 public:
  ServedCall(Runtime* runtime, const Method* method, grpc::CallbackServerContext* context,
             google::protobuf::Message* request);
  ServedCall(Runtime* runtime, const Method* method, const LocalContext* context,
             google::protobuf::Message* request);
  virtual ~ServedCall() = default;

 protected:
  // Admits the call, then runs Invoke on its lane; any refusal goes to Complete.
  void Start();
  // On the lane's thread, after the pipeline's `prepare`.
  virtual void Invoke() = 0;
  // On the library's thread before the lane is entered; true when the call is answered.
  virtual bool TryFast() { return false; }
  virtual bool has_fast() const { return false; }
  // Ends the call: `status` is what the handler or a refusal said.
  virtual void Complete(absl::Status status) = 0;

  const Call& call() const { return state_.call; }
  // Runs the pipeline's finish and gives what the caller is told.
  absl::Status Conclude(google::protobuf::Message* response, absl::Status status);

  Runtime* runtime_;
  CallState state_;

 private:
  void EnterLane(bool prepared);
};

// The stream as its writers see it; outlives the reactor when they hold on to it.
template <typename Response>
class StreamState final : public Stream<Response>,
                          public std::enable_shared_from_this<StreamState<Response>> {
 public:
  static constexpr int kQueue = 64;

  StreamState(grpc::ServerWriteReactor<Response>* reactor, PiiView view)
      : view_(view), reactor_(reactor) {}

  void Write(Response message) override {
    privacy::Mask(&message, view_);
    absl::MutexLock lock(&mu_);
    if (closed_ || reactor_ == nullptr) {
      return;
    }
    queue_.push_back(std::move(message));
    Pump();
  }
  int Room() override {
    absl::MutexLock lock(&mu_);
    return closed_ ? 0 : kQueue - static_cast<int>(queue_.size()) - (writing_ ? 1 : 0);
  }
  void OnChange(std::function<void()> callback) override {
    absl::MutexLock lock(&mu_);
    on_change_ = std::move(callback);
  }
  bool Gone() override {
    absl::MutexLock lock(&mu_);
    return gone_ || closed_;
  }
  void Finish(absl::Status status) override {
    absl::MutexLock lock(&mu_);
    if (closed_) {
      return;
    }
    closed_ = true;
    status_ = std::move(status);
    Pump();
  }

  // From the reactor.
  void WriteDone(bool ok) {
    std::function<void()> notify;
    {
      absl::MutexLock lock(&mu_);
      writing_ = false;
      if (!ok) {
        Abandon();
      }
      Pump();
      notify = on_change_;
    }
    if (notify) {
      notify();
    }
  }
  void Cancelled() {
    std::function<void()> notify;
    {
      absl::MutexLock lock(&mu_);
      Abandon();
      Pump();
      notify = std::move(on_change_);
    }
    if (notify) {
      notify();
    }
  }
  void Detach() {
    absl::MutexLock lock(&mu_);
    reactor_ = nullptr;
    gone_ = true;
    on_change_ = nullptr;
  }
  // The stream's end waits while it is held: the reactor, the call and its request belong to a
  // handler that runs, although the caller may be gone.
  void Hold() {
    absl::MutexLock lock(&mu_);
    held_ = true;
  }
  // The reactor may be gone afterwards.
  void Release() {
    absl::MutexLock lock(&mu_);
    held_ = false;
    Pump();
  }
  // What the call ends with; set by whoever closed it.
  void SetConclude(std::function<grpc::Status(absl::Status)> conclude) {
    absl::MutexLock lock(&mu_);
    conclude_ = std::move(conclude);
  }

 private:
  void Abandon() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    gone_ = true;
    queue_.clear();
    if (!closed_) {
      closed_ = true;
      status_ = absl::CancelledError("the caller went away");
    }
  }
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (reactor_ == nullptr || writing_ || finished_) {
      return;
    }
    if (!queue_.empty()) {
      writing_ = true;
      sending_ = std::move(queue_.front());
      queue_.pop_front();
      reactor_->StartWrite(&sending_);
    } else if (closed_ && !held_) {
      finished_ = true;
      reactor_->Finish(conclude_(std::move(status_)));
    }
  }

  const PiiView view_;
  absl::Mutex mu_;
  grpc::ServerWriteReactor<Response>* reactor_ ABSL_GUARDED_BY(mu_);
  std::deque<Response> queue_ ABSL_GUARDED_BY(mu_);
  // gRPC's while writing_: a caller that goes away empties the queue, not this.
  Response sending_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  bool held_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
  bool gone_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
  std::function<void()> on_change_ ABSL_GUARDED_BY(mu_);
  std::function<grpc::Status(absl::Status)> conclude_ ABSL_GUARDED_BY(mu_);
};

template <typename Request, typename Response>
class StreamCall final : public grpc::ServerWriteReactor<Response>, public ServedCall {
 public:
  StreamCall(Runtime* runtime, const Method* method, grpc::CallbackServerContext* context,
             const Request* request, const StreamHandler<Request, Response>* handler)
      : ServedCall(runtime, method, context, const_cast<Request*>(request)),
        request_(request),
        handler_(handler) {
    Start();
  }
  void OnWriteDone(bool ok) override {
    if (stream_) {
      stream_->WriteDone(ok);
    }
  }
  void OnCancel() override {
    std::shared_ptr<StreamState<Response>> stream;
    {
      absl::MutexLock lock(&mu_);
      cancelled_ = true;
      stream = stream_;
    }
    if (stream) {
      stream->Cancelled();
    }
  }
  void OnDone() override {
    if (stream_) {
      stream_->Detach();
    }
    delete this;
  }

 private:
  void Invoke() override {
    auto stream = std::make_shared<StreamState<Response>>(this, call().pii_view);
    stream->SetConclude(
        [this](absl::Status status) { return ToGrpc(Conclude(nullptr, std::move(status))); });
    stream->Hold();
    bool cancelled;
    {
      absl::MutexLock lock(&mu_);
      stream_ = stream;
      cancelled = cancelled_;
    }
    if (cancelled) {
      stream->Cancelled();
      stream->Release();
      return;
    }
    const absl::Status status = (*handler_)(call(), *request_, stream);
    if (!status.ok()) {
      stream->Finish(status);
    }
    stream->Release();
  }
  void Complete(absl::Status status) override {
    this->Finish(ToGrpc(Conclude(nullptr, std::move(status))));
  }

  const Request* request_;
  const StreamHandler<Request, Response>* handler_;
  absl::Mutex mu_;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  std::shared_ptr<StreamState<Response>> stream_;
};

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_REACTORS_H_
