// 首次联系 through the doors, periods by category, and how often an order may be reopened.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/notice_service.grpc.pb.h"
#include "common/base/error.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"
#include "tests/integration/telling_fixture.h"

namespace baimi::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using ticket::domain::MakePeriod;
using ticket::v1::Ticket;
using Stub = ticket::v1::TicketService::Stub;

class ContactTest : public TellingTest {
 protected:
  void SetUp() override {
    TellingTest::SetUp();
    clock().Advance(absl::Minutes(1));
    ticket::v1::TicketPolicy policy = TellingPolicy();
    *policy.mutable_clock_rules() = ticket::domain::ContactPolicy().clock_rules();
    ticket::v1::ClockRule& leaf = *policy.add_clock_rules();
    leaf.set_id("trapped");
    leaf.set_kind(ticket::v1::HANDLE);
    *leaf.mutable_period() = MakePeriod(ticket::v1::HOURS, 48);
    leaf.add_categories("020301");
    policy.set_max_reopens(1);
    ticket::v1::NoticeTemplate& late = *policy.mutable_notices()->add_templates();
    late.set_id("late");
    late.set_event(ticket::v1::NOTICE_RAN_OUT);
    late.set_reader(ticket::v1::TO_LEAD);
    late.set_text("{number}已超过{due}");
    CreatePolicy(policy);
  }

  http::testing::ClientResponse Tell(const Ticket& ticket, const std::string& key) {
    return Http("POST", absl::StrCat("/v1/", ticket.name(), ":tellCaller"),
                R"({"matter":"TELL_FIRST_CONTACT","how":"PHONE","receipt":"rec-7"})", key);
  }
  void Ring() {
    absl::StatusOr<int> rang = suite().RingAlarms();
    for (int i = 0; i < 100 && !rang.ok(); ++i) {
      rang = suite().RingAlarms();
    }
    EXPECT_TRUE(rang.ok()) << rang.status();
  }
  int64_t Responded() {
    absl::StatusOr<int64_t> counted = suite().CountFigures();
    for (int i = 0; i < 100 && !counted.ok(); ++i) {
      counted = suite().CountFigures();
    }
    EXPECT_TRUE(counted.ok()) << counted.status();
    const auto answer = Http(
        "GET",
        absl::StrCat("/v1/", kCounty, "/tickets:figures?fromDate=2026-11-01&toDate=2027-03-31"), "",
        "clerk");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return FromJson<ticket::v1::GetFiguresResponse>(answer.body).figures(0).counts().responded();
  }
};

TEST_F(ContactTest, LeadSpeaksInTime_StopsTheClockAndCounts) {
  const Ticket ticket = FileUpTo(ticket::v1::SIGNED);
  EXPECT_EQ(Tell(ticket, "clerk").status, 403) << "the centre is not the lead";
  EXPECT_EQ(Tell(ticket, "unit-chengguanju").status, 404);
  const auto told = Tell(ticket, "unit-zhujianju");
  ASSERT_EQ(told.status, 200) << told.body;
  const Ticket contacted = FromJson<Ticket>(told.body);
  EXPECT_TRUE(contacted.marks().has_first_contact_time());
  EXPECT_EQ(ticket::domain::OpenClock(contacted, ticket::v1::CONTACT), nullptr);
  EXPECT_THAT(Tell(ticket, "unit-zhujianju").body, HasSubstr("NOTHING_TO_TELL"));
  clock().Advance(absl::Hours(10));
  Ring();
  Advance(Get(ticket.name()));
  EXPECT_EQ(Responded(), 1);
}

TEST_F(ContactTest, LeadSpeaksTooLate_IsOnRecordToldAndNoResponse) {
  const Ticket ticket = FileUpTo(ticket::v1::SIGNED);
  const auto* contact = ticket::domain::OpenClock(ticket, ticket::v1::CONTACT);
  ASSERT_NE(contact, nullptr);
  clock().Advance(ticket::domain::FromProto(contact->due_time()) - clock().Now());
  Ring();
  EXPECT_TRUE(
      ticket::domain::OpenClock(Get(ticket.name()), ticket::v1::CONTACT)->has_run_out_time());
  std::vector<std::string> texts;
  for (const auto& notice : Inbox(kLead, "unit-zhujianju")) {
    texts.push_back(notice.text());
  }
  EXPECT_THAT(texts, testing::Contains(HasSubstr("已超过2026-11-23")));
  EXPECT_EQ(Tell(ticket, "unit-zhujianju").status, 200);
  const auto account =
      Http("GET", absl::StrCat("/v1/", ticket.name(), ":explainClock"), "", "unit-zhujianju");
  EXPECT_THAT(account.body, HasSubstr("首次联系4个工作小时"));
  EXPECT_THAT(account.body, HasSubstr("超时完成"));
  Advance(Get(ticket.name()));
  EXPECT_EQ(Responded(), 0);
}

TEST_F(ContactTest, PeriodOfALeaf_HoldsForItsOrders) {
  const Ticket ticket = FileUpTo(ticket::v1::DISPATCHED);
  const auto* handle = ticket::domain::OpenClock(ticket, ticket::v1::HANDLE);
  EXPECT_EQ(handle->rule(), "trapped");
  EXPECT_EQ(ticket::domain::FromProto(handle->due_time()) -
                ticket::domain::FromProto(handle->start_time()),
            absl::Hours(48));
}

TEST_F(ContactTest, Reopening_IsLimitedByThePolicy) {
  Ticket ticket = FileUpTo(ticket::v1::CLOSED);
  const auto reopen = [&] {
    return Http("POST", absl::StrCat("/v1/", ticket.name(), ":reopen"), R"({"reason":"又坏了"})",
                "clerk");
  };
  ASSERT_EQ(reopen().status, 200);
  ticket::v1::SignTicketRequest sign;
  sign.set_name(ticket.name());
  Ticket again = *As("admin")(&Stub::SignTicket, sign);
  again = Advance(Advance(again));
  ticket::v1::RecordCallbackRequest refused;
  refused.set_name(ticket.name());
  refused.mutable_callback()->set_outcome(ticket::v1::REFUSED);
  again = *As("admin")(&Stub::RecordCallback, refused);
  ASSERT_EQ(Advance(again).state(), ticket::v1::CLOSED);
  const auto second = reopen();
  EXPECT_EQ(second.status, 400);
  EXPECT_THAT(second.body, HasSubstr("REOPEN_LIMIT"));
  EXPECT_THAT(second.body, HasSubstr("最多重新办理1次"));
}

TEST_F(ContactTest, BadRatingLeftAlone_IsOnRecordOnceAndTheCentreIsTold) {
  const Ticket ticket = FileUpTo(ticket::v1::PENDING_CALLBACK);
  ASSERT_TRUE(Rate(ticket, ticket::v1::VERY_DISSATISFIED).ok());
  const absl::Time due =
      ticket::domain::FromProto(Get(ticket.name()).bad_rating().contact_due_time());
  clock().Advance(due - clock().Now() - absl::Microseconds(1));
  Ring();
  EXPECT_FALSE(Get(ticket.name()).bad_rating().has_contact_run_out_time());
  clock().Advance(absl::Microseconds(1));
  Ring();
  EXPECT_TRUE(Get(ticket.name()).bad_rating().has_contact_run_out_time());
  const int64_t head = Head();
  clock().Advance(absl::Minutes(1));
  Ring();
  EXPECT_EQ(Head(), head) << "once";
  std::vector<std::string> texts;
  for (const auto& notice : Inbox("counties/469030/units/xianfuban", "admin")) {
    if (notice.event() == ticket::v1::NOTICE_RAN_OUT) {
      texts.push_back(notice.text());
    }
  }
  EXPECT_THAT(texts, ElementsAre(HasSubstr("已超过")));
}

}  // namespace
}  // namespace baimi::integration
