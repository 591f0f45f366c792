// Notices from the journal to inboxes and telephones, and the duties that the law makes of it.
#include <gmock/gmock.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/error.h"
#include "services/ticket/api/message_carrier.h"
#include "tests/integration/telling_fixture.h"

namespace baimi::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using ticket::v1::Notice;
using ticket::v1::NoticeService;
using ticket::v1::Ticket;
using Stub = ticket::v1::TicketService::Stub;

constexpr char kHelper[] = "counties/469030/units/yingbei";
constexpr char kTownship[] = "counties/469030/units/yinggen";

class NoticeTest : public TellingTest {
 protected:
  std::vector<std::string> Texts(const std::string& unit, const std::string& key = "admin") {
    std::vector<std::string> texts;
    for (const Notice& notice : Inbox(unit, key)) {
      texts.push_back(notice.text());
    }
    return texts;
  }
  // The text messages of the county, newest first.
  std::vector<Notice> Sent() {
    std::vector<Notice> sent;
    for (const Notice& notice : Inbox("", "admin")) {
      if (notice.reader() == ticket::v1::TO_CALLER) {
        sent.push_back(notice);
      }
    }
    return sent;
  }
  std::vector<ticket::v1::OpenDuties> Duties(const std::string& key = "admin") {
    ticket::v1::ListTellingDutiesRequest request;
    request.set_parent(kCounty);
    const auto list = As(key)(&NoticeService::Stub::ListTellingDuties, request);
    EXPECT_TRUE(list.ok()) << list.status();
    return {list->open_duties().begin(), list->open_duties().end()};
  }
  absl::StatusOr<Ticket> Refuse(const Ticket& ticket) {
    ticket::v1::RejectTicketRequest request;
    request.set_name(ticket.name());
    request.mutable_refusal()->set_code(ticket::v1::LEGAL_CHANNEL);
    request.mutable_refusal()->set_reason("属诉讼事项");
    request.mutable_refusal()->set_channel("县人民法院");
    return As("admin")(&Stub::RejectTicket, request);
  }
};

TEST_F(NoticeTest, Dispatch_ReachesEveryInboxOnce) {
  FileUpTo(ticket::v1::DISPATCHED);
  EXPECT_THAT(Texts(kLead, "unit-zhujianju"), ElementsAre(HasSubstr("新工单20261123-000001")));
  EXPECT_THAT(Texts(kHelper), ElementsAre("协办20261123-000001"));
  EXPECT_THAT(Texts(kTownship), ElementsAre("抄送20261123-000001"));
  EXPECT_THAT(Texts(kLead, "unit-zhujianju"), SizeIs(1)) << "made once, however often one looks";
  EXPECT_THAT(Texts(kLead, "unit-chengguanju"), IsEmpty()) << "another unit's inbox";
}

TEST_F(NoticeTest, ReadReceipt_TheFirstOneStays) {
  FileUpTo(ticket::v1::DISPATCHED);
  const Notice notice = Inbox(kLead, "unit-zhujianju").at(0);
  ticket::v1::ReadNoticeRequest request;
  request.set_name(notice.name());
  EXPECT_TRUE(
      absl::IsNotFound(As("unit-chengguanju")(&NoticeService::Stub::ReadNotice, request).status()));
  const auto read = As("unit-zhujianju")(&NoticeService::Stub::ReadNotice, request);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->status(), ticket::v1::NOTICE_READ);
  EXPECT_EQ(read->read_by().id(), "unit-zhujianju");
  clock().Advance(absl::Hours(1));
  const auto again = As("admin")(&NoticeService::Stub::ReadNotice, request);
  EXPECT_EQ(again->read_by().id(), "unit-zhujianju");
  ticket::v1::ListNoticesRequest unread;
  unread.set_parent(kCounty);
  unread.set_unit(kLead);
  unread.set_unread(true);
  EXPECT_EQ(As("admin")(&NoticeService::Stub::ListNotices, unread)->notices_size(), 0);
}

TEST_F(NoticeTest, TextMessage_IsSentOnce_WithTheReadOfTheNumberOnRecord) {
  const Ticket ticket = File(LiftRequest(""));
  EXPECT_EQ(Head("access"), 0);
  SendDue();
  SendDue();
  EXPECT_THAT(Messages(), ElementsAre(testing::AllOf(HasSubstr(kPhone), HasSubstr("已受理"))));
  EXPECT_EQ(Head("access"), 1);
  const std::vector<Notice> sent = Sent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].status(), ticket::v1::NOTICE_DELIVERED);
  EXPECT_EQ(sent[0].attempts(), 1);
  EXPECT_THAT(sent[0].SerializeAsString(), Not(HasSubstr(kPhone)));
}

TEST_F(NoticeTest, QuietHours_TheMessageWaitsForTheMorning) {
  clock().Advance(absl::Hours(14));  // 23:01.
  File(LiftRequest(""));
  SendDue();
  EXPECT_THAT(Messages(), IsEmpty());
  clock().Advance(absl::Hours(8));
  SendDue();
  EXPECT_THAT(Messages(), IsEmpty()) << "07:01";
  clock().Advance(absl::Hours(1));
  SendDue();
  EXPECT_THAT(Messages(), SizeIs(1));
}

// X2: the law's duty, fulfilled by the message.
TEST_F(NoticeTest, Refusal_IsADutyUntilTheCallerHasTheMessage) {
  const Ticket ticket = File(LiftRequest(""));
  ASSERT_TRUE(Refuse(ticket).ok());
  const auto duties = Duties();
  ASSERT_THAT(duties, SizeIs(1));
  EXPECT_EQ(duties[0].ticket(), ticket.name());
  EXPECT_EQ(duties[0].duties(0).matter(), ticket::v1::TELL_LEGAL_CHANNEL);
  SendDue();
  EXPECT_THAT(Messages(), testing::Contains(HasSubstr("请向县人民法院反映")));
  EXPECT_THAT(Duties(), IsEmpty());
  const auto told = Get(ticket.name()).telling_duties(0).told();
  EXPECT_EQ(told.how(), ticket::v1::SMS);
  EXPECT_EQ(told.template_(), "channel");
  EXPECT_THAT(told.receipt(), HasSubstr("file-469030-"));
  EXPECT_TRUE(told.has_time());
}

TEST_F(NoticeTest, SomebodyTellsTheCaller_TheDutyIsFulfilledAndTheMessageAddsNothing) {
  const Ticket ticket = File(LiftRequest(""));
  ASSERT_TRUE(Refuse(ticket).ok());
  ticket::v1::TellCallerRequest request;
  request.set_name(ticket.name());
  request.set_matter(ticket::v1::TELL_LEGAL_CHANNEL);
  request.set_how(ticket::v1::PHONE);
  request.set_receipt("rec-1");
  const auto told = As("clerk")(&NoticeService::Stub::TellCaller, request);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_THAT(Duties(), IsEmpty());
  SendDue();
  EXPECT_EQ(Get(ticket.name()).telling_duties(0).told().receipt(), "rec-1");
  EXPECT_EQ(ReasonOf(As("clerk")(&NoticeService::Stub::TellCaller, request).status()),
            "NOTHING_TO_TELL");
}

// §1.10: who has no contact, or wants no answer, gets no message and is owed none.
TEST_F(NoticeTest, AnonymousAndUnwilling_AreLeftAlone) {
  for (const bool anonymous : {true, false}) {
    auto request = LiftRequest("");
    if (anonymous) {
      request.mutable_ticket()->mutable_caller()->Clear();
    }
    request.mutable_ticket()->mutable_caller()->set_anonymous(anonymous);
    request.mutable_ticket()->mutable_caller()->set_no_reply_wanted(!anonymous);
    ASSERT_TRUE(Refuse(File(request)).ok());
  }
  SendDue();
  EXPECT_THAT(Messages(), IsEmpty());
  EXPECT_THAT(Duties(), IsEmpty());
}

// §1.10: nothing of a report reaches the unit complained of, by inbox, list or name.
TEST_F(NoticeTest, Report_IsInvisibleToTheUnitComplainedOf) {
  auto request = LiftRequest("");
  request.mutable_ticket()->set_type(ticket::v1::REPORT);
  request.mutable_ticket()->set_subject_unit(kTownship);
  const Ticket report = Advance(File(request));
  EXPECT_NE(report.assignment().lead(), kTownship);
  EXPECT_THAT(Texts(kTownship), IsEmpty());
  SendDue();
  for (const Notice& notice : Inbox("", "admin")) {
    EXPECT_NE(notice.unit(), kTownship) << notice.ShortDebugString();
    for (const char* personal : {"13800138000", "王某某", "珉华", "电梯停运"}) {
      EXPECT_THAT(notice.SerializeAsString(), Not(HasSubstr(personal)));
    }
  }
  // Not even with a key of that unit that sees the whole county.
  for (const Notice& notice : Inbox("", "curious")) {
    EXPECT_NE(notice.ticket(), report.name()) << notice.ShortDebugString();
  }
  const Notice any = Inbox("", "admin").at(0);
  ticket::v1::GetNoticeRequest get;
  get.set_name(any.name());
  EXPECT_TRUE(absl::IsNotFound(As("curious")(&NoticeService::Stub::GetNotice, get).status()));
  ASSERT_TRUE(Refuse(File(request)).ok());
  EXPECT_THAT(Duties("admin"), SizeIs(1));
  EXPECT_THAT(Duties("curious"), IsEmpty());
}

TEST_F(NoticeTest, Policy_WithAPlaceholderThatItsEventHasNot_IsRefusedWhole) {
  ticket::v1::TicketPolicy policy = TellingPolicy();
  policy.mutable_notices()->mutable_templates(0)->set_text("请于{date}前查收");
  ticket::v1::CreateTicketPolicyRequest request;
  request.set_parent(kCounty);
  *request.mutable_ticket_policy() = policy;
  clock().Advance(absl::Minutes(1));
  const auto refused =
      As("admin")(&ticket::v1::TicketPolicyService::Stub::CreateTicketPolicy, request);
  EXPECT_EQ(ReasonOf(refused.status()), "BAD_POLICY") << refused.status();
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("{date}"));
}

// A carrier that says later what became of its messages, or fails.
class LateCarrier final : public ticket::api::MessageCarrier {
 public:
  absl::StatusOr<ticket::api::CarrierReceipt> Send(
      const ticket::api::TextMessage& message) override {
    absl::MutexLock lock(&mu_);
    ids_.push_back(message.id);
    if (failures_ > 0) {
      --failures_;
      return absl::UnavailableError(absl::StrCat("line to ", message.phone, " is busy"));
    }
    return ticket::api::CarrierReceipt{.id = absl::StrCat("late-", ids_.size()),
                                       .delivered = false};
  }
  void FailNext(int times) {
    absl::MutexLock lock(&mu_);
    failures_ = times;
  }
  std::vector<std::string> ids() const {
    absl::MutexLock lock(&mu_);
    return ids_;
  }

 private:
  mutable absl::Mutex mu_;
  std::vector<std::string> ids_ ABSL_GUARDED_BY(mu_);
  int failures_ ABSL_GUARDED_BY(mu_) = 0;
};

class CarrierTest : public NoticeTest {
 protected:
  void SetUp() override {
    options().ticket.carrier = &carrier_;
    NoticeTest::SetUp();
  }
  absl::StatusOr<Notice> Report(const Notice& notice, bool delivered) {
    ticket::v1::RecordDeliveryRequest request;
    request.set_name(notice.name());
    request.set_receipt(notice.receipt());
    request.set_delivered(delivered);
    request.set_failure(delivered ? "" : "关机");
    return As("admin")(&NoticeService::Stub::RecordDelivery, request);
  }
  void TearDown() override { StopSuite(); }

  LateCarrier carrier_;
};

TEST_F(CarrierTest, Delivery_IsReportedLater_AndOnlyThenIsTheDutyFulfilled) {
  const Ticket ticket = File(LiftRequest(""));
  ASSERT_TRUE(Refuse(ticket).ok());
  SendDue();
  const Notice sent = Sent().at(0);
  ASSERT_EQ(sent.status(), ticket::v1::NOTICE_SENT);
  EXPECT_THAT(Duties(), SizeIs(1)) << "taken is not delivered";
  Notice stale = sent;
  stale.set_receipt("another");
  EXPECT_EQ(Report(stale, true)->status(), ticket::v1::NOTICE_SENT);
  const auto arrived = Report(sent, true);
  ASSERT_TRUE(arrived.ok()) << arrived.status();
  EXPECT_EQ(arrived->status(), ticket::v1::NOTICE_DELIVERED);
  EXPECT_THAT(Duties(), IsEmpty());
}

TEST_F(CarrierTest, Undelivered_IsTriedAgainAsAnotherMessage_AndGivenUpInTheEnd) {
  const Ticket ticket = File(LiftRequest(""));
  ASSERT_TRUE(Refuse(ticket).ok());
  for (int attempt = 1; attempt <= 3; ++attempt) {
    SendDue();
    const Notice sent = Sent().at(0);
    ASSERT_EQ(sent.status(), ticket::v1::NOTICE_SENT) << attempt;
    EXPECT_EQ(sent.attempts(), attempt);
    ASSERT_TRUE(Report(sent, false).ok());
    clock().Advance(absl::Hours(1));
  }
  const Notice given_up = Sent().at(0);
  EXPECT_EQ(given_up.status(), ticket::v1::NOTICE_GIVEN_UP);
  EXPECT_EQ(given_up.failure(), "关机");
  EXPECT_THAT(Duties(), SizeIs(1)) << "the duty stays on the list";
  SendDue();
  const std::vector<std::string> ids = carrier_.ids();
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
}

TEST_F(CarrierTest, Failing_IsTriedAfterAPause_WithoutAWordOfTheNumber) {
  File(LiftRequest(""));
  carrier_.FailNext(1);
  SendDue();
  const Notice waiting = Sent().at(0);
  EXPECT_EQ(waiting.status(), ticket::v1::NOTICE_WAITING);
  EXPECT_THAT(waiting.failure(), Not(HasSubstr(kPhone)));
  SendDue();
  EXPECT_THAT(carrier_.ids(), SizeIs(1)) << "not yet";
  clock().Advance(absl::Minutes(5));
  SendDue();
  EXPECT_THAT(carrier_.ids(), SizeIs(2));
  EXPECT_EQ(Sent().at(0).status(), ticket::v1::NOTICE_SENT);
}

}  // namespace
}  // namespace baimi::integration
