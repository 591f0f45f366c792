#include "services/ticket/domain/telling.h"

#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ticket/domain/testing_order.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;

v1::RejectTicketRequest Refusal(v1::RefusalCode code) {
  v1::RejectTicketRequest request;
  request.mutable_refusal()->set_code(code);
  request.mutable_refusal()->set_reason("依法");
  request.mutable_refusal()->set_channel(code == v1::LEGAL_CHANNEL ? "县人民法院" : "");
  if (code == v1::REPEAT_WITHOUT_NEW_FACTS) {
    request.mutable_refusal()->set_earlier_ticket("counties/469030/tickets/20250901-000009");
  }
  return request;
}

v1::TellCallerRequest Told(v1::TellingMatter matter) {
  v1::TellCallerRequest request;
  request.set_matter(matter);
  request.set_how(v1::PHONE);
  request.set_receipt("call-7");
  return request;
}

Order Filed(const v1::CreateTicketRequest& request = SampleRequest()) {
  return Order("2025-09-08 09:00", SampleInForce(), request);
}

// The law's list: which step obliges to tell what, and that telling fulfils it.
TEST(Telling, EachDuty_ComesWithItsStepAndEndsWithTheTelling) {
  struct Case {
    v1::TellingMatter matter;
    Order order;
  };
  Case cases[] = {
      {v1::TELL_LEGAL_CHANNEL, Filed()},
      {v1::TELL_EARLIER_ORDER, Filed()},
      {v1::TELL_EXTENSION, Filed().Do({kDispatch, kSign, kRequestExtension, kDecideExtension})},
      {v1::TELL_SUSPENSION,
       Filed().Do({kDispatch, kSign, kRequestExtension, kDecideExtension, kSuspend})},
      {v1::TELL_TERMINATION, Filed().Do({kDispatch, kSign, kTerminate})},
  };
  Order& channel = cases[0].order;
  channel.Take(Reject(channel.ticket(), Refusal(v1::LEGAL_CHANNEL), channel.As("hotline")));
  Order& earlier = cases[1].order;
  earlier.Take(
      Reject(earlier.ticket(), Refusal(v1::REPEAT_WITHOUT_NEW_FACTS), earlier.As("hotline")));
  for (Case& one : cases) {
    SCOPED_TRACE(v1::TellingMatter_Name(one.matter));
    Order& order = one.order;
    ASSERT_NE(OpenDuty(order.ticket(), one.matter), nullptr);
    const int open = OpenDuties(order.ticket());
    order.Take(TellByHand(order.ticket(), Told(one.matter), order.As("hotline")));
    EXPECT_EQ(OpenDuty(order.ticket(), one.matter), nullptr);
    EXPECT_EQ(OpenDuties(order.ticket()), open - 1);
    const v1::CallerTold& told = order.ticket().telling_duties().rbegin()->told();
    EXPECT_EQ(told.how(), v1::PHONE);
    EXPECT_EQ(told.receipt(), "call-7");
    EXPECT_TRUE(told.has_time());
    EXPECT_EQ(ReasonOf(TellByHand(order.ticket(), Told(one.matter), order.As("hotline")).status()),
              "NOTHING_TO_TELL");
  }
}

TEST(Telling, OtherRefusals_ObligeToNothing) {
  Order order = Filed();
  order.Take(Reject(order.ticket(), Refusal(v1::UNLAWFUL), order.As("hotline")));
  EXPECT_EQ(OpenDuties(order.ticket()), 0);
}

TEST(Telling, Reply_AfterTheUndertakerSpokeWithTheCaller_IsToldAlready) {
  Order order = Filed().Do({kDispatch, kSign, kReply});
  ASSERT_EQ(order.ticket().telling_duties_size(), 1);
  EXPECT_EQ(order.ticket().telling_duties(0).matter(), v1::TELL_REPLY);
  EXPECT_TRUE(order.ticket().telling_duties(0).has_told());
  EXPECT_EQ(OpenDuties(order.ticket()), 0);
}

// §1.10: who has no contact, or wants no answer, is owed none.
TEST(Telling, AnonymousOrUnwilling_IsOwedNothing) {
  for (const bool anonymous : {true, false}) {
    v1::CreateTicketRequest request = SampleRequest();
    if (anonymous) {
      request.mutable_ticket()->mutable_caller()->Clear();
    }
    request.mutable_ticket()->mutable_caller()->set_anonymous(anonymous);
    request.mutable_ticket()->mutable_caller()->set_no_reply_wanted(!anonymous);
    Order order = Filed(request);
    order.Take(Reject(order.ticket(), Refusal(v1::LEGAL_CHANNEL), order.As("hotline")));
    EXPECT_EQ(order.ticket().telling_duties_size(), 0) << anonymous;
  }
}

}  // namespace
}  // namespace baimi::ticket::domain
