// Orders of one matter: merged, called back each, closed and reopened together, and split again.
#include <gmock/gmock.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::ElementsAre;
using ticket::v1::Ticket;
using Stub = ticket::v1::TicketService::Stub;

template <typename Request>
Request For(const std::string& name) {
  Request request;
  request.set_name(name);
  return request;
}

class GroupsTest : public SuiteTest {
 protected:
  absl::StatusOr<Ticket> TryMerge(const std::string& name, const std::string& into) {
    auto request = For<ticket::v1::MergeTicketRequest>(name);
    request.set_into(into);
    return As("clerk")(&Stub::MergeTicket, request);
  }
  Ticket Merge(const std::string& name, const std::string& into) {
    const auto merged = TryMerge(name, into);
    EXPECT_TRUE(merged.ok()) << merged.status();
    return merged.value_or(Ticket());
  }
  absl::StatusOr<Ticket> Call(const std::string& name, const std::string& key = "clerk") {
    auto request = For<ticket::v1::RecordCallbackRequest>(name);
    request.mutable_callback()->set_outcome(ticket::v1::REACHED);
    request.mutable_callback()->set_solved(ticket::v1::YES);
    return As(key)(&Stub::RecordCallback, request);
  }
  absl::StatusOr<Ticket> Close(const std::string& name) {
    return As("clerk")(&Stub::CloseTicket, For<ticket::v1::CloseTicketRequest>(name));
  }
  std::vector<std::string> MergedInto(const std::string& name) {
    ticket::v1::ListTicketsRequest request;
    request.set_parent(kCounty);
    request.set_merged_into(name);
    const auto list = As("clerk")(&Stub::ListTickets, request);
    EXPECT_TRUE(list.ok()) << list.status();
    std::vector<std::string> names;
    for (const Ticket& ticket : list->tickets()) {
      names.push_back(ticket.name());
    }
    return names;
  }
  int64_t CountOf(ticket::v1::TicketState state) {
    ticket::v1::GetTicketCountsRequest request;
    request.set_parent(kCounty);
    const auto counts = As("admin")(&Stub::GetTicketCounts, request);
    int64_t count = 0;
    for (const auto& one : counts->counts()) {
      count += one.state() == state ? one.count() : 0;
    }
    return count;
  }
};

TEST_F(GroupsTest, Group_CountsOnceForTheUnitAndClosesWhenEveryCallerWasAsked) {
  const std::string into = FileUpTo(ticket::v1::SIGNED).name();
  std::vector<std::string> merged;
  for (int i = 0; i < 2; ++i) {
    merged.push_back(File(LiftRequest("")).name());
    EXPECT_EQ(Merge(merged.back(), into).merged_into(), into);
  }
  EXPECT_EQ(Get(into).merged_count(), 2);
  EXPECT_THAT(MergedInto(into), ElementsAre(merged[1], merged[0]));
  EXPECT_EQ(CountOf(ticket::v1::SIGNED), 1);
  EXPECT_EQ(CountOf(ticket::v1::MERGED), 2);

  EXPECT_EQ(ReasonOf(Call(merged[0]).status()), "ILLEGAL_TRANSITION") << "nothing to ask yet";
  Advance(Advance(Get(into)));
  ASSERT_EQ(Get(into).state(), ticket::v1::PENDING_CALLBACK);
  ASSERT_TRUE(Call(into).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Call(merged[0], "unit-zhujianju").status()));
  ASSERT_TRUE(Call(merged[0]).ok());
  const absl::Status early = Close(into).status();
  EXPECT_EQ(ReasonOf(early), "NO_FINAL_OUTCOME");
  EXPECT_EQ(ErrorInfoOf(early)->metadata().at("ticket"), merged[1]);
  ASSERT_TRUE(Call(merged[1]).ok());
  ASSERT_TRUE(Close(into).ok());
  for (const std::string& name : {into, merged[0], merged[1]}) {
    EXPECT_EQ(Get(name).state(), ticket::v1::CLOSED) << name;
  }
  EXPECT_EQ(CountOf(ticket::v1::MERGED), 0);

  // One of them goes to the archive; the other comes back with the order.
  ASSERT_TRUE(
      As("clerk")(&Stub::ArchiveTicket, For<ticket::v1::ArchiveTicketRequest>(merged[0])).ok());
  auto reopen = For<ticket::v1::ReopenTicketRequest>(merged[1]);
  reopen.set_reason("又停了");
  const absl::Status alone = As("clerk")(&Stub::ReopenTicket, reopen).status();
  EXPECT_EQ(ReasonOf(alone), "NOT_APPLICABLE");
  reopen.set_name(into);
  ASSERT_TRUE(As("clerk")(&Stub::ReopenTicket, reopen).ok());
  EXPECT_EQ(Get(into).state(), ticket::v1::REWORK);
  EXPECT_EQ(Get(merged[0]).state(), ticket::v1::ARCHIVED);
  EXPECT_EQ(Get(merged[1]).state(), ticket::v1::MERGED);
}

TEST_F(GroupsTest, Split_RestoresTheClocksWithTheTimeSpentKept) {
  const std::string into = FileUpTo(ticket::v1::SIGNED).name();
  const Ticket before = FileUpTo(ticket::v1::DISPATCHED);
  clock().Advance(absl::Hours(1));
  const Ticket merged = Merge(before.name(), into);
  for (const ticket::v1::Clock& one : merged.clocks()) {
    EXPECT_TRUE(one.has_stop_time()) << one.ShortDebugString();
  }
  clock().Advance(absl::Hours(24 * 3));
  auto request = For<ticket::v1::SplitTicketRequest>(before.name());
  request.set_reason("不是同一部电梯");
  const auto split = As("clerk")(&Stub::SplitTicket, request);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->state(), ticket::v1::DISPATCHED);
  EXPECT_EQ(split->merged_into(), "");
  EXPECT_EQ(Get(into).merged_count(), 0);
  int running = 0;
  for (const ticket::v1::Clock& one : split->clocks()) {
    if (!one.has_stop_time()) {
      ++running;
      EXPECT_GT(one.remaining().seconds(), 0) << one.ShortDebugString();
    }
  }
  EXPECT_EQ(running, 2);
  EXPECT_EQ(ReasonOf(As("clerk")(&Stub::SplitTicket, request).status()), "ILLEGAL_TRANSITION");
}

TEST_F(GroupsTest, OrderThatOthersWereMergedInto_IsNotTakenBack) {
  const std::string into = File(LiftRequest("")).name();
  const std::string other = File(LiftRequest("")).name();
  Merge(other, into);
  auto request = For<ticket::v1::WithdrawTicketRequest>(into);
  request.set_reason("不用了");
  EXPECT_EQ(ReasonOf(As("clerk")(&Stub::WithdrawTicket, request).status()), "HAS_MERGED_ORDERS");
  EXPECT_EQ(ReasonOf(TryMerge(into, other).status()), "HAS_MERGED_ORDERS");
  EXPECT_EQ(ReasonOf(TryMerge(File(LiftRequest("")).name(), other).status()), "MERGE_NOT_ALLOWED");
}

TEST_F(GroupsTest, Merge_IsOnTheRecordOfBothOrders) {
  const std::string into = File(LiftRequest("")).name();
  const std::string other = File(LiftRequest("")).name();
  Merge(other, into);
  ticket::v1::ListTicketEventsRequest request;
  request.set_parent(into);
  const auto events = As("clerk")(&Stub::ListTicketEvents, request);
  ASSERT_TRUE(events.ok()) << events.status();
  const auto& last = events->events(events->events_size() - 1).fact();
  EXPECT_EQ(last.order_joined().ticket(), other);
  EXPECT_EQ(last.state(), ticket::v1::PENDING_DISPATCH);
}

}  // namespace
}  // namespace baimi::integration
