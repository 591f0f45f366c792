// The gRPC door between real clients and real servers on the loopback.
#include "services/gateway/grpc_door.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "baimi/testing/v1/kitchen_sink.pb.h"
#include "common/auth/authenticator.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/rpc/client.h"
#include "common/rpc/runtime.h"
#include "common/rpc/status.h"
#include "common/rpc/testing/scripted_server.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "services/gateway/bytes.h"
#include "services/gateway/testing/kitchen.h"

namespace baimi::gateway {
namespace {

using kitchen::kCreate;
using kitchen::kGet;
using kitchen::kGlue;
using kitchen::kInternal;
using kitchen::KitchenWithGlue;
using kitchen::kWatch;
using rpc::testing::ScriptedAnswer;
using rpc::testing::ScriptedCall;
using rpc::testing::ScriptedServer;
using ::testing::HasSubstr;

constexpr char kToken[] = "bmk_of-the-cook";

baimi::testing::v1::GetDishRequest DishNamed(const std::string& name) {
  baimi::testing::v1::GetDishRequest request;
  request.set_name(name);
  return request;
}

struct Result {
  absl::Status status;
  std::string response;
  std::multimap<std::string, std::string> trailing;
};

class GrpcDoorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    contract_ = KitchenWithGlue();
    ASSERT_NE(contract_, nullptr);
  }

  void Open(const std::string& upstreams, int max_calls = 100) {
    auto router = Router::Create(*contract_, {{"baimi.", rpc::Connect("ipv4:" + upstreams)}},
                                 rng_.get(), &metrics_);
    ASSERT_TRUE(router.ok()) << router.status();
    router_ = *std::move(router);
    auto table = auth::ParseKeyFile(absl::StrCat(
        R"({"roles": {"cook": ["dish.*"]}, "keys": [{"id": "cook", "sha256": ")",
        absl::BytesToHexString(Sha256(kToken)), R"(", "roles": ["cook"], "counties": ["*"]}]})"));
    ASSERT_TRUE(table.ok()) << table.status();
    authenticator_ = auth::Authenticator::Of(*std::move(table), &clock_);
    GrpcDoorOptions options;
    options.address = "127.0.0.1:0";
    options.max_calls = max_calls;
    options.authenticator = authenticator_.get();
    options.contract = contract_.get();
    options.router = router_.get();
    options.metrics = &metrics_;
    options.clock = &clock_;
    auto door = GrpcDoor::Start(options);
    ASSERT_TRUE(door.ok()) << door.status();
    door_ = *std::move(door);
    door_->SetServing(true);
    stub_ = std::make_unique<grpc::GenericStub>(
        rpc::Connect(absl::StrCat("ipv4:127.0.0.1:", door_->port())));
    // Once the upstream is connected, calls fail for their own reasons only.
    for (int i = 0; i < 1000 && !Call(kGet, DishNamed("counties/1/dishes/first")).status.ok();
         ++i) {
    }
  }

  static void Prepare(grpc::ClientContext* context, const std::string& token = kToken) {
    context->AddMetadata("authorization", "Bearer " + token);
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    context->set_wait_for_ready(true);
  }

  Result Call(const std::string& method, const google::protobuf::Message& request,
              grpc::ClientContext* context = nullptr) {
    grpc::ClientContext own;
    if (context == nullptr) {
      context = &own;
      Prepare(context);
    }
    const grpc::ByteBuffer bytes = ToBuffer(request.SerializeAsString());
    grpc::ByteBuffer response;
    Result result;
    absl::Notification done;
    stub_->UnaryCall(context, method, {}, &bytes, &response, [&](const grpc::Status& status) {
      result.status = rpc::FromGrpc(status);
      done.Notify();
    });
    done.WaitForNotification();
    result.response = FromBuffer(response);
    for (const auto& [name, value] : context->GetServerTrailingMetadata()) {
      result.trailing.emplace(std::string(name.data(), name.size()),
                              std::string(value.data(), value.size()));
    }
    return result;
  }

  const SystemClock clock_{};
  const std::unique_ptr<Rng> rng_ = NewSystemRng();
  observe::Registry metrics_;
  std::unique_ptr<const transcode::Contract> contract_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<GrpcDoor> door_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

// A stream as a client sees it, for tests that wait for each step.
class Watching final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Watching(grpc::GenericStub* stub, grpc::ClientContext* context, const std::string& request)
      : request_(ToBuffer(request)) {
    stub->PrepareBidiStreamingCall(context, kWatch, {}, this);
    StartWriteLast(&request_, grpc::WriteOptions());
    StartRead(&message_);
    StartCall();
  }
  void OnReadDone(bool ok) override {
    if (!ok) {
      return;
    }
    absl::MutexLock lock(&mu_);
    messages_.push_back(FromBuffer(message_));
    StartRead(&message_);
  }
  void OnDone(const grpc::Status& status) override {
    absl::MutexLock lock(&mu_);
    end_ = rpc::FromGrpc(status);
  }
  std::vector<std::string> Await(size_t count) {
    absl::MutexLock lock(&mu_);
    const auto there = [this, count]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return messages_.size() >= count || end_.has_value();
    };
    mu_.Await(absl::Condition(&there));
    return messages_;
  }
  absl::Status AwaitEnd() {
    absl::MutexLock lock(&mu_);
    const auto over = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return end_.has_value(); };
    mu_.Await(absl::Condition(&over));
    return *end_;
  }

 private:
  grpc::ByteBuffer request_;
  grpc::ByteBuffer message_;
  absl::Mutex mu_;
  std::vector<std::string> messages_ ABSL_GUARDED_BY(mu_);
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mu_);
};

TEST_F(GrpcDoorTest, Unary_MethodNobodyWasBuiltWith_PassesBytesBothWays) {
  ScriptedServer service([](const ScriptedCall& call) {
    return ScriptedAnswer{.messages = {"answer to " + call.method},
                          .trailing = {{"baimi-seq", "7"}, {"x-secret", "of the service"}}};
  });
  Open(service.address());
  grpc::ClientContext context;
  Prepare(&context);
  context.AddMetadata("baimi-purpose", "callback");
  context.AddMetadata("x-forwarded-for", "somewhere");
  const auto request = DishNamed("counties/469030/dishes/2");
  const Result result = Call(kGlue, request, &context);
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.response, absl::StrCat("answer to ", kGlue));
  EXPECT_EQ(result.trailing.count("baimi-seq"), 1U);
  EXPECT_EQ(result.trailing.count("x-secret"), 0U);
  const ScriptedCall seen = service.calls().back();
  EXPECT_EQ(seen.request, request.SerializeAsString());
  EXPECT_EQ(seen.metadata.at("authorization"), absl::StrCat("Bearer ", kToken));
  EXPECT_EQ(seen.metadata.at("baimi-purpose"), "callback");
  EXPECT_EQ(seen.metadata.count("x-forwarded-for"), 0U);
  EXPECT_LT(absl::AbsDuration(seen.deadline - absl::FromChrono(context.deadline())),
            absl::Seconds(5));
}

TEST_F(GrpcDoorTest, Error_OfTheService_ArrivesWithItsDetails) {
  const absl::Status refused = EtagMismatch("v1", "v2");
  ScriptedServer service([&](const ScriptedCall& call) {
    return call.method == kCreate ? ScriptedAnswer{.status = rpc::ToGrpc(refused)}
                                  : ScriptedAnswer{.messages = {""}};
  });
  Open(service.address());
  EXPECT_EQ(Call(kCreate, DishNamed("x")).status, refused);
}

TEST_F(GrpcDoorTest, Door_StrangersAndUnknownMethods_ReachNoService) {
  ScriptedServer service([](const ScriptedCall&) { return ScriptedAnswer{.messages = {""}}; });
  Open(service.address());
  const size_t before = service.calls().size();
  for (const std::string& token : {std::string("bmk_of-nobody"), std::string()}) {
    grpc::ClientContext context;
    Prepare(&context, token);
    const Result stranger = Call(kGet, DishNamed("counties/1/dishes/2"), &context);
    EXPECT_EQ(stranger.status.code(), absl::StatusCode::kUnauthenticated);
    EXPECT_EQ(ReasonOf(stranger.status), "BAD_CREDENTIALS");
  }
  for (const char* method : {kInternal, "/baimi.testing.v1.KitchenService/BreakDish"}) {
    const Result unknown = Call(method, DishNamed("counties/1/dishes/2"));
    EXPECT_EQ(unknown.status.code(), absl::StatusCode::kUnimplemented);
    EXPECT_EQ(ReasonOf(unknown.status), "NO_SUCH_METHOD");
  }
  EXPECT_EQ(service.calls().size(), before);
}

TEST_F(GrpcDoorTest, Read_AfterAChange_AsksForNothingOlder) {
  ScriptedServer service([](const ScriptedCall& call) {
    ScriptedAnswer answer{.messages = {""}};
    if (call.method == kCreate) {
      answer.trailing["baimi-seq"] = "41";
    }
    return answer;
  });
  Open(service.address());
  const auto min_seq = [&](const std::string& name) {
    EXPECT_TRUE(Call(kGet, DishNamed(name)).status.ok());
    const auto metadata = service.calls().back().metadata;
    const auto found = metadata.find("baimi-min-seq");
    return found == metadata.end() ? "" : found->second;
  };
  EXPECT_EQ(min_seq("counties/469030/dishes/2"), "");
  baimi::testing::v1::CreateDishRequest change;
  change.set_parent("counties/469030");
  ASSERT_TRUE(Call(kCreate, change).status.ok());
  EXPECT_EQ(min_seq("counties/469030/dishes/2"), "41");
  EXPECT_EQ(min_seq("counties/469029/dishes/2"), "") << "that is another county's sequence";
}

TEST_F(GrpcDoorTest, Unavailable_IsRepeatedWhereSafe) {
  std::atomic<int> failures{0};
  ScriptedServer service([&](const ScriptedCall&) {
    return failures-- > 0 ? ScriptedAnswer{.status = {grpc::StatusCode::UNAVAILABLE, "lost"}}
                          : ScriptedAnswer{.messages = {"done"}};
  });
  Open(service.address());
  baimi::testing::v1::CreateDishRequest change;
  change.set_parent("counties/1");
  failures = 2;
  EXPECT_EQ(Call(kCreate, change).status.code(), absl::StatusCode::kUnavailable)
      << "done twice it would be two dishes";
  failures = 2;
  EXPECT_EQ(Call(kGet, DishNamed("counties/1/dishes/2")).response, "done");
  failures = 2;
  change.set_request_id("once");
  EXPECT_EQ(Call(kCreate, change).response, "done");
  EXPECT_EQ(service.calls().back().request, change.SerializeAsString());
}

TEST_F(GrpcDoorTest, DrainingReplica_IsLeftForTheOther) {
  std::atomic<bool> draining{false};
  ScriptedServer going([&](const ScriptedCall&) {
    return draining ? ScriptedAnswer{.status = rpc::ToGrpc(rpc::DrainingStatus())}
                    : ScriptedAnswer{.messages = {"going"}};
  });
  ScriptedServer staying([](const ScriptedCall&) { return ScriptedAnswer{.messages = {"stays"}}; });
  Open(absl::StrCat(going.address(), ",", staying.address()));
  draining = true;
  baimi::testing::v1::CreateDishRequest change;
  change.set_parent("counties/1");
  for (int i = 0; i < 20; ++i) {
    const Result result = Call(kCreate, change);
    EXPECT_TRUE(result.status.ok()) << result.status;
    EXPECT_EQ(result.response, "stays");
  }
}

TEST_F(GrpcDoorTest, Stream_PassesMessagesAndTheEnd) {
  ScriptedServer service([](const ScriptedCall& call) {
    return call.method == kWatch
               ? ScriptedAnswer{.status = {grpc::StatusCode::OUT_OF_RANGE, "too old"},
                                .messages = {"one", "two", "three"}}
               : ScriptedAnswer{.messages = {""}};
  });
  Open(service.address());
  grpc::ClientContext context;
  Prepare(&context);
  Watching watching(stub_.get(), &context, "request");
  const absl::Status end = watching.AwaitEnd();
  EXPECT_EQ(end.code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(watching.Await(3), ::testing::ElementsAre("one", "two", "three"));
  EXPECT_EQ(service.calls().back().request, "request");
}

TEST_F(GrpcDoorTest, Stream_LeftByItsClient_EndsAtTheService) {
  ScriptedServer service([](const ScriptedCall& call) {
    return ScriptedAnswer{.messages = {"one"}, .stays = call.method == kWatch};
  });
  Open(service.address());
  grpc::ClientContext context;
  Prepare(&context);
  Watching watching(stub_.get(), &context, "request");
  watching.Await(1);
  context.TryCancel();
  EXPECT_EQ(watching.AwaitEnd().code(), absl::StatusCode::kCancelled);
  // A drain waits for the call to be over on the other side of the door too.
  EXPECT_TRUE(door_->Drain(absl::Seconds(20)));
  service.AwaitCancelled(1);
}

TEST_F(GrpcDoorTest, Drain_EndsStreamsAndRefusesCalls) {
  ScriptedServer service([](const ScriptedCall& call) {
    return ScriptedAnswer{.messages = {"one"}, .stays = call.method == kWatch};
  });
  Open(service.address());
  grpc::ClientContext context;
  Prepare(&context);
  Watching watching(stub_.get(), &context, "request");
  watching.Await(1);
  EXPECT_TRUE(door_->Drain(absl::Seconds(20)));
  const absl::Status end = watching.AwaitEnd();
  EXPECT_EQ(ReasonOf(end), "SERVER_DRAINING") << end;
}

TEST_F(GrpcDoorTest, TooManyCalls_AreRefusedWithADelay) {
  ScriptedServer service([](const ScriptedCall& call) {
    return ScriptedAnswer{.messages = {"one"}, .stays = call.method == kWatch};
  });
  Open(service.address(), /*max_calls=*/1);
  grpc::ClientContext context;
  Prepare(&context);
  Watching watching(stub_.get(), &context, "request");
  watching.Await(1);
  const Result refused = Call(kGet, DishNamed("counties/1/dishes/2"));
  EXPECT_EQ(refused.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused.status), "LANE_FULL");
  EXPECT_TRUE(RetryAfterOf(refused.status));
  context.TryCancel();
  watching.AwaitEnd().IgnoreError();
}

TEST_F(GrpcDoorTest, Deadline_OfTheClient_EndsACallThatNobodyAnswers) {
  ScriptedServer service([](const ScriptedCall& call) {
    return call.method == kCreate ? ScriptedAnswer{.stays = true}
                                  : ScriptedAnswer{.messages = {""}};
  });
  Open(service.address());
  grpc::ClientContext context;
  context.AddMetadata("authorization", absl::StrCat("Bearer ", kToken));
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
  EXPECT_EQ(Call(kCreate, DishNamed("x"), &context).status.code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(door_->Drain(absl::Seconds(20)));
}

}  // namespace
}  // namespace baimi::gateway
