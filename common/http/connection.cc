#include "common/http/connection.h"

#include <sys/socket.h>

#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace baimi::http {
namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;

constexpr size_t kHeadRead = 4096;
constexpr size_t kBodyRead = 65536;
constexpr size_t kMaxGather = 16;

absl::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

// "http://host/path" of a client that takes us for a proxy.
absl::string_view OriginForm(absl::string_view target) {
  const size_t scheme = target.find("://");
  if (target.empty() || target[0] == '/' || scheme == absl::string_view::npos) {
    return target;
  }
  const size_t slash = target.find('/', scheme + 3);
  return slash == absl::string_view::npos ? "/" : target.substr(slash);
}

}  // namespace

Connection::Connection(Shared& shared, std::shared_ptr<Loop> loop, TcpSocket socket)
    : shared_(shared), loop_(std::move(loop)), socket_(std::move(socket)) {}

void Connection::Start() {
  loop_->connections().insert(shared_from_this());
  NextRequest();
}

void Connection::SetDeadline(absl::Duration after) {
  deadline_ = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(after);
}

void Connection::NextRequest() {
  state_ = State::kIdle;
  if (shared_.draining) {
    Close();
    return;
  }
  SetDeadline(shared_.options.idle_timeout);
  if (buffer_.size() == 0) {
    ReadMore();
    return;
  }
  BeginRequest();
  Parse();
}

void Connection::BeginRequest() {
  state_ = State::kHead;
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(shared_.options.max_header_bytes));
  parser_->body_limit(shared_.options.max_body_bytes);
  SetDeadline(shared_.options.header_timeout);
}

void Connection::ReadMore() {
  if (reading_ || state_ == State::kClosed) {
    return;
  }
  reading_ = true;
  socket_.async_read_some(
      buffer_.prepare(state_ == State::kBody ? kBodyRead : kHeadRead),
      [self = shared_from_this()](ErrorCode error, size_t size) { self->OnRead(error, size); });
}

void Connection::OnRead(ErrorCode error, size_t size) {
  reading_ = false;
  if (state_ == State::kClosed) {
    return;
  }
  if (error) {
    Close();
    return;
  }
  if (state_ == State::kLinger) {
    ReadMore();
    return;
  }
  buffer_.commit(size);
  if (state_ == State::kIdle) {
    BeginRequest();
  }
  if (state_ == State::kHead || state_ == State::kBody) {
    Parse();
  }
}

void Connection::Parse() {
  while (true) {
    ErrorCode error;
    const size_t used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    if (error == beast_http::error::need_more) {
      ReadMore();
      return;
    }
    if (error) {
      OnParseError(error);
      return;
    }
    if (state_ == State::kHead && parser_->is_header_done() && !OnHead()) {
      return;
    }
    if (parser_->is_done()) {
      Dispatch();
      return;
    }
    if (buffer_.size() == 0 || used == 0) {
      // Otherwise OnWritten reads on, after the interim answer.
      if (!writing_) {
        ReadMore();
      }
      return;
    }
  }
}

bool Connection::OnHead() {
  const auto& message = parser_->get();
  http10_ = message.version() < 11;
  head_request_ = message.method() == beast_http::verb::head;
  keep_alive_ = message.keep_alive();
  state_ = State::kBody;
  SetDeadline(shared_.options.body_timeout);
  const absl::string_view target = View(message.target());
  const bool asterisk = target == "*" && message.method() == beast_http::verb::options;
  const size_t codings = message.count(beast_http::field::transfer_encoding);
  // Any other coding would leave the end of the body to guess: request smuggling.
  const bool bad_coding =
      codings > 1 ||
      (codings == 1 &&
       (http10_ ||
        !absl::EqualsIgnoreCase(View(message[beast_http::field::transfer_encoding]), "chunked")));
  if (bad_coding || (!http10_ && message.count(beast_http::field::host) != 1) ||
      message.method() == beast_http::verb::connect ||
      (!asterisk && !absl::StartsWith(OriginForm(target), "/"))) {
    Refuse(400);
    return false;
  }
  const absl::string_view expect = View(message[beast_http::field::expect]);
  if (expect.empty() || http10_) {
    return true;
  }
  if (!absl::EqualsIgnoreCase(expect, "100-continue")) {
    Refuse(417);
    return false;
  }
  if (!parser_->is_done() && buffer_.size() == 0) {
    out_.push_back("HTTP/1.1 100 Continue\r\n\r\n");
    Flush();
  }
  return true;
}

void Connection::OnParseError(ErrorCode error) {
  if (error == beast_http::error::body_limit) {
    Refuse(413, shared_.options.max_body_bytes);
  } else if (error == beast_http::error::header_limit) {
    Refuse(431, shared_.options.max_header_bytes);
  } else {
    Refuse(400);
  }
}

void Connection::Refuse(int status, size_t limit) {
  keep_alive_ = false;
  refused_ = true;
  head_request_ = false;
  Response response = Refusal(status, limit);
  out_.push_back(SerializeHead(response.status, response.headers,
                               {.length = response.body.size(), .keep_alive = false}));
  out_.push_back(std::move(response.body));
  state_ = State::kWriting;
  Flush();
}

void Connection::Dispatch() {
  state_ = State::kHandling;
  deadline_ = TimePoint::max();
  auto message = parser_->release();
  parser_.reset();
  Request request;
  request.method = std::string(View(message.method_string()));
  request.target = std::string(OriginForm(View(message.target())));
  request.target.resize(std::min(request.target.size(), request.target.find('#')));
  const size_t question = request.target.find('?');
  request.path = request.target.substr(0, question);
  if (question != std::string::npos) {
    request.query = request.target.substr(question + 1);
  }
  for (const auto& field : message) {
    request.headers.push_back(
        {std::string(View(field.name_string())), std::string(View(field.value()))});
  }
  request.body = std::move(message.body());
  ErrorCode ignored;
  const auto peer = socket_.remote_endpoint(ignored);
  request.peer = absl::StrCat(peer.address().to_string(), ":", peer.port());
  exchange_ =
      std::make_shared<Exchange>(loop_, weak_from_this(), shared_.options.stream_buffer_bytes);
  shared_.handler(std::move(request), Responder(exchange_));
}

void Connection::OnResponse(const Exchange* from, Response response) {
  if (from != exchange_.get() || state_ != State::kHandling) {
    return;
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

void Connection::Linger() {
  // Closing with unread bytes resets the connection and may take the answer with it.
  state_ = State::kLinger;
  ErrorCode ignored;
  socket_.shutdown(TcpSocket::shutdown_send, ignored);
  buffer_.clear();
  SetDeadline(absl::Seconds(2));
  ReadMore();
}

void Connection::Drain() {
  if (state_ == State::kIdle) {
    Close();
  }
}

void Connection::CloseIfPast(TimePoint now) {
  if (now < deadline_) {
    return;
  }
  if ((state_ == State::kHead || state_ == State::kBody) && !writing_) {
    Refuse(408);
  } else {
    Close();
  }
}

void Connection::Close() {
  if (state_ == State::kClosed) {
    return;
  }
  const auto self = shared_from_this();
  state_ = State::kClosed;
  ErrorCode ignored;
  socket_.close(ignored);
  loop_->connections().erase(self);
  if (const auto exchange = std::move(exchange_)) {
    exchange->Close();
  }
  absl::MutexLock lock(&shared_.mu);
  --shared_.connections;
}

}  // namespace baimi::http
