// Going away: what was accepted is finished, what comes after is told to go elsewhere.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;
using ticket::v1::Ticket;
using Stub = ticket::v1::TicketService::Stub;

class DrainTest : public SuiteTest {
 protected:
  // Asks until `done` says so; false after 20 s.
  template <typename Done>
  static bool Until(Done done) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done()) {
      if (std::chrono::steady_clock::now() > give_up) {
        return false;
      }
    }
    return true;
  }
};

TEST_F(DrainTest, Stop_DuringACall_FinishesItAndRefusesNewOnes) {
  HeldDatabase held(data().File("ticket.db"));
  const Caller admin = As("admin");
  const Caller through_the_door(grpc::CreateChannel(absl::StrCat("127.0.0.1:", suite().grpc_port()),
                                                    grpc::InsecureChannelCredentials()),
                                Token("admin"));
  absl::StatusOr<Ticket> accepted = absl::UnknownError("not answered");
  std::thread filing(
      [&] { accepted = through_the_door(&Stub::CreateTicket, LiftRequest("accepted")); });
  ASSERT_TRUE(Until([&] { return absl::StrContains(Admin("/requestz").body, "CreateTicket"); }));
  EXPECT_EQ(Admin("/readyz").status, 200);

  bool whole = false;
  std::thread stopping([&] { whole = suite().Stop(); });
  absl::Status refused;
  EXPECT_TRUE(Until([&] {
    refused = admin(&Stub::ListTickets,
                    Text<ticket::v1::ListTicketsRequest>(R"pb(parent: "counties/469030")pb"))
                  .status();
    return !refused.ok();
  }));
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  EXPECT_EQ(ReasonOf(refused), "SERVER_DRAINING");
  EXPECT_EQ(Admin("/readyz").status, 503);
  EXPECT_EQ(Admin("/healthz").status, 200);
  const auto http = Http("GET", "/v1/counties/469030/tickets");
  EXPECT_EQ(http.status, 503);
  EXPECT_THAT(http.body, HasSubstr("\"SERVER_DRAINING\""));

  held.Release();
  filing.join();
  stopping.join();
  EXPECT_TRUE(whole);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->name(), "counties/469030/tickets/20261123-000001");

  StopSuite();
  StartSuite();
  EXPECT_EQ(Get(accepted->name()).SerializeAsString(), accepted->SerializeAsString());
}

TEST_F(DrainTest, Stop_GraceOver_CutsWhatIsLeft) {
  StopSuite();
  options().node.drain = absl::ZeroDuration();
  StartSuite();
  HeldDatabase held(data().File("ticket.db"));
  const Caller admin = As("admin");
  absl::StatusOr<Ticket> cut = absl::UnknownError("not answered");
  std::thread filing([&] { cut = admin(&Stub::CreateTicket, LiftRequest("cut")); });
  ASSERT_TRUE(Until([&] { return absl::StrContains(Admin("/requestz").body, "CreateTicket"); }));
  bool whole = true;
  std::thread stopping([&] { whole = suite().Stop(); });
  // The cut call comes back although its write still waits.
  filing.join();
  held.Release();
  stopping.join();
  EXPECT_FALSE(whole);
}

// Whatever moment a call meets, its caller hears either the answer or where to go.
TEST_F(DrainTest, Stop_UnderHttpLoad_EveryAnswerIsWholeOrSaysDraining) {
  const std::string order = "/v1/" + File(LiftRequest("")).name();
  std::atomic<int> answered = 0;
  std::atomic<int> drained = 0;
  const auto ask = [&] {
    auto client = http::testing::Client::Connect(suite().http_port());
    while (client.ok()) {
      const auto answer =
          client->Call("GET", order, "", {{"Authorization", "Bearer " + Token("admin")}});
      if (!answer.ok()) {
        return;  // The door is closed.
      }
      if (answer->status == 200) {
        ++answered;
        continue;
      }
      ++drained;
      EXPECT_EQ(answer->status, 503) << answer->body;
      EXPECT_THAT(answer->body, HasSubstr("\"SERVER_DRAINING\""));
      if (answer->header("Connection") == "close") {
        return;
      }
    }
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back(ask);
  }
  EXPECT_TRUE(Until([&] { return answered >= 20; }));
  EXPECT_TRUE(suite().Stop());
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_GT(drained, 0);
}

// One that does not go elsewhere is told so again and again, never cut.
TEST_F(DrainTest, Stop_UnderStubbornGrpcLoad_EveryCallIsToldWhy) {
  constexpr int kRefusals = 1000;
  const std::string order = File(LiftRequest("")).name();
  std::atomic<int> answered = 0;
  const auto ask = [&] {
    const Caller admin(grpc::CreateChannel(absl::StrCat("127.0.0.1:", suite().grpc_port()),
                                           grpc::InsecureChannelCredentials()),
                       Token("admin"));
    ticket::v1::GetTicketRequest request;
    request.set_name(order);
    for (int refused = 0; refused < kRefusals;) {
      const absl::Status status = admin(&Stub::GetTicket, request).status();
      if (status.ok()) {
        ++answered;
        continue;
      }
      ++refused;
      ASSERT_EQ(ReasonOf(status), "SERVER_DRAINING") << status << " after " << refused;
    }
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back(ask);
  }
  EXPECT_TRUE(Until([&] { return answered >= 20; }));
  EXPECT_TRUE(suite().Stop());
  for (std::thread& caller : callers) {
    caller.join();
  }
}

TEST_F(DrainTest, Stop_Idle_IsWholeAndMayBeRepeated) {
  File(LiftRequest(""));
  EXPECT_TRUE(suite().Stop());
  EXPECT_TRUE(suite().Stop());
}

}  // namespace
}  // namespace baimi::integration
