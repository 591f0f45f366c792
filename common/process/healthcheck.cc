#include "common/process/healthcheck.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace baimi::process {
namespace {

struct Socket {
  explicit Socket(int descriptor) : fd(descriptor) {}
  ~Socket() {
    if (fd >= 0) {
      close(fd);
    }
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  const int fd;
};

std::string Loopback(const std::string& address) {
  if (address == "0.0.0.0") {
    return "127.0.0.1";
  }
  return address == "::" || address == "[::]" ? "::1" : address;
}

}  // namespace

absl::Status CheckHealth(const std::string& address, int admin_port, absl::Duration timeout) {
  const std::string host = Loopback(address);
  const std::string where = absl::StrCat(host, ":", admin_port, "/readyz: ");
  const auto failed = [&where](absl::string_view what) {
    return absl::UnavailableError(absl::StrCat(where, what, ": ", std::strerror(errno)));
  };
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), absl::StrCat(admin_port).c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat(where, gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, freeaddrinfo);
  const Socket peer(socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval limit = absl::ToTimeval(timeout);
  setsockopt(peer.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  setsockopt(peer.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  if (connect(peer.fd, found->ai_addr, found->ai_addrlen) != 0) {
    return failed("cannot connect");
  }
  constexpr absl::string_view kAsk =
      "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (send(peer.fd, kAsk.data(), kAsk.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(kAsk.size())) {
    return failed("cannot send");
  }
  std::string answer;
  char chunk[256];
  while (answer.find('\r') == std::string::npos && answer.size() < sizeof(chunk)) {
    const ssize_t got = recv(peer.fd, chunk, sizeof(chunk), 0);
    if (got <= 0) {
      return failed("no answer");
    }
    answer.append(chunk, static_cast<size_t>(got));
  }
  if (!absl::StartsWith(answer, "HTTP/1.1 200 ")) {
    return absl::UnavailableError(absl::StrCat(where, "got ", answer.substr(0, answer.find('\r'))));
  }
  return absl::OkStatus();
}

}  // namespace baimi::process
