// The desk of a unit: what is due first, whose it is, and the hand-over.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "tests/integration/telling_fixture.h"

namespace baimi::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using ticket::v1::DeskService;
using ticket::v1::Ticket;
using Stub = ticket::v1::TicketService::Stub;

class DeskTest : public TellingTest {
 protected:
  absl::StatusOr<ticket::v1::ListDeskTicketsResponse> Desk(
      int size = 0, const std::string& token = "", const std::string& assignee = "",
      const std::string& key = "unit-zhujianju") {
    ticket::v1::ListDeskTicketsRequest request;
    request.set_parent(kLead);
    request.set_page_size(size);
    request.set_page_token(token);
    request.set_assignee(assignee);
    return As(key)(&DeskService::Stub::ListDeskTickets, request);
  }
  absl::StatusOr<Ticket> Assign(const std::string& name, const std::string& staff,
                                const std::string& key = "unit-zhujianju") {
    ticket::v1::AssignTicketRequest request;
    request.set_name(name);
    request.set_assignee(staff);
    request.set_reason("分工");
    return As(key)(&DeskService::Stub::AssignTicket, request);
  }
  absl::StatusOr<ticket::v1::HandOverDeskResponse> HandOver(
      const std::string& from, const std::string& to, const std::string& key = "unit-zhujianju") {
    ticket::v1::HandOverDeskRequest request;
    request.set_parent(kLead);
    request.set_from_assignee(from);
    request.set_to_assignee(to);
    request.set_reason("调离");
    return As(key)(&DeskService::Stub::HandOverDesk, request);
  }
};

TEST_F(DeskTest, List_MostUrgentFirst_WithWhatMayBeDoneNext) {
  const Ticket early = FileUpTo(ticket::v1::SIGNED);
  clock().Advance(absl::Hours(48));
  const Ticket late = FileUpTo(ticket::v1::DISPATCHED);
  const auto desk = Desk();
  ASSERT_TRUE(desk.ok()) << desk.status();
  ASSERT_EQ(desk->desk_tickets_size(), 2);
  EXPECT_EQ(desk->desk_tickets(0).ticket().name(), early.name());
  EXPECT_EQ(desk->desk_tickets(0).clock(), ticket::v1::HANDLE);
  EXPECT_THAT(desk->desk_tickets(0).verbs(), ElementsAre("requestExtension", "reply"));
  EXPECT_EQ(desk->desk_tickets(1).ticket().name(), late.name());
  EXPECT_EQ(desk->desk_tickets(1).clock(), ticket::v1::SIGN);
  EXPECT_THAT(desk->desk_tickets(1).verbs(), ElementsAre("sign", "requestReturn"));
  EXPECT_EQ(desk->desk_tickets(0).ticket().caller().phone(), "138****8000") << "masked";
  clock().Advance(absl::Hours(24 * 30));
  EXPECT_GT(Desk()->desk_tickets(0).overdue_by().seconds(), 0);
  EXPECT_EQ(Desk()->desk_tickets(0).time_left().seconds(), 0);
}

TEST_F(DeskTest, Pages_AreStableWhileOrdersComeAndGo) {
  std::vector<std::string> names;
  for (int i = 0; i < 5; ++i) {
    names.push_back(FileUpTo(ticket::v1::SIGNED).name());
    clock().Advance(absl::Hours(24));
  }
  auto page = Desk(2);
  std::vector<std::string> seen;
  for (int turn = 0; turn < 9; ++turn) {
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& desk : page->desk_tickets()) {
      seen.push_back(desk.ticket().name());
    }
    if (turn == 0) {
      Advance(Get(names[0]));  // Replied: it leaves the desk, and nothing is shifted.
    }
    if (page->next_page_token().empty()) {
      break;
    }
    page = Desk(2, page->next_page_token());
  }
  EXPECT_EQ(seen, names);
}

TEST_F(DeskTest, OtherUnits_SeeNothingOfIt) {
  FileUpTo(ticket::v1::SIGNED);
  const auto others = Desk(0, "", "", "unit-chengguanju");
  ASSERT_TRUE(others.ok()) << others.status();
  EXPECT_EQ(others->desk_tickets_size(), 0);
}

TEST_F(DeskTest, HandOver_EverythingOpenOfOneDesk_WithTheReasonOnRecord) {
  const Ticket one = FileUpTo(ticket::v1::SIGNED);
  const Ticket two = FileUpTo(ticket::v1::DISPATCHED);
  const Ticket other = FileUpTo(ticket::v1::SIGNED);
  for (const Ticket& ticket : {one, two}) {
    const auto assigned = Assign(ticket.name(), "li.na");
    ASSERT_TRUE(assigned.ok()) << assigned.status();
  }
  ASSERT_TRUE(Assign(other.name(), "zhao").ok());
  EXPECT_EQ(Desk(0, "", "li.na")->desk_tickets_size(), 2);
  EXPECT_EQ(ReasonOf(HandOver("li.na", "wang", "unit-chengguanju").status()), "RESOURCE_NOT_FOUND");

  const auto handed = HandOver("li.na", "wang");
  ASSERT_TRUE(handed.ok()) << handed.status();
  EXPECT_THAT(handed->tickets(), ElementsAre(one.name(), two.name()));
  EXPECT_FALSE(handed->more());
  EXPECT_EQ(Get(one.name()).assignee(), "wang");
  EXPECT_EQ(Get(two.name()).assignee(), "wang");
  EXPECT_EQ(Get(other.name()).assignee(), "zhao");
  ticket::v1::ListTicketEventsRequest events;
  events.set_parent(one.name());
  const auto history = As("admin")(&Stub::ListTicketEvents, events);
  ASSERT_TRUE(history.ok());
  const auto& last = history->events(history->events_size() - 1).fact().assignee_changed();
  EXPECT_EQ(last.from(), "li.na");
  EXPECT_EQ(last.to(), "wang");
  EXPECT_EQ(last.reason(), "调离");
  EXPECT_EQ(HandOver("li.na", "wang")->tickets_size(), 0) << "nothing is left";
}

TEST_F(DeskTest, HandOver_ALargeDesk_GoesInParts) {
  for (int i = 0; i < 53; ++i) {
    ASSERT_TRUE(Assign(FileUpTo(ticket::v1::DISPATCHED).name(), "li.na").ok());
  }
  const auto first = HandOver("li.na", "wang");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->tickets_size(), 50);
  EXPECT_TRUE(first->more());
  const auto rest = HandOver("li.na", "wang");
  EXPECT_EQ(rest->tickets_size(), 3);
  EXPECT_FALSE(rest->more());
}

TEST_F(DeskTest, Callback_KeepsTheRecordedCall) {
  const Ticket ticket = FileUpTo(ticket::v1::PENDING_CALLBACK);
  ticket::v1::RecordCallbackRequest request;
  request.set_name(ticket.name());
  request.mutable_callback()->set_outcome(ticket::v1::REACHED);
  request.mutable_callback()->set_call_record("rec-20261123-0007");
  request.mutable_callback()->set_by_caller(true);  // Nobody's to say.
  const auto recorded = As("clerk")(&Stub::RecordCallback, request);
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_EQ(recorded->callbacks(0).call_record(), "rec-20261123-0007");
  EXPECT_FALSE(recorded->callbacks(0).by_caller());
}

}  // namespace
}  // namespace baimi::integration
