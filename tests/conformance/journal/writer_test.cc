#include <map>
#include <vector>

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "tests/conformance/journal/fixture.h"

namespace baimi::journal {
namespace {

using ticket::v1::Ticket;

TEST_P(JournalTest, Execute_Success_WritesRowRecordAndSeq) {
  const Call call = MakeCall();
  const auto answer = Add(call, "lift").Wait();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->title(), "lift");
  EXPECT_EQ(call.committed_seq->load(), 1);
  EXPECT_EQ(Rows(), 1);
  EXPECT_EQ(Head(), 1);
  ExpectChainWhole();
}

TEST_P(JournalTest, Execute_RefusalInGroup_UndoesOnlyItself) {
  std::vector<Async<Ticket>> answers;
  for (int i = 0; i < 30; ++i) {
    answers.push_back(Add(MakeCall(), absl::StrCat("v", i % 20)));  // Ten break the primary key.
  }
  int refused = 0;
  for (auto& answer : answers) {
    const auto result = std::move(answer).Wait();
    refused += absl::IsAlreadyExists(result.status()) ? 1 : 0;
  }
  EXPECT_EQ(refused, 10);
  EXPECT_EQ(Rows(), 20);
  EXPECT_EQ(Head(), 20) << "a refused closure may leave no gap";
  ExpectChainWhole();
}

// A closure that records something and then thinks better of it.
absl::StatusOr<Ticket> RecordAndRefuse(Tx& tx) {
  ticket::v1::ContactRevealed event;
  event.set_ticket("things/x");
  BAIMI_RETURN_IF_ERROR(tx.Record("things/x", event, privacy::kNoKey).status());
  return absl::FailedPreconditionError("no");
}

TEST_P(JournalTest, Execute_RefusalAfterWriting_LeavesNothing) {
  const auto alone = writer_->Execute<Ticket>(MakeCall("alone"), RecordAndRefuse).Wait();
  EXPECT_TRUE(absl::IsFailedPrecondition(alone.status())) << alone.status();
  EXPECT_EQ(Head(), 0);
  // In a group: the others are kept, and answered once.
  absl::Notification go;
  auto first = writer_->Execute<Ticket>(MakeCall(), [&](Tx&) -> absl::StatusOr<Ticket> {
    go.WaitForNotification();  // Holds the writer until a group has gathered.
    return Ticket();
  });
  std::vector<Async<Ticket>> kept, refused;
  for (int i = 0; i < 10; ++i) {
    kept.push_back(Add(MakeCall(absl::StrCat("r", i)), absl::StrCat("v", i)));
    refused.push_back(writer_->Execute<Ticket>(MakeCall(absl::StrCat("n", i)), RecordAndRefuse));
  }
  go.Notify();
  EXPECT_TRUE(std::move(first).Wait().ok());
  for (auto& answer : kept) {
    EXPECT_TRUE(std::move(answer).Wait().ok());
  }
  for (auto& answer : refused) {
    EXPECT_TRUE(absl::IsFailedPrecondition(std::move(answer).Wait().status()));
  }
  EXPECT_EQ(Rows(), 10);
  EXPECT_EQ(Head(), 10) << "a refused closure may leave no gap";
  ExpectChainWhole();
}

TEST_P(JournalTest, Execute_SameRequestId_RunsOnceAndAnswersAlike) {
  const auto first = Add(MakeCall("r1"), "one").Wait();
  const auto again = Add(MakeCall("r1"), "one").Wait();
  ASSERT_TRUE(first.ok() && again.ok()) << again.status();
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  EXPECT_EQ(Rows(), 1);
  EXPECT_EQ(writer_->stats().replays, 1);
}

TEST_P(JournalTest, Execute_SameRequestIdAtOnce_OneEffect) {
  std::vector<Async<Ticket>> answers;
  for (int i = 0; i < 40; ++i) {
    answers.push_back(Add(MakeCall("same"), "x"));
  }
  for (auto& answer : answers) {
    EXPECT_TRUE(std::move(answer).Wait().ok());
  }
  EXPECT_EQ(Rows(), 1);
  EXPECT_EQ(Head(), 1);
}

TEST_P(JournalTest, Execute_RequestIdWithOtherBody_IsRefused) {
  ASSERT_TRUE(Add(MakeCall("r1"), "one").Wait().ok());
  Call other = MakeCall("r1");
  other.fingerprint = "different";
  const auto answer = Add(other, "two").Wait();
  EXPECT_EQ(ReasonOf(answer.status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(Rows(), 1);
}

TEST_P(JournalTest, Execute_RequestIdAfterRetention_RunsAgain) {
  ASSERT_TRUE(Add(MakeCall("r1"), "one").Wait().ok());
  clock_.Advance(absl::Hours(24 * 8));
  EXPECT_TRUE(Add(MakeCall("r1"), "two").Wait().ok());
  EXPECT_EQ(Rows(), 2);
  clock_.Advance(absl::Hours(24 * 8));
  const auto swept = writer_->SweepRequests();
  ASSERT_TRUE(swept.ok()) << swept.status();
  EXPECT_EQ(*swept, 1);
}

TEST_P(JournalTest, Execute_FailedCall_StoresNoAnswer) {
  ASSERT_TRUE(Add(MakeCall(), "taken").Wait().ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Add(MakeCall("r1"), "taken").Wait().status()));
  EXPECT_TRUE(Add(MakeCall("r1"), "free").Wait().ok());
}

TEST_P(JournalTest, Execute_ValidateOnly_KeepsNothing) {
  ASSERT_TRUE(Add(MakeCall(), "kept").Wait().ok());
  Call call = MakeCall("r1");
  call.validate_only = true;
  const auto answer = Add(call, "dry").Wait();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(call.committed_seq->load(), 1) << "readers would ask for what never comes";
  EXPECT_EQ(Rows(), 1);
  EXPECT_EQ(Head(), 1);
  EXPECT_TRUE(Add(MakeCall("r1"), "dry").Wait().ok()) << "a dry run may not use the id up";
}

TEST_P(JournalTest, Execute_ExpiredDeadline_IsNotRun) {
  Call call = MakeCall();
  call.deadline = clock_.Now() - absl::Seconds(1);
  EXPECT_TRUE(absl::IsDeadlineExceeded(Add(call, "late").Wait().status()));
  EXPECT_EQ(Rows(), 0);
}

TEST_P(JournalTest, Execute_DeadlinePassesInAFailedGroup_IsNotTriedAgain) {
  sql::FaultPlan plan;
  plan.statement_error = 1;
  plan.error = absl::DeadlineExceededError("the head is locked");
  plan.delay_chance = 1;
  plan.delay = [this] { clock_.Advance(absl::Seconds(10)); };
  database_->SetPlan(plan);
  Call call = MakeCall();
  call.deadline = clock_.Now() + absl::Seconds(5);
  EXPECT_EQ(ReasonOf(Add(call, "late").Wait().status()), "DEADLINE_PASSED");
  EXPECT_EQ(writer_->stats().reruns, 0);
  database_->SetPlan({});
  EXPECT_EQ(Rows(), 0);
}

TEST_P(JournalTest, Execute_PersonalEventWithoutKey_IsInternal) {
  const auto answer =
      writer_
          ->Execute<Ticket>(
              MakeCall(),
              [](Tx& tx) -> absl::StatusOr<Ticket> {
                ticket::v1::TicketFact fact;
                fact.mutable_filed()->mutable_ticket()->set_title("secret");
                BAIMI_RETURN_IF_ERROR(tx.Record("things/x", fact, privacy::kNoKey).status());
                return Ticket();
              })
          .Wait();
  EXPECT_TRUE(absl::IsInternal(answer.status())) << answer.status();
  EXPECT_EQ(Head(), 0);
}

TEST_P(JournalTest, Execute_FullQueue_IsRefusedWithRetryInfo) {
  WriterOptions options;
  options.max_queue = 1;
  Restart(options);
  absl::Notification entered, go;
  auto first = writer_->Execute<Ticket>(MakeCall(), [&](Tx&) -> absl::StatusOr<Ticket> {
    if (!entered.HasBeenNotified()) {
      entered.Notify();
    }
    go.WaitForNotification();  // Holds the group open; a real closure never waits.
    return Ticket();
  });
  entered.WaitForNotification();
  auto second = Add(MakeCall(), "queued");
  const auto third = Add(MakeCall(), "refused").Wait();
  EXPECT_EQ(ReasonOf(third.status()), "LANE_FULL");
  EXPECT_TRUE(RetryAfterOf(third.status()).has_value());
  go.Notify();
  EXPECT_TRUE(std::move(first).Wait().ok());
  EXPECT_TRUE(std::move(second).Wait().ok());
}

TEST_P(JournalTest, Execute_ManyCountiesAtOnce_EachGapFree) {
  std::vector<Async<Ticket>> answers;
  for (int i = 0; i < 200; ++i) {
    Call call = MakeCall(absl::StrCat("r", i));
    call.county = absl::StrCat("46903", i % 5);
    answers.push_back(Add(call, absl::StrCat("v", i)));
  }
  for (auto& answer : answers) {
    EXPECT_TRUE(std::move(answer).Wait().ok());
  }
  const auto reports = Verify(*database_);
  ASSERT_TRUE(reports.ok()) << reports.status();
  ASSERT_EQ(reports->size(), 5u);
  for (const ChainReport& report : *reports) {
    EXPECT_EQ(report.records, 40);
  }
}

TEST_P(JournalTest, Access_Recorded_IsNotOnTheMainStream) {
  const auto answer =
      writer_
          ->Execute<Ticket>(
              MakeCall(),
              [](Tx& tx) -> absl::StatusOr<Ticket> {
                ticket::v1::ContactRevealed event;
                event.set_ticket("things/x");
                BAIMI_RETURN_IF_ERROR(tx.RecordAccess("things/x", event, privacy::kNoKey).status());
                return Ticket();
              })
          .Wait();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(Head("main"), 0);
  EXPECT_EQ(Head("access"), 1);
  ExpectChainWhole();
}

TEST_P(JournalTest, Restart_ChainGoesOn) {
  if (!GetParam().durable) {
    return;  // Nothing to come back to.
  }
  ASSERT_TRUE(Add(MakeCall("a"), "one").Wait().ok());
  Restart();
  ASSERT_TRUE(Add(MakeCall("a"), "one").Wait().ok());
  ASSERT_TRUE(Add(MakeCall("b"), "two").Wait().ok());
  EXPECT_EQ(Rows(), 2);
  EXPECT_EQ(Head(), 2);
  ExpectChainWhole();
}

TEST_P(JournalTest, History_OfOneResource_OpensItsEvents) {
  ASSERT_TRUE(Add(MakeCall(), "one").Wait().ok());
  ASSERT_TRUE(Add(MakeCall(), "two").Wait().ok());
  std::vector<std::string> titles;
  const absl::Status status = database_->Read({}, [&](sql::Reader& reader) {
    return ReadResource(reader, kCounty, "things/two", 0, 10,
                        [&](const type::v1::JournalRecord& record) -> absl::Status {
                          EXPECT_THAT(record.payload(), testing::Not(testing::HasSubstr("two")));
                          ticket::v1::TicketFact fact;
                          BAIMI_RETURN_IF_ERROR(OpenEvent(*vault_, record, &fact));
                          titles.push_back(fact.filed().ticket().title());
                          return absl::OkStatus();
                        });
  });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(titles, testing::ElementsAre("two"));
}

// Every acknowledged closure took effect once, whatever the database did.
TEST_P(JournalTest, Faults_AcknowledgedWorkIsThereOnce) {
  sql::FaultPlan plan;
  plan.start_error = 0.1;
  plan.statement_error = 0.02;
  plan.commit_then_unknown = 0.15;
  plan.lose_then_unknown = 0.15;
  database_->SetPlan(plan);
  std::vector<Async<Ticket>> answers;
  for (int i = 0; i < 300; ++i) {
    answers.push_back(Add(MakeCall(absl::StrCat("r", i)), absl::StrCat("v", i)));
  }
  int64_t acknowledged = 0;
  std::vector<int> retries;
  for (int i = 0; i < 300; ++i) {
    const auto answer = std::move(answers[static_cast<size_t>(i)]).Wait();
    acknowledged += answer.ok() ? 1 : 0;
    if (!answer.ok()) {
      EXPECT_TRUE(absl::IsUnavailable(answer.status())) << answer.status();
      retries.push_back(i);
    }
  }
  EXPECT_GT(database_->injected(), 0);
  database_->SetPlan({});
  EXPECT_GE(Rows(), acknowledged);
  for (const int i : retries) {
    EXPECT_TRUE(Add(MakeCall(absl::StrCat("r", i)), absl::StrCat("v", i)).Wait().ok());
  }
  EXPECT_EQ(Rows(), 300);
  EXPECT_EQ(Head(), 300);
  ExpectChainWhole();
}

constexpr sql::Statement kTamper = {"test.tamper",
                                    "UPDATE journal SET time_us = time_us + 1 WHERE seq = $1"};
constexpr sql::Statement kRemove = {"test.remove", "DELETE FROM journal WHERE seq = $1"};

TEST_P(JournalTest, Verify_ChangedOrMissingRecord_IsDataLoss) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(Add(MakeCall(), absl::StrCat("v", i)).Wait().ok());
  }
  ASSERT_TRUE(
      database_->Write({}, [](sql::Tx& tx) { return tx.Execute(kTamper, {3}).status(); }).ok());
  EXPECT_TRUE(absl::IsDataLoss(Verify(*database_).status()));
  ASSERT_TRUE(
      database_->Write({}, [](sql::Tx& tx) { return tx.Execute(kRemove, {5}).status(); }).ok());
  EXPECT_TRUE(absl::IsDataLoss(Verify(*database_).status()));
}

INSTANTIATE_TEST_SUITE_P(Backends, JournalTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::journal
