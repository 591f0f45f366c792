// Bodies that their handlers read in parts.
#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/http/server.h"
#include "common/http/testing/client.h"
#include "gtest/gtest.h"

namespace baimi::http {
namespace {

using testing::Client;

// More than the sockets of both ends hold together.
constexpr size_t kLimit = size_t{32} << 20;
constexpr size_t kMostOfPart = size_t{256} << 10;

// Reads and answers as fast as it can, with the number of bytes.
class Reading final : public std::enable_shared_from_this<Reading> {
 public:
  Reading(std::shared_ptr<const RequestBody> body, Responder responder)
      : body_(std::move(body)), responder_(std::move(responder)) {}
  void Next() {
    body_->Read([self = shared_from_this()](absl::StatusOr<RequestBody::Part> part) {
      ASSERT_TRUE(part.ok()) << part.status();
      EXPECT_LE(part->bytes.size(), kMostOfPart);
      EXPECT_TRUE(part->last || !part->bytes.empty());
      self->size_ += part->bytes.size();
      if (part->last) {
        std::move(self->responder_).Send({.body = absl::StrCat(self->size_)});
      } else {
        self->Next();
      }
    });
  }

 private:
  const std::shared_ptr<const RequestBody> body_;
  Responder responder_;
  size_t size_ = 0;
};

// Paths: /upload is read at once; /held is for the test to read; everything else is whole.
class UploadTest : public ::testing::Test {
 protected:
  void Start(ServerOptions options = {}) {
    auto server = Server::Start(
        std::move(options),
        [this](Request request, Responder responder) {
          if (request.path == "/upload") {
            std::make_shared<Reading>(request.parts, std::move(responder))->Next();
          } else if (request.path == "/held") {
            parts_ = request.parts;
            responder_.emplace(std::move(responder));
            held_.Notify();
          } else {
            std::move(responder).Send({.body = absl::StrCat("whole ", request.body.size())});
          }
        },
        [](const Request& head) -> std::optional<size_t> {
          if (head.path == "/upload" || head.path == "/held") {
            return kLimit;
          }
          return std::nullopt;
        });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  Client Connect() { return *Client::Connect(server_->port()); }
  absl::StatusOr<RequestBody::Part> Read() const {
    absl::StatusOr<RequestBody::Part> got;
    absl::Notification done;
    parts_->Read([&](absl::StatusOr<RequestBody::Part> part) {
      got = std::move(part);
      done.Notify();
    });
    done.WaitForNotification();
    return got;
  }
  static std::string Head(const std::string& path, const std::string& rest) {
    return absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: h\r\n", rest, "\r\n");
  }
  static std::string Chunk(const std::string& bytes) {
    return absl::StrCat(absl::Hex(bytes.size()), "\r\n", bytes, "\r\n");
  }

  absl::Notification held_;
  std::shared_ptr<const RequestBody> parts_;
  std::optional<Responder> responder_;
  std::unique_ptr<Server> server_;
};

TEST_F(UploadTest, Body_LargerThanAnyWholeOne_ComesInParts) {
  Start({.max_body_bytes = 1000});
  Client client = Connect();
  for (const size_t size : {size_t{0}, size_t{1}, size_t{70'000}, kLimit}) {
    const auto answer = client.Call("POST", "/upload", std::string(size, 'x'));
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->body, absl::StrCat(size));
    EXPECT_EQ(answer->header("Connection"), "") << "the connection lives";
  }
  EXPECT_EQ(client.Call("POST", "/", std::string(1000, 'x'))->body, "whole 1000");
  EXPECT_EQ(client.Call("POST", "/", std::string(1001, 'x'))->status, 413);
}

TEST_F(UploadTest, ChunkedBody_IsCutAnewAndPipelinedRequestsFollow) {
  Start();
  Client client = Connect();
  std::string request = Head("/upload", "Transfer-Encoding: chunked\r\n");
  for (int i = 0; i < 100; ++i) {
    request += Chunk(std::string(static_cast<size_t>(i) * 97 + 1, 'y'));
  }
  request += "0\r\n\r\n";
  request += "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";
  ASSERT_TRUE(client.SendRaw(request).ok());
  EXPECT_EQ(client.Read()->body, absl::StrCat(99 * 100 / 2 * 97 + 100));
  EXPECT_EQ(client.Read()->body, "whole 0");
}

TEST_F(UploadTest, Body_SentByteByByte_IsWhole) {
  Start();
  Client client = Connect();
  const std::string request =
      Head("/upload", "Transfer-Encoding: chunked\r\n") + Chunk("abc") + Chunk("de") + "0\r\n\r\n";
  for (const char byte : request) {
    ASSERT_TRUE(client.SendRaw(std::string(1, byte)).ok());
  }
  EXPECT_EQ(client.Read()->body, "5");
}

TEST_F(UploadTest, Oversize_Gets413) {
  Start();
  const std::string announced =
      Head("/upload", absl::StrCat("Content-Length: ", kLimit + 1, "\r\n"));
  // Beyond the limit in the middle: what was read until then is given up.
  std::string chunked = Head("/held", "Transfer-Encoding: chunked\r\n");
  for (size_t size = 0; size <= kLimit; size += 65536) {
    chunked += Chunk(std::string(65536, 'x'));
  }
  Client early = Connect();
  ASSERT_TRUE(early.SendRaw(announced).ok());
  const auto refused = early.Read();
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_EQ(refused->status, 413);
  EXPECT_TRUE(absl::StrContains(refused->body, absl::StrCat("\"limit\":\"", kLimit, "\"")));
  EXPECT_TRUE(absl::StrContains(refused->body, "请求正文过大"));

  Client late = Connect();
  std::thread sender([&] { late.SendRaw(chunked).IgnoreError(); });
  held_.WaitForNotification();
  absl::StatusOr<RequestBody::Part> part = Read();
  while (part.ok()) {
    EXPECT_FALSE(part->last);
    part = Read();
  }
  EXPECT_EQ(part.status().code(), absl::StatusCode::kCancelled);
  sender.join();
  EXPECT_EQ(late.Read()->status, 413);
  std::move(*responder_).Send({.body = "too late, and ignored"});
}

TEST_F(UploadTest, Reader_ThatWaits_HoldsTheClientBack) {
  Start();
  Client client = Connect();
  const std::string body(kLimit, 'x');
  std::atomic<bool> sent = false;
  std::thread sender([&] {
    client.Send("POST", "/held", body).IgnoreError();
    sent = true;
  });
  held_.WaitForNotification();
  size_t got = 0;
  bool last = false;
  while (!last && got < kLimit / 16) {
    const auto part = Read();
    ASSERT_TRUE(part.ok()) << part.status();
    got += part->bytes.size();
    last = part->last;
  }
  EXPECT_FALSE(sent) << "most of it is still with the client";
  while (!last) {
    const auto part = Read();
    ASSERT_TRUE(part.ok()) << part.status();
    got += part->bytes.size();
    last = part->last;
  }
  sender.join();
  EXPECT_EQ(got, kLimit);
  std::move(*responder_).Send({.body = "thanks"});
  EXPECT_EQ(client.Read()->body, "thanks");
}

TEST_F(UploadTest, ExpectContinue_IsAnsweredWhenTheBodyIsWanted) {
  Start();
  Client client = Connect();
  const std::string head = Head("/upload", "Content-Length: 5\r\nExpect: 100-continue\r\n");
  ASSERT_TRUE(client.SendRaw(head).ok());
  EXPECT_EQ(client.ReadHead()->status, 100);
  ASSERT_TRUE(client.SendRaw("12345").ok());
  EXPECT_EQ(client.Read()->body, "5");
  ASSERT_TRUE(client.SendRaw(head + "12345").ok());
  EXPECT_EQ(client.Read()->body, "5") << "the body came along: no interim answer is needed";

  Client refused = Connect();
  ASSERT_TRUE(refused.SendRaw(Head("/held", "Content-Length: 5\r\nExpect: 100-continue\r\n")).ok());
  held_.WaitForNotification();
  std::move(*responder_).Send({.status = 403, .body = "no"});
  const auto answer = refused.Read();
  EXPECT_EQ(answer->status, 403) << "and not 100 before it";
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_EQ(Read().status().code(), absl::StatusCode::kCancelled);
}

TEST_F(UploadTest, Answer_BeforeTheBodyHasCome_ArrivesAndCloses) {
  Start();
  Client client = Connect();
  ASSERT_TRUE(client.SendRaw(Head("/held", "Content-Length: 100\r\n") + "the beginning").ok());
  held_.WaitForNotification();
  absl::Notification told;
  parts_->Read([&](const absl::StatusOr<RequestBody::Part>& part) {
    EXPECT_EQ(part.status().code(), absl::StatusCode::kCancelled);
    told.Notify();
  });
  std::move(*responder_).Send({.status = 400, .body = "no"});
  told.WaitForNotification();
  const auto answer = client.Read();
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->header("Connection"), "close");
  client.ShutdownSend();
  EXPECT_TRUE(client.AwaitClose());
}

TEST_F(UploadTest, Client_ThatGoesAway_EndsTheRead) {
  Start();
  Client client = Connect();
  ASSERT_TRUE(client.SendRaw(Head("/held", "Content-Length: 100\r\n") + "the beginning").ok());
  held_.WaitForNotification();
  client.Close();
  EXPECT_EQ(Read().status().code(), absl::StatusCode::kCancelled) << "half a body is none";
  EXPECT_EQ(Read().status().code(), absl::StatusCode::kCancelled) << "and again";
}

TEST_F(UploadTest, SlowBody_EndsTheReadWith408) {
  Start({.body_timeout = absl::Milliseconds(40)});
  Client slow = Connect();
  ASSERT_TRUE(slow.SendRaw(Head("/held", "Content-Length: 100\r\n") + "the beginning").ok());
  held_.WaitForNotification();
  EXPECT_EQ(Read().status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(slow.Read()->status, 408);
}

TEST_F(UploadTest, MalformedChunk_EndsTheReadWith400) {
  Start();
  Client client = Connect();
  ASSERT_TRUE(
      client.SendRaw(Head("/held", "Transfer-Encoding: chunked\r\n") + Chunk("fine") + "zz\r\n")
          .ok());
  held_.WaitForNotification();
  EXPECT_EQ(Read().status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(client.Read()->status, 400);
}

TEST_F(UploadTest, Shutdown_WaitsForAnUploadAndThenCutsIt) {
  Start();
  Client client = Connect();
  ASSERT_TRUE(client.SendRaw(Head("/held", "Content-Length: 4\r\n") + "ab").ok());
  held_.WaitForNotification();
  std::thread closing([&] { server_->Shutdown(absl::Seconds(60)); });
  ASSERT_TRUE(client.SendRaw("cd").ok());
  const auto part = Read();
  ASSERT_TRUE(part.ok()) << part.status();
  EXPECT_EQ(part->bytes, "abcd");
  EXPECT_TRUE(part->last);
  std::move(*responder_).Send({.body = "done"});
  EXPECT_EQ(client.Read()->body, "done");
  closing.join();
  EXPECT_EQ(Read().status().code(), absl::StatusCode::kCancelled) << "nobody is left to read";
}

TEST_F(UploadTest, Shutdown_WithoutGrace_EndsTheRead) {
  Start();
  Client client = Connect();
  ASSERT_TRUE(client.SendRaw(Head("/held", "Content-Length: 4\r\n") + "ab").ok());
  held_.WaitForNotification();
  absl::Notification told;
  parts_->Read([&](const absl::StatusOr<RequestBody::Part>& part) {
    EXPECT_EQ(part.status().code(), absl::StatusCode::kCancelled);
    told.Notify();
  });
  server_->Shutdown(absl::ZeroDuration());
  told.WaitForNotification();
}

}  // namespace
}  // namespace baimi::http
