// Client streams on their way to a service.
#include <utility>

#include "services/gateway/call.h"

namespace baimi::gateway {

// One attempt.
class UploadCall::Reactor final
    : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Reactor(std::shared_ptr<UploadCall> call, grpc::ClientContext* context) : call_(std::move(call)) {
    const Method& method = *call_->request_.method;
    method.backend->stub.PrepareBidiStreamingCall(context, method.path, {}, this);
    // Writes are begun from outside of the reactor's callbacks, until the reads are over.
    AddHold();
    StartRead(&answer_);
  }
  void Write(const grpc::ByteBuffer& message) {
    sending_ = message;
    StartWrite(&sending_);
  }

  void OnReadDone(bool ok) override {
    if (ok) {
      call_->Answered(answer_);
      StartRead(&answer_);
      return;
    }
    call_->ReadsOver();
    RemoveHold();
  }
  void OnWriteDone(bool ok) override { call_->Written(ok); }
  void OnDone(const grpc::Status& status) override {
    const std::shared_ptr<UploadCall> call = std::move(call_);
    delete this;
    call->Ended(status);
  }

 private:
  std::shared_ptr<UploadCall> call_;
  grpc::ByteBuffer answer_;
  // gRPC's until the write is done.
  grpc::ByteBuffer sending_;
};

UploadCall::UploadCall(Router* router, CallRequest request, Events events)
    : Call(router, std::move(request)), events_(std::move(events)) {
  absl::MutexLock lock(&up_mu_);
  kept_ = request_.message.Length();
  messages_.push_back(request_.message);
}

std::shared_ptr<UploadCall> UploadCall::Make(Router* router, CallRequest request, Events events) {
  return std::shared_ptr<UploadCall>(new UploadCall(router, std::move(request), std::move(events)));
}

void UploadCall::Attempt() {
  grpc::ClientContext* context = NewContext();
  if (context == nullptr) {
    Ended(grpc::Status::CANCELLED);
    return;
  }
  auto* reactor = new Reactor(Self(), context);
  {
    absl::MutexLock lock(&up_mu_);
    response_.Clear();
    next_ = 0;
    closed_ = false;
    writing_ = false;
    reactor_ = reactor;
  }
  reactor->StartCall();
  Pump();
}

void UploadCall::Write(grpc::ByteBuffer message, bool last) {
  {
    absl::MutexLock lock(&up_mu_);
    asked_ = false;
    kept_ += message.Length();
    messages_.push_back(std::move(message));
    complete_ = last;
  }
  Pump();
}

void UploadCall::WritesDone() {
  {
    absl::MutexLock lock(&up_mu_);
    complete_ = true;
  }
  Pump();
}

void UploadCall::Pump() {
  {
    absl::MutexLock lock(&up_mu_);
    if (reactor_ == nullptr || writing_) {
      return;
    }
    if (next_ < messages_.size()) {
      writing_ = true;
      reactor_->Write(messages_[next_++]);
      whole_ = whole_ && kept_ <= kKept;
      while (!whole_ && next_ > 0) {
        messages_.pop_front();
        --next_;
      }
      return;
    }
    if (complete_) {
      if (!std::exchange(closed_, true)) {
        reactor_->StartWritesDone();
      }
      return;
    }
    if (std::exchange(asked_, true)) {
      return;
    }
  }
  events_.ready();
}

void UploadCall::Written(bool ok) {
  {
    absl::MutexLock lock(&up_mu_);
    writing_ = false;
    if (!ok) {
      reactor_ = nullptr;
    }
  }
  Pump();
}

void UploadCall::Answered(const grpc::ByteBuffer& response) { response_ = response; }

void UploadCall::ReadsOver() {
  absl::MutexLock lock(&up_mu_);
  reactor_ = nullptr;
}

bool UploadCall::MayRepeat() {
  absl::MutexLock lock(&up_mu_);
  return whole_;
}

void UploadCall::Ended(const grpc::Status& status) {
  if (MayRepeat() && TryAgain(status)) {
    return;
  }
  CallEnd end = EndOf(status);
  if (status.ok()) {
    end.response.Swap(&response_);
  }
  events_.done(std::move(end));
}

}  // namespace baimi::gateway
