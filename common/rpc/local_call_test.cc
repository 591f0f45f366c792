// Calls inside one process pass the same checks as those over a connection.
#include <thread>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "baimi/registry/v1/registry_service.grpc.pb.h"
#include "baimi/ticket/v1/ticket_service.pb.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/observe/log.h"
#include "common/rpc/peer.h"
#include "common/rpc/service.h"
#include "gtest/gtest.h"

namespace baimi::rpc {
namespace {

using registry::v1::DirectoryService;
using registry::v1::ResolveUnitsRequest;
using registry::v1::ResolveUnitsResponse;

constexpr char kMethod[] = "/baimi.registry.v1.DirectoryService/ResolveUnits";

class LocalCallTest : public ::testing::Test {
 protected:
  LocalCallTest() {
    auth::KeyTable keys;
    auto service = std::make_shared<auth::Identity>();
    service->id = "baimi-ticket";
    service->audience = auth::Audience::kService;
    service->all_counties = true;
    service->resources.insert("directory");
    service->resources.insert("ticket");
    keys[Sha256("service")] = service;
    auto staff = std::make_shared<auth::Identity>(*service);
    staff->audience = auth::Audience::kStaff;
    keys[Sha256("staff")] = staff;
    authenticator_ = auth::Authenticator::Of(std::move(keys), &clock_);
    exec::LanesOptions lanes;
    lanes.clock = &clock_;
    lanes_ = std::make_unique<exec::Lanes>(lanes);
    RuntimeOptions options;
    options.clock = &clock_;
    options.rng = rng_.get();
    options.authenticator = authenticator_.get();
    options.lanes = lanes_.get();
    options.metrics = &metrics_;
    runtime_ = *Runtime::Create(options);
    service_ = std::make_unique<Service>("baimi.registry.v1.DirectoryService", runtime_.get());
    service_->Unary<ResolveUnitsRequest, ResolveUnitsResponse>(
        "ResolveUnits",
        [this](const Call& call, const ResolveUnitsRequest& request) {
          return Handle(call, request);
        },
        [this](const Call& call, const ResolveUnitsRequest& request)
            -> std::optional<absl::StatusOr<ResolveUnitsResponse>> {
          if (!in_memory_) {
            return std::nullopt;
          }
          return Handle(call, request);
        });
    auto methods = std::make_shared<LocalMethods>();
    service_->AddLocalMethods(methods.get());
    peer_ = {nullptr, "service", &clock_, std::move(methods)};
    call_.actor.set_id("clerk-03");
    call_.trace_id = std::string(32, 'a');
    call_.span_id = std::string(16, 'b');
    request_.set_parent("counties/469030");
  }

  absl::StatusOr<ResolveUnitsResponse> Handle(const Call& call, const ResolveUnitsRequest&) {
    seen_ = call;
    thread_ = std::this_thread::get_id();
    call.committed_seq->store(committed_);
    ResolveUnitsResponse response;
    response.mutable_township()->set_display_name("营根镇");
    return answer_.ok() ? absl::StatusOr<ResolveUnitsResponse>(response) : answer_;
  }

  absl::StatusOr<ResolveUnitsResponse> Ask() {
    // No channel: a call that did not stay in the process would crash.
    return CallPeer<DirectoryService::Stub, ResolveUnitsRequest, ResolveUnitsResponse>(
        peer_, call_, nullptr, kMethod, &DirectoryService::Stub::ResolveUnits, request_);
  }

  // As the gateway of the same process does.
  LocalMethods::WireAnswer AskInWireForm(const std::string& wire) {
    LocalContext context;
    if (call_.deadline != absl::InfiniteFuture()) {
      context.deadline = absl::Now() + (call_.deadline - clock_.Now());
    }
    context.metadata = {{"authorization", "Bearer " + peer_.bearer_token}};
    const grpc::Slice slice(wire);
    LocalMethods::WireAnswer answer;
    absl::Notification done;
    peer_.local->Find(kMethod)->wire(std::move(context), grpc::ByteBuffer(&slice, 1),
                                     [&](LocalMethods::WireAnswer got) {
                                       answer = std::move(got);
                                       done.Notify();
                                     });
    done.WaitForNotification();
    return answer;
  }
  LocalMethods::WireAnswer AskInWireForm() { return AskInWireForm(request_.SerializeAsString()); }

  SimulatedClock clock_{absl::FromUnixSeconds(1'780'000'000)};
  std::unique_ptr<Rng> rng_ = NewSeededRng(1);
  observe::Registry metrics_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<exec::Lanes> lanes_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<Service> service_;
  Peer peer_;
  Call call_;
  ResolveUnitsRequest request_;
  bool in_memory_ = false;
  int64_t committed_ = 0;
  absl::Status answer_;
  Call seen_;
  std::thread::id thread_;
};

TEST_F(LocalCallTest, Answer_FromALane_CarriesActorAndTrace) {
  const auto answer = Ask();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->township().display_name(), "营根镇");
  EXPECT_EQ(seen_.actor.id(), "clerk-03");
  EXPECT_EQ(seen_.actor.via_service(), "baimi-ticket");
  EXPECT_EQ(seen_.trace_id, call_.trace_id);
  EXPECT_EQ(seen_.county, "469030");
  EXPECT_NE(thread_, std::this_thread::get_id());
  EXPECT_EQ(runtime_->in_flight().count(), 0);
}

TEST_F(LocalCallTest, Answer_FromMemory_NeedsNoOtherThread) {
  in_memory_ = true;
  ASSERT_TRUE(Ask().ok());
  EXPECT_EQ(thread_, std::this_thread::get_id());
}

TEST_F(LocalCallTest, Caller_WithoutTheRight_IsRefused) {
  peer_.bearer_token = "unknown";
  EXPECT_TRUE(absl::IsUnauthenticated(Ask().status())) << Ask().status();
  // Staff may not call internal methods, nor act for others.
  peer_.bearer_token = "staff";
  EXPECT_TRUE(absl::IsPermissionDenied(Ask().status())) << Ask().status();
}

TEST_F(LocalCallTest, Request_AgainstTheContract_IsRefused) {
  request_.add_names("not a name");
  EXPECT_TRUE(absl::IsInvalidArgument(Ask().status())) << Ask().status();
  in_memory_ = true;
  EXPECT_TRUE(absl::IsInvalidArgument(Ask().status())) << Ask().status();
}

TEST_F(LocalCallTest, Deadline_Passed_IsNotStarted) {
  call_.deadline = clock_.Now() - absl::Seconds(1);
  EXPECT_TRUE(absl::IsDeadlineExceeded(Ask().status())) << Ask().status();
}

TEST_F(LocalCallTest, Refusal_KeepsItsReason) {
  answer_ = NotFound("counties/469030/units/x");
  for (const bool in_memory : {false, true}) {
    in_memory_ = in_memory;
    EXPECT_TRUE(absl::IsNotFound(Ask().status()));
    EXPECT_FALSE(ReasonOf(Ask().status()).empty());
  }
}

TEST_F(LocalCallTest, WireForm_IsAnsweredFromALaneOrFromMemory) {
  for (const bool in_memory : {false, true}) {
    in_memory_ = in_memory;
    LocalMethods::WireAnswer answer = AskInWireForm();
    ASSERT_TRUE(answer.status.ok()) << answer.status;
    ResolveUnitsResponse response;
    ASSERT_TRUE(
        grpc::SerializationTraits<ResolveUnitsResponse>::Deserialize(&answer.response, &response)
            .ok());
    EXPECT_EQ(response.township().display_name(), "营根镇");
    EXPECT_EQ(answer.committed_seq, 0);
    EXPECT_EQ(thread_ == std::this_thread::get_id(), in_memory);
  }
  EXPECT_EQ(runtime_->in_flight().count(), 0);
}

TEST_F(LocalCallTest, WireForm_TellsWhatWasCommitted) {
  committed_ = 7;
  EXPECT_EQ(AskInWireForm().committed_seq, 7);
  answer_ = NotFound("counties/469030/units/x");
  const LocalMethods::WireAnswer refused = AskInWireForm();
  EXPECT_TRUE(absl::IsNotFound(refused.status)) << refused.status;
  EXPECT_EQ(refused.committed_seq, 0);
  EXPECT_EQ(refused.response.Length(), 0U);
}

TEST_F(LocalCallTest, WireForm_PassesTheSameChecks) {
  EXPECT_FALSE(AskInWireForm("\xff").status.ok());
  peer_.bearer_token = "unknown";
  EXPECT_TRUE(absl::IsUnauthenticated(AskInWireForm().status));
  peer_.bearer_token = "service";
  call_.deadline = clock_.Now() - absl::Seconds(1);
  EXPECT_TRUE(absl::IsDeadlineExceeded(AskInWireForm().status));
  call_.deadline = absl::InfiniteFuture();
  request_.add_names("not a name");
  EXPECT_TRUE(absl::IsInvalidArgument(AskInWireForm().status));
  runtime_->in_flight().Drain();
  EXPECT_EQ(ReasonOf(AskInWireForm().status), "SERVER_DRAINING");
}

class LogLines final : public observe::LogSink {
 public:
  void Write(const observe::LogRecord&, absl::string_view line) override {
    absl::StrAppend(&text, line);
  }
  std::string text;
};

TEST_F(LocalCallTest, Log_HoldsARequestIdOnlyWhenItIsOne) {
  const auto method =
      Method::Resolve(google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "baimi.ticket.v1.TicketService.CreateTicket"));
  ASSERT_TRUE(method.ok()) << method.status();
  const LocalContext context = MakeLocalContext(peer_, call_);
  LogLines log;
  const observe::ScopedLogSink here(&log);
  for (const char* id : {"form-17", "张三 13800138000"}) {
    ticket::v1::CreateTicketRequest request;
    request.set_parent("counties/469030");
    request.set_request_id(id);
    CallState state;
    state.method = method->get();
    state.local = &context;
    state.request = &request;
    absl::Status status = runtime_->pipeline().Admit(state);
    ASSERT_TRUE(status.ok()) << status;
    status = runtime_->pipeline().Prepare(state);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    runtime_->pipeline().Finish(state, nullptr, status);
  }
  EXPECT_TRUE(absl::StrContains(log.text, "\"form-17\"")) << log.text;
  EXPECT_FALSE(absl::StrContains(log.text, "13800138000")) << log.text;
}

TEST_F(LocalCallTest, Drained_IsTold) {
  runtime_->in_flight().Drain();
  EXPECT_EQ(ReasonOf(Ask().status()), "SERVER_DRAINING");
}

}  // namespace
}  // namespace baimi::rpc
