// A blocking HTTP/1.1 client on loopback for tests. Not thread-safe; one connection each.
#ifndef BAIMI_COMMON_HTTP_TESTING_CLIENT_H_
#define BAIMI_COMMON_HTTP_TESTING_CLIENT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/http/server.h"

namespace baimi::http::testing {

struct ClientResponse {
  int status = 0;
  std::vector<Header> headers;
  // Complete, unchunked; empty from ReadHead.
  std::string body;

  // "" when absent; any case.
  absl::string_view header(absl::string_view name) const;
};

// Every read gives up after 20 s with DEADLINE_EXCEEDED, so that a broken server fails a test
// instead of hanging it. UNAVAILABLE when the server closed or reset the connection.
class Client {
 public:
  static absl::StatusOr<Client> Connect(int port);
  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;
  ~Client() { Close(); }

  // Sends a request with Host and Content-Length (when there is a body) and reads its answer.
  absl::StatusOr<ClientResponse> Call(absl::string_view method, absl::string_view target,
                                      absl::string_view body = "",
                                      const std::vector<Header>& headers = {});
  // As Call, without reading.
  absl::Status Send(absl::string_view method, absl::string_view target, absl::string_view body = "",
                    const std::vector<Header>& headers = {});
  absl::Status SendRaw(absl::string_view bytes);

  // One answer; `to_head` when its request was a HEAD, which has no body.
  absl::StatusOr<ClientResponse> Read(bool to_head = false);
  // Status line and headers only.
  absl::StatusOr<ClientResponse> ReadHead();
  // The next chunk of a chunked body; "" is its end.
  absl::StatusOr<std::string> ReadChunk();
  // Everything up to the end of the connection.
  absl::StatusOr<std::string> ReadToEnd();
  // True when the server closes (or resets) without sending anything more.
  bool AwaitClose();

  // Tells the server that no more requests come.
  void ShutdownSend();
  // Bytes the kernel buffers for us. Call right after Connect.
  void SetReceiveBuffer(int bytes);
  // Closes at once with a reset.
  void Reset();
  void Close();

 private:
  explicit Client(int fd) : fd_(fd) {}
  // Appends to buffer_; UNAVAILABLE at the end.
  absl::Status Fill();
  absl::StatusOr<std::string> TakeLine();
  absl::StatusOr<std::string> TakeBytes(size_t size);

  int fd_ = -1;
  std::string buffer_;
};

}  // namespace baimi::http::testing

#endif  // BAIMI_COMMON_HTTP_TESTING_CLIENT_H_
