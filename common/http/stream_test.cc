// Streamed answers and the graceful end.
#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/http/server.h"
#include "common/http/testing/client.h"
#include "gtest/gtest.h"

namespace baimi::http {
namespace {

using testing::Client;

// Hands the only stream of a test to it.
class StreamTest : public ::testing::Test {
 protected:
  void Start(ServerOptions options = {}) {
    auto server = Server::Start(std::move(options), [this](const Request&, Responder responder) {
      Response head;
      head.headers.push_back({"Content-Type", "text/event-stream"});
      head.body = first_;
      stream_ =
          std::move(responder).Start(std::move(head), {.writable =
                                                           [this] {
                                                             absl::MutexLock lock(&mu_);
                                                             ++writable_;
                                                           },
                                                       .closed = [this] { closed_.Notify(); }});
      started_.Notify();
    });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  Client Open(absl::string_view method = "GET") {
    Client client = *Client::Connect(server_->port());
    EXPECT_TRUE(client.Send(method, "/").ok());
    started_.WaitForNotification();
    return client;
  }
  void AwaitWritable(int times) {
    absl::MutexLock lock(&mu_);
    const auto enough = [this, times] { return writable_ >= times; };
    mu_.Await(absl::Condition(&enough));
  }

  std::string first_;
  absl::Mutex mu_;
  int writable_ = 0;
  absl::Notification started_;
  absl::Notification closed_;
  std::optional<Stream> stream_;
  std::unique_ptr<Server> server_;
};

TEST_F(StreamTest, Chunks_ArriveAsWrittenAndTheConnectionLives) {
  first_ = "hello ";
  Start();
  Client client = Open();
  const auto head = client.ReadHead();
  EXPECT_EQ(head->header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(*client.ReadChunk(), "hello ");
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(stream_->Write(absl::StrCat("data: ", i, "\n\n")), Stream::State::kReady);
    ASSERT_EQ(*client.ReadChunk(), absl::StrCat("data: ", i, "\n\n"));
  }
  stream_->Finish();
  EXPECT_EQ(*client.ReadChunk(), "");
  EXPECT_EQ(stream_->Write("more"), Stream::State::kClosed);
  EXPECT_EQ(server_->connections(), 1);
  EXPECT_FALSE(closed_.HasBeenNotified());
}

TEST_F(StreamTest, WritesFromManyThreads_AreKeptWhole) {
  Start();
  Client client = Open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 500; ++i) {
        stream_->Write(std::string(10, static_cast<char>('a' + t)));
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  stream_->Finish();
  const auto response = client.Read();
  ASSERT_EQ(response->body.size(), 20000u);
  for (size_t i = 0; i < 20000; i += 10) {
    ASSERT_EQ(response->body.substr(i, 10), std::string(10, response->body[i]));
  }
}

TEST_F(StreamTest, SlowReader_IsHeldBackAndNothingIsLost) {
  Start({.stream_buffer_bytes = 64 << 10});
  Client client = *Client::Connect(server_->port());
  client.SetReceiveBuffer(16 << 10);
  ASSERT_TRUE(client.Send("GET", "/").ok());
  started_.WaitForNotification();
  const std::string block(16 << 10, 'x');
  size_t written = 0;
  int full = 0;
  std::thread producer([&] {
    while (written < size_t{20} << 20) {
      const auto state = stream_->Write(block);
      written += block.size();
      ASSERT_NE(state, Stream::State::kClosed);
      if (state == Stream::State::kFull) {
        AwaitWritable(++full);
      }
    }
    stream_->Finish();
  });
  const auto response = client.Read();
  producer.join();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body.size(), written);
  EXPECT_GT(full, 10);
}

TEST_F(StreamTest, ReaderThatStops_IsCutOff) {
  Start({.stream_buffer_bytes = 64 << 10, .write_timeout = absl::Milliseconds(60)});
  Client client = Open();
  while (stream_->Write(std::string(64 << 10, 'x')) != Stream::State::kClosed) {
    if (closed_.WaitForNotificationWithTimeout(absl::Milliseconds(1))) {
      break;
    }
  }
  EXPECT_TRUE(closed_.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

TEST_F(StreamTest, Disconnect_IsNoticedWithoutWriting) {
  Start();
  Client client = Open();
  ASSERT_TRUE(client.ReadHead().ok());
  client.Close();
  EXPECT_TRUE(closed_.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_EQ(stream_->Write("x"), Stream::State::kClosed);
  stream_->Finish();
}

TEST_F(StreamTest, Reset_IsNoticed) {
  Start();
  Client client = Open();
  ASSERT_TRUE(client.ReadHead().ok());
  client.Reset();
  EXPECT_TRUE(closed_.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

TEST_F(StreamTest, DroppedStream_IsCutNotEnded) {
  Start();
  Client client = Open();
  ASSERT_TRUE(client.ReadHead().ok());
  stream_->Write("part");
  EXPECT_EQ(*client.ReadChunk(), "part");
  stream_.reset();
  EXPECT_FALSE(client.ReadChunk().ok());
  EXPECT_FALSE(closed_.HasBeenNotified());
}

TEST_F(StreamTest, DroppedStream_WithBytesUnsent_IsCutNotEnded) {
  Start();
  Client client = Open();
  ASSERT_TRUE(client.ReadHead().ok());
  stream_->Write("part");
  stream_.reset();
  absl::StatusOr<std::string> chunk = client.ReadChunk();
  while (chunk.ok()) {
    ASSERT_NE(*chunk, "") << "a body that was cut looks whole";
    chunk = client.ReadChunk();
  }
}

TEST_F(StreamTest, HeadRequest_HasNoBodyAndTheStreamIsClosed) {
  Start();
  Client client = Open("HEAD");
  EXPECT_EQ(client.ReadHead()->status, 200);
  EXPECT_TRUE(closed_.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_EQ(stream_->Write("x"), Stream::State::kClosed);
}

TEST_F(StreamTest, Http10_StreamsUntilClose) {
  Start();
  Client client = *Client::Connect(server_->port());
  ASSERT_TRUE(client.SendRaw("GET / HTTP/1.0\r\n\r\n").ok());
  started_.WaitForNotification();
  stream_->Write("a");
  stream_->Write("b");
  stream_->Finish();
  EXPECT_EQ(client.Read()->body, "ab");
}

TEST_F(StreamTest, Shutdown_CutsStreamsAfterTheGrace) {
  Start();
  Client client = Open();
  ASSERT_TRUE(client.ReadHead().ok());
  server_->Shutdown(absl::Milliseconds(10));
  EXPECT_TRUE(closed_.HasBeenNotified());
  EXPECT_EQ(server_->connections(), 0);
  EXPECT_FALSE(client.ReadChunk().ok());
}

TEST(Drain, IdleCloses_InFlightFinishes_NewIsRefused) {
  absl::Mutex mu;
  std::optional<Responder> parked;
  auto server = Server::Start({}, [&](const Request& request, Responder responder) {
    if (request.target == "/park") {
      absl::MutexLock lock(&mu);
      parked.emplace(std::move(responder));
      return;
    }
    std::move(responder).Send({.body = "quick"});
  });
  ASSERT_TRUE(server.ok());
  const int port = (*server)->port();
  Client idle = *Client::Connect(port);
  ASSERT_EQ(idle.Call("GET", "/")->body, "quick");
  Client busy = *Client::Connect(port);
  ASSERT_TRUE(busy.Send("GET", "/park").ok());
  {
    absl::MutexLock lock(&mu);
    const auto has = [&] { return parked.has_value(); };
    mu.Await(absl::Condition(&has));
  }
  std::thread stopper([&] { (*server)->Shutdown(absl::Seconds(30)); });
  EXPECT_TRUE(idle.AwaitClose());
  EXPECT_FALSE(Client::Connect(port).ok());
  std::move(*parked).Send({.body = "finished"});
  const auto response = busy.Read();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "finished");
  EXPECT_EQ(response->header("Connection"), "close");
  EXPECT_TRUE(busy.AwaitClose());
  stopper.join();
  EXPECT_EQ((*server)->connections(), 0);
  (*server)->Shutdown(absl::ZeroDuration());
}

TEST(Drain, RequestHalfSent_IsStillServed) {
  auto server = Server::Start({}, [](const Request& request, Responder responder) {
    std::move(responder).Send({.body = request.body});
  });
  ASSERT_TRUE(server.ok());
  Client client = *Client::Connect((*server)->port());
  // The interim answer shows that the server has the head.
  ASSERT_TRUE(client
                  .SendRaw("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n"
                           "Expect: 100-continue\r\n\r\n")
                  .ok());
  ASSERT_EQ(client.ReadHead()->status, 100);
  Client idle = *Client::Connect((*server)->port());
  std::thread stopper([&] { (*server)->Shutdown(absl::Seconds(30)); });
  EXPECT_TRUE(idle.AwaitClose());
  ASSERT_TRUE(client.SendRaw("last").ok());
  EXPECT_EQ(client.Read()->body, "last");
  stopper.join();
}

}  // namespace
}  // namespace baimi::http
