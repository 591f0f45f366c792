// Clients against real servers on the loopback: two replicas, one that goes away, one that is dead.
#include "common/rpc/client.h"

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "baimi/registry/v1/registry_service.grpc.pb.h"
#include "common/base/error.h"
#include "common/rpc/peer.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "common/rpc/testing/scripted_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baimi::rpc {
namespace {

using registry::v1::DirectoryService;
using registry::v1::ResolveUnitsRequest;
using registry::v1::ResolveUnitsResponse;
using testing::ScriptedAnswer;
using testing::ScriptedCall;
using testing::ScriptedServer;

// More than enough for whatever loopback and threads need; reached only by a broken client.
constexpr int kMany = 20'000;

ScriptedAnswer Fine(const ScriptedCall&) { return {.messages = {""}}; }
ScriptedAnswer Draining(const ScriptedCall&) { return {.status = ToGrpc(DrainingStatus())}; }

static_assert(kLeastKeepalive <= absl::Seconds(20));

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() {
    call_.trace_id = std::string(32, 'a');
    call_.span_id = std::string(16, 'b');
    call_.county = "469030";
    call_.actor.set_id("clerk-03");
  }

  void Open(const std::string& addresses) {
    peer_ = PeerAt("ipv4:" + addresses, "token-of-ours", &clock_, rng_.get());
    stub_ = DirectoryService::NewStub(peer_.channel);
  }
  absl::Status Ask() {
    call_.deadline = clock_.Now() + absl::Seconds(20);
    return CallPeer<DirectoryService::Stub, ResolveUnitsRequest, ResolveUnitsResponse>(
               peer_, call_, stub_.get(), "/baimi.registry.v1.DirectoryService/ResolveUnits",
               &DirectoryService::Stub::ResolveUnits, {})
        .status();
  }
  // Asks until `done`; false when that does not come.
  template <typename Done>
  bool AskUntil(const Done& done) {
    for (int i = 0; i < kMany; ++i) {
      if (done()) {
        return true;
      }
      Ask().IgnoreError();
    }
    return false;
  }
  static size_t Count(const ScriptedServer& server) { return server.calls().size(); }

  const SystemClock clock_{};
  const std::unique_ptr<Rng> rng_ = NewSystemRng();
  Call call_;
  Peer peer_;
  std::unique_ptr<DirectoryService::Stub> stub_;
};

TEST_F(ClientTest, Connect_TwoReplicas_CallsGoRound) {
  ScriptedServer one(Fine);
  ScriptedServer two(Fine);
  Open(absl::StrCat(one.address(), ",", two.address()));
  ASSERT_TRUE(AskUntil([&] { return Count(one) > 0 && Count(two) > 0; }));
  const size_t ones = Count(one);
  const size_t twos = Count(two);
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(Ask().ok());
  }
  EXPECT_EQ(Count(one) - ones, 10U);
  EXPECT_EQ(Count(two) - twos, 10U);
}

TEST_F(ClientTest, Connect_ReplicaThatGoesAway_GetsNoMoreCalls) {
  ScriptedServer going(Fine);
  ScriptedServer staying(Fine);
  Open(absl::StrCat(going.address(), ",", staying.address()));
  ASSERT_TRUE(AskUntil([&] { return Count(going) > 0 && Count(staying) > 0; }));
  // The first step of a drain; the door is still open.
  going.server().health().SetAll(false);
  // Ten in a row would be five each.
  size_t before = 0;
  int row = 0;
  EXPECT_TRUE(AskUntil([&] {
    row = Count(going) == before ? row + 1 : 0;
    before = Count(going);
    return row > 10;
  }));
  going.server().health().SetAll(true);
  EXPECT_TRUE(AskUntil([&] { return Count(going) > before; })) << "back again";
}

TEST_F(ClientTest, Connect_DeadReplica_CostsNoCall) {
  ScriptedServer dead(Fine);
  ScriptedServer alive(Fine);
  Open(absl::StrCat(dead.address(), ",", alive.address()));
  ASSERT_TRUE(AskUntil([&] { return Count(dead) > 0 && Count(alive) > 0; }));
  dead.Stop();
  const size_t before = Count(dead);
  for (int i = 0; i < 50; ++i) {
    const absl::Status status = Ask();
    EXPECT_TRUE(status.ok()) << status;
  }
  EXPECT_EQ(Count(dead), before);
}

TEST_F(ClientTest, CallPeer_ReplicaRefuses_IsAnsweredByTheOther) {
  // Says so to each call, as in the moment before clients have heard of it.
  ScriptedServer going(Draining);
  ScriptedServer staying(Fine);
  Open(absl::StrCat(going.address(), ",", staying.address()));
  ASSERT_TRUE(AskUntil([&] { return Count(going) > 0 && Count(staying) > 0; }));
  for (int i = 0; i < 50; ++i) {
    const absl::Status status = Ask();
    EXPECT_TRUE(status.ok()) << status;
  }
}

TEST_F(ClientTest, CallPeer_NobodyThere_FailsWithinItsAttempts) {
  std::string address;
  {
    const ScriptedServer gone(Fine);
    address = gone.address();
  }
  Open(address);
  EXPECT_EQ(Ask().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ClientTest, CallPeer_OtherErrors_AreNotRepeated) {
  ScriptedServer server([](const ScriptedCall&) {
    return ScriptedAnswer{.status = {grpc::StatusCode::NOT_FOUND, "no"}};
  });
  Open(server.address());
  EXPECT_TRUE(AskUntil([&] { return Count(server) > 0; }));
  const size_t before = Count(server);
  EXPECT_EQ(Ask().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Count(server), before + 1);
}

// As a refused import gives, over a connection with gRPC's default limits.
TEST_F(ClientTest, CallPeer_ErrorWithManyViolations_ArrivesWithItsReason) {
  ScriptedServer server([](const ScriptedCall&) {
    Error error(absl::StatusCode::kInvalidArgument, type::v1::ERROR_REASON_INVALID_FIELD,
                "import: got 100 errors, want none", "导入被拒绝：共 100 处错误");
    for (int i = 0; i < 100; ++i) {
      error.Field(absl::StrCat("rows[", i, "].code"),
                  absl::StrCat("line ", i + 2,
                               ", column 1: got '四六九零三零一零零零零零', want 12 "
                               "digits; a township ends in 000, the county in 000000"));
    }
    return ScriptedAnswer{.status = ToGrpc(error)};
  });
  Open(server.address());
  ASSERT_TRUE(AskUntil([&] { return Count(server) > 0; }));
  const absl::Status status = Ask();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
  const auto details = BadRequestOf(status);
  ASSERT_TRUE(details);
  EXPECT_GE(details->field_violations_size(), 20);
  EXPECT_EQ(details->field_violations(0).field(), "rows[0].code");
}

TEST_F(ClientTest, CallPeer_HandsOn_DeadlineTraceKeyAndActor) {
  ScriptedServer server(Fine);
  Open(server.address());
  ASSERT_TRUE(AskUntil([&] { return Count(server) > 0; }));
  const ScriptedCall seen = server.calls().back();
  EXPECT_EQ(seen.metadata.at("authorization"), "Bearer token-of-ours");
  EXPECT_EQ(seen.metadata.at("baimi-actor"), "clerk-03");
  EXPECT_TRUE(absl::StrContains(seen.metadata.at("traceparent"), call_.trace_id));
  const absl::Duration off = seen.deadline - call_.deadline;
  EXPECT_LT(absl::AbsDuration(off), absl::Seconds(5)) << "20 s were given";
}

}  // namespace
}  // namespace baimi::rpc
