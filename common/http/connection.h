// One TCP connection: reads a request, hands it to the handler, writes the answer, again.
// Everything runs on its loop's thread. Internal to common/http.
#ifndef BAIMI_COMMON_HTTP_CONNECTION_H_
#define BAIMI_COMMON_HTTP_CONNECTION_H_

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "common/http/exchange.h"
#include "common/http/growing_body.h"
#include "common/http/loop.h"
#include "common/http/wire.h"

namespace baimi::http {

using TcpSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;
using TimePoint = std::chrono::steady_clock::time_point;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Shared& shared, std::shared_ptr<Loop> loop, TcpSocket socket);

  void Start();
  // Closes when idle; otherwise the answer in flight is the last.
  void Drain();
  void CloseIfPast(TimePoint now);
  void Close();

  // From the exchange; ignored when it is no longer the current one.
  void OnResponse(const Exchange* from, Response response);
  // False when ignored.
  bool OnStreamStart(const Exchange* from, Response head);
  void OnStreamData(const Exchange* from);
  void OnAbandoned(const Exchange* from);
  // False when ignored.
  bool OnBodyWanted(const Exchange* from);

 private:
  // kUpload: the handler runs and reads the body in parts.
  enum class State {
    kIdle,
    kHead,
    kBody,
    kUpload,
    kHandling,
    kStreaming,
    kWriting,
    kLinger,
    kClosed
  };
  using Parser = boost::beast::http::request_parser<GrowingBody>;
  using ErrorCode = boost::system::error_code;

  void NextRequest();
  void BeginRequest();
  void ReadMore();
  void OnRead(ErrorCode error, size_t size);
  void Parse();
  // False when nothing is to be parsed now: the request was refused, or its handler reads on.
  bool OnHead();
  bool HeadIsWellFormed() const;
  // False when the request was refused.
  bool LimitBody();
  Request HeadOf() const;
  void OnParseError(ErrorCode error);
  void Dispatch();
  void Handle(Request request);
  void ReadPart();
  // Answers without a handler and closes.
  void Refuse(int status, size_t limit = 0);

  // True when there is something to write or the stream has ended.
  bool PullStream();
  void PushPart(std::string part);
  void Flush();
  void OnWritten(ErrorCode error, size_t size);
  void OnAllWritten();
  void WatchForDisconnect();
  void Linger();
  void SetDeadline(absl::Duration after);

  Shared& shared_;
  const std::shared_ptr<Loop> loop_;
  TcpSocket socket_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  State state_ = State::kIdle;
  TimePoint deadline_ = TimePoint::max();
  std::shared_ptr<Exchange> exchange_;
  Request request_;
  size_t body_limit_ = 0;
  bool in_parts_ = false;
  // `Expect: 100-continue` is not answered yet.
  bool continue_ = false;
  bool http10_ = false;
  bool head_request_ = false;
  bool keep_alive_ = true;
  bool chunked_ = false;
  bool refused_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool watching_ = false;
  std::deque<std::string> out_;
  // Bytes of out_.front() that are sent.
  size_t sent_ = 0;
};

}  // namespace baimi::http

#endif  // BAIMI_COMMON_HTTP_CONNECTION_H_
