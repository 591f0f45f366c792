#include "common/http/server.h"

#include <atomic>
#include <deque>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "common/http/testing/client.h"
#include "gtest/gtest.h"

namespace baimi::http {
namespace {

using testing::Client;
using testing::ClientResponse;

// Answers "METHOD target body".
void Echo(const Request& request, Responder responder) {
  Response response;
  response.headers.push_back({"Content-Type", "text/plain"});
  response.body = absl::StrCat(request.method, " ", request.target, " ", request.body);
  std::move(responder).Send(std::move(response));
}

// Requests wait here until a test answers them.
class Parking {
 public:
  Handler handler() {
    return [this](Request request, Responder responder) {
      absl::MutexLock lock(&mu_);
      parked_.emplace_back(std::move(request), std::move(responder));
    };
  }
  std::pair<Request, Responder> Take() {
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(
        +[](Parking* self) ABSL_NO_THREAD_SAFETY_ANALYSIS { return !self->parked_.empty(); },
        this));
    auto first = std::move(parked_.front());
    parked_.pop_front();
    return first;
  }

 private:
  absl::Mutex mu_;
  std::deque<std::pair<Request, Responder>> parked_ ABSL_GUARDED_BY(mu_);
};

std::unique_ptr<Server> StartServer(Handler handler, ServerOptions options = {}) {
  auto server = Server::Start(std::move(options), std::move(handler));
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

Client Connect(const Server& server) { return *Client::Connect(server.port()); }

std::string Body(const absl::StatusOr<ClientResponse>& response) {
  return response.ok() ? absl::StrCat(response->status, " ", response->body)
                       : response.status().ToString();
}

TEST(Server, BadAddressOrTakenPort_IsAnError) {
  EXPECT_EQ(Server::Start({.address = "nowhere"}, Echo).status().code(),
            absl::StatusCode::kInvalidArgument);
  const auto server = StartServer(Echo);
  EXPECT_EQ(Server::Start({.port = server->port()}, Echo).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST(Server, KeepAlive_ServesManyRequestsOnOneConnection) {
  const auto server = StartServer(Echo);
  Client client = Connect(*server);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(Body(client.Call("POST", absl::StrCat("/", i), "b")),
              absl::StrCat("200 POST /", i, " b"));
  }
  EXPECT_EQ(server->connections(), 1);
}

TEST(Server, Request_HasAllItsParts) {
  Parking parking;
  const auto server = StartServer(parking.handler());
  Client client = Connect(*server);
  ASSERT_TRUE(
      client.Send("PATCH", "/a%2Fb?x=1&y=?z", "body", {{"X-One", "1"}, {"x-one", "2"}}).ok());
  auto [request, responder] = parking.Take();
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(request.path, "/a%2Fb");
  EXPECT_EQ(request.query, "x=1&y=?z");
  EXPECT_EQ(request.body, "body");
  EXPECT_EQ(request.header("X-ONE"), "1");
  EXPECT_EQ(request.header("nope"), "");
  EXPECT_TRUE(absl::StartsWith(request.peer, "127.0.0.1:"));
  std::move(responder).Send({.status = 204, .headers = {{"X-Evil", "a\r\nb: c"}}});
  const auto response = client.Read();
  EXPECT_EQ(response->status, 204);
  EXPECT_EQ(response->header("x-evil"), "a  b: c");
  EXPECT_EQ(response->header("Content-Length"), "");
}

TEST(Server, AbsoluteFormAndFragment_BecomeOriginForm) {
  const auto server = StartServer(Echo);
  Client client = Connect(*server);
  EXPECT_EQ(Body(client.Call("GET", "http://other:1/p?q#f")), "200 GET /p?q ");
  EXPECT_EQ(Body(client.Call("GET", "http://other")), "200 GET / ");
}

TEST(Server, HeadAndOptions_AreSane) {
  const auto server = StartServer(Echo);
  Client client = Connect(*server);
  const auto head = client.Call("HEAD", "/x");
  EXPECT_EQ(head->header("Content-Length"), absl::StrCat(strlen("HEAD /x ")));
  EXPECT_EQ(Body(client.Call("OPTIONS", "*")), "200 OPTIONS * ");
  EXPECT_EQ(Body(client.Call("GET", "/y")), "200 GET /y ");
}

TEST(Server, Pipelined_AreAnsweredInOrder) {
  Parking parking;
  const auto server = StartServer(parking.handler());
  Client client = Connect(*server);
  std::string all;
  for (int i = 0; i < 20; ++i) {
    absl::StrAppend(&all, "POST /", i, " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n", i % 10);
  }
  ASSERT_TRUE(client.SendRaw(all).ok());
  for (int i = 0; i < 20; ++i) {
    auto [request, responder] = parking.Take();
    EXPECT_EQ(request.target, absl::StrCat("/", i));
    EXPECT_EQ(request.body, absl::StrCat(i % 10));
    std::move(responder).Send({.body = request.target});
    EXPECT_EQ(Body(client.Read()), absl::StrCat("200 /", i));
  }
}

TEST(Server, RequestInOneBytePieces_IsUnderstood) {
  const auto server = StartServer(Echo);
  Client client = Connect(*server);
  for (const char c :
       std::string("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")) {
    ASSERT_TRUE(client.SendRaw(std::string(1, c)).ok());
  }
  EXPECT_EQ(Body(client.Read()), "200 POST /x abcde");
}

TEST(Server, LateAnswers_MayComeFromAnyThreadInAnyOrder) {
  Parking parking;
  const auto server = StartServer(parking.handler(), {.io_threads = 2});
  std::vector<Client> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(Connect(*server));
    ASSERT_TRUE(clients.back().Send("GET", absl::StrCat("/", i)).ok());
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i) {
    threads.emplace_back([&parking] {
      auto [request, responder] = parking.Take();
      std::move(responder).Send({.body = request.target});
    });
  }
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(Body(clients[static_cast<size_t>(i)].Read()), absl::StrCat("200 /", i));
  }
  for (auto& thread : threads) {
    thread.join();
  }
}

TEST(Server, ManyClientsAtOnce_AllGetTheirOwnAnswers) {
  const auto server = StartServer(Echo, {.io_threads = 2});
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      Client client = Connect(*server);
      for (int i = 0; i < 250; ++i) {
        const std::string target = absl::StrCat("/", t, "/", i);
        right += Body(client.Call("GET", target)) == absl::StrCat("200 GET ", target, " ") ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(right, 2000);
}

TEST(Server, DroppedResponder_Answers500) {
  const auto server = StartServer([](const Request&, const Responder&) {});
  Client client = Connect(*server);
  const auto response = client.Call("GET", "/");
  EXPECT_EQ(response->status, 500);
  EXPECT_TRUE(absl::StrContains(response->body, R"("status":"INTERNAL")")) << response->body;
}

TEST(Server, AnswerAfterClientLeft_IsDropped) {
  Parking parking;
  const auto server = StartServer(parking.handler());
  Client client = Connect(*server);
  ASSERT_TRUE(client.Send("GET", "/").ok());
  auto [request, responder] = parking.Take();
  client.Reset();
  std::move(responder).Send({.body = std::string(1 << 20, 'x')});
  Client other = Connect(*server);
  ASSERT_TRUE(other.Send("GET", "/").ok());
  std::move(parking.Take().second).Send({.body = "fine"});
  EXPECT_EQ(Body(other.Read()), "200 fine");
}

TEST(Server, AnswerAfterServerStopped_IsDropped) {
  Parking parking;
  auto server = StartServer(parking.handler());
  Client client = Connect(*server);
  ASSERT_TRUE(client.Send("GET", "/").ok());
  ASSERT_TRUE(client.SendRaw("").ok());
  auto first = parking.Take();
  Client second_client = Connect(*server);
  ASSERT_TRUE(second_client.Send("GET", "/").ok());
  auto second = parking.Take();
  server.reset();
  EXPECT_TRUE(client.AwaitClose());
  std::move(first.second).Send({.body = "late"});
  absl::Notification closed;
  const Stream stream =
      std::move(second.second).Start({}, {.writable = {}, .closed = [&] { closed.Notify(); }});
  closed.WaitForNotification();
  EXPECT_EQ(stream.Write("late"), Stream::State::kClosed);
}

TEST(Server, MaxConnections_RefusesTheNextWith503) {
  Parking parking;
  const auto server = StartServer(parking.handler(), {.max_connections = 1});
  Client first = Connect(*server);
  ASSERT_TRUE(first.Send("GET", "/").ok());
  auto parked = parking.Take();
  Client second = Connect(*server);
  const auto response = second.Read();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->header("Retry-After"), "1");
  EXPECT_TRUE(second.AwaitClose());
  std::move(parked.second).Send({.body = "still here"});
  EXPECT_EQ(Body(first.Read()), "200 still here");
}

}  // namespace
}  // namespace baimi::http
