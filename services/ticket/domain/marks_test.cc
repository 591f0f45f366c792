// 首次联系, who filed an order, and how often it was reopened.
#include "services/ticket/domain/marks.h"

#include <gtest/gtest.h>

#include <string>

#include "common/base/error.h"
#include "services/ticket/domain/account.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/figures.h"
#include "services/ticket/domain/group.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/telling.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;

const PolicyInForce& Contacting() {
  static const auto& policy = *new PolicyInForce(InForce(ContactPolicy()));
  return policy;
}

Order Signed(const PolicyInForce& policy = Contacting()) {
  return Order("2025-09-08 09:00", policy).Do({kDispatch, kSign});
}

v1::TellCallerRequest Told(v1::TellingMatter matter = v1::TELL_FIRST_CONTACT) {
  v1::TellCallerRequest request;
  request.set_matter(matter);
  request.set_how(v1::PHONE);
  request.set_receipt("rec-1");
  return request;
}

absl::StatusOr<Decision> Contact(Order& order, absl::string_view unit = "zhujianju",
                                 v1::TellingMatter matter = v1::TELL_FIRST_CONTACT) {
  return TellByHand(order.ticket(), Told(matter), order.As(unit));
}

bool Runs(const Order& order) { return OpenClock(order.ticket(), v1::CONTACT) != nullptr; }

int64_t Responded(const Order& order) {
  const auto share = ShareOfState(order.ticket());
  return share ? share->counts().responded() : -1;
}

TEST(Contact, Signing_StartsTheClockOfTheLead) {
  Order order = Order("2025-09-08 09:00", Contacting()).Do(kDispatch);
  EXPECT_FALSE(Runs(order));
  order.Do(kSign);
  const v1::Clock* clock = OpenClock(order.ticket(), v1::CONTACT);
  ASSERT_NE(clock, nullptr);
  EXPECT_EQ(clock->holder(), UnitName("zhujianju"));
  EXPECT_EQ(clock->rule(), "contact");
  EXPECT_EQ(FromProto(clock->due_time()), At("2025-09-08 15:30")) << "4 working hours and noon";
  EXPECT_EQ(ExplainClock(*clock),
            "时限：首次联系4个工作小时，2025-09-08 15:30前（规则 contact）。");
}

TEST(Contact, WithoutARuleOrAWishForAnAnswer_ThereIsNoClock) {
  EXPECT_FALSE(Runs(Signed(SupervisedInForce())));
  for (const bool anonymous : {true, false}) {
    v1::CreateTicketRequest request = SampleRequest();
    v1::Caller& caller = *request.mutable_ticket()->mutable_caller();
    caller.set_anonymous(anonymous);
    caller.set_no_reply_wanted(!anonymous);
    caller.set_phone(anonymous ? "" : "13800138000");
    Order order("2025-09-08 09:00", Contacting(), request);
    order.Do({kDispatch, kSign});
    EXPECT_FALSE(Runs(order));
    EXPECT_EQ(order.facts().back().started_clocks_size(), 0);
    EXPECT_EQ(ReasonOf(Contact(order).status()), "NOTHING_TO_TELL");
    order.Do(kReply);
    EXPECT_EQ(order.facts().back().stopped_clocks_size(), 1) << "of clocks that ran only";
    EXPECT_EQ(Responded(order), 1);
  }
}

TEST(Contact, LeadsWord_StopsTheClockOnceARound) {
  struct Case {
    absl::string_view unit;
    v1::TellingMatter matter;
    bool stops;
  };
  for (const Case& c :
       {Case{"zhujianju", v1::TELL_FIRST_CONTACT, true}, Case{"", v1::TELL_FIRST_CONTACT, true},
        Case{"zhujianju", v1::TELL_EXTENSION, true}, Case{"xianfuban", v1::TELL_EXTENSION, false},
        Case{"yingbei", v1::TELL_EXTENSION, false}}) {
    SCOPED_TRACE(absl::StrCat(c.unit, " ", v1::TellingMatter_Name(c.matter)));
    Order order = Signed();
    order.Do({kRequestExtension, kDecideExtension}).Wait(absl::Minutes(5));
    order.Take(Contact(order, c.unit, c.matter));
    EXPECT_EQ(Runs(order), !c.stops);
    EXPECT_EQ(order.ticket().marks().has_first_contact_time(), c.stops);
    EXPECT_EQ(ReasonOf(Contact(order, "zhujianju").status()), c.stops ? "NOTHING_TO_TELL" : "");
  }
}

TEST(Contact, FirstContact_IsForTheLeadAlone) {
  Order order = Signed();
  EXPECT_EQ(ReasonOf(Contact(order, "xianfuban").status()), "NOT_THE_LEAD");
  EXPECT_EQ(ReasonOf(Contact(order, "yingbei").status()), "NOT_THE_LEAD");
  Order waiting("2025-09-08 09:00", Contacting());
  EXPECT_EQ(ReasonOf(Contact(waiting, "").status()), "NOTHING_TO_TELL") << "no lead yet";
}

TEST(Contact, MessageOfTheService_IsNoWordOfTheLead) {
  Order order = Signed();
  order.Do({kRequestExtension, kDecideExtension});
  v1::CallerTold told;
  told.set_matter(v1::TELL_EXTENSION);
  told.set_notice("counties/469030/notices/1");
  order.Take(Tell(order.ticket(), told, order.As("")));
  EXPECT_TRUE(Runs(order));
  EXPECT_FALSE(order.ticket().marks().has_first_contact_time());
}

TEST(Contact, BeforeTheSigning_LeavesNothingToWaitFor) {
  Order order = Order("2025-09-08 09:00", Contacting()).Do(kDispatch);
  order.Take(Contact(order));
  order.Do(kSign);
  EXPECT_FALSE(Runs(order));
  order.Do(kReply);
  EXPECT_EQ(Responded(order), 1);
}

TEST(Contact, Reply_IsTheFirstWordAtTheLatest) {
  Order order = Signed();
  order.WaitUntil("2025-09-08 15:29").Do(kReply);
  EXPECT_FALSE(Runs(order));
  EXPECT_EQ(FromProto(order.ticket().marks().first_contact_time()), order.now());
  EXPECT_EQ(Responded(order), 1);
}

TEST(Contact, Late_IsOnRecordOnceToldTheUnitAndNoResponse) {
  Order order = Signed();
  EXPECT_EQ(*NextAlarm(order.ticket()), At("2025-09-08 15:30"));
  order.WaitUntil("2025-09-08 15:30").Ring();
  ASSERT_EQ(order.facts().back().clock_ran_out().kind(), v1::CONTACT);
  EXPECT_EQ(order.facts().back().clock_ran_out().holder(), UnitName("zhujianju"));
  const size_t facts = order.facts().size();
  order.Ring();
  EXPECT_EQ(order.facts().size(), facts);
  order.Take(Contact(order));
  order.Do(kReply);
  EXPECT_EQ(Responded(order), 0);
  Order in_time = Signed();
  in_time.WaitUntil("2025-09-08 15:29").Take(Contact(in_time)).WaitUntil("2025-09-09 09:00");
  in_time.Do(kReply);
  EXPECT_EQ(Responded(in_time), 1);
}

TEST(Contact, MergeAndSplit_KeepTheTimeSpent) {
  Order order = Signed();
  order.WaitUntil("2025-09-08 10:00").Do(kMerge);
  EXPECT_FALSE(Runs(order));
  order.WaitUntil("2025-09-10 09:30").Do(kSplit);
  ASSERT_TRUE(Runs(order));
  EXPECT_EQ(FromProto(OpenClock(order.ticket(), v1::CONTACT)->due_time()), At("2025-09-10 15:00"))
      << "3 of 4 working hours were left";
  Order contacted = Signed();
  contacted.Take(Contact(contacted)).Do({kMerge, kSplit});
  EXPECT_FALSE(Runs(contacted));
  // Told while it was merged.
  Order meanwhile = Signed();
  meanwhile.Do({kRequestExtension, kDecideExtension, kMerge});
  meanwhile.Take(Contact(meanwhile, "zhujianju", v1::TELL_EXTENSION)).Do(kSplit);
  EXPECT_FALSE(Runs(meanwhile));
}

TEST(Contact, HangingUp_EndsItAndTakingUpAgainBeginsAnew) {
  Order order = Signed();
  order.Do({kRequestExtension, kDecideExtension, kSuspend});
  EXPECT_FALSE(Runs(order));
  order.WaitUntil("2025-10-09 09:00").Do(kResume);
  ASSERT_TRUE(Runs(order));
  EXPECT_EQ(FromProto(OpenClock(order.ticket(), v1::CONTACT)->start_time()), order.now());
  Order told = Signed();
  told.Do({kRequestExtension, kDecideExtension, kSuspend});
  told.Take(Contact(told, "zhujianju", v1::TELL_SUSPENSION)).Do(kResume);
  EXPECT_FALSE(Runs(told)) << "he was told of the date";
}

TEST(Contact, Rework_WantsAnotherWordAndTheFiguresTheFirst) {
  Order order = Signed();
  order.Take(Contact(order)).Do({kReply, kSendBack});
  EXPECT_FALSE(order.ticket().marks().has_first_contact_time());
  EXPECT_FALSE(Runs(order));
  order.Do(kSign);
  ASSERT_TRUE(Runs(order));
  EXPECT_EQ(OpenClock(order.ticket(), v1::CONTACT)->round(), 1);
  order.WaitUntil("2025-09-10 09:00").Ring().Do(kReply);
  EXPECT_EQ(Responded(order), 1);
}

TEST(Contact, AnotherLead_HasNotSpokenWithHim) {
  Order order = Order("2025-09-08 09:00", Contacting()).Do(kDispatch);
  order.Take(Contact(order)).Do({kRequestReturn, kApproveReturn});
  EXPECT_FALSE(order.ticket().marks().has_first_contact_time());
  order.Do({kDispatch, kSign});
  EXPECT_TRUE(Runs(order));
}

TEST(Contact, Account_SaysWhetherItWasKept) {
  Order order = Signed();
  order.WaitUntil("2025-09-08 16:30").Take(Contact(order));
  const auto account = Account(order.ticket(), order.facts(), order.now(), [](absl::Time) {
    return std::make_shared<const PolicyInForce>(InForce(ContactPolicy()));
  });
  ASSERT_TRUE(account.ok()) << account.status();
  const v1::ClockVerdict& verdict = account->clocks(account->clocks_size() - 1);
  EXPECT_EQ(verdict.clock().kind(), v1::CONTACT);
  EXPECT_EQ(FromProto(verdict.late_by()), absl::Hours(1));
}

TEST(Filer, IsWhoFiledItOrTheSameUnit) {
  v1::Ticket ticket;
  EXPECT_EQ(ReasonOf(CheckFiler(ticket, MakeActor("", ""))), "NOT_THE_FILER") << "nobody is known";
  *ticket.mutable_marks()->mutable_filer() = MakeActor("worker-1", "yingbei");
  EXPECT_TRUE(CheckFiler(ticket, MakeActor("worker-1", "")).ok());
  EXPECT_TRUE(CheckFiler(ticket, MakeActor("worker-2", "yingbei")).ok());
  EXPECT_EQ(ReasonOf(CheckFiler(ticket, MakeActor("worker-3", "yingnan"))), "NOT_THE_FILER");
  const absl::Status platform = CheckFiler(ticket, MakeActor("admin", ""));
  EXPECT_EQ(platform.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(platform.message(),
            "actor: got admin of unit \"\", want who filed the order: worker-1, or somebody of "
            "yingbei");
  ticket.mutable_marks()->mutable_filer()->clear_unit();
  EXPECT_EQ(ReasonOf(CheckFiler(ticket, MakeActor("worker-4", ""))), "NOT_THE_FILER")
      << "no unit is no common unit";
}

TEST(Reopenings, AreLimitedByThePolicyWithoutWhatAuditsSendBack) {
  v1::TicketPolicy policy = SamplePolicy();
  policy.set_max_reopens(2);
  const PolicyInForce in_force = InForce(policy);
  const std::vector<Command> close = {kReply, kPassAudit, kRecordCallback, kClose};
  Order order("2025-09-08 09:00", in_force);
  order.Do({kDispatch, kSign, kReply, kSendBack, kSign}).Do(close);
  for (int times = 1; times <= 2; ++times) {
    order.Do({kReopen, kSign}).Do(close);
    EXPECT_EQ(order.ticket().marks().reopen_count(), times);
  }
  EXPECT_EQ(order.ticket().rework_count(), 3);
  const absl::Status status = Perform(kReopen, order.ticket(), order.Now()).status();
  EXPECT_EQ(ReasonOf(status), "REOPEN_LIMIT");
  EXPECT_EQ(status.message(), "reopen: got 2 before and one more, want at most 2");
  EXPECT_EQ(ErrorInfoOf(status)->metadata().at("max_reopens"), "2");

  Order unlimited("2025-09-08 09:00");
  unlimited.Do({kDispatch, kSign}).Do(close);
  for (int times = 0; times < 5; ++times) {
    unlimited.Do({kReopen, kSign}).Do(close);
  }
  EXPECT_EQ(unlimited.ticket().marks().reopen_count(), 5);
}

}  // namespace
}  // namespace baimi::ticket::domain
