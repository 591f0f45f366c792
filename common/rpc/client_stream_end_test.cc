// How client streams end that are not brought to their end: time, room, drain.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/base/error.h"
#include "common/rpc/testing/client_stream_fixture.h"
#include "gtest/gtest.h"

namespace baimi::rpc {
namespace {

TEST_P(ClientStreamTest, Deadline_Passed_EndsAnUploadUnderWay) {
  Start();
  auto client = Open("cook", absl::Milliseconds(300));
  client->Write(First());
  EXPECT_EQ(client->Await().status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(runtime_->in_flight().AwaitEmpty(absl::Seconds(60)));
  Stop();
  EXPECT_EQ(kitchen_.gone(), kitchen_.opened());
  EXPECT_EQ(kitchen_.finished(), 0);
}

TEST_P(ClientStreamTest, Idle_AfterOrBeforeTheFirstMessage_EndsTheCall) {
  Setup setup;
  setup.stream.idle = absl::Milliseconds(50);
  Start(setup);
  auto silent = Open();
  EXPECT_EQ(ReasonOf(silent->Await().status()), "DEADLINE_PASSED");
  auto stuck = Open();
  stuck->Write(First());
  const absl::Status end = stuck->Await().status();
  EXPECT_EQ(ReasonOf(end), "DEADLINE_PASSED");
  EXPECT_TRUE(absl::StrContains(end.message(), "50ms")) << end;
  EXPECT_EQ(kitchen_.gone(), kitchen_.opened());
  EXPECT_EQ(kitchen_.finished(), 0);
  EXPECT_EQ(runtime_->in_flight().count(), 0);
}

TEST_P(ClientStreamTest, Idle_DoesNotCountWhatTheReceiverTakes) {
  Setup setup;
  setup.stream.idle = absl::Seconds(1);
  Start(setup);
  kitchen_.Hold(true);
  auto slow = Open();
  slow->Write(First());
  slow->Close();
  Kitchen::Held held = kitchen_.AwaitHeld();
  // Until others that came later were given up, twice.
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(ReasonOf(Open()->Await().status()), "DEADLINE_PASSED");
  }
  held.done.Set(Taken{});
  EXPECT_TRUE(slow->Await().ok());
}

TEST_P(ClientStreamTest, OpenUploads_OccupyNoThread) {
  Setup setup;
  setup.bulk = {.threads = 1, .queue = 1};
  Start(setup);
  std::vector<std::unique_ptr<UploadClient>> open;
  for (int i = 1; i <= 8; ++i) {
    open.push_back(Open());
    open.back()->Write(First());
    kitchen_.AwaitTaken(i);
  }
  EXPECT_TRUE(Send({First()}).ok());
  for (auto& client : open) {
    client->Write(Part("x"));
    client->Close();
  }
  for (auto& client : open) {
    const auto answer = client->Await();
    EXPECT_TRUE(answer.ok()) << answer.status();
  }
}

TEST_P(ClientStreamTest, FullLane_LaterMessages_WaitForIt) {
  Setup setup;
  setup.bulk = {.threads = 1, .queue = 0};
  Start(setup);
  auto client = Open();
  client->Write(First());
  kitchen_.AwaitTaken(1);
  absl::Notification busy;
  absl::Notification go;
  exec::Executor* lane = lanes_->Find(options::v1::BULK);
  // The thread may be on its way out of the step before.
  const auto block = [&] {
    exec::Task task;
    task.run = [&] {
      busy.Notify();
      go.WaitForNotification();
    };
    return lane->TrySubmit(std::move(task));
  };
  while (block() != exec::Admission::kAccepted) {
  }
  busy.WaitForNotification();
  EXPECT_EQ(Outcome({First()}), "LANE_FULL") << "a new one does not wait";
  const uint64_t refused = lane->Stats().refused_full;
  client->Write(Part("x"));
  client->Close();
  while (lane->Stats().refused_full == refused) {
    std::this_thread::yield();
  }
  go.Notify();
  const auto answer = client->Await();
  EXPECT_TRUE(answer.ok()) << answer.status();
}

TEST_P(ClientStreamTest, MoreThanMaxOpen_AreRefused) {
  Setup setup;
  setup.stream.max_open = 1;
  Start(setup);
  auto client = Open();
  client->Write(First());
  kitchen_.AwaitOpened(1);
  const absl::Status refused = Send({First()}).status();
  EXPECT_EQ(ReasonOf(refused), "LANE_FULL");
  EXPECT_TRUE(RetryAfterOf(refused));
  client->Close();
  EXPECT_TRUE(client->Await().ok());
  EXPECT_TRUE(Send({First()}).ok());
}

TEST_P(ClientStreamTest, Drain_UploadUnderWay_IsFinishedAndNoOtherBegun) {
  Start();
  auto client = Open();
  client->Write(First(kName, "half"));
  kitchen_.AwaitTaken(1);
  auto silent = Open();
  runtime_->in_flight().Drain();
  EXPECT_EQ(Outcome({First()}), "SERVER_DRAINING");
  silent->Write(First());
  EXPECT_EQ(ReasonOf(silent->Await().status()), "SERVER_DRAINING") << "it had not begun";
  client->Write(Part(" and half"));
  client->Close();
  EXPECT_TRUE(client->Await().ok());
  EXPECT_TRUE(runtime_->in_flight().AwaitEmpty(absl::Seconds(60)));
}

TEST_P(ClientStreamTest, Shutdown_UploadThatDoesNotEnd_IsCut) {
  Start();
  auto client = Open();
  client->Write(First());
  kitchen_.AwaitTaken(1);
  Stop();
  EXPECT_FALSE(client->Await().ok());
  EXPECT_EQ(kitchen_.gone(), 1);
  EXPECT_EQ(kitchen_.finished(), 0);
  EXPECT_EQ(runtime_->in_flight().count(), 0);
}

TEST_P(ClientStreamTest, ManyClients_ComingAndGoing_LeaveNothingBehind) {
  Start();
  std::vector<std::unique_ptr<UploadClient>> clients;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(Open());
    clients.back()->Write(First());
    clients.back()->Write(Part("x"));
    if (i % 3 == 0) {
      clients.back()->Cancel();
    } else if (i % 3 == 1) {
      clients.back()->Close();
    }
    if (i >= 20) {
      clients.erase(clients.begin());
    }
  }
  clients.clear();
  EXPECT_TRUE(runtime_->in_flight().AwaitEmpty(absl::Seconds(60)));
  Stop();
  EXPECT_EQ(kitchen_.gone(), kitchen_.opened());
}

}  // namespace
}  // namespace baimi::rpc
