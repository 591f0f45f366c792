// A caller's own view, ratings and receipts, through the resident's app.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "google/protobuf/util/json_util.h"
#include "services/suite/receipt_check.h"
#include "tests/integration/telling_fixture.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;
using testing::Not;
using ticket::v1::CitizenService;
using ticket::v1::RatingService;
using ticket::v1::ReceiptService;
using ticket::v1::Ticket;
using Stub = ticket::v1::TicketService::Stub;

class CitizenTest : public TellingTest {
 protected:
  absl::StatusOr<ticket::v1::CitizenTicket> Urge(const Ticket& ticket) {
    ticket::v1::UrgeCitizenTicketRequest request;
    request.set_parent(kCounty);
    *request.mutable_proof() = Proof(ticket);
    request.set_channel(ticket::v1::APP);
    return As("miniprogram")(&CitizenService::Stub::UrgeCitizenTicket, request);
  }
  absl::StatusOr<ticket::v1::Receipt> Receipt(const Ticket& ticket, ticket::v1::ReceiptKind kind) {
    ticket::v1::IssueCitizenReceiptRequest request;
    request.set_parent(kCounty);
    *request.mutable_proof() = Proof(ticket);
    request.set_kind(kind);
    return As("miniprogram")(&CitizenService::Stub::IssueCitizenReceipt, request);
  }
  // The steps from a bad rating to the verdict.
  absl::StatusOr<Ticket> Verify(const Ticket& ticket) {
    ticket::v1::VerifyBadRatingRequest request;
    request.set_name(ticket.name());
    request.set_note("反映等了三天");
    request.set_call_record("rec-20261123-7");
    return As("clerk")(&RatingService::Stub::VerifyBadRating, request);
  }
  absl::StatusOr<Ticket> Decide(const Ticket& ticket, ticket::v1::BadRatingVerdict verdict) {
    ticket::v1::DecideBadRatingRequest request;
    request.set_name(ticket.name());
    request.set_verdict(verdict);
    request.set_note("属实，退回重办");
    return As("clerk")(&RatingService::Stub::DecideBadRating, request);
  }
};

TEST_F(CitizenTest, LookUp_NumberAndPhone_SayWhoHasItAndUntilWhen) {
  const Ticket ticket = FileUpTo(ticket::v1::SIGNED);
  const auto view = LookUp(Proof(ticket));
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->state_text(), "县住建局正在办理");
  EXPECT_EQ(view->holder_name(), "县住建局");
  EXPECT_TRUE(view->has_promised_time());
  EXPECT_FALSE(view->overdue());
  clock().Advance(absl::Hours(24 * 30));
  const auto late = LookUp(Proof(ticket));
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_TRUE(late->overdue());
  EXPECT_THAT(late->overdue_text(), HasSubstr("已超过承诺时限"));
}

// Both must fit, and nobody learns which did not.
TEST_F(CitizenTest, LookUp_WrongPhoneAndNoSuchOrder_AreOneAnswer) {
  const Ticket ticket = FileUpTo(ticket::v1::SIGNED);
  const auto wrong_phone = LookUp(Proof(ticket, "13900139001"));
  ticket::v1::CitizenProof nowhere = Proof(ticket);
  nowhere.set_number("20261123-999999");
  const auto no_order = LookUp(nowhere);
  EXPECT_TRUE(absl::IsNotFound(wrong_phone.status())) << wrong_phone.status();
  EXPECT_EQ(wrong_phone.status().code(), no_order.status().code());
  EXPECT_EQ(ReasonOf(wrong_phone.status()), ReasonOf(no_order.status()));
  const auto without = [](absl::string_view text, absl::string_view number) {
    std::string left(text);
    left.replace(left.find(std::string(number)), number.size(), "");
    return left;
  };
  EXPECT_EQ(without(wrong_phone.status().message(), Proof(ticket).number()),
            without(no_order.status().message(), nowhere.number()));
  const auto proofless = LookUp(Proof(ticket, ""));
  EXPECT_TRUE(absl::IsInvalidArgument(proofless.status())) << proofless.status();
}

TEST_F(CitizenTest, LookUp_Guessing_IsStoppedForTheOrderAndForThePhone) {
  const Ticket ticket = FileUpTo(ticket::v1::SIGNED);
  absl::Status last;
  int tries = 0;
  for (; tries < 20 && !absl::IsResourceExhausted(last); ++tries) {
    last = LookUp(Proof(ticket, absl::StrCat("1390013900", tries % 10))).status();
  }
  EXPECT_EQ(ReasonOf(last), "QUOTA_EXCEEDED");
  EXPECT_GE(tries, 10);
  EXPECT_TRUE(RetryAfterOf(last).has_value());
  EXPECT_TRUE(absl::IsResourceExhausted(LookUp(Proof(ticket)).status())) << "the right one too";
  clock().Advance(absl::Minutes(2));
  EXPECT_TRUE(LookUp(Proof(ticket)).ok());

  // One phone over many numbers.
  const std::string phone = "13700137000";
  last = absl::OkStatus();
  for (int i = 0; i < 20 && !absl::IsResourceExhausted(last); ++i) {
    ticket::v1::CitizenProof proof;
    proof.set_number(absl::StrCat("20261124-0000", 10 + i));
    proof.set_phone(phone);
    last = LookUp(proof).status();
  }
  EXPECT_EQ(ReasonOf(last), "QUOTA_EXCEEDED");
}

TEST_F(CitizenTest, OtherKeys_HaveNotThePermission) {
  const Ticket ticket = FileUpTo(ticket::v1::SIGNED);
  const std::string body = absl::StrCat(R"({"proof":{"number":")", Proof(ticket).number(),
                                        R"(","phone":"13800138000"}})");
  const std::string target = absl::StrCat("/v1/", kCounty, "/citizenTickets:lookUp");
  EXPECT_EQ(Http("POST", target, body, "miniprogram").status, 200);
  EXPECT_EQ(Http("POST", target, body, "unit-zhujianju").status, 403);
  EXPECT_EQ(Http("POST", target, body, "").status, 401);
  EXPECT_EQ(Http("GET", absl::StrCat("/v1/", ticket.name()), "", "miniprogram").status, 403);
}

TEST_F(CitizenTest, Answer_IsShownAfterTheAudit_WithNumbersStarred) {
  Ticket ticket = FileUpTo(ticket::v1::SIGNED);
  ticket::v1::ReplyTicketRequest reply;
  reply.set_name(ticket.name());
  reply.mutable_reply()->set_result("已修好，有问题请打13907651234");
  reply.mutable_reply()->set_caller_contacted(true);
  ASSERT_TRUE(As("admin")(&Stub::ReplyTicket, reply).ok());
  EXPECT_EQ(LookUp(Proof(ticket))->answer(), "");
  Advance(Get(ticket.name()));
  const auto view = LookUp(Proof(ticket));
  EXPECT_THAT(view->answer(), HasSubstr("已修好"));
  EXPECT_THAT(view->answer(), Not(HasSubstr("13907651234")));
  EXPECT_TRUE(view->may_rate());
  EXPECT_EQ(view->rating_tags_size(), 2);
}

TEST_F(CitizenTest, Urge_AsThePolicyAllows_IsOnRecord) {
  const Ticket ticket = FileUpTo(ticket::v1::SIGNED);
  EXPECT_EQ(ReasonOf(Urge(ticket).status()), "URGE_NOT_ALLOWED");
  clock().Advance(absl::Hours(25));
  const auto urged = Urge(ticket);
  ASSERT_TRUE(urged.ok()) << urged.status();
  EXPECT_EQ(urged->urge_count(), 1);
  EXPECT_EQ(Get(ticket.name()).urges().count(), 1);
  EXPECT_EQ(ReasonOf(Urge(ticket).status()), "URGE_NOT_ALLOWED");
}

TEST_F(CitizenTest, Urge_OfAMergedOrder_CountsForTheOneThatGoesOn) {
  const Ticket into = FileUpTo(ticket::v1::SIGNED);
  const Ticket merged = FileUpTo(ticket::v1::PENDING_DISPATCH);
  ticket::v1::MergeTicketRequest merge;
  merge.set_name(merged.name());
  merge.set_into(into.name());
  ASSERT_TRUE(As("clerk")(&Stub::MergeTicket, merge).ok());
  clock().Advance(absl::Hours(25));
  EXPECT_TRUE(LookUp(Proof(merged))->may_urge());
  const auto urged = Urge(merged);
  ASSERT_TRUE(urged.ok()) << urged.status();
  EXPECT_EQ(urged->urge_count(), 1);
  EXPECT_FALSE(urged->may_urge());
  EXPECT_EQ(Get(merged.name()).urges().count(), 1);
  EXPECT_EQ(Get(into.name()).urges().count(), 1);
  EXPECT_EQ(ReasonOf(Urge(merged).status()), "URGE_NOT_ALLOWED");
  ASSERT_TRUE(Urge(into).ok()) << "another caller has limits of his own";
  EXPECT_EQ(Get(into.name()).urges().count(), 2);
  const auto inbox = Inbox(kLead, "unit-zhujianju");
  EXPECT_EQ(
      std::count_if(inbox.begin(), inbox.end(),
                    [](const auto& notice) { return notice.event() == ticket::v1::NOTICE_URGED; }),
      2)
      << "the unit is told of both";
  Advance(Get(into.name()));
  clock().Advance(absl::Hours(48));
  EXPECT_EQ(ReasonOf(Urge(merged).status()), "URGE_NOT_ALLOWED") << "answered";
}

// The whole of §7.6: bad, asked, put right by the same handler, rated again.
TEST_F(CitizenTest, BadRating_GoesRoundUntilItIsGood) {
  const Ticket ticket = FileUpTo(ticket::v1::PENDING_CALLBACK);
  const auto rated = Rate(ticket, ticket::v1::DISSATISFIED);
  ASSERT_TRUE(rated.ok()) << rated.status();
  EXPECT_FALSE(rated->may_rate());
  EXPECT_EQ(ReasonOf(Rate(ticket, ticket::v1::SATISFIED).status()), "RATING_NOT_ALLOWED");
  ticket::v1::CloseTicketRequest close;
  close.set_name(ticket.name());
  EXPECT_EQ(ReasonOf(As("clerk")(&Stub::CloseTicket, close).status()), "BAD_RATING_STAGE");

  // The undertaker has no say in it: neither the permission nor, had it that, the right.
  ticket::v1::VerifyBadRatingRequest verify;
  verify.set_name(ticket.name());
  verify.set_note("没有的事");
  EXPECT_EQ(ReasonOf(As("unit-zhujianju")(&RatingService::Stub::VerifyBadRating, verify).status()),
            "PERMISSION_MISSING");
  ASSERT_TRUE(Verify(ticket).ok());
  const auto fixing = Decide(ticket, ticket::v1::VERDICT_FIX);
  ASSERT_TRUE(fixing.ok()) << fixing.status();
  EXPECT_EQ(fixing->state(), ticket::v1::REWORK);
  EXPECT_EQ(fixing->assignment().lead(), kLead);
  EXPECT_EQ(fixing->bad_rating().stage(), ticket::v1::BAD_RATING_FIXING);

  ticket::v1::SignTicketRequest sign;
  sign.set_name(ticket.name());
  Ticket again = *As("admin")(&Stub::SignTicket, sign);
  again = Advance(Advance(again));
  ASSERT_EQ(again.state(), ticket::v1::PENDING_CALLBACK);
  const auto good = Rate(ticket, ticket::v1::VERY_SATISFIED);
  ASSERT_TRUE(good.ok()) << good.status();
  const Ticket closed = *As("clerk")(&Stub::CloseTicket, close);
  EXPECT_EQ(closed.state(), ticket::v1::CLOSED);
  EXPECT_EQ(closed.bad_rating().stage(), ticket::v1::BAD_RATING_CLOSED);
  EXPECT_EQ(closed.bad_rating().second_rating(), ticket::v1::VERY_SATISFIED);
}

TEST_F(CitizenTest, BadRatingAfterClosing_ReopensTheOrder) {
  Ticket ticket = FileUpTo(ticket::v1::PENDING_CALLBACK);
  ticket::v1::RecordCallbackRequest refused;
  refused.set_name(ticket.name());
  refused.mutable_callback()->set_outcome(ticket::v1::REFUSED);
  ticket = *As("admin")(&Stub::RecordCallback, refused);
  ASSERT_EQ(Advance(ticket).state(), ticket::v1::CLOSED);
  clock().Advance(absl::Hours(24 * 14));
  ASSERT_TRUE(Rate(ticket, ticket::v1::VERY_DISSATISFIED).ok());
  // The verification may take longer than the reopen window.
  clock().Advance(absl::Hours(24 * 4));
  ASSERT_TRUE(Verify(ticket).ok());
  const auto fixing = Decide(ticket, ticket::v1::VERDICT_FIX);
  ASSERT_TRUE(fixing.ok()) << fixing.status();
  EXPECT_EQ(fixing->state(), ticket::v1::REWORK);
}

TEST_F(CitizenTest, Receipt_OfFilingAndClosing_IsCheckedWithoutUs) {
  const Ticket ticket = FileUpTo(ticket::v1::PENDING_CALLBACK);
  EXPECT_EQ(ReasonOf(Receipt(ticket, ticket::v1::RECEIPT_CLOSED).status()), "NO_RECEIPT");
  Advance(Advance(ticket));
  ticket::v1::GetReceiptKeyRequest ask;
  ask.set_parent(kCounty);
  const auto key = As("miniprogram")(&ReceiptService::Stub::GetReceiptKey, ask);
  ASSERT_TRUE(key.ok()) << key.status();
  const auto database = sql::Open(data().DatabaseUri("ticket"), {});
  for (const auto kind : {ticket::v1::RECEIPT_FILED, ticket::v1::RECEIPT_CLOSED}) {
    const auto receipt = Receipt(ticket, kind);
    ASSERT_TRUE(receipt.ok()) << receipt.status();
    std::string json;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(*receipt, &json).ok());
    const auto checked = suite::CheckReceipt(json, key->public_key());
    ASSERT_TRUE(checked.ok()) << checked.status();
    EXPECT_EQ(checked->body.ticket(), ticket.name());
    EXPECT_EQ(checked->body.kind(), kind);
    EXPECT_TRUE(suite::CheckAgainstJournal(*checked, **database).ok());
    for (const char* personal : {"13800138000", "王某某", "电梯停运", "老人上下楼", "3栋2单元"}) {
      EXPECT_THAT(receipt->body(), Not(HasSubstr(personal)));
    }
    // The code on it opens the order, and no other one.
    ticket::v1::CitizenProof proof = Proof(ticket, "");
    proof.set_receipt_code(receipt->receipt_code());
    EXPECT_TRUE(LookUp(proof).ok());
    proof.set_receipt_code(std::string(receipt->receipt_code().size(), '0'));
    EXPECT_TRUE(absl::IsNotFound(LookUp(proof).status()));
  }
}

TEST_F(CitizenTest, Request_MadeAgain_CountsOnceAndGetsTheSameAnswer) {
  const Ticket ticket = FileUpTo(ticket::v1::PENDING_CALLBACK);
  ticket::v1::RateCitizenTicketRequest request;
  request.set_parent(kCounty);
  request.set_request_id("rate-1");
  *request.mutable_proof() = Proof(ticket);
  request.set_rating(ticket::v1::SATISFIED);
  request.add_tags("kind");
  const auto first = As("miniprogram")(&CitizenService::Stub::RateCitizenTicket, request);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = As("miniprogram")(&CitizenService::Stub::RateCitizenTicket, request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  EXPECT_EQ(Get(ticket.name()).callbacks_size(), 1);
}

}  // namespace
}  // namespace baimi::integration
