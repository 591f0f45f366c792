#include "common/http/exchange.h"

#include "common/http/connection.h"
#include "common/http/loop.h"
#include "common/http/wire.h"

namespace baimi::http {

void Exchange::Send(Response response) {
  if (loop_->OnThread()) {
    if (const auto connection = connection_.lock()) {
      connection->OnResponse(this, std::move(response));
    }
    return;
  }
  loop_->Dispatch([self = shared_from_this(), response = std::move(response)]() mutable {
    if (const auto connection = self->connection_.lock()) {
      connection->OnResponse(self.get(), std::move(response));
    }
  });
}

void Exchange::Start(Response head, StreamEvents events) {
  {
    absl::MutexLock lock(&mu_);
    events_ = std::move(events);
  }
  // Posted even on the loop's thread, so that no event runs before the caller has its stream.
  const bool posted =
      loop_->Dispatch([self = shared_from_this(), head = std::move(head)]() mutable {
        const auto connection = self->connection_.lock();
        if (connection == nullptr || !connection->OnStreamStart(self.get(), std::move(head))) {
          self->Close();
        }
      });
  if (!posted) {
    Close();
  }
}

Stream::State Exchange::Write(std::string bytes) {
  bool full = false;
  {
    absl::MutexLock lock(&mu_);
    if (closed_ || finished_) {
      return Stream::State::kClosed;
    }
    if (!bytes.empty()) {
      queued_bytes_ += bytes.size();
      queue_.push_back(std::move(bytes));
    }
    full = full_ = full_ || queued_bytes_ >= buffer_bytes_;
  }
  Wake();
  return full ? Stream::State::kFull : Stream::State::kReady;
}

void Exchange::Finish() {
  {
    absl::MutexLock lock(&mu_);
    if (closed_ || finished_) {
      return;
    }
    finished_ = true;
  }
  Wake();
}

void Exchange::Abandon() {
  {
    absl::MutexLock lock(&mu_);
    if (closed_ || finished_) {
      return;
    }
    // No event reaches a producer that is gone.
    finished_ = true;
    abandoned_ = true;
  }
  loop_->Dispatch([self = shared_from_this()] {
    if (const auto connection = self->connection_.lock()) {
      connection->OnAbandoned(self.get());
    }
  });
}

void Exchange::ReadBody(RequestBody::Got got) {
  {
    absl::MutexLock lock(&mu_);
    got_ = std::move(got);
  }
  const bool posted = loop_->Dispatch([self = shared_from_this()] {
    const auto connection = self->connection_.lock();
    if (connection == nullptr || !connection->OnBodyWanted(self.get())) {
      self->GiveBody(absl::CancelledError("the request is over"));
    }
  });
  if (!posted) {
    GiveBody(absl::CancelledError("the server is gone"));
  }
}

void Exchange::GiveBody(absl::StatusOr<RequestBody::Part> part) {
  RequestBody::Got got;
  {
    absl::MutexLock lock(&mu_);
    std::swap(got, got_);
  }
  if (got) {
    std::move(got)(std::move(part));
  }
}

void Exchange::Wake() {
  {
    absl::MutexLock lock(&mu_);
    if (woken_) {
      return;
    }
    woken_ = true;
  }
  loop_->Dispatch([self = shared_from_this()] {
    if (const auto connection = self->connection_.lock()) {
      connection->OnStreamData(self.get());
    }
  });
}

bool Exchange::Take(std::vector<std::string>& out) {
  bool was_full = false;
  bool done = false;
  {
    absl::MutexLock lock(&mu_);
    woken_ = false;
    out = std::move(queue_);
    queue_.clear();
    queued_bytes_ = 0;
    was_full = full_ && !finished_;
    full_ = false;
    done = finished_ && !abandoned_;
  }
  if (was_full && events_.writable) {
    events_.writable();
  }
  return done;
}

void Exchange::Close() {
  GiveBody(absl::CancelledError("the connection is closed"));
  StreamEvents events;
  {
    absl::MutexLock lock(&mu_);
    closed_ = true;
    queue_.clear();
    std::swap(events, events_);
    if (finished_) {
      return;
    }
  }
  if (events.closed) {
    events.closed();
  }
}

void RequestBody::Read(Got got) const { exchange_->ReadBody(std::move(got)); }

struct Stream::Handle {
  explicit Handle(std::shared_ptr<Exchange> e) : exchange(std::move(e)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { exchange->Abandon(); }
  const std::shared_ptr<Exchange> exchange;
};

Stream::State Stream::Write(std::string bytes) const {
  return handle_->exchange->Write(std::move(bytes));
}

void Stream::Finish() const { handle_->exchange->Finish(); }

Responder::Responder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

Responder::~Responder() {
  if (exchange_ != nullptr) {
    exchange_->Send(Refusal(500));
  }
}

void Responder::Send(Response response) && {
  const auto exchange = std::move(exchange_);
  exchange->Send(std::move(response));
}

Stream Responder::Start(Response head, StreamEvents events) && {
  const auto exchange = std::move(exchange_);
  exchange->Start(std::move(head), std::move(events));
  return Stream(std::make_shared<Stream::Handle>(exchange));
}

}  // namespace baimi::http
