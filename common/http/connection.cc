#include "common/http/connection.h"

#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace baimi::http {
namespace {

namespace beast_http = boost::beast::http;

constexpr size_t kHeadRead = 4096;
constexpr size_t kBodyRead = 65536;
// With what one read adds it stays below the most that a part may have.
constexpr size_t kPart = size_t{128} << 10;
constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";

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
  // LimitBody knows better; without a limit Beast takes every length for too much.
  parser_->body_limit(std::numeric_limits<uint64_t>::max());
  SetDeadline(shared_.options.header_timeout);
}

void Connection::ReadMore() {
  if (reading_ || state_ == State::kClosed) {
    return;
  }
  reading_ = true;
  socket_.async_read_some(
      buffer_.prepare(state_ == State::kBody || state_ == State::kUpload ? kBodyRead : kHeadRead),
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
  } else if (state_ == State::kUpload) {
    ReadPart();
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

bool Connection::HeadIsWellFormed() const {
  const auto& message = parser_->get();
  const absl::string_view target = View(message.target());
  const bool asterisk = target == "*" && message.method() == beast_http::verb::options;
  const size_t codings = message.count(beast_http::field::transfer_encoding);
  // Any other coding would leave the end of the body to guess: request smuggling.
  const bool bad_coding =
      codings > 1 ||
      (codings == 1 &&
       (http10_ ||
        !absl::EqualsIgnoreCase(View(message[beast_http::field::transfer_encoding]), "chunked")));
  return !bad_coding && (http10_ || message.count(beast_http::field::host) == 1) &&
         message.method() != beast_http::verb::connect &&
         (asterisk || absl::StartsWith(OriginForm(target), "/"));
}

bool Connection::LimitBody() {
  const std::optional<size_t> upload =
      shared_.upload_limit ? shared_.upload_limit(request_) : std::nullopt;
  in_parts_ = upload.has_value();
  body_limit_ = upload.value_or(shared_.options.max_body_bytes);
  const auto length = parser_->content_length();
  if (length && *length > body_limit_) {
    Refuse(413, body_limit_);
    return false;
  }
  parser_->body_limit(body_limit_);
  return true;
}

bool Connection::OnHead() {
  const auto& message = parser_->get();
  http10_ = message.version() < 11;
  head_request_ = message.method() == beast_http::verb::head;
  keep_alive_ = message.keep_alive();
  state_ = State::kBody;
  SetDeadline(shared_.options.body_timeout);
  if (!HeadIsWellFormed()) {
    Refuse(400);
    return false;
  }
  request_ = HeadOf();
  if (!LimitBody()) {
    return false;
  }
  const absl::string_view expect = View(message[beast_http::field::expect]);
  if (!expect.empty() && !http10_ && !absl::EqualsIgnoreCase(expect, "100-continue")) {
    Refuse(417);
    return false;
  }
  continue_ = !expect.empty() && !http10_ && !parser_->is_done() && buffer_.size() == 0;
  if (in_parts_) {
    state_ = State::kUpload;
    Handle(std::move(request_));
    return false;
  }
  if (std::exchange(continue_, false)) {
    out_.push_back(kContinue);
    Flush();
  }
  return true;
}

void Connection::OnParseError(ErrorCode error) {
  if (error == beast_http::error::body_limit) {
    Refuse(413, body_limit_);
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
  if (const auto exchange = std::move(exchange_)) {
    exchange->Close();
  }
  Response response = Refusal(status, limit);
  out_.push_back(SerializeHead(response.status, response.headers,
                               {.length = response.body.size(), .keep_alive = false}));
  out_.push_back(std::move(response.body));
  state_ = State::kWriting;
  Flush();
}

Request Connection::HeadOf() const {
  const auto& message = parser_->get();
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
  ErrorCode ignored;
  const auto peer = socket_.remote_endpoint(ignored);
  request.peer = absl::StrCat(peer.address().to_string(), ":", peer.port());
  return request;
}

void Connection::Dispatch() {
  state_ = State::kHandling;
  request_.body = std::move(parser_->get().body());
  parser_.reset();
  Handle(std::move(request_));
}

void Connection::Handle(Request request) {
  deadline_ = TimePoint::max();
  exchange_ =
      std::make_shared<Exchange>(loop_, weak_from_this(), shared_.options.stream_buffer_bytes);
  if (in_parts_) {
    request.parts = std::make_shared<const RequestBody>(exchange_);
  }
  shared_.handler(std::move(request), Responder(exchange_));
}

bool Connection::OnBodyWanted(const Exchange* from) {
  if (from != exchange_.get() || state_ != State::kUpload) {
    return false;
  }
  if (std::exchange(continue_, false)) {
    out_.push_back(kContinue);
    Flush();
  }
  SetDeadline(shared_.options.body_timeout);
  ReadPart();
  return true;
}

void Connection::ReadPart() {
  std::string& body = parser_->get().body();
  while (!parser_->is_done() && body.size() < kPart) {
    if (buffer_.size() == 0) {
      ReadMore();
      return;
    }
    ErrorCode error;
    const size_t used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    if (error == beast_http::error::need_more || (!error && used == 0 && !parser_->is_done())) {
      ReadMore();
      return;
    }
    if (error) {
      OnParseError(error);
      return;
    }
  }
  deadline_ = TimePoint::max();
  RequestBody::Part part{.bytes = std::move(body), .last = parser_->is_done()};
  body.clear();
  if (part.last) {
    state_ = State::kHandling;
    parser_.reset();
  }
  // May answer the request.
  const auto exchange = exchange_;
  exchange->GiveBody(std::move(part));
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
  if ((state_ == State::kHead || state_ == State::kBody || state_ == State::kUpload) && !writing_) {
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
