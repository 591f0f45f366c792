// The half of a connection that writes: whole answers, streams, and what comes after the last byte.
#include <sys/socket.h>

#include <cerrno>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/http/connection.h"

namespace baimi::http {
namespace {

namespace asio = boost::asio;

constexpr size_t kMaxGather = 16;

}  // namespace

void Connection::OnResponse(const Exchange* from, Response response) {
  if (from != exchange_.get() || (state_ != State::kHandling && state_ != State::kUpload)) {
    return;
  }
  if (state_ == State::kUpload) {
    // What has not been read of the body stands before the next request.
    keep_alive_ = false;
    refused_ = true;
    exchange_->GiveBody(absl::CancelledError("the request was answered"));
  }
  keep_alive_ = keep_alive_ && !shared_.draining;
  out_.push_back(SerializeHead(
      response.status, response.headers,
      {.length = response.body.size(), .http10 = http10_, .keep_alive = keep_alive_}));
  const bool has_body = response.status != 204 && response.status != 304 && !head_request_;
  if (has_body && !response.body.empty()) {
    out_.push_back(std::move(response.body));
  }
  exchange_.reset();
  state_ = State::kWriting;
  Flush();
}

bool Connection::OnStreamStart(const Exchange* from, Response head) {
  if (from != exchange_.get() || state_ != State::kHandling) {
    return false;
  }
  chunked_ = !http10_;
  keep_alive_ = keep_alive_ && !http10_ && !shared_.draining;
  out_.push_back(SerializeHead(head.status, head.headers,
                               {.framing = chunked_ ? Framing::kChunked : Framing::kUntilClose,
                                .http10 = http10_,
                                .keep_alive = keep_alive_}));
  if (head_request_) {
    const auto exchange = std::move(exchange_);
    state_ = State::kWriting;
    Flush();
    exchange->Close();
    return true;
  }
  if (!head.body.empty()) {
    PushPart(std::move(head.body));
  }
  state_ = State::kStreaming;
  WatchForDisconnect();
  Flush();
  return true;
}

void Connection::OnStreamData(const Exchange* from) {
  if (from == exchange_.get() && state_ == State::kStreaming && !writing_ && PullStream()) {
    Flush();
  }
}

void Connection::OnAbandoned(const Exchange* from) {
  if (from == exchange_.get()) {
    Close();
  }
}

bool Connection::PullStream() {
  // `writable` runs inside Take and may end in Close: keep the exchange alive.
  const auto exchange = exchange_;
  std::vector<std::string> parts;
  const bool done = exchange->Take(parts);
  for (std::string& part : parts) {
    PushPart(std::move(part));
  }
  if (done) {
    if (chunked_) {
      out_.push_back("0\r\n\r\n");
    }
    exchange_.reset();
    exchange->Close();
    keep_alive_ = keep_alive_ && !shared_.draining;
    state_ = State::kWriting;
  }
  return done || !out_.empty();
}

void Connection::PushPart(std::string part) {
  out_.push_back(chunked_ ? absl::StrCat(ChunkHead(part.size()), part, "\r\n") : std::move(part));
}

void Connection::Flush() {
  if (writing_ || state_ == State::kClosed) {
    return;
  }
  if (out_.empty()) {
    OnAllWritten();
    return;
  }
  std::vector<asio::const_buffer> buffers;
  buffers.reserve(std::min(out_.size(), kMaxGather));
  for (const std::string& part : out_) {
    if (buffers.size() == kMaxGather) {
      break;
    }
    const size_t skip = buffers.empty() ? sent_ : 0;
    buffers.emplace_back(part.data() + skip, part.size() - skip);
  }
  writing_ = true;
  if (state_ == State::kWriting || state_ == State::kStreaming) {
    SetDeadline(shared_.options.write_timeout);
  }
  socket_.async_write_some(buffers, [self = shared_from_this()](ErrorCode error, size_t size) {
    self->OnWritten(error, size);
  });
}

void Connection::OnWritten(ErrorCode error, size_t size) {
  writing_ = false;
  if (state_ == State::kClosed) {
    return;
  }
  if (error) {
    Close();
    return;
  }
  sent_ += size;
  while (!out_.empty() && sent_ >= out_.front().size()) {
    sent_ -= out_.front().size();
    out_.pop_front();
  }
  Flush();
}

void Connection::OnAllWritten() {
  switch (state_) {
    case State::kBody:
      ReadMore();
      return;
    case State::kStreaming:
      deadline_ = TimePoint::max();
      if (PullStream()) {
        Flush();
      }
      return;
    case State::kWriting:
      if (keep_alive_) {
        NextRequest();
      } else if (refused_ || buffer_.size() > 0) {
        Linger();
      } else {
        Close();
      }
      return;
    default:
      return;
  }
}

void Connection::WatchForDisconnect() {
  if (watching_ || reading_ || buffer_.size() > 0) {
    return;
  }
  watching_ = true;
  socket_.async_wait(TcpSocket::wait_read, [self = shared_from_this()](ErrorCode error) {
    self->watching_ = false;
    if (error || self->state_ != State::kStreaming) {
      return;
    }
    char byte = 0;
    const ssize_t got = ::recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
      self->Close();
    }
  });
}

}  // namespace baimi::http
