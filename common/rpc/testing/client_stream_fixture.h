// One upload method served over a connection and in the process, for the tests of client streams.
#ifndef BAIMI_COMMON_RPC_TESTING_CLIENT_STREAM_FIXTURE_H_
#define BAIMI_COMMON_RPC_TESTING_CLIENT_STREAM_FIXTURE_H_

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "baimi/testing/v1/kitchen_sink.pb.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/rpc/client.h"
#include "common/rpc/client_stream.h"
#include "common/rpc/service.h"
#include "common/rpc/testing/upload_client.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"

namespace baimi::rpc {

using baimi::testing::v1::Dish;
using baimi::testing::v1::UploadPhotoRequest;
using testing::UploadClient;

inline constexpr char kUploadMethod[] = "/baimi.testing.v1.KitchenService/UploadPhoto";
inline constexpr char kName[] = "counties/469030/dishes/2";
inline constexpr int64_t kLimit = 600'000;  // As the contract says.

inline std::string First(const std::string& name = kName, const std::string& content = "",
                         const std::string& request_id = "") {
  UploadPhotoRequest request;
  request.set_name(name);
  request.set_content(content);
  request.set_request_id(request_id);
  return request.SerializeAsString();
}

inline std::string Part(const std::string& content) {
  UploadPhotoRequest request;
  request.set_content(content);
  return request.SerializeAsString();
}

// What the receivers of a test saw and do. Thread-safe.
class Kitchen {
 public:
  // A step in the hands of the test.
  struct Held {
    UploadPhotoRequest message;
    Promise<Taken> done;
  };

  absl::StatusOr<std::unique_ptr<Receiver<UploadPhotoRequest, Dish>>> Open(
      const Call& call, const UploadPhotoRequest& first);

  void Hold(bool hold) {
    absl::MutexLock lock(&mu_);
    hold_ = hold;
  }
  Held AwaitHeld() {
    absl::MutexLock lock(&mu_);
    const auto any = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !held_.empty(); };
    mu_.Await(absl::Condition(&any));
    Held held = std::move(held_.back());
    held_.pop_back();
    return held;
  }
  void AwaitOpened(int count) { AwaitAtLeast(opened_, count); }
  void AwaitGone(int count) { AwaitAtLeast(gone_, count); }
  void AwaitTaken(int count) { AwaitAtLeast(taken_, count); }
  int opened() { return Read(opened_); }
  int gone() { return Read(gone_); }
  int finished() { return Read(finished_); }
  int taken() { return Read(taken_); }

  absl::Status open_error;
  absl::Status take_error;
  // Of the last Finish.
  std::string fingerprint;
  std::string county;

 private:
  friend class Photo;
  void AwaitAtLeast(const int& counter, int count) {
    absl::MutexLock lock(&mu_);
    const auto enough = [&] { return counter >= count; };
    mu_.Await(absl::Condition(&enough));
  }
  int Read(const int& counter) {
    absl::MutexLock lock(&mu_);
    return counter;
  }
  void Count(int& counter) {
    absl::MutexLock lock(&mu_);
    ++counter;
  }

  absl::Mutex mu_;
  bool hold_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<Held> held_ ABSL_GUARDED_BY(mu_);
  int opened_ = 0;
  int gone_ = 0;
  int finished_ = 0;
  int taken_ = 0;
};

// Destroyed while a step is with the test, it fails the test.
class Photo final : public Receiver<UploadPhotoRequest, Dish> {
 public:
  Photo(Kitchen* kitchen, const Call& call) : kitchen_(kitchen), call_(call) {}
  ~Photo() override {
    EXPECT_EQ(steps_, 0) << "a step runs";
    kitchen_->Count(kitchen_->gone_);
  }

  Async<Taken> Take(UploadPhotoRequest message) override {
    EXPECT_EQ(++steps_, 1) << "one step at a time";
    if (!kitchen_->take_error.ok()) {
      --steps_;
      return kitchen_->take_error;
    }
    bytes_ += message.content();
    absl::MutexLock lock(&kitchen_->mu_);
    ++kitchen_->taken_;
    if (!kitchen_->hold_) {
      --steps_;
      return Taken{};
    }
    // The test's end of it; the step is over when that is set.
    Promise<Taken> relayed;
    Async<Taken> answer = relayed.async();
    Kitchen::Held held{std::move(message), Promise<Taken>()};
    held.done.async().Then(
        [this, relayed = std::move(relayed)](absl::StatusOr<Taken> taken) mutable {
          --steps_;
          relayed.Set(std::move(taken));
        });
    kitchen_->held_.push_back(std::move(held));
    return answer;
  }

  Async<Dish> Finish(const Received& all) override {
    EXPECT_EQ(steps_, 0);
    EXPECT_EQ(all.bytes, static_cast<int64_t>(bytes_.size()));
    EXPECT_EQ(all.sha256, Sha256(bytes_));
    kitchen_->fingerprint = call_.fingerprint;
    kitchen_->county = call_.county;
    kitchen_->Count(kitchen_->finished_);
    Dish dish;
    dish.set_display_name(absl::StrCat(all.messages, " messages, ", all.bytes, " bytes"));
    dish.set_owner_phone("13812341234");
    return dish;
  }

 private:
  Kitchen* const kitchen_;
  const Call& call_;
  std::string bytes_;
  std::atomic<int> steps_ = 0;
};

inline absl::StatusOr<std::unique_ptr<Receiver<UploadPhotoRequest, Dish>>> Kitchen::Open(
    const Call& call, const UploadPhotoRequest&) {
  if (!open_error.ok()) {
    return open_error;
  }
  Count(opened_);
  return std::make_unique<Photo>(this, call);
}

enum class Door { kConnection, kInProcess };

class ClientStreamTest : public ::testing::TestWithParam<Door> {
 protected:
  struct Setup {
    ClientStreamOptions stream = {};
    exec::LaneOptions bulk = {.threads = 2, .queue = 32};
    QuotaLimits quota = {};
  };

  void Start(const Setup& setup) {
    auth::KeyTable keys;
    auto cook = std::make_shared<auth::Identity>();
    cook->id = "cook";
    cook->counties = {"469030"};
    cook->resources.insert("dish");
    keys[Sha256("cook")] = cook;
    auto guest = std::make_shared<auth::Identity>(*cook);
    guest->resources.clear();
    keys[Sha256("guest")] = guest;
    authenticator_ = auth::Authenticator::Of(std::move(keys), &clock_);
    exec::LanesOptions lanes;
    lanes.clock = &clock_;
    lanes.bulk = setup.bulk;
    lanes_ = std::make_unique<exec::Lanes>(lanes);
    RuntimeOptions options;
    options.clock = &clock_;
    options.rng = rng_.get();
    options.authenticator = authenticator_.get();
    options.lanes = lanes_.get();
    options.metrics = &metrics_;
    options.counters = counters_.get();
    options.quota = setup.quota;
    runtime_ = *Runtime::Create(options);
    service_ = std::make_unique<Service>("baimi.testing.v1.KitchenService", runtime_.get());
    service_->ClientStream<UploadPhotoRequest, Dish>(
        "UploadPhoto",
        [this](const Call& call, const UploadPhotoRequest& first) {
          return kitchen_.Open(call, first);
        },
        setup.stream);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    channel_ = GetParam() == Door::kInProcess
                   ? server_->InProcessChannel({})
                   : grpc::CreateChannel(absl::StrCat("127.0.0.1:", port),
                                         grpc::InsecureChannelCredentials());
    ASSERT_TRUE(GetParam() == Door::kInProcess ||
                channel_->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(60))));
  }
  void Start() { Start(Setup()); }
  ~ClientStreamTest() override { Stop(); }
  // Cuts what is open.
  void Stop() {
    if (server_) {
      server_->Shutdown(std::chrono::system_clock::now());
      server_->Wait();
      server_.reset();
    }
  }

  std::unique_ptr<UploadClient> Open(const std::string& token = "cook",
                                     absl::Duration timeout = absl::Seconds(60)) {
    return std::make_unique<UploadClient>(channel_, kUploadMethod, token, timeout);
  }
  absl::StatusOr<Dish> Send(const std::vector<std::string>& messages,
                            const std::string& token = "cook") {
    auto client = Open(token);
    for (const std::string& message : messages) {
      client->Write(message);
    }
    client->Close();
    const absl::StatusOr<std::string> answer = client->Await();
    if (!answer.ok()) {
      return answer.status();
    }
    Dish dish;
    EXPECT_TRUE(dish.ParseFromString(*answer));
    return dish;
  }
  std::string Outcome(const std::vector<std::string>& messages, const std::string& token = "cook") {
    return ReasonOf(Send(messages, token).status());
  }

  Kitchen kitchen_;
  const SystemClock clock_{};
  const std::unique_ptr<Rng> rng_ = NewSeededRng(1);
  SimulatedClock still_{absl::FromUnixSeconds(1'780'000'000)};
  const std::unique_ptr<rate::Counters> counters_ = rate::NewMemoryCounters(&still_);
  observe::Registry metrics_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<exec::Lanes> lanes_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_TESTING_CLIENT_STREAM_FIXTURE_H_
