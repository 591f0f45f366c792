// What clients do wrong, and what slow ones get.
#include <atomic>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/http/server.h"
#include "common/http/testing/client.h"
#include "gtest/gtest.h"

namespace baimi::http {
namespace {

using testing::Client;

class LimitsTest : public ::testing::Test {
 protected:
  void Start(ServerOptions options) {
    auto server =
        Server::Start(std::move(options), [this](const Request& request, Responder responder) {
          ++handled_;
          std::move(responder).Send({.body = absl::StrCat(request.body.size())});
        });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  Client Connect() { return *Client::Connect(server_->port()); }

  std::unique_ptr<Server> server_;
  std::atomic<int> handled_ = 0;
};

TEST_F(LimitsTest, MalformedRequests_Get400AndClose) {
  Start({});
  const std::string kRequests[] = {
      "nonsense\r\n\r\n",
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost h\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nBad Name: x\r\n\r\n",
      "GET nowhere HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET * HTTP/1.1\r\nHost: h\r\n\r\n",
      "CONNECT a:1 HTTP/1.1\r\nHost: h\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      std::string("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n", 28),
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
  };
  for (const std::string& request : kRequests) {
    Client client = Connect();
    ASSERT_TRUE(client.SendRaw(request).ok());
    const auto response = client.Read();
    ASSERT_TRUE(response.ok()) << response.status() << " for " << request;
    EXPECT_EQ(response->status, 400) << request;
    EXPECT_EQ(response->header("Connection"), "close");
    EXPECT_TRUE(absl::StrContains(response->body, R"({"error":{"code":400,)"));
    EXPECT_TRUE(client.AwaitClose());
  }
  EXPECT_EQ(handled_, 0);
}

TEST_F(LimitsTest, OversizeBody_Gets413WithAip193Body) {
  Start({.max_body_bytes = 1000});
  Client fits = Connect();
  EXPECT_EQ(fits.Call("POST", "/", std::string(1000, 'x'))->body, "1000");
  const std::string kRequests[] = {
      absl::StrCat("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n",
                   std::string(300000, 'x')),
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n",
      absl::StrCat("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n",
                   std::string(1001, 'x'), "\r\n0\r\n\r\n"),
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n",
  };
  for (const std::string& request : kRequests) {
    Client client = Connect();
    ASSERT_TRUE(client.SendRaw(request).ok());
    const auto response = client.Read();
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->status, 413);
    EXPECT_EQ(
        response->body,
        R"({"error":{"code":413,"message":"body: got more than 1000 bytes, want at most that",)"
        R"("status":"RESOURCE_EXHAUSTED","details":[{"@type":)"
        R"("type.googleapis.com/google.rpc.ErrorInfo","reason":"BODY_TOO_LARGE",)"
        R"("domain":"baimi.type.v1","metadata":{"limit":"1000"}},{"@type":)"
        R"("type.googleapis.com/google.rpc.LocalizedMessage","locale":"zh-CN",)"
        R"("message":"请求正文过大，最多 1000 字节"}]}})");
    client.ShutdownSend();
    EXPECT_TRUE(client.AwaitClose());
  }
  EXPECT_EQ(handled_, 1);
}

TEST_F(LimitsTest, OversizeHeaders_Get431) {
  Start({.max_header_bytes = 2000});
  Client fits = Connect();
  EXPECT_EQ(fits.Call("GET", "/", "", {{"X", std::string(1500, 'x')}})->status, 200);
  for (const std::string& request :
       {absl::StrCat("GET / HTTP/1.1\r\nHost: h\r\nX: ", std::string(5000, 'x'), "\r\n\r\n"),
        absl::StrCat("GET / HTTP/1.1\r\nHost: h\r\nX: ", std::string(5000, 'x')),
        absl::StrCat("GET /", std::string(5000, 'x'), " HTTP/1.1\r\nHost: h\r\n\r\n")}) {
    Client client = Connect();
    ASSERT_TRUE(client.SendRaw(request).ok());
    const auto response = client.Read();
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->status, 431);
  }
  EXPECT_EQ(handled_, 1);
}

TEST_F(LimitsTest, ExpectContinue_GetsItsInterimAnswer) {
  Start({});
  Client client = Connect();
  const std::string head =
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
  ASSERT_TRUE(client.SendRaw(head).ok());
  EXPECT_EQ(client.ReadHead()->status, 100);
  ASSERT_TRUE(client.SendRaw("12345").ok());
  EXPECT_EQ(client.Read()->body, "5");
  // The body came along: no interim answer is needed.
  ASSERT_TRUE(client.SendRaw(head + "12345").ok());
  EXPECT_EQ(client.Read()->body, "5");
  ASSERT_TRUE(client.SendRaw("POST / HTTP/1.1\r\nHost: h\r\nExpect: magic\r\n\r\n").ok());
  EXPECT_EQ(client.Read()->status, 417);
}

TEST_F(LimitsTest, Http10_ClosesUnlessAskedNotTo) {
  Start({});
  Client client = Connect();
  ASSERT_TRUE(client.SendRaw("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").ok());
  EXPECT_EQ(client.Read()->header("Connection"), "keep-alive");
  ASSERT_TRUE(client.SendRaw("GET / HTTP/1.0\r\n\r\n").ok());
  EXPECT_EQ(client.Read()->header("Connection"), "close");
  EXPECT_TRUE(client.AwaitClose());
}

TEST_F(LimitsTest, SlowHeaderOrBody_Gets408) {
  Start({.header_timeout = absl::Milliseconds(40), .body_timeout = absl::Milliseconds(40)});
  for (const char* begun : {"G", "GET / HTTP/1.1\r\nHost: h\r\n",
                            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx"}) {
    Client client = Connect();
    ASSERT_TRUE(client.SendRaw(begun).ok());
    const auto response = client.Read();
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->status, 408);
  }
  EXPECT_EQ(handled_, 0);
}

TEST_F(LimitsTest, IdleConnection_IsClosed) {
  Start({.idle_timeout = absl::Milliseconds(40)});
  Client fresh = Connect();
  EXPECT_TRUE(fresh.AwaitClose());
  Client used = Connect();
  EXPECT_EQ(used.Call("GET", "/")->status, 200);
  EXPECT_TRUE(used.AwaitClose());
}

}  // namespace
}  // namespace baimi::http
