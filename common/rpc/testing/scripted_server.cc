#include "common/rpc/testing/scripted_server.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace baimi::rpc::testing {

class ScriptedServer::Reactor final : public grpc::ServerGenericBidiReactor {
 public:
  Reactor(ScriptedServer* server, grpc::GenericCallbackServerContext* context)
      : server_(server), context_(context) {
    call_.method = context->method();
    for (const auto& [name, value] : context->client_metadata()) {
      call_.metadata[std::string(name.data(), name.size())] =
          std::string(value.data(), value.size());
    }
    call_.deadline = absl::FromChrono(context->deadline());
    StartRead(&buffer_);
  }

  void OnReadDone(bool ok) override {
    grpc::Slice slice;
    if (ok && buffer_.DumpToSingleSlice(&slice).ok()) {
      call_.request.assign(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    answer_ = server_->script_(call_);
    {
      absl::MutexLock lock(&server_->mu_);
      server_->calls_.push_back(call_);
    }
    for (const auto& [name, value] : answer_.trailing) {
      context_->AddTrailingMetadata(name, value);
    }
    Send();
  }
  void OnWriteDone(bool ok) override {
    if (ok) {
      Send();
    } else {
      End(grpc::Status::CANCELLED);
    }
  }
  void OnCancel() override {
    bool open;
    {
      absl::MutexLock lock(&mu_);
      cancelled_ = true;
      open = open_;
    }
    if (open) {
      End(grpc::Status::CANCELLED);
    }
  }
  void OnDone() override { delete this; }

 private:
  void Send() {
    if (next_ < answer_.messages.size()) {
      const grpc::Slice slice(answer_.messages[next_++]);
      buffer_ = grpc::ByteBuffer(&slice, 1);
      StartWrite(&buffer_);
      return;
    }
    if (!answer_.stays) {
      End(answer_.status);
      return;
    }
    bool cancelled;
    {
      absl::MutexLock lock(&mu_);
      open_ = true;
      cancelled = cancelled_;
    }
    if (cancelled) {
      End(grpc::Status::CANCELLED);
    }
  }

  void End(const grpc::Status& status) {
    {
      absl::MutexLock lock(&mu_);
      if (std::exchange(ended_, true)) {
        return;
      }
    }
    if (answer_.stays) {
      absl::MutexLock lock(&server_->mu_);
      ++server_->cancelled_;
    }
    Finish(status);
  }

  ScriptedServer* const server_;
  grpc::GenericCallbackServerContext* const context_;
  ScriptedCall call_;
  ScriptedAnswer answer_;
  size_t next_ = 0;
  grpc::ByteBuffer buffer_;
  absl::Mutex mu_;
  bool open_ ABSL_GUARDED_BY(mu_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
};

class ScriptedServer::Service final : public grpc::CallbackGenericService {
 public:
  explicit Service(ScriptedServer* server) : server_(server) {}
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return new Reactor(server_, context);
  }

 private:
  ScriptedServer* const server_;
};

ScriptedServer::ScriptedServer(Script script)
    : script_(std::move(script)), service_(std::make_unique<Service>(this)) {
  ServerOptions options;
  options.address = "127.0.0.1:0";
  options.reflection = false;
  options.generic.service = service_.get();
  auto started = Server::Start(options, {});
  if (!started.ok()) {
    std::abort();  // Without it no test can go on.
  }
  server_ = *std::move(started);
  server_->health().SetAll(true);
}

ScriptedServer::~ScriptedServer() = default;

void ScriptedServer::Stop() { server_->Drain(absl::ZeroDuration()); }

std::string ScriptedServer::address() const { return absl::StrCat("127.0.0.1:", server_->port()); }

std::vector<ScriptedCall> ScriptedServer::calls() const {
  absl::MutexLock lock(&mu_);
  return calls_;
}

void ScriptedServer::AwaitCancelled(int count) const {
  absl::MutexLock lock(&mu_);
  const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return cancelled_ >= count; };
  mu_.Await(absl::Condition(&enough));
}

}  // namespace baimi::rpc::testing
