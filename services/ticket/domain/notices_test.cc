#include "services/ticket/domain/notices.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/supervision.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

v1::NoticeTemplate Row(const std::string& id, v1::NoticeEvent event, v1::NoticeReader reader,
                       const std::string& text) {
  v1::NoticeTemplate row;
  row.set_id(id);
  row.set_event(event);
  row.set_reader(reader);
  row.set_text(text);
  return row;
}

v1::TicketPolicy ToldPolicy() {
  v1::TicketPolicy policy = SamplePolicy();
  v1::NoticePolicy& notices = *policy.mutable_notices();
  notices.set_quiet_from_minute(22 * 60);
  notices.set_quiet_to_minute(8 * 60);
  notices.set_max_attempts(3);
  notices.set_retry_minutes(5);
  *notices.add_templates() =
      Row("filed", v1::NOTICE_FILED, v1::TO_CALLER, "您的{category}诉求已受理，编号{number}。");
  *notices.add_templates() =
      Row("dispatched", v1::NOTICE_DISPATCHED, v1::TO_LEAD, "新工单{number}，{due}前办结。");
  *notices.add_templates() =
      Row("helping", v1::NOTICE_DISPATCHED, v1::TO_HELPERS, "协办工单{number}。");
  *notices.add_templates() =
      Row("copied", v1::NOTICE_DISPATCHED, v1::TO_COPIED, "抄送工单{number}。");
  *notices.add_templates() =
      Row("hung", v1::NOTICE_SUSPENDED, v1::TO_CALLER, "工单{number}将于{date}前解决。");
  return policy;
}

const PolicyInForce& Told() {
  static const auto& policy = *new PolicyInForce(InForce(ToldPolicy()));
  return policy;
}

std::vector<v1::Notice> OfLast(const Order& order) {
  return NoticesOf(order.facts().back(), order.ticket(), Told());
}

// "reader unit text" of each.
std::vector<std::string> Texts(const std::vector<v1::Notice>& notices) {
  std::vector<std::string> texts;
  for (const v1::Notice& notice : notices) {
    texts.push_back(absl::StrCat(notice.unit(), " ", notice.text()));
  }
  return texts;
}

TEST(Notices, Dispatch_TellsLeadHelpersAndCopied) {
  Order order("2025-09-08 09:00", Told());
  order.Do({kDispatch});
  EXPECT_THAT(Texts(OfLast(order)),
              ElementsAre(HasSubstr("units/zhujianju 新工单"), HasSubstr("units/yingbei 协办工单"),
                          HasSubstr("units/yinggen 抄送工单")));
  EXPECT_THAT(OfLast(order)[0].text(), HasSubstr("前办结"));
  EXPECT_EQ(OfLast(order)[0].status(), v1::NOTICE_DELIVERED);
}

TEST(Notices, Filing_SendsTheCallerAMessageWithoutAnythingPersonal) {
  Order order("2025-09-08 09:00", Told());
  const auto notices = OfLast(order);
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices[0].status(), v1::NOTICE_WAITING);
  EXPECT_EQ(notices[0].unit(), "");
  EXPECT_THAT(notices[0].text(), HasSubstr("电梯困人与维修"));
  const std::string bytes = notices[0].SerializeAsString();
  for (const char* personal : {"13800138000", "王某", "珉华"}) {
    EXPECT_EQ(bytes.find(personal), std::string::npos) << personal;
  }
}

TEST(Notices, Suspension_NamesTheDateAndCarriesTheDuty) {
  Order order("2025-09-08 09:00", Told());
  order.Do({kDispatch, kSign, kRequestExtension, kDecideExtension, kSuspend});
  const auto notices = OfLast(order);
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_THAT(notices[0].text(), HasSubstr("2099-12-31"));
  EXPECT_EQ(notices[0].matter(), v1::TELL_SUSPENSION);
}

TEST(Notices, Supervision_TellsWhoItIsAddressedTo) {
  v1::TicketPolicy policy = SupervisedPolicy();
  *policy.mutable_notices()->add_templates() =
      Row("raised", v1::NOTICE_SUPERVISED, v1::TO_SUPERVISED, "{number}{level}，{due}前回报。");
  const PolicyInForce in_force = InForce(policy);
  Order order("2025-09-08 09:00", in_force);
  order.Do({kDispatch, kSign});
  v1::RaiseSupervisionRequest request;
  request.set_level(v1::S2_WRITTEN);
  order.Take(RaiseSupervision(order.ticket(), request, order.As("")));
  const auto at = std::find_if(order.facts().begin(), order.facts().end(),
                               [](const auto& fact) { return fact.has_supervision_raised(); });
  ASSERT_NE(at, order.facts().end());
  EXPECT_THAT(Texts(NoticesOf(*at, order.ticket(), in_force)),
              ElementsAre(testing::AllOf(HasSubstr("units/zhujianju "), HasSubstr("书面督办"),
                                         HasSubstr("前回报"))));
}

// §1.10: neither a message to who has no contact or wants none, nor a word to the unit complained
// of.
TEST(Notices, AnonymousUnwillingAndTheUnitComplainedOf_AreNotTold) {
  for (const bool anonymous : {true, false}) {
    Order order("2025-09-08 09:00", Told());
    v1::Ticket ticket = order.ticket();
    ticket.mutable_caller()->set_anonymous(anonymous);
    ticket.mutable_caller()->set_no_reply_wanted(!anonymous);
    EXPECT_THAT(NoticesOf(order.facts().back(), ticket, Told()), IsEmpty());
  }
  Order order("2025-09-08 09:00", Told());
  order.Do({kDispatch});
  v1::Ticket report = order.ticket();
  report.set_type(v1::REPORT);
  report.set_subject_unit(UnitName("yinggen"));
  EXPECT_THAT(Texts(NoticesOf(order.facts().back(), report, Told())),
              ElementsAre(HasSubstr("units/zhujianju"), HasSubstr("units/yingbei")));
}

TEST(Notices, QuietHours_OverMidnightAndWithin) {
  const v1::NoticePolicy& night = Told().policy().notices();
  EXPECT_EQ(AfterQuietHours(At("2025-09-08 21:59"), night), At("2025-09-08 21:59"));
  EXPECT_EQ(AfterQuietHours(At("2025-09-08 22:00"), night), At("2025-09-09 08:00"));
  EXPECT_EQ(AfterQuietHours(At("2025-09-09 03:00"), night), At("2025-09-09 08:00"));
  EXPECT_EQ(AfterQuietHours(At("2025-09-09 08:00"), night), At("2025-09-09 08:00"));
  v1::NoticePolicy noon;
  noon.set_quiet_from_minute(12 * 60);
  noon.set_quiet_to_minute(14 * 60);
  EXPECT_EQ(AfterQuietHours(At("2025-09-08 13:00"), noon), At("2025-09-08 14:00"));
  EXPECT_EQ(AfterQuietHours(At("2025-09-08 14:00"), noon), At("2025-09-08 14:00"));
  EXPECT_EQ(AfterQuietHours(At("2025-09-08 13:00"), {}), At("2025-09-08 13:00")) << "never quiet";
}

TEST(Notices, PutOff_WaitsTwiceAsLongEachTimeAndGivesUpInTheEnd) {
  v1::Notice notice;
  const absl::Time now = At("2025-09-08 10:00");
  for (const int minutes : {5, 10}) {
    notice.set_attempts(notice.attempts() + 1);
    PutOff("busy", now, Told().policy().notices(), &notice);
    EXPECT_EQ(notice.status(), v1::NOTICE_WAITING);
    EXPECT_EQ(FromProto(notice.try_time()), now + absl::Minutes(minutes));
  }
  notice.set_attempts(3);
  PutOff("busy", now, Told().policy().notices(), &notice);
  EXPECT_EQ(notice.status(), v1::NOTICE_GIVEN_UP);
  EXPECT_FALSE(notice.has_try_time());
  EXPECT_EQ(notice.failure(), "busy");
}

TEST(Notices, Template_WithWhatItsEventHasNot_IsRefusedWithThePolicy) {
  for (const char* text : {"{date}", "{phone}", "编号{number", "编号number}", "{}"}) {
    v1::TicketPolicy policy = ToldPolicy();
    *policy.mutable_notices()->add_templates() = Row("bad", v1::NOTICE_FILED, v1::TO_CALLER, text);
    const absl::Status status = ValidatePolicy(policy, "469030");
    EXPECT_EQ(ReasonOf(status), "BAD_POLICY") << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("templates[5].text")) << text;
  }
  EXPECT_TRUE(ValidatePolicy(ToldPolicy(), "469030").ok());
}

TEST(Notices, OverdueBadRating_IsToldToWhoseTimeItWas) {
  v1::TicketPolicy policy = SamplePolicy();
  *policy.mutable_notices()->add_templates() =
      Row("late", v1::NOTICE_RAN_OUT, v1::TO_LEAD, "{number}已超过{due}");
  const PolicyInForce in_force = InForce(policy);
  Order order = OrderIn(v1::SIGNED);
  v1::TicketFact fact;
  fact.mutable_bad_rating_ran_out()->set_stage(v1::BAD_RATING_OPEN);
  *fact.mutable_bad_rating_ran_out()->mutable_due_time() = ToProto(At("2025-09-09 16:30"));
  const auto asked = NoticesOf(fact, order.ticket(), in_force);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].unit(), UnitName("xianfuban")) << "the centre asks";
  EXPECT_THAT(asked[0].text(), HasSubstr("2025-09-09 16:30"));
  fact.mutable_bad_rating_ran_out()->set_stage(v1::BAD_RATING_FIXING);
  const auto fixed = NoticesOf(fact, order.ticket(), in_force);
  ASSERT_EQ(fixed.size(), 1U);
  EXPECT_EQ(fixed[0].unit(), UnitName("zhujianju"));
}

}  // namespace
}  // namespace baimi::ticket::domain
