// The HTTP/1.1 server port. Handlers get a whole request, or its head and then its body in parts,
// and answer it later, from any thread, once or as a stream. What serves it (Boost.Asio and Beast)
// stays inside the .cc files.
#ifndef BAIMI_COMMON_HTTP_SERVER_H_
#define BAIMI_COMMON_HTTP_SERVER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace baimi::http {

struct Header {
  std::string name;
  std::string value;
};

class Exchange;

// The body of a request whose handler reads it in parts. Thread-safe.
class RequestBody {
 public:
  // At most 256 KiB. Only the last part may be empty.
  struct Part {
    std::string bytes;
    bool last = false;
  };
  // Runs once, on an io thread, and must not block. An error, which is always CANCELLED: no more
  // comes, because the client went away or was refused (too much, too slow, malformed), or because
  // the request was answered.
  using Got = absl::AnyInvocable<void(absl::StatusOr<Part>) &&>;

  explicit RequestBody(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

  // Asks for the next part: one at a time, and none after the last. The connection is read only
  // then, and that is how a client that has gone is noticed; the first one answers `Expect:
  // 100-continue`.
  void Read(Got got) const;

 private:
  const std::shared_ptr<Exchange> exchange_;
};

struct Request {
  // As sent, e.g. "GET".
  std::string method;
  // The request target without scheme and authority; `path` and `query` are its halves around the
  // first '?', still percent-encoded.
  std::string target;
  std::string path;
  std::string query;
  // In the order sent.
  std::vector<Header> headers;
  // Whole, unless `parts` is set.
  std::string body;
  // Where an UploadLimit holds.
  std::shared_ptr<const RequestBody> parts = nullptr;
  // "127.0.0.1:54321".
  std::string peer;

  // The first header of that name in any case; "" when absent.
  absl::string_view header(absl::string_view name) const;
};

struct Response {
  int status = 200;
  // Without Content-Length, Transfer-Encoding and Connection, which the server writes. Line breaks
  // in values become spaces.
  std::vector<Header> headers = {};
  std::string body = {};
};

// What a stream tells its producer. Both run on an io thread and must not block; neither runs after
// Finish.
struct StreamEvents {
  // There is room again after Write said kFull.
  absl::AnyInvocable<void()> writable = {};
  // The client went away, reads too slowly, or the server was stopped. At most once; nothing runs
  // after it.
  absl::AnyInvocable<void()> closed = {};
};

// The producing end of a streamed body. Copies share one stream. Thread-safe.
class Stream {
 public:
  enum class State {
    kReady,
    // The bytes were taken, but more should wait for `writable`.
    kFull,
    // Nobody reads any more; the bytes were dropped.
    kClosed,
  };

  State Write(std::string bytes) const;
  // Ends the body. Further calls do nothing. A stream whose last copy is destroyed unfinished is
  // cut off, which the client sees as an error.
  void Finish() const;

 private:
  friend class Responder;
  struct Handle;
  explicit Stream(std::shared_ptr<Handle> handle) : handle_(std::move(handle)) {}
  std::shared_ptr<Handle> handle_;
};

// The right to answer one request, exactly once, from any thread and at any time, even after the
// client or the server has gone. Destroyed unused it answers 500.
class Responder {
 public:
  explicit Responder(std::shared_ptr<Exchange> exchange);
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&&) noexcept = delete;
  ~Responder();

  void Send(Response response) &&;
  // Sends the head at once; `head.body` is the first part of the body. Chunked, or up to the close
  // of the connection for HTTP/1.0. For HEAD the stream is closed from the start.
  Stream Start(Response head, StreamEvents events) &&;

 private:
  std::shared_ptr<Exchange> exchange_;
};

// Runs on an io thread and must not block. HEAD and OPTIONS reach it like any method; the body of
// an answer to HEAD is dropped, its length kept.
using Handler = std::function<void(Request request, Responder responder)>;

// Whether the body of the request with this head is read in parts by its handler, and how many
// bytes it may have then; nullopt: it is read before the handler runs. Runs on an io thread.
using UploadLimit = std::function<std::optional<size_t>(const Request& head)>;

struct ServerOptions {
  // A numeric address. Default: loopback.
  std::string address = "127.0.0.1";
  // 0 takes any free port; see Server::port.
  int port = 0;
  // Default: 1. Each connection stays on one of them.
  int io_threads = 1;
  // More than this gets 503 and is closed. Default: 4096.
  int max_connections = 4096;
  // Request line and headers; more is 431. Default: 16 KiB.
  size_t max_header_bytes = size_t{16} << 10;
  // More is 413, with an AIP-193 body; an UploadLimit goes before it. Default: 1 MiB.
  size_t max_body_bytes = size_t{1} << 20;
  // Unsent bytes of a stream from which Write says kFull. Default: 256 KiB.
  size_t stream_buffer_bytes = size_t{256} << 10;
  // A connection between requests. Default: 60 s.
  absl::Duration idle_timeout = absl::Seconds(60);
  // From the first byte of a request to the end of its headers, then 408. Default: 10 s.
  absl::Duration header_timeout = absl::Seconds(10);
  // From there to the end of the body, then 408. For a body in parts: the longest wait for a part.
  // Default: 30 s.
  absl::Duration body_timeout = absl::Seconds(30);
  // A client that takes no byte of an answer for so long is cut off. Default: 30 s.
  absl::Duration write_timeout = absl::Seconds(30);
};

// Pipelined requests are answered one after the other. Malformed requests get 400, `Expect:
// 100-continue` its interim answer. What is answered before all of its body has come closes its
// connection. Timeouts are accurate to a quarter of the shortest one.
class Server {
 public:
  // Listens when it returns. INVALID_ARGUMENT for a bad address, UNAVAILABLE when it cannot be
  // bound.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, Handler handler,
                                                       UploadLimit upload_limit = nullptr);

  virtual ~Server() = default;
  // The port in use.
  virtual int port() const = 0;
  virtual int connections() const = 0;
  // Accepts no more, closes idle connections, lets requests in flight finish (their answers say
  // Connection: close) and after `grace` cuts off what is left, streams included. Returns when
  // every connection is closed. Idempotent; the destructor calls it with no grace. Not from a
  // handler.
  virtual void Shutdown(absl::Duration grace) = 0;
};

}  // namespace baimi::http

#endif  // BAIMI_COMMON_HTTP_SERVER_H_
