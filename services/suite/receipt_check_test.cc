#include "services/suite/receipt_check.h"

#include "baimi/ticket/v1/events.pb.h"
#include "common/base/digest.h"
#include "common/base/random.h"
#include "common/privacy/signer.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace baimi::suite {
namespace {

using ::testing::HasSubstr;

constexpr char kTicket[] = "counties/469030/tickets/20261123-000001";

class ReceiptCheck : public ::testing::Test {
 protected:
  ReceiptCheck() {
    ticket::v1::TicketFact fact;
    fact.mutable_filed();
    record_.set_county("469030");
    record_.set_stream("main");
    record_.set_seq(7);
    record_.set_type(fact.GetDescriptor()->full_name());
    record_.set_resource(kTicket);
    record_.set_payload(fact.SerializeAsString());
    body_.set_version(1);
    body_.set_kind(ticket::v1::RECEIPT_FILED);
    body_.set_ticket(kTicket);
    body_.set_previous_hash(std::string(32, 'p'));
    body_.set_hash_algorithm(type::v1::HASH_ALGORITHM_SHA256);
    body_.set_head_seq(9);
    body_.set_head_hash(std::string(32, 'h'));
  }

  // Signed as it stands.
  std::string Json() {
    body_.set_record(record_.SerializeAsString());
    ticket::v1::Receipt receipt;
    receipt.set_body(body_.SerializeAsString());
    receipt.set_signature(key_.Sign(receipt.body()));
    receipt.set_key_id(key_.id());
    return JsonOf(receipt);
  }
  static std::string JsonOf(const ticket::v1::Receipt& receipt) {
    std::string json;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(receipt, &json).ok());
    return json;
  }
  absl::Status Check(const std::string& json) const {
    return CheckReceipt(json, key_.public_pem()).status();
  }

  const privacy::SigningKey key_ =
      *privacy::SigningKey::FromPem(privacy::SigningKey::NewPem(*NewSeededRng(3)));
  type::v1::JournalRecord record_;
  ticket::v1::ReceiptBody body_;
};

TEST_F(ReceiptCheck, Whole_IsGoodAndGivesItsPlaceInTheChain) {
  const auto checked = CheckReceipt(Json(), key_.public_pem());
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->hash, Sha256(std::string(32, 'p') + record_.SerializeAsString()));
  EXPECT_THAT(Describe(*checked), HasSubstr("record      7 of 9"));
  EXPECT_THAT(Describe(*checked), HasSubstr(kTicket));
}

TEST_F(ReceiptCheck, AnyByteOfTheBodyChanged_IsDataLoss) {
  ticket::v1::Receipt receipt;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(Json(), &receipt).ok());
  const std::string body = receipt.body();
  for (size_t i = 0; i < body.size(); ++i) {
    std::string changed = body;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    receipt.set_body(changed);
    EXPECT_TRUE(absl::IsDataLoss(Check(JsonOf(receipt)))) << i;
  }
}

TEST_F(ReceiptCheck, AnotherKey_IsDataLoss) {
  const auto other = privacy::SigningKey::FromPem(privacy::SigningKey::NewPem(*NewSeededRng(4)));
  EXPECT_TRUE(absl::IsDataLoss(CheckReceipt(Json(), other->public_pem()).status()));
}

// Signed by the county, and still no proof of what it says.
TEST_F(ReceiptCheck, SignedContradictions_AreDataLoss) {
  const auto expect = [this](const char* what) {
    const absl::Status status = Check(Json());
    EXPECT_TRUE(absl::IsDataLoss(status)) << what << ": " << status;
  };
  record_.set_resource("counties/469030/tickets/20261123-000002");
  expect("another order's record");
  record_.set_resource(kTicket);
  body_.set_kind(ticket::v1::RECEIPT_CLOSED);
  expect("another step");
  body_.set_kind(ticket::v1::RECEIPT_FILED);
  body_.set_head_seq(6);
  expect("behind the head");
  body_.set_head_seq(7);
  expect("the last record's hash");
  record_.set_type("baimi.ticket.v1.PolicyCreated");
  expect("no record of an order");
}

TEST_F(ReceiptCheck, NoReceiptOrNoKey_IsInvalid) {
  EXPECT_TRUE(absl::IsInvalidArgument(Check("{}")));
  EXPECT_TRUE(absl::IsInvalidArgument(Check("no json")));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckReceipt(Json(), "no key").status()));
}

}  // namespace
}  // namespace baimi::suite
