#include "common/privacy/mask.h"

#include "common/base/random.h"
#include "common/privacy/pii_class.h"
#include "common/privacy/random_message.h"
#include "common/privacy/sample.pb.h"
#include "common/privacy/split.h"
#include "common/testing/matchers.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "gtest/gtest.h"

namespace baimi::privacy {
namespace {

using test::EqualsProto;

sample::Ticket FullTicket() {
  sample::Ticket ticket;
  ticket.set_name("counties/469030/tickets/20261122-000123");
  ticket.set_text("电梯坏了，请打13812341234");
  ticket.mutable_caller()->set_name("王芳");
  ticket.mutable_caller()->set_phone("13812341234");
  ticket.mutable_caller()->set_citizen_id("11010519491231002X");
  ticket.mutable_caller()->set_anonymous(true);
  ticket.mutable_place()->set_code("469030100001");
  ticket.mutable_place()->set_address("营根镇营北社区珉华小区3栋501");
  ticket.mutable_place()->mutable_point()->set_latitude(19.03);
  ticket.add_steps()->mutable_place()->set_address("营北社区3号楼501");
  (*ticket.mutable_helpers())["a"].set_name("欧阳娜娜");
  ticket.add_phones("13900001111");
  (*ticket.mutable_notes())["k"] = "私事";
  ticket.set_open_id("o6_bmjrP");
  ticket.set_birth_day(19491231);
  ticket.set_photo("jpeg");
  ticket.mutable_secret()->set_code("x");
  ticket.mutable_plain()->set_code("y");
  ticket.mutable_parent()->mutable_caller()->set_name("符小明");
  ticket.add_track()->set_latitude(1);
  ticket.set_mail("a@b.c");
  return ticket;
}

TEST(Mask, Staff_SeesMaskedContactsAndThePlace) {
  sample::Ticket ticket = FullTicket();
  Mask(&ticket, PiiView::kStaff);
  sample::Ticket want;
  want.set_name("counties/469030/tickets/20261122-000123");
  want.set_text("电梯坏了，请打138****1234");
  want.mutable_caller()->set_name("王*");
  want.mutable_caller()->set_phone("138****1234");
  want.mutable_caller()->set_citizen_id("110105********002X");
  want.mutable_caller()->set_anonymous(true);
  want.mutable_place()->set_code("469030100001");
  want.mutable_place()->set_address("营根镇营北社区珉华小区3栋");
  want.mutable_place()->mutable_point()->set_latitude(19.03);
  want.add_steps()->mutable_place()->set_address("营北社区3号楼");
  (*want.mutable_helpers())["a"].set_name("欧阳**");
  want.add_phones("139****1111");
  want.mutable_plain()->set_code("y");
  want.mutable_parent()->mutable_caller()->set_name("符**");
  want.add_track()->set_latitude(1);
  EXPECT_THAT(ticket, EqualsProto(want));
}

TEST(Mask, Public_SeesNoTextNoIdAndNoPoint) {
  sample::Ticket ticket = FullTicket();
  Mask(&ticket, PiiView::kPublic);
  sample::Ticket want;
  want.set_name("counties/469030/tickets/20261122-000123");
  want.mutable_caller()->set_name("王*");
  want.mutable_caller()->set_phone("138****1234");
  want.mutable_caller()->set_anonymous(true);
  want.mutable_place()->set_code("469030100001");
  want.mutable_place()->set_address("营根镇营北社区");
  want.add_steps()->mutable_place()->set_address("营北社区");
  (*want.mutable_helpers())["a"].set_name("欧阳**");
  want.add_phones("139****1111");
  want.mutable_plain()->set_code("y");
  want.mutable_parent()->mutable_caller()->set_name("符**");
  EXPECT_THAT(ticket, EqualsProto(want));
}

TEST(Mask, Confidential_HidesThePersonFromStaffAndNothingElse) {
  for (const PiiView view : {PiiView::kPublic, PiiView::kStaff}) {
    sample::Ticket open = FullTicket();
    sample::Ticket ticket = FullTicket();
    ticket.mutable_caller()->set_confidential(true);
    Mask(&open, view);
    Mask(&ticket, view);
    sample::Caller want;
    want.set_anonymous(true);
    want.set_confidential(true);
    EXPECT_THAT(ticket.caller(), EqualsProto(want));
    open.clear_caller();
    ticket.clear_caller();
    EXPECT_THAT(ticket, EqualsProto(open));
  }
  sample::Ticket full = FullTicket();
  full.mutable_caller()->set_confidential(true);
  Mask(&full, PiiView::kFull);
  EXPECT_EQ(full.caller().phone(), "13812341234");
}

TEST(Mask, Full_ChangesNothing) {
  sample::Ticket ticket = FullTicket();
  Mask(&ticket, PiiView::kFull);
  EXPECT_THAT(ticket, EqualsProto(FullTicket()));
}

TEST(Mask, UnknownFields_AreDroppedWhereATypeHasPii) {
  sample::Ticket ticket;
  auto* caller = ticket.mutable_caller();
  caller->GetReflection()->MutableUnknownFields(caller)->AddLengthDelimited(77, "13812341234");
  Mask(&ticket, PiiView::kStaff);
  EXPECT_EQ(ticket.SerializeAsString().find("13812341234"), std::string::npos);
}

TEST(Mask, RandomMessages_KeepTheOpenPart) {
  const auto rng = NewSeededRng(21);
  for (int i = 0; i < 500; ++i) {
    sample::Ticket ticket;
    FillRandomly(&ticket, *rng, 3);
    for (const PiiView view : {PiiView::kPublic, PiiView::kStaff}) {
      sample::Ticket masked = ticket;
      Mask(&masked, view);
      sample::Ticket open_before, open_after;
      ASSERT_TRUE(open_before.ParseFromString(Split(ticket)->open));
      ASSERT_TRUE(open_after.ParseFromString(Split(masked)->open));
      ASSERT_THAT(open_before, EqualsProto(open_after));
    }
  }
}

// A contract from a later release: the class has a number that this build has no name for.
class LaterContract : public testing::Test {
 protected:
  LaterContract() {
    google::protobuf::FileDescriptorProto file;
    file.set_name("later.proto");
    file.set_package("later");
    file.set_syntax("proto3");
    auto* message = file.add_message_type();
    message->set_name("Card");
    auto* field = message->add_field();
    field->set_name("secret");
    field->set_number(1);
    field->set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
    field->set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
    auto* options = field->mutable_options();
    options->GetReflection()->MutableUnknownFields(options)->AddVarint(options::v1::kPiiFieldNumber,
                                                                       4711);
    type_ = pool_.BuildFile(file)->message_type(0);
  }

  google::protobuf::DescriptorPool pool_{google::protobuf::DescriptorPool::generated_pool()};
  google::protobuf::DynamicMessageFactory factory_;
  const google::protobuf::Descriptor* type_;
};

TEST_F(LaterContract, UnknownClass_IsSealedAndNeverShown) {
  EXPECT_EQ(PiiClassOf(type_->field(0)), kUnknownPiiClass);
  EXPECT_TRUE(HasPii(type_));
  std::unique_ptr<google::protobuf::Message> card(factory_.GetPrototype(type_)->New());
  card->GetReflection()->SetString(card.get(), type_->field(0), "62220213");
  EXPECT_EQ(Split(*card)->open, "");
  Mask(card.get(), PiiView::kStaff);
  EXPECT_EQ(card->ByteSizeLong(), 0U);
}

}  // namespace
}  // namespace baimi::privacy
