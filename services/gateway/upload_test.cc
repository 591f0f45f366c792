// Uploads through both doors.
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "baimi/testing/v1/kitchen_sink.pb.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/http/testing/client.h"
#include "common/rpc/client.h"
#include "common/rpc/runtime.h"
#include "common/rpc/status.h"
#include "common/rpc/testing/upload_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/gateway/gateway.h"
#include "services/gateway/grpc_door.h"
#include "services/gateway/testing/kitchen.h"
#include "services/gateway/testing/uploads.h"

namespace baimi::gateway {
namespace {

using baimi::testing::v1::Dish;
using baimi::testing::v1::UploadPhotoRequest;
using kitchen::kUpload;
using kitchen::Uploads;
using rpc::testing::UploadClient;
using ::testing::HasSubstr;

constexpr char kTarget[] = "/v1/counties/469030/dishes/2:uploadPhoto";
constexpr size_t kLimit = 600'000;  // As the contract says.

UploadPhotoRequest Parsed(const std::string& wire) {
  UploadPhotoRequest request;
  EXPECT_TRUE(request.ParseFromString(wire));
  return request;
}

std::string ContentOf(const Uploads::Seen& seen) {
  std::string content;
  for (const std::string& message : seen.messages) {
    content += Parsed(message).content();
  }
  return content;
}

// Calls end in any order.
Uploads::Seen TheWhole(const std::vector<Uploads::Seen>& all, size_t messages) {
  for (const Uploads::Seen& seen : all) {
    if (seen.whole && seen.messages.size() == messages) {
      return seen;
    }
  }
  ADD_FAILURE() << "no call came through with " << messages << " messages";
  return {};
}

std::string First(const std::string& request_id = "") {
  UploadPhotoRequest request;
  request.set_name("counties/469030/dishes/2");
  request.set_request_id(request_id);
  return request.SerializeAsString();
}

std::string Part(const std::string& content) {
  UploadPhotoRequest request;
  request.set_content(content);
  return request.SerializeAsString();
}

// How the gateway reaches the service.
enum class Form { kSuite, kProcesses };

class UploadTest : public ::testing::TestWithParam<Form> {
 protected:
  void SetUp() override {
    contract_ = kitchen::KitchenWithGlue();
    ASSERT_NE(contract_, nullptr);
    Dish dish;
    dish.set_display_name("碗");
    uploads_.Answer(dish.SerializeAsString());
    auto channel = GetParam() == Form::kSuite
                       ? uploads_.InProcess()
                       : rpc::Connect(absl::StrCat("ipv4:127.0.0.1:", uploads_.port()));
    if (GetParam() == Form::kProcesses) {
      ASSERT_TRUE(
          channel->WaitForConnected(absl::ToChronoTime(SystemClock().Now() + absl::Seconds(60))));
    }
    auto router =
        Router::Create(*contract_, {{"baimi.", std::move(channel)}}, rng_.get(), &metrics_);
    ASSERT_TRUE(router.ok()) << router.status();
    router_ = *std::move(router);
    GatewayOptions http;
    http.metrics = &metrics_;
    auto started = Gateway::Start(http, *contract_, router_.get());
    ASSERT_TRUE(started.ok()) << started.status();
    gateway_ = *std::move(started);
    GrpcDoorOptions grpc;
    grpc.address = "127.0.0.1:0";
    grpc.contract = contract_.get();
    grpc.router = router_.get();
    grpc.metrics = &metrics_;
    grpc.clock = &clock_;
    auto door = GrpcDoor::Start(grpc);
    ASSERT_TRUE(door.ok()) << door.status();
    door_ = *std::move(door);
    door_->SetServing(true);
    to_door_ = rpc::Connect(absl::StrCat("ipv4:127.0.0.1:", door_->port()));
    ASSERT_TRUE(
        to_door_->WaitForConnected(absl::ToChronoTime(SystemClock().Now() + absl::Seconds(60))));
  }
  ~UploadTest() override {
    gateway_.reset();
    door_.reset();
    router_.reset();
  }

  http::testing::Client Http() const { return *http::testing::Client::Connect(gateway_->port()); }
  http::testing::ClientResponse Post(const std::string& target, const std::string& body,
                                     const std::vector<http::Header>& headers = {}) const {
    auto answer = Http().Call("POST", target, body, headers);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(http::testing::ClientResponse{});
  }
  std::unique_ptr<UploadClient> Grpc() const {
    return std::make_unique<UploadClient>(to_door_, kUpload, "cook");
  }

  Uploads uploads_;
  const SystemClock clock_{};
  const std::unique_ptr<Rng> rng_ = NewSystemRng();
  observe::Registry metrics_;
  std::unique_ptr<const transcode::Contract> contract_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<GrpcDoor> door_;
  std::shared_ptr<grpc::Channel> to_door_;
};

TEST_P(UploadTest, Http_Body_GoesAsItIsAfterWhatNamesIt) {
  std::string body(kLimit, '\0');
  for (size_t i = 0; i < body.size(); ++i) {
    body[i] = static_cast<char>(i * 7 % 256);
  }
  const auto answer = Post(absl::StrCat(kTarget, "?caption=%E7%A2%97&requestId=r1"), body,
                           {{"Content-Type", "image/jpeg; q=1"}, {"Authorization", "Bearer cook"}});
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("\"displayName\":\"碗\""));
  const Uploads::Seen seen = uploads_.AwaitEnded(1)[0];
  EXPECT_TRUE(seen.whole);
  EXPECT_EQ(seen.authorization, "Bearer cook");
  const UploadPhotoRequest first = Parsed(seen.messages.at(0));
  EXPECT_EQ(first.name(), "counties/469030/dishes/2");
  EXPECT_EQ(first.media_type(), "image/jpeg");
  EXPECT_EQ(first.caption(), "碗");
  EXPECT_EQ(first.request_id(), "r1");
  EXPECT_EQ(first.content(), "");
  EXPECT_EQ(ContentOf(seen), body);
  for (size_t i = 1; i < seen.messages.size(); ++i) {
    EXPECT_LE(Parsed(seen.messages[i]).content().size(), size_t{256} << 10);
    EXPECT_EQ(Parsed(seen.messages[i]).name(), "");
  }
}

TEST_P(UploadTest, Http_EmptyAndChunkedBodies_AreUploadsToo) {
  EXPECT_EQ(Post(kTarget, "").status, 200);
  auto client = Http();
  ASSERT_TRUE(client
                  .SendRaw(absl::StrCat("POST ", kTarget,
                                        " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
                                        "Expect: 100-continue\r\n\r\n"))
                  .ok());
  EXPECT_EQ(client.ReadHead()->status, 100);
  ASSERT_TRUE(client.SendRaw("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").ok());
  EXPECT_EQ(client.Read()->status, 200);
  const auto seen = uploads_.AwaitEnded(2);
  EXPECT_EQ(seen[0].messages.size(), 1U);
  EXPECT_TRUE(seen[0].whole);
  EXPECT_EQ(ContentOf(seen[1]), "abcde");
}

// The service may have taken the last part before the body's end is told.
TEST_P(UploadTest, Http_SmallBodies_AreNeverAskedForMore) {
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(Post(kTarget, "abc").status, 200) << i;
  }
}

TEST_P(UploadTest, Http_TooLarge_Is413) {
  const auto announced = Post(kTarget, std::string(kLimit + 1, 'x'));
  EXPECT_EQ(announced.status, 413);
  EXPECT_THAT(announced.body, HasSubstr("\"BODY_TOO_LARGE\""));
  EXPECT_THAT(announced.body, HasSubstr("\"limit\":\"600000\""));
  EXPECT_THAT(announced.body, HasSubstr("请求正文过大，最多 600000 字节"));
  auto client = Http();
  std::string chunked =
      absl::StrCat("POST ", kTarget, " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (size_t size = 0; size <= kLimit; size += 50'000) {
    absl::StrAppend(&chunked, "c350\r\n", std::string(50'000, 'x'), "\r\n");
  }
  std::thread sender([&] { client.SendRaw(chunked).IgnoreError(); });
  EXPECT_EQ(client.Read()->status, 413);
  sender.join();
  const auto seen = uploads_.AwaitEnded(1);
  ASSERT_EQ(seen.size(), 1U) << "the announced one never got there";
  EXPECT_FALSE(seen[0].whole) << "what came of it is no picture";
}

TEST_P(UploadTest, Http_Refusals_ComeBeforeTheBodyIsAskedFor) {
  const std::pair<std::vector<http::Header>, int> kCases[] = {
      {{{"Content-Type", "multipart/form-data; boundary=x"}}, 415},
      {{{"Content-Type", "nonsense"}}, 415},
      {{{"Accept", "text/html"}}, 406},
      {{{"If-Match", "\"v1\""}}, 400},
  };
  for (const auto& [headers, status] : kCases) {
    EXPECT_EQ(Post(kTarget, "x", headers).status, status);
  }
  EXPECT_THAT(Post(kTarget, "x", {{"Content-Type", "multipart/mixed"}}).body,
              HasSubstr("不支持 multipart"));
  EXPECT_EQ(Post(absl::StrCat(kTarget, "?nonsense=1"), "x").status, 400);
  EXPECT_EQ(Post(absl::StrCat(kTarget, "?content=eA"), "x").status, 400);
  EXPECT_EQ(Post("/v1/counties/469030/dishes/2:unknown", "x").status, 404);
  EXPECT_EQ(Http().Call("GET", kTarget)->status, 405);
  auto client = Http();
  ASSERT_TRUE(client
                  .SendRaw(absl::StrCat("POST ", kTarget,
                                        "?nonsense=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n"
                                        "Expect: 100-continue\r\n\r\n"))
                  .ok());
  EXPECT_EQ(client.Read()->status, 400) << "and not 100 before it";
}

TEST_P(UploadTest, Http_Error_OfTheServiceInTheMiddle_IsTheAnswer) {
  uploads_.Refuse(1, 2, rpc::ToGrpc(NotFound("counties/469030/dishes/2")));
  const auto answer = Post(kTarget, std::string(kLimit, 'x'));
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body, HasSubstr("\"RESOURCE_NOT_FOUND\""));
}

TEST_P(UploadTest, Http_ClientThatGoesAway_CancelsTheCall) {
  auto client = Http();
  ASSERT_TRUE(client
                  .SendRaw(absl::StrCat("POST ", kTarget,
                                        " HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n",
                                        std::string(300'000, 'x')))
                  .ok());
  uploads_.AwaitMessages(2);
  client.Close();
  EXPECT_FALSE(uploads_.AwaitEnded(1)[0].whole);
}

TEST_P(UploadTest, Http_ServiceThatDoesNotRead_HoldsTheRestBack) {
  uploads_.ReadUpTo(1);
  auto client = Http();
  ASSERT_TRUE(client.Send("POST", kTarget, std::string(kLimit, 'x')).ok());
  uploads_.AwaitMessages(1);
  uploads_.ReadUpTo(SIZE_MAX);
  EXPECT_EQ(client.Read()->status, 200);
  EXPECT_EQ(ContentOf(uploads_.AwaitEnded(1)[0]).size(), kLimit);
}

TEST_P(UploadTest, Http_Drain_FinishesWhatHasBegun) {
  uploads_.ReadUpTo(1);
  auto client = Http();
  ASSERT_TRUE(client.Send("POST", kTarget, "the picture").ok());
  uploads_.AwaitMessages(1);
  std::thread closing([&] {
    gateway_->Refuse();
    gateway_->Shutdown(absl::Seconds(60));
  });
  uploads_.ReadUpTo(SIZE_MAX);
  EXPECT_EQ(client.Read()->status, 200);
  closing.join();
}

TEST_P(UploadTest, Grpc_Messages_PassInOrder) {
  auto client = Grpc();
  client->Write(First());
  for (int i = 0; i < 50; ++i) {
    client->Write(Part(absl::StrCat(i, ",")));
  }
  client->Close();
  const auto answer = client->Await();
  ASSERT_TRUE(answer.ok()) << answer.status();
  Dish dish;
  ASSERT_TRUE(dish.ParseFromString(*answer));
  EXPECT_EQ(dish.display_name(), "碗");
  const Uploads::Seen seen = uploads_.AwaitEnded(1)[0];
  EXPECT_EQ(seen.authorization, "Bearer cook");
  ASSERT_EQ(seen.messages.size(), 51U);
  EXPECT_EQ(seen.messages[0], First());
  EXPECT_EQ(seen.messages[50], Part("49,"));
}

TEST_P(UploadTest, Grpc_SlowService_GetsEverything) {
  uploads_.ReadUpTo(1);
  auto client = Grpc();
  client->Write(First());
  for (int i = 0; i < 40; ++i) {
    client->Write(Part(std::string(100'000, 'x')));
  }
  client->Close();
  for (size_t messages = 2; messages < 20; ++messages) {
    uploads_.AwaitMessages(messages - 1);
    uploads_.ReadUpTo(messages);
  }
  uploads_.ReadUpTo(SIZE_MAX);
  EXPECT_TRUE(client->Await().ok());
  EXPECT_EQ(ContentOf(uploads_.AwaitEnded(1)[0]).size(), 4'000'000U);
}

TEST_P(UploadTest, Grpc_ClientThatGoesAway_CancelsTheCall) {
  auto client = Grpc();
  client->Write(First());
  client->Write(Part("half of it"));
  uploads_.AwaitMessages(2);
  client->Cancel();
  EXPECT_FALSE(uploads_.AwaitEnded(1)[0].whole);
  EXPECT_EQ(client->Await().status().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(door_->Drain(absl::Seconds(60)));
}

TEST_P(UploadTest, Grpc_RefusalInTheMiddle_ReachesTheClient) {
  const absl::Status refused = EtagMismatch("v1", "v2");
  uploads_.Refuse(1, 3, rpc::ToGrpc(refused));
  auto client = Grpc();
  client->Write(First());
  client->Write(Part("a"));
  client->Write(Part("b"));
  EXPECT_EQ(client->Await().status(), refused) << "although the client is not done";
}

TEST_P(UploadTest, DrainingReplica_SmallUpload_IsSentAgain) {
  uploads_.Refuse(2, 1, rpc::ToGrpc(rpc::DrainingStatus()));
  const auto answer = Post(kTarget, "a small picture");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(ContentOf(TheWhole(uploads_.AwaitEnded(3), 2)), "a small picture");
  uploads_.Refuse(1, 2, rpc::ToGrpc(rpc::DrainingStatus()));
  auto client = Grpc();
  client->Write(First());
  client->Write(Part("one"));
  client->Write(Part("two"));
  client->Close();
  EXPECT_TRUE(client->Await().ok());
  const Uploads::Seen again = TheWhole(uploads_.AwaitEnded(5), 3);
  EXPECT_THAT(again.messages, ::testing::ElementsAre(First(), Part("one"), Part("two")));
}

TEST_P(UploadTest, Unavailable_IsRepeatedWithARequestIdOnly) {
  const grpc::Status lost(grpc::StatusCode::UNAVAILABLE, "lost");
  uploads_.Refuse(1, 1, lost);
  EXPECT_EQ(Post(kTarget, "x").status, 503);
  uploads_.Refuse(1, 1, lost);
  EXPECT_EQ(Post(absl::StrCat(kTarget, "?requestId=once"), "x").status, 200);
}

TEST_P(UploadTest, LargeUpload_ThatIsRefusedLate_IsNotSentAgain) {
  // More than is kept.
  uploads_.Refuse(1, 8, rpc::ToGrpc(rpc::DrainingStatus()));
  auto client = Grpc();
  client->Write(First("once"));
  for (int i = 0; i < 8; ++i) {
    client->Write(Part(std::string(100'000, 'x')));
  }
  const absl::Status end = client->Await().status();
  EXPECT_EQ(ReasonOf(end), "SERVER_DRAINING") << end;
  EXPECT_EQ(uploads_.AwaitEnded(1).size(), 1U);
}

TEST_P(UploadTest, Openapi_ShowsTheBytes) {
  const auto document = Http().Call("GET", "/openapi.json");
  EXPECT_THAT(document->body, HasSubstr("application/octet-stream"));
}

INSTANTIATE_TEST_SUITE_P(Forms, UploadTest, ::testing::Values(Form::kSuite, Form::kProcesses),
                         [](const ::testing::TestParamInfo<Form>& form) {
                           return form.param == Form::kSuite ? "Suite" : "Processes";
                         });

}  // namespace
}  // namespace baimi::gateway
