#include "services/gateway/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "baimi/testing/v1/kitchen_sink.pb.h"
#include "common/base/error.h"
#include "common/http/testing/client.h"
#include "common/rpc/runtime.h"
#include "common/rpc/status.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "services/gateway/bytes.h"
#include "services/gateway/forward.h"
#include "services/gateway/testing/kitchen.h"

namespace baimi::gateway {
namespace {

using ::testing::HasSubstr;

std::string Bytes(const grpc::ByteBuffer& buffer) {
  grpc::Slice slice;
  return buffer.DumpToSingleSlice(&slice).ok()
             ? std::string(reinterpret_cast<const char*>(slice.begin()), slice.size())
             : "";
}

// What the kitchen behind the gateway does with one method.
struct Behaviour {
  grpc::Status status;
  // Sent first; none when empty.
  std::string answer;
  // Stays open, after the answer if there is one, until the caller goes.
  bool stays = false;
};

class KitchenCall final : public grpc::ServerGenericBidiReactor {
 public:
  KitchenCall(const Behaviour& behaviour, std::string* request)
      : behaviour_(behaviour), request_text_(request) {
    StartRead(&request_);
  }
  void OnReadDone(bool ok) override {
    if (ok) {
      *request_text_ = Bytes(request_);
    }
    if (behaviour_.answer.empty()) {
      if (!behaviour_.stays) {
        Finish(behaviour_.status);
      }
      return;
    }
    grpc::Slice slice(behaviour_.answer);
    answer_ = grpc::ByteBuffer(&slice, 1);
    StartWrite(&answer_);
  }
  void OnWriteDone(bool) override {
    if (!behaviour_.stays) {
      Finish(behaviour_.status);
    }
  }
  void OnCancel() override {
    if (behaviour_.stays) {
      Finish(grpc::Status::CANCELLED);
    }
  }
  void OnDone() override { delete this; }

 private:
  const Behaviour behaviour_;
  std::string* const request_text_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer answer_;
};

class Kitchen final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    const std::string& method = context->method();
    return new KitchenCall(behaviours[method.substr(method.rfind('/') + 1)], &request);
  }
  std::map<std::string, Behaviour> behaviours;
  // Of the last call.
  std::string request;
};

class GatewayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    grpc::ServerBuilder builder;
    builder.RegisterCallbackGenericService(&kitchen_);
    server_ = builder.BuildAndStart();
    GatewayOptions options;
    options.metrics = &metrics_;
    options.clock = &clock_;
    options.heartbeat = absl::Seconds(2);
    contract_ = transcode::Contract::FromGenerated("baimi.testing.");
    auto router = Router::Create(*contract_, {{"baimi.", server_->InProcessChannel({})}},
                                 rng_.get(), &metrics_, {.attempts = 1});
    ASSERT_TRUE(router.ok()) << router.status();
    router_ = *std::move(router);
    auto started = Gateway::Start(options, *contract_, router_.get());
    ASSERT_TRUE(started.ok()) << started.status();
    gateway_ = *std::move(started);
  }
  ~GatewayTest() override {
    gateway_.reset();
    server_->Shutdown();
  }

  http::testing::ClientResponse Call(const std::string& method, const std::string& target,
                                     const std::string& body = "",
                                     std::vector<http::Header> headers = {}) {
    auto client = http::testing::Client::Connect(gateway_->port());
    EXPECT_TRUE(client.ok()) << client.status();
    if (!body.empty()) {
      headers.push_back({"Content-Type", "application/json"});
    }
    auto answer = client->Call(method, target, body, headers);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(http::testing::ClientResponse{});
  }

  Kitchen kitchen_;
  std::unique_ptr<grpc::Server> server_;
  observe::Registry metrics_;
  SimulatedClock clock_{absl::FromUnixSeconds(1'795'305'600)};
  std::unique_ptr<const transcode::Contract> contract_;
  const std::unique_ptr<Rng> rng_ = NewSystemRng();
  std::unique_ptr<Router> router_;
  std::unique_ptr<Gateway> gateway_;
};

constexpr char kDish[] = "/v1/counties/1/dishes/2";

std::string DishBytes() {
  testing::v1::Dish dish;
  dish.set_display_name("碗");
  dish.set_etag("v7");
  return dish.SerializeAsString();
}

TEST_F(GatewayTest, Get_ResourceWithEtag_TellsItAndKnowsItAgain) {
  kitchen_.behaviours["GetDish"] = {grpc::Status::OK, DishBytes()};
  const auto first = Call("GET", kDish);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.header("ETag"), "\"v7\"");
  EXPECT_EQ(first.header("Vary"), "Authorization");
  EXPECT_THAT(first.body, HasSubstr("碗"));
  const auto again = Call("GET", kDish, "", {{"If-None-Match", "\"v7\""}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.header("ETag"), "\"v7\"");
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(Call("GET", kDish, "", {{"If-None-Match", "\"v6\""}}).status, 200);
}

TEST_F(GatewayTest, Change_IfMatch_BecomesTheRequestsEtag) {
  kitchen_.behaviours["WashDish"] = {rpc::ToGrpc(EtagMismatch("v6", "v7")), ""};
  const auto answer =
      Call("POST", absl::StrCat(kDish, ":wash"), R"({"minutes":5})", {{"If-Match", "\"v6\""}});
  EXPECT_EQ(answer.status, 409);
  EXPECT_THAT(answer.body, HasSubstr("\"ETAG_MISMATCH\""));
  testing::v1::WashDishRequest request;
  ASSERT_TRUE(request.ParseFromString(kitchen_.request));
  EXPECT_EQ(request.etag(), "v6");
  EXPECT_EQ(request.minutes(), 5);
}

TEST_F(GatewayTest, MediaTypes_OtherThanJson_AreRefusedWithABody) {
  kitchen_.behaviours["GetDish"] = {grpc::Status::OK, DishBytes()};
  auto client = http::testing::Client::Connect(gateway_->port());
  const auto form = client->Call("POST", "/v1/counties/1/dishes", "{}",
                                 {{"Content-Type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(form->status, 415);
  EXPECT_THAT(form->body, HasSubstr("\"UNSUPPORTED_MEDIA_TYPE\""));
  EXPECT_THAT(form->body, HasSubstr("want application/json"));
  EXPECT_THAT(form->body, HasSubstr("zh-CN"));
  const auto html = Call("GET", kDish, "", {{"Accept", "text/html"}});
  EXPECT_EQ(html.status, 406);
  EXPECT_THAT(html.body, HasSubstr("\"NOT_ACCEPTABLE\""));
  EXPECT_EQ(html.header("Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(Call("GET", kDish, "", {{"Accept", "text/html, */*;q=0.1"}}).status, 200);
}

// gRPC ends the process that gives it such metadata.
TEST_F(GatewayTest, HandedOnHeader_ThatIsNoMetadata_IsRefused) {
  kitchen_.behaviours["GetDish"] = {grpc::Status::OK, DishBytes()};
  for (const char* name : {"Authorization", "Traceparent", "Baimi-Purpose", "Baimi-Min-Seq"}) {
    for (const char* value : {"核实诉求", "a\tb", "\xff"}) {
      const auto answer = Call("GET", kDish, "", {{name, value}});
      EXPECT_EQ(answer.status, 400) << name;
      EXPECT_THAT(answer.body, HasSubstr("\"INVALID_FIELD\"")) << name;
      EXPECT_THAT(answer.body, ::testing::Not(HasSubstr("核实"))) << "it may be a secret";
    }
  }
  EXPECT_EQ(Call("GET", kDish, "", {{"Baimi-Purpose", "%E6%A0%B8 ~"}}).status, 200);
}

// As when gRPC closes in the moment a call arrives.
TEST_F(GatewayTest, Cancelled_ByAServiceThatCloses_IsUnavailable) {
  kitchen_.behaviours["GetDish"] = {grpc::Status::CANCELLED, ""};
  const auto read = Call("GET", kDish);
  EXPECT_EQ(read.status, 503);
  EXPECT_THAT(read.body, HasSubstr("\"SERVER_DRAINING\""));
  EXPECT_EQ(read.header("Retry-After"), "0");
  kitchen_.behaviours["WashDish"] = {grpc::Status::CANCELLED, ""};
  const auto change = Call("POST", absl::StrCat(kDish, ":wash"), R"({"minutes":5})");
  EXPECT_EQ(change.status, 503);
  EXPECT_THAT(change.body, HasSubstr("\"COMMIT_OUTCOME_UNKNOWN\""));
}

TEST_F(GatewayTest, Cancelled_WithAReason_KeepsIt) {
  const absl::Status mine = rpc::DrainingStatus();
  EXPECT_EQ(FromService(rpc::ToGrpc(mine), /*read=*/true), mine);
  EXPECT_EQ(ReasonOf(FromService({grpc::StatusCode::UNAVAILABLE, "refused"}, /*read=*/true)),
            "DEPENDENCY_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(FromService({grpc::StatusCode::DEADLINE_EXCEEDED, "late"}, /*read=*/true)),
            "DEADLINE_PASSED");
  EXPECT_TRUE(FromService(grpc::Status::OK, /*read=*/true).ok());
}

TEST_F(GatewayTest, Route_OfAMethodNobodyWasBuiltWith_IsServed) {
  const auto packaged = kitchen::KitchenWithGlue();
  const auto router =
      Router::Create(*packaged, {{"baimi.", server_->InProcessChannel({})}}, rng_.get(), &metrics_);
  ASSERT_TRUE(router.ok()) << router.status();
  GatewayOptions options;
  options.metrics = &metrics_;
  auto started = Gateway::Start(options, *packaged, router->get());
  ASSERT_TRUE(started.ok()) << started.status();
  gateway_ = *std::move(started);
  kitchen_.behaviours["GlueDish"] = {grpc::Status::OK, DishBytes()};
  const auto glued = Call("GET", absl::StrCat(kDish, ":glue"));
  EXPECT_EQ(glued.status, 200) << glued.body;
  EXPECT_THAT(glued.body, HasSubstr("碗"));
  EXPECT_THAT(Call("GET", "/openapi.json").body, HasSubstr(":glue"));
  gateway_.reset();  // Before its router.
}

TEST_F(GatewayTest, Refuse_NewCalls_AreToldToGoElsewhere) {
  kitchen_.behaviours["GetDish"] = {grpc::Status::OK, DishBytes()};
  EXPECT_EQ(Call("GET", kDish).status, 200);
  gateway_->Refuse();
  const auto refused = Call("GET", kDish);
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr("\"SERVER_DRAINING\""));
  EXPECT_EQ(Call("GET", "/healthz").status, 200);
}

TEST_F(GatewayTest, Quiesce_Returned_NoCallHoldsTheChannel) {
  // A library thread that drops the last reference to a channel takes itself down with it.
  kitchen_.behaviours["WatchDishes"] = {grpc::Status::OK, "", /*stays=*/true};
  for (int round = 0; round < 300; ++round) {
    auto channel = server_->InProcessChannel({});
    const std::weak_ptr<grpc::Channel> held = channel;
    auto router = Router::Create(*contract_, {{"baimi.", std::move(channel)}}, rng_.get(),
                                 &metrics_, {.attempts = 1});
    ASSERT_TRUE(router.ok()) << router.status();
    StreamCall::Make(
        router->get(),
        {.method = (*router)->methods().Find("/baimi.testing.v1.KitchenService/WatchDishes"),
         .metadata = {},
         .message = ToBuffer(""),
         .deadline = absl::InfiniteFuture()},
        {.message = [](const grpc::ByteBuffer&) {}, .done = [](const CallEnd&) {}})
        ->Start();
    (*router)->Quiesce();
    router->reset();
    ASSERT_TRUE(held.expired()) << "round " << round;
  }
}

TEST_F(GatewayTest, Stream_Quiet_GetsACommentOnceAnInterval) {
  kitchen_.behaviours["WatchDishes"] = {grpc::Status::OK, DishBytes(), /*stays=*/true};
  auto client = http::testing::Client::Connect(gateway_->port());
  ASSERT_TRUE(
      client->Send("GET", "/v1/counties/1/dishes:watch", "", {{"Accept", "text/event-stream"}})
          .ok());
  EXPECT_EQ(client->ReadHead()->status, 200);
  EXPECT_THAT(*client->ReadChunk(), ::testing::StartsWith("data: {\"result\":"));
  for (int beat = 0; beat < 3; ++beat) {
    clock_.Advance(absl::Seconds(2));
    EXPECT_EQ(*client->ReadChunk(), ":\n\n");
  }
}

}  // namespace
}  // namespace baimi::gateway
