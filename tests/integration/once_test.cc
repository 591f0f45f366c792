// The same thing asked twice, or by two at once: it happens once.
#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/barrier.h"
#include "common/base/error.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using ticket::v1::Ticket;
using Stub = ticket::v1::TicketService::Stub;

class OnceTest : public SuiteTest {
 protected:
  // Runs `work(i)` in `count` threads that start together.
  template <typename Work>
  static void AtOnce(int count, Work work) {
    std::vector<std::thread> threads;
    auto* barrier = new absl::Barrier(count);
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([&work, barrier, i] {
        if (barrier->Block()) {
          delete barrier;
        }
        work(i);
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }

  ticket::v1::SignTicketRequest Sign(const Ticket& ticket, const std::string& etag = "") {
    ticket::v1::SignTicketRequest request;
    request.set_name(ticket.name());
    request.set_etag(etag);
    return request;
  }
};

TEST_F(OnceTest, RequestId_SentTwice_OneOrderAndTheSameAnswer) {
  const Ticket first = File(LiftRequest("same"));
  const int64_t head = Head();
  clock().Advance(absl::Minutes(5));
  const Ticket second = File(LiftRequest("same"));
  EXPECT_EQ(second.SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(Head(), head);
}

TEST_F(OnceTest, RequestId_SentTwice_SecondAnswerIsMaskedForItsReader) {
  auto request = LiftRequest("masked");
  const Caller clerk = As("clerk");
  const auto first = clerk(&Stub::CreateTicket, request);
  const auto second = clerk(&Stub::CreateTicket, request);
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  EXPECT_EQ(second->caller().phone(), "138****8000");
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
}

TEST_F(OnceTest, RequestId_OtherBody_IsRefused) {
  File(LiftRequest("same"));
  const int64_t head = Head();
  auto other = LiftRequest("same");
  other.mutable_ticket()->set_title("另一部电梯停运");
  const auto answer = As("admin")(&Stub::CreateTicket, other);
  EXPECT_TRUE(absl::IsInvalidArgument(answer.status())) << answer.status();
  EXPECT_EQ(ReasonOf(answer.status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(Head(), head);
}

TEST_F(OnceTest, RequestId_OtherActor_IsAnotherRequest) {
  const Ticket first = File(LiftRequest("same"));
  const auto second = As("clerk")(&Stub::CreateTicket, LiftRequest("same"));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_NE(second->name(), first.name());
}

TEST_F(OnceTest, RequestId_SixteenAtOnce_OneOrder) {
  absl::Mutex mu;
  std::set<std::string> names;
  const Caller admin = As("admin");
  AtOnce(16, [&](int) {
    const auto answer = admin(&Stub::CreateTicket, LiftRequest("at-once"));
    absl::MutexLock lock(&mu);
    names.insert(answer.ok() ? answer->name() : answer.status().ToString());
  });
  EXPECT_THAT(names, testing::ElementsAre("counties/469030/tickets/20261123-000001"));
}

TEST_F(OnceTest, RequestId_ConnectionDroppedBeforeTheAnswer_RetryFindsTheOrder) {
  const std::string body = R"({"type":"HELP","channel":"APP","category":"0401",
      "title":"垃圾未清运","caller":{"phone":"13800138000"},"place":{"address":"珉华小区"}})";
  const std::string target = "/v1/counties/469030/tickets?requestId=dropped";
  const int64_t before = Head();
  {
    auto client = http::testing::Client::Connect(suite().http_port());
    ASSERT_TRUE(client.ok()) << client.status();
    ASSERT_TRUE(client
                    ->Send("POST", target, body,
                           {{"Authorization", "Bearer " + Token("admin")},
                            {"Content-Type", "application/json"}})
                    .ok());
    // The change is committed; then the answer meets a dead connection.
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (Head() == before && std::chrono::steady_clock::now() < give_up) {
    }
    client->Reset();
  }
  const auto again = Http("POST", target, body);
  ASSERT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(FromJson<Ticket>(again.body).name(), "counties/469030/tickets/20261123-000001");
  const auto list = Http("GET", "/v1/counties/469030/tickets");
  EXPECT_EQ(FromJson<ticket::v1::ListTicketsResponse>(list.body).tickets_size(), 1);
}

TEST_F(OnceTest, TwoSigners_AtOnce_OneWins) {
  for (int round = 0; round < 10; ++round) {
    const Ticket ticket = FileUpTo(ticket::v1::DISPATCHED);
    const bool with_etag = round % 2 == 0;
    std::vector<absl::StatusOr<Ticket>> answers(2, absl::UnknownError(""));
    const Caller unit = As("unit-zhujianju");
    AtOnce(2, [&](int i) {
      answers[static_cast<size_t>(i)] =
          unit(&Stub::SignTicket, Sign(ticket, with_etag ? ticket.etag() : ""));
    });
    ASSERT_NE(answers[0].ok(), answers[1].ok())
        << answers[0].status() << " / " << answers[1].status();
    const absl::Status loser = answers[answers[0].ok() ? 1 : 0].status();
    EXPECT_EQ(loser.code(),
              with_etag ? absl::StatusCode::kAborted : absl::StatusCode::kFailedPrecondition)
        << loser;
    EXPECT_EQ(ReasonOf(loser), with_etag ? "ETAG_MISMATCH" : "ILLEGAL_TRANSITION");
    EXPECT_EQ(Get(ticket.name()).state(), ticket::v1::SIGNED);
  }
}

TEST_F(OnceTest, Etag_OfAnEarlierVersion_IsAborted) {
  const Ticket filed = File(LiftRequest(""));
  const Ticket dispatched = Advance(filed);
  const int64_t head = Head();
  const auto stale = As("admin")(&Stub::SignTicket, Sign(dispatched, filed.etag()));
  EXPECT_TRUE(absl::IsAborted(stale.status())) << stale.status();
  EXPECT_EQ(ReasonOf(stale.status()), "ETAG_MISMATCH");
  EXPECT_EQ(Head(), head);
  const auto http = Http("POST", absl::StrCat("/v1/", filed.name(), ":sign"),
                         absl::StrCat("{\"etag\":\"", filed.etag(), "\"}"));
  EXPECT_EQ(http.status, 409);
  EXPECT_THAT(http.body, HasSubstr("ETAG_MISMATCH"));
  const auto current = As("admin")(&Stub::SignTicket, Sign(dispatched, dispatched.etag()));
  EXPECT_TRUE(current.ok()) << current.status();
}

TEST_F(OnceTest, ValidateOnly_AnyVerb_ChangesNothing) {
  const Ticket ticket = FileUpTo(ticket::v1::DISPATCHED);
  const int64_t head = Head();
  auto create = LiftRequest("only");
  create.set_validate_only(true);
  const auto created = As("admin")(&Stub::CreateTicket, create);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->state(), ticket::v1::PENDING_DISPATCH);
  auto sign = Sign(ticket);
  sign.set_validate_only(true);
  const auto signed_ticket = As("admin")(&Stub::SignTicket, sign);
  ASSERT_TRUE(signed_ticket.ok()) << signed_ticket.status();
  EXPECT_EQ(signed_ticket->state(), ticket::v1::SIGNED);

  EXPECT_EQ(Head(), head);
  EXPECT_EQ(Get(ticket.name()).SerializeAsString(), ticket.SerializeAsString());
  // The id was not used up, and so the order can be filed under it.
  const Ticket filed = File(LiftRequest("only"));
  EXPECT_EQ(Get(filed.name()).state(), ticket::v1::PENDING_DISPATCH);
}

}  // namespace
}  // namespace baimi::integration
