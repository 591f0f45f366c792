#include "common/http/server.h"

#include <boost/asio/ip/tcp.hpp>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/http/connection.h"
#include "common/http/loop.h"

namespace baimi::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

std::chrono::steady_clock::duration Tick(const ServerOptions& options) {
  const absl::Duration shortest = std::min(
      {options.idle_timeout, options.header_timeout, options.body_timeout, options.write_timeout});
  return absl::ToChronoNanoseconds(
      std::clamp(shortest / 4, absl::Milliseconds(5), absl::Milliseconds(500)));
}

class AsioServer final : public Server {
 public:
  AsioServer(ServerOptions options, Handler handler, UploadLimit upload_limit) {
    shared_.options = std::move(options);
    shared_.handler = std::move(handler);
    shared_.upload_limit = std::move(upload_limit);
    for (int i = 0; i < std::max(1, shared_.options.io_threads); ++i) {
      loops_.push_back(std::make_shared<Loop>(shared_));
    }
    acceptor_.emplace(loops_[0]->context());
    retry_.emplace(loops_[0]->context());
  }

  ~AsioServer() override { Shutdown(absl::ZeroDuration()); }

  absl::Status Listen() {
    error_code error;
    const auto address = asio::ip::make_address(shared_.options.address, error);
    if (error || shared_.options.port < 0 || shared_.options.port > 65535) {
      return absl::InvalidArgumentError(
          absl::StrCat("listen address: got ", shared_.options.address, ":", shared_.options.port,
                       ", want a numeric address and a port"));
    }
    const asio::ip::tcp::endpoint endpoint(address, static_cast<uint16_t>(shared_.options.port));
    acceptor_->open(endpoint.protocol(), error);
    if (!error) {
      acceptor_->set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error) {
      acceptor_->bind(endpoint, error);
    }
    if (!error) {
      acceptor_->listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", shared_.options.address, ":",
                                                 shared_.options.port, ": ", error.message()));
    }
    port_ = acceptor_->local_endpoint().port();
    for (const auto& loop : loops_) {
      loop->Run();
    }
    loops_[0]->Dispatch([this] { Accept(); });
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  int connections() const override {
    absl::MutexLock lock(&shared_.mu);
    return shared_.connections;
  }

  void Shutdown(absl::Duration grace) override {
    absl::MutexLock once(&shutdown_mu_);
    if (loops_.empty()) {
      return;
    }
    absl::Notification closed;
    const bool running = port_ != 0 && loops_[0]->Dispatch([this, &closed] {
      error_code ignored;
      acceptor_->close(ignored);
      retry_->cancel();
      closed.Notify();
    });
    if (running) {
      // From here on no connection is added, so draining each loop reaches all.
      closed.WaitForNotification();
      shared_.draining = true;
      ForEach(&Connection::Drain);
      if (!AwaitNone(grace)) {
        ForEach(&Connection::Close);
        AwaitNone(absl::InfiniteDuration());
      }
    }
    for (const auto& loop : loops_) {
      loop->Stop();
    }
    acceptor_.reset();
    retry_.reset();
    loops_.clear();
  }

 private:
  void Accept() {
    const auto& loop = loops_[next_++ % loops_.size()];
    acceptor_->async_accept(loop->context(), [this, loop](error_code error, TcpSocket socket) {
      if (!acceptor_->is_open()) {
        return;
      }
      if (error) {
        // Out of descriptors, most likely: give others time to close.
        retry_->expires_after(std::chrono::milliseconds(50));
        retry_->async_wait([this](error_code cancelled) {
          if (!cancelled) {
            Accept();
          }
        });
        return;
      }
      Adopt(loop, std::move(socket));
      Accept();
    });
  }

  void Adopt(const std::shared_ptr<Loop>& loop, TcpSocket socket) {
    error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    bool admitted = false;
    {
      absl::MutexLock lock(&shared_.mu);
      admitted = shared_.connections < shared_.options.max_connections;
      shared_.connections += admitted ? 1 : 0;
    }
    if (!admitted) {
      const Response refusal = Refusal(503);
      const std::string text = absl::StrCat(
          SerializeHead(503, refusal.headers, {.length = refusal.body.size(), .keep_alive = false}),
          refusal.body);
      socket.non_blocking(true, ignored);
      socket.write_some(asio::buffer(text), ignored);
      socket.shutdown(TcpSocket::shutdown_both, ignored);
      return;
    }
    const auto connection = std::make_shared<Connection>(shared_, loop, std::move(socket));
    if (loop->OnThread()) {
      connection->Start();
    } else {
      loop->Dispatch([connection] { connection->Start(); });
    }
  }

  void ForEach(void (Connection::*what)()) {
    for (const auto& loop : loops_) {
      loop->Dispatch([loop, what] {
        const std::vector<std::shared_ptr<Connection>> all(loop->connections().begin(),
                                                           loop->connections().end());
        for (const auto& connection : all) {
          (connection.get()->*what)();
        }
      });
    }
  }

  bool AwaitNone(absl::Duration timeout) {
    absl::MutexLock lock(&shared_.mu);
    const auto none = [this]() ABSL_SHARED_LOCKS_REQUIRED(shared_.mu) {
      return shared_.connections == 0;
    };
    return shared_.mu.AwaitWithTimeout(absl::Condition(&none), timeout);
  }

  mutable Shared shared_;
  std::vector<std::shared_ptr<Loop>> loops_;
  // Loop 0 only, once it runs.
  std::optional<asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>>
      acceptor_;
  std::optional<asio::steady_timer> retry_;
  size_t next_ = 0;
  int port_ = 0;
  absl::Mutex shutdown_mu_;
};

}  // namespace

Loop::Loop(const Shared& shared)
    : work_(boost::asio::make_work_guard(context_)),
      sweep_(context_),
      tick_(Tick(shared.options)) {}

void Loop::Run() {
  ArmSweep();
  thread_ = std::thread([this] { context_.run(); });
}

void Loop::ArmSweep() {
  sweep_.expires_after(tick_);
  sweep_.async_wait([this](error_code cancelled) {
    // Perhaps it was due already when Stop cancelled it.
    if (cancelled || !work_.owns_work()) {
      return;
    }
    const auto now = std::chrono::steady_clock::now();
    const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
    for (const auto& connection : all) {
      connection->CloseIfPast(now);
    }
    ArmSweep();
  });
}

void Loop::Stop() {
  {
    absl::MutexLock lock(&mu_);
    if (stopped_) {
      return;
    }
    boost::asio::post(context_, [this] {
      sweep_.cancel();
      work_.reset();
    });
    stopped_ = true;
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, Handler handler,
                                                      UploadLimit upload_limit) {
  auto server =
      std::make_unique<AsioServer>(std::move(options), std::move(handler), std::move(upload_limit));
  const absl::Status listening = server->Listen();
  if (!listening.ok()) {
    return listening;
  }
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace baimi::http
