#include "common/rpc/testing/upload_client.h"

#include <utility>
#include <vector>

#include "common/rpc/status.h"
#include "grpcpp/channel.h"

namespace baimi::rpc::testing {
namespace {

std::string Text(const grpc::ByteBuffer& buffer) {
  grpc::Slice slice;
  return buffer.DumpToSingleSlice(&slice).ok()
             ? std::string(reinterpret_cast<const char*>(slice.begin()), slice.size())
             : "";
}

}  // namespace

class UploadClient::Reactor final
    : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit Reactor(UploadClient* owner) : owner_(owner) {}
  void Begin() {
    // For the writes, until the reads are over.
    AddHold();
    StartRead(&answer_);
    StartCall();
  }
  void Send(const std::string& message) {
    const grpc::Slice slice(message);
    sending_ = grpc::ByteBuffer(&slice, 1);
    StartWrite(&sending_);
  }
  void OnReadDone(bool ok) override {
    {
      absl::MutexLock lock(&owner_->mu_);
      if (ok) {
        owner_->answer_ = Text(answer_);
        StartRead(&answer_);
        return;
      }
      owner_->over_ = true;
    }
    RemoveHold();
  }
  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&owner_->mu_);
    owner_->writing_ = false;
    owner_->written_ += ok ? 1 : 0;
    owner_->Pump();
  }
  void OnDone(const grpc::Status& status) override {
    UploadClient* owner = owner_;
    delete this;
    absl::MutexLock lock(&owner->mu_);
    owner->end_ = FromGrpc(status);
  }

 private:
  UploadClient* const owner_;
  grpc::ByteBuffer answer_;
  grpc::ByteBuffer sending_;
};

UploadClient::UploadClient(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                           const std::string& token, absl::Duration timeout)
    : stub_(std::shared_ptr<grpc::ChannelInterface>(channel)), reactor_(new Reactor(this)) {
  if (!token.empty()) {
    context_.AddMetadata("authorization", "Bearer " + token);
  }
  context_.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  stub_.PrepareBidiStreamingCall(&context_, method, {}, reactor_);
  reactor_->Begin();
}

UploadClient::~UploadClient() {
  context_.TryCancel();
  Await().status().IgnoreError();
}

void UploadClient::Write(const std::string& message) {
  absl::MutexLock lock(&mu_);
  queue_.push_back(message);
  Pump();
}

void UploadClient::Close() {
  absl::MutexLock lock(&mu_);
  closing_ = true;
  Pump();
}

void UploadClient::Cancel() { context_.TryCancel(); }

void UploadClient::Pump() {
  if (over_ || writing_) {
    return;
  }
  if (!queue_.empty()) {
    writing_ = true;
    reactor_->Send(queue_.front());
    queue_.pop_front();
  } else if (std::exchange(closing_, false)) {
    reactor_->StartWritesDone();
  }
}

void UploadClient::AwaitWritten(int count) {
  absl::MutexLock lock(&mu_);
  const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return written_ >= count; };
  mu_.Await(absl::Condition(&enough));
}

absl::StatusOr<std::string> UploadClient::Await() {
  absl::MutexLock lock(&mu_);
  const auto over = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return end_.has_value(); };
  mu_.Await(absl::Condition(&over));
  if (!end_->ok()) {
    return *end_;
  }
  return answer_;
}

}  // namespace baimi::rpc::testing
