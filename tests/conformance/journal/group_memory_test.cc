// What the closures of a group share: rows that count, and what they read alike.
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "tests/conformance/journal/fixture.h"

namespace baimi::journal {
namespace {

using testing::ElementsAre;
using ticket::v1::Ticket;

class GroupMemoryTest : public JournalTest {
 protected:
  // Holds the writer, so that what comes before Go runs as one group.
  void Hold() {
    absl::Notification begun;
    go_ = std::make_unique<absl::Notification>();
    held_ = std::make_unique<Async<Ticket>>(
        writer_->Execute<Ticket>(MakeCall(), [this, &begun](Tx&) -> absl::StatusOr<Ticket> {
          if (!go_->HasBeenNotified()) {
            begun.Notify();
            go_->WaitForNotification();
          }
          return Ticket();
        }));
    // What comes now is not taken with it.
    begun.WaitForNotification();
  }
  void Go() {
    go_->Notify();
    EXPECT_TRUE(std::move(*held_).Wait().ok());
  }

  // Takes the next number, which is its answer's title, and counts itself; then ends as `end` says.
  Async<Ticket> Take(const Call& call, const std::function<absl::Status(Tx&)>& end = nullptr) {
    return writer_->Execute<Ticket>(call, [end](Tx& tx) -> absl::StatusOr<Ticket> {
      BAIMI_ASSIGN_OR_RETURN(const int64_t number,
                             tx.sql().AddAndGet(kTally, {tx.county(), "number"}, 1));
      BAIMI_RETURN_IF_ERROR(tx.sql().Add(kTally, {tx.county(), "taken"}, 1));
      BAIMI_RETURN_IF_ERROR(end ? end(tx) : absl::OkStatus());
      Ticket ticket;
      ticket.set_title(absl::StrCat(number));
      return ticket;
    });
  }

  std::unique_ptr<absl::Notification> go_;
  std::unique_ptr<Async<Ticket>> held_;
};

absl::Status Refuse(Tx&) { return absl::FailedPreconditionError("no"); }

absl::Status BreakAKey(Tx& tx) {
  return tx.sql().Execute(kInsertThing, {tx.county(), "taken"}).status();
}

TEST_P(GroupMemoryTest, AddAndGet_InOneGroup_GivesEachANumberOfItsOwn) {
  Hold();
  std::vector<Async<Ticket>> answers;
  for (int i = 0; i < 40; ++i) {
    answers.push_back(Take(MakeCall()));
  }
  Go();
  std::set<int> numbers;
  for (auto& answer : answers) {
    const auto ticket = std::move(answer).Wait();
    ASSERT_TRUE(ticket.ok()) << ticket.status();
    numbers.insert(std::stoi(ticket->title()));
  }
  EXPECT_EQ(numbers.size(), 40u);
  EXPECT_EQ(*numbers.rbegin(), 40);
  EXPECT_EQ(Tally("number"), 40);
  EXPECT_EQ(Tally("taken"), 40);
}

TEST_P(GroupMemoryTest, AddAndGet_OthersOfTheGroupRefused_LeavesNoGapAndCountsNothingOfTheirs) {
  ASSERT_TRUE(Add(MakeCall(), "taken").Wait().ok());
  Hold();
  std::vector<Async<Ticket>> kept, lost, tried;
  for (int i = 0; i < 12; ++i) {
    if (i % 4 == 1) lost.push_back(Take(MakeCall(), Refuse));
    if (i % 4 == 2) lost.push_back(Take(MakeCall(), BreakAKey));
    if (i % 4 == 3) {
      Call dry = MakeCall();
      dry.validate_only = true;
      tried.push_back(Take(dry));
    }
    kept.push_back(Take(MakeCall()));
  }
  Go();
  std::set<int> numbers;
  for (auto& answer : kept) {
    const auto ticket = std::move(answer).Wait();
    ASSERT_TRUE(ticket.ok()) << ticket.status();
    numbers.insert(std::stoi(ticket->title()));
  }
  for (auto& answer : lost) {
    EXPECT_FALSE(std::move(answer).Wait().ok());
  }
  for (auto& answer : tried) {
    EXPECT_TRUE(std::move(answer).Wait().ok());
  }
  EXPECT_EQ(numbers.size(), 12u);
  EXPECT_EQ(*numbers.rbegin(), 12) << "a refused closure may leave no gap";
  EXPECT_EQ(Tally("number"), 12);
  EXPECT_EQ(Tally("taken"), 12);
  // The next group goes on from there.
  EXPECT_EQ(Take(MakeCall()).Wait()->title(), "13");
}

TEST_P(GroupMemoryTest, AddAndGet_AfterAdd_HoldsBoth) {
  const auto answer =
      writer_
          ->Execute<Ticket>(
              MakeCall(),
              [](Tx& tx) -> absl::StatusOr<Ticket> {
                const sql::Param key[] = {tx.county(), "both"};
                BAIMI_RETURN_IF_ERROR(tx.sql().Add(kTally, key, 5));
                BAIMI_ASSIGN_OR_RETURN(const int64_t six, tx.sql().AddAndGet(kTally, key, 1));
                BAIMI_RETURN_IF_ERROR(tx.sql().Add(kTally, key, 10));
                BAIMI_RETURN_IF_ERROR(tx.sql().Savepoint());
                BAIMI_RETURN_IF_ERROR(tx.sql().Add(kTally, key, 100));
                BAIMI_RETURN_IF_ERROR(tx.sql().RollbackSavepoint());
                BAIMI_ASSIGN_OR_RETURN(const int64_t last, tx.sql().AddAndGet(kTally, key, 1));
                Ticket ticket;
                ticket.set_title(absl::StrCat(six, " ", last));
                return ticket;
              })
          .Wait();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->title(), "6 17");
  EXPECT_EQ(Tally("both"), 17);
}

TEST_P(GroupMemoryTest, Add_StatementFailsAtTheEnd_EveryCallHearsIt) {
  static constexpr sql::Statement kBroken = {
      "test.tally_broken",
      "INSERT INTO tallies (county, name, n) VALUES ($1, $2, CASE WHEN "
      "CAST($3 AS bigint) > 0 THEN NULL ELSE 0 END)"};
  const auto answer =
      writer_
          ->Execute<Ticket>(
              MakeCall(),
              [](Tx& tx) -> absl::StatusOr<Ticket> {
                BAIMI_RETURN_IF_ERROR(tx.sql().Add(kBroken, {tx.county(), "broken"}, 1));
                return Ticket();
              })
          .Wait();
  EXPECT_TRUE(absl::IsFailedPrecondition(answer.status())) << answer.status();
  EXPECT_TRUE(Take(MakeCall()).Wait().ok());
}

TEST_P(GroupMemoryTest, Once_InOneGroup_LoadsOnceAndAgainAfterForget) {
  int loads = 0;
  const auto read = [&loads](Tx& tx) -> absl::StatusOr<Ticket> {
    BAIMI_ASSIGN_OR_RETURN(const auto value,
                           tx.Once<int>("value", [&]() -> absl::StatusOr<int> { return ++loads; }));
    Ticket ticket;
    ticket.set_title(absl::StrCat(*value));
    return ticket;
  };
  const auto change = [](Tx& tx) -> absl::StatusOr<Ticket> {
    tx.Forget("value");
    return Ticket();
  };
  const auto change_and_refuse = [&read](Tx& tx) -> absl::StatusOr<Ticket> {
    BAIMI_RETURN_IF_ERROR(tx.sql().Execute(kInsertThing, {tx.county(), "x"}).status());
    tx.Forget("value");
    BAIMI_RETURN_IF_ERROR(read(tx).status());
    return absl::FailedPreconditionError("no");
  };
  Hold();
  std::vector<Async<Ticket>> answers;
  for (const bool changed : {false, false, true, false, false}) {
    answers.push_back(changed ? writer_->Execute<Ticket>(MakeCall(), change)
                              : writer_->Execute<Ticket>(MakeCall(), read));
  }
  Go();
  std::vector<std::string> seen;
  for (auto& answer : answers) {
    seen.push_back(std::move(answer).Wait()->title());
  }
  EXPECT_THAT(seen, ElementsAre("1", "1", "", "2", "2"));
  EXPECT_EQ(writer_->Execute<Ticket>(MakeCall(), read).Wait()->title(), "3")
      << "another transaction reads anew";

  Hold();
  auto before = writer_->Execute<Ticket>(MakeCall(), read);
  auto refused = writer_->Execute<Ticket>(MakeCall(), change_and_refuse);
  auto after = writer_->Execute<Ticket>(MakeCall(), read);
  Go();
  EXPECT_TRUE(absl::IsFailedPrecondition(std::move(refused).Wait().status()));
  EXPECT_EQ(std::move(before).Wait()->title(), std::move(after).Wait()->title())
      << "what a refused closure read of its own writes is forgotten with it";
}

INSTANTIATE_TEST_SUITE_P(Backends, GroupMemoryTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::journal
