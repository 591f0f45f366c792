#include "services/gateway/testing/uploads.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "grpcpp/server_builder.h"
#include "services/gateway/bytes.h"

namespace baimi::gateway::kitchen {

class Uploads::Reactor final : public grpc::ServerGenericBidiReactor {
 public:
  Reactor(Uploads* owner, grpc::GenericCallbackServerContext* context)
      : owner_(owner), context_(context) {
    const auto found = context->client_metadata().find("authorization");
    if (found != context->client_metadata().end()) {
      seen_.authorization = std::string(found->second.data(), found->second.size());
    }
    absl::MutexLock lock(&owner_->mu_);
    refused_ = owner_->refusals_ > 0;
    owner_->refusals_ -= refused_ ? 1 : 0;
    Next();
  }

  // Reads, or waits until it may.
  void Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(owner_->mu_) {
    if (cancelled_ || seen_.messages.size() < owner_->most_) {
      owner_->waiting_.erase(this);
      StartRead(&message_);
    } else {
      owner_->waiting_.insert(this);
    }
  }

  void OnReadDone(bool ok) override {
    absl::MutexLock lock(&owner_->mu_);
    if (std::exchange(over_, over_ || !ok)) {
      return;
    }
    if (!ok) {
      seen_.whole = !context_->IsCancelled();
      answer_ = ToBuffer(owner_->answer_);
      if (seen_.whole) {
        StartWriteAndFinish(&answer_, grpc::WriteOptions(), grpc::Status::OK);
      } else {
        Finish(grpc::Status::CANCELLED);
      }
      return;
    }
    seen_.messages.push_back(FromBuffer(message_));
    ++owner_->messages_;
    if (refused_ && seen_.messages.size() >= owner_->refused_after_) {
      over_ = true;
      Finish(owner_->refusal_);
      return;
    }
    Next();
  }
  void OnCancel() override {
    absl::MutexLock lock(&owner_->mu_);
    cancelled_ = true;
    if (owner_->waiting_.erase(this) > 0 && !std::exchange(over_, true)) {
      Finish(grpc::Status::CANCELLED);
    }
  }
  void OnDone() override {
    {
      absl::MutexLock lock(&owner_->mu_);
      owner_->ended_.push_back(std::move(seen_));
    }
    delete this;
  }

 private:
  Uploads* const owner_;
  grpc::GenericCallbackServerContext* const context_;
  Seen seen_;
  bool refused_ = false;
  bool over_ = false;
  bool cancelled_ = false;
  grpc::ByteBuffer message_;
  grpc::ByteBuffer answer_;
};

// What this server has not, e.g. health: else whoever asks would wait for ever.
class Refusal final : public grpc::ServerGenericBidiReactor {
 public:
  Refusal() { Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "")); }
  void OnDone() override { delete this; }
};

class Uploads::Service final : public grpc::CallbackGenericService {
 public:
  explicit Service(Uploads* owner) : owner_(owner) {}
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    if (absl::StartsWith(context->method(), "/grpc.")) {
      return new Refusal;
    }
    return new Reactor(owner_, context);
  }

 private:
  Uploads* const owner_;
};

Uploads::Uploads() : service_(std::make_unique<Service>(this)) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  builder.RegisterCallbackGenericService(service_.get());
  server_ = builder.BuildAndStart();
}

Uploads::~Uploads() {
  server_->Shutdown(absl::ToChronoTime(SystemClock().Now()));
  server_->Wait();
}

void Uploads::Answer(const std::string& answer) {
  absl::MutexLock lock(&mu_);
  answer_ = answer;
}

void Uploads::Refuse(int calls, int messages, const grpc::Status& status) {
  absl::MutexLock lock(&mu_);
  refusals_ = calls;
  refused_after_ = static_cast<size_t>(messages);
  refusal_ = status;
}

void Uploads::ReadUpTo(size_t messages) {
  absl::MutexLock lock(&mu_);
  most_ = messages;
  const std::vector<Reactor*> waiting(waiting_.begin(), waiting_.end());
  for (Reactor* reactor : waiting) {
    reactor->Next();
  }
}

void Uploads::AwaitMessages(size_t count) {
  absl::MutexLock lock(&mu_);
  const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return messages_ >= count; };
  mu_.Await(absl::Condition(&enough));
}

std::vector<Uploads::Seen> Uploads::AwaitEnded(size_t count) {
  absl::MutexLock lock(&mu_);
  const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return ended_.size() >= count; };
  mu_.Await(absl::Condition(&enough));
  return ended_;
}

}  // namespace baimi::gateway::kitchen
