#include "common/privacy/split.h"

#include <thread>

#include "common/base/random.h"
#include "common/privacy/random_message.h"
#include "common/privacy/sample.pb.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"

namespace baimi::privacy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using test::EqualsProto;

Parts MustSplit(const Message& message) {
  auto parts = Split(message);
  EXPECT_TRUE(parts.ok()) << parts.status();
  return *parts;
}

template <typename T>
T Parse(const std::string& bytes) {
  T message;
  EXPECT_TRUE(message.ParseFromString(bytes));
  return message;
}

bool IsPersonal(const FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::pii) != options::v1::PII_CLASS_UNSPECIFIED;
}

// The paths of set fields that carry a class, in any depth.
void PersonalFields(const Message& message, std::vector<std::string>& out) {
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (IsPersonal(field)) {
      out.push_back(field->full_name());
    }
    if (field->message_type() == nullptr) {
      continue;
    }
    if (!field->is_repeated()) {
      PersonalFields(reflection->GetMessage(message, field), out);
    }
    for (int i = 0; field->is_repeated() && i < reflection->FieldSize(message, field); ++i) {
      PersonalFields(reflection->GetRepeatedMessage(message, field, i), out);
    }
  }
}

// The paths of set leaf fields without a class that stand outside of a moved repeated field.
void OpenFields(const Message& message, std::vector<std::string>& out) {
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (IsPersonal(field) || (field->is_repeated() && field->message_type() != nullptr &&
                              HasPii(field->message_type()))) {
      continue;
    }
    if (!field->is_repeated() && field->message_type() != nullptr &&
        HasPii(field->message_type())) {
      OpenFields(reflection->GetMessage(message, field), out);
    } else {
      out.push_back(field->full_name());
    }
  }
}

TEST(Split, HasPii_LooksThroughEveryNesting) {
  EXPECT_TRUE(HasPii(sample::Ticket::descriptor()));
  EXPECT_TRUE(HasPii(sample::Step::descriptor()));
  EXPECT_FALSE(HasPii(sample::Plain::descriptor()));
  EXPECT_FALSE(HasPii(type::v1::GeoPolygon::descriptor()));
}

TEST(Split, Ticket_KeepsPlacesOfNestedFields) {
  sample::Ticket ticket;
  ticket.set_name("counties/469030/tickets/20261122-000123");
  ticket.set_text("电梯坏了");
  ticket.mutable_caller()->set_name("王芳");
  ticket.mutable_caller()->set_anonymous(true);
  ticket.mutable_place()->set_code("469030100001");
  ticket.mutable_place()->set_address("营北社区珉华小区3栋");
  ticket.mutable_place()->mutable_point()->set_latitude(19);
  ticket.set_far("张三");
  ticket.set_far_open("open");
  const Parts parts = MustSplit(ticket);

  sample::Ticket open;
  open.set_name(ticket.name());
  open.mutable_caller()->set_anonymous(true);
  open.mutable_place()->set_code("469030100001");
  open.set_far_open("open");
  sample::Ticket personal;
  personal.set_text("电梯坏了");
  personal.mutable_caller()->set_name("王芳");
  personal.mutable_place()->set_address("营北社区珉华小区3栋");
  personal.mutable_place()->mutable_point()->set_latitude(19);
  personal.set_far("张三");
  EXPECT_THAT(Parse<sample::Ticket>(parts.open), EqualsProto(open));
  EXPECT_THAT(Parse<sample::Ticket>(parts.personal), EqualsProto(personal));
}

TEST(Split, SubMessageWithOnlyPersonalFields_StaysPresentInOpenPart) {
  sample::Ticket ticket;
  ticket.mutable_caller()->set_phone("13812341234");
  const auto open = Parse<sample::Ticket>(MustSplit(ticket).open);
  EXPECT_TRUE(open.has_caller());
  EXPECT_EQ(open.caller().phone(), "");
}

TEST(Split, RepeatedAndMapOfTypesWithPii_MoveWhole) {
  sample::Ticket ticket;
  ticket.add_steps()->set_verb("sign");
  (*ticket.mutable_helpers())["a"].set_anonymous(true);
  (*ticket.mutable_labels())["k"] = "v";
  const Parts parts = MustSplit(ticket);
  const auto open = Parse<sample::Ticket>(parts.open);
  EXPECT_EQ(open.steps_size(), 0);
  EXPECT_EQ(open.helpers_size(), 0);
  EXPECT_EQ(open.labels_size(), 1);
  const auto personal = Parse<sample::Ticket>(parts.personal);
  EXPECT_EQ(personal.steps(0).verb(), "sign");
  EXPECT_TRUE(personal.helpers().at("a").anonymous());
}

TEST(Split, NothingPersonalSet_PersonalPartIsEmpty) {
  sample::Ticket ticket;
  ticket.mutable_caller()->set_anonymous(true);
  ticket.mutable_parent()->mutable_place()->set_code("1");
  EXPECT_EQ(MustSplit(ticket).personal, "");
  EXPECT_EQ(MustSplit(ticket).open, ticket.SerializeAsString());
}

TEST(Split, UnknownField_IsTreatedAsPersonal) {
  sample::Ticket ticket;
  ticket.GetReflection()->MutableUnknownFields(&ticket)->AddLengthDelimited(777, "from later");
  ticket.GetReflection()->MutableUnknownFields(&ticket)->AddGroup(778)->AddVarint(1, 5);
  const Parts parts = MustSplit(ticket);
  EXPECT_EQ(parts.open, "");
  EXPECT_EQ(parts.personal, ticket.SerializeAsString());
}

TEST(Split, RandomMessages_MergeBackAndLeakNothing) {
  const auto rng = NewSeededRng(11);
  size_t personal_seen = 0;
  for (int i = 0; i < 3000; ++i) {
    sample::Ticket ticket;
    FillRandomly(&ticket, *rng, 4);
    const Parts parts = MustSplit(ticket);
    auto merged = Parse<sample::Ticket>(parts.open);
    std::vector<std::string> leaked;
    PersonalFields(merged, leaked);
    ASSERT_THAT(leaked, testing::IsEmpty());
    std::vector<std::string> moved;
    OpenFields(Parse<sample::Ticket>(parts.personal), moved);
    ASSERT_THAT(moved, testing::IsEmpty());
    ASSERT_TRUE(merged.MergeFromString(parts.personal));
    ASSERT_THAT(merged, EqualsProto(ticket));
    personal_seen += parts.personal.empty() ? 0 : 1;
  }
  EXPECT_GT(personal_seen, 2000U);
}

TEST(Split, RandomMessagesOfPlainType_ComeBackUntouched) {
  const auto rng = NewSeededRng(12);
  for (int i = 0; i < 200; ++i) {
    sample::Plain plain;
    FillRandomly(&plain, *rng, 3);
    const Parts parts = MustSplit(plain);
    ASSERT_EQ(parts.personal, "");
    ASSERT_THAT(Parse<sample::Plain>(parts.open), EqualsProto(plain));
  }
}

TEST(Split, BytesThatAreNoMessage_GiveInternal) {
  sample::Ticket ticket;
  ticket.set_title("电梯");
  ticket.mutable_caller()->set_name("王芳");
  const std::string bytes = ticket.SerializeAsString();
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    const std::string part = bytes.substr(0, cut);
    const auto parts = SplitBytes(sample::Ticket::descriptor(), part);
    EXPECT_EQ(parts.ok(), sample::Ticket().ParseFromString(part)) << cut;
  }
  // Any bytes at all: no crash, and what both take for a message comes back whole.
  const auto rng = NewSeededRng(13);
  int compared = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string noise = rng->Bytes(rng->Uint64() % 24);
    const auto parts = SplitBytes(sample::Ticket::descriptor(), noise);
    sample::Ticket parsed;
    if (parts.ok() && parsed.ParseFromString(noise)) {
      auto merged = Parse<sample::Ticket>(parts->open);
      ASSERT_TRUE(merged.MergeFromString(parts->personal));
      merged.DiscardUnknownFields();
      parsed.DiscardUnknownFields();
      ASSERT_EQ(merged.SerializeAsString(), parsed.SerializeAsString());
      ++compared;
    }
  }
  EXPECT_GT(compared, 1000);
}

TEST(Split, ManyThreads_ShareThePlans) {
  sample::Ticket ticket;
  ticket.mutable_caller()->set_name("王芳");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) {
        EXPECT_FALSE(MustSplit(ticket).personal.empty());
        EXPECT_TRUE(HasPii(sample::Step::descriptor()));
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace baimi::privacy
