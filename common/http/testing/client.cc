#include "common/http/testing/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace baimi::http::testing {

absl::string_view ClientResponse::header(absl::string_view name) const {
  for (const Header& header : headers) {
    if (absl::EqualsIgnoreCase(header.name, name)) {
      return header.value;
    }
  }
  return "";
}

absl::StatusOr<Client> Client::Connect(int port) {
  Client client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(client.fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(client.fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(client.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return absl::UnavailableError(absl::StrCat("connect: errno ", errno));
  }
  return client;
}

Client::Client(Client&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

Client& Client::operator=(Client&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

absl::StatusOr<ClientResponse> Client::Call(absl::string_view method, absl::string_view target,
                                            absl::string_view body,
                                            const std::vector<Header>& headers) {
  BAIMI_RETURN_IF_ERROR(Send(method, target, body, headers));
  return Read(method == "HEAD");
}

absl::Status Client::Send(absl::string_view method, absl::string_view target,
                          absl::string_view body, const std::vector<Header>& headers) {
  std::string text = absl::StrCat(method, " ", target, " HTTP/1.1\r\nHost: localhost\r\n");
  for (const Header& header : headers) {
    absl::StrAppend(&text, header.name, ": ", header.value, "\r\n");
  }
  if (!body.empty()) {
    absl::StrAppend(&text, "Content-Length: ", body.size(), "\r\n");
  }
  absl::StrAppend(&text, "\r\n", body);
  return SendRaw(text);
}

absl::Status Client::SendRaw(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      return absl::UnavailableError(absl::StrCat("send: errno ", errno));
    }
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return absl::OkStatus();
}

absl::Status Client::Fill() {
  char chunk[16384];
  const ssize_t got = ::recv(fd_, chunk, sizeof(chunk), 0);
  if (got > 0) {
    buffer_.append(chunk, static_cast<size_t>(got));
    return absl::OkStatus();
  }
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    return absl::DeadlineExceededError("the server sent nothing for 20 s");
  }
  return absl::UnavailableError(got == 0 ? "closed" : absl::StrCat("recv: errno ", errno));
}

absl::StatusOr<std::string> Client::TakeLine() {
  size_t end = 0;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    BAIMI_RETURN_IF_ERROR(Fill());
  }
  return TakeBytes(end + 2);
}

absl::StatusOr<std::string> Client::TakeBytes(size_t size) {
  while (buffer_.size() < size) {
    BAIMI_RETURN_IF_ERROR(Fill());
  }
  std::string taken = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return taken;
}

absl::StatusOr<ClientResponse> Client::ReadHead() {
  ClientResponse response;
  BAIMI_ASSIGN_OR_RETURN(const std::string first, TakeLine());
  const std::vector<absl::string_view> words = absl::StrSplit(first, ' ');
  if (words.size() < 2 || words[0] != "HTTP/1.1" || !absl::SimpleAtoi(words[1], &response.status)) {
    return absl::InternalError(absl::StrCat("bad status line: ", first));
  }
  while (true) {
    BAIMI_ASSIGN_OR_RETURN(const std::string line, TakeLine());
    if (line == "\r\n") {
      return response;
    }
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(absl::StripSuffix(line, "\r\n"), absl::MaxSplits(": ", 1));
    response.headers.push_back({std::string(parts.first), std::string(parts.second)});
  }
}

absl::StatusOr<ClientResponse> Client::Read(bool to_head) {
  BAIMI_ASSIGN_OR_RETURN(ClientResponse response, ReadHead());
  if (to_head || response.status < 200 || response.status == 204 || response.status == 304) {
    return response;
  }
  size_t length = 0;
  if (absl::SimpleAtoi(response.header("Content-Length"), &length)) {
    BAIMI_ASSIGN_OR_RETURN(response.body, TakeBytes(length));
    return response;
  }
  if (response.header("Transfer-Encoding") != "chunked") {
    BAIMI_ASSIGN_OR_RETURN(response.body, ReadToEnd());
    return response;
  }
  while (true) {
    BAIMI_ASSIGN_OR_RETURN(const std::string chunk, ReadChunk());
    if (chunk.empty()) {
      return response;
    }
    response.body += chunk;
  }
}

absl::StatusOr<std::string> Client::ReadChunk() {
  BAIMI_ASSIGN_OR_RETURN(const std::string line, TakeLine());
  size_t size = 0;
  if (!absl::SimpleHexAtoi(absl::StripSuffix(line, "\r\n"), &size)) {
    return absl::InternalError(absl::StrCat("bad chunk size: ", line));
  }
  BAIMI_ASSIGN_OR_RETURN(std::string chunk, TakeBytes(size + 2));
  chunk.resize(size);
  return chunk;
}

absl::StatusOr<std::string> Client::ReadToEnd() {
  absl::Status status;
  while (status.ok()) {
    status = Fill();
  }
  if (!absl::IsUnavailable(status)) {
    return status;
  }
  return std::exchange(buffer_, "");
}

bool Client::AwaitClose() {
  const bool nothing_left = buffer_.empty();
  return nothing_left && absl::IsUnavailable(Fill());
}

void Client::ShutdownSend() { ::shutdown(fd_, SHUT_WR); }

void Client::SetReceiveBuffer(int bytes) {
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

void Client::Reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  Close();
}

void Client::Close() {
  if (fd_ >= 0) {
    ::close(std::exchange(fd_, -1));
  }
}

}  // namespace baimi::http::testing
