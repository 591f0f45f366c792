#include "common/codes/phone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baimi::codes {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Phone, Table_NormalizesToOneForm) {
  struct Case {
    absl::string_view text;
    absl::string_view digits;
    PhoneKind kind;
  };
  const Case cases[] = {
      {"13800138000", "13800138000", PhoneKind::kMobile},
      {"19912345678", "19912345678", PhoneKind::kMobile},
      {"+86 138 0013 8000", "13800138000", PhoneKind::kMobile},
      {"+8613800138000", "13800138000", PhoneKind::kMobile},
      {"8613800138000", "13800138000", PhoneKind::kMobile},
      {"0086-138-0013-8000", "13800138000", PhoneKind::kMobile},
      {"１３８００１３８０００", "13800138000", PhoneKind::kMobile},
      {"\xC2\xA0"
       "13800138000 ",
       "13800138000", PhoneKind::kMobile},
      {"0898-86222222", "089886222222", PhoneKind::kFixed},
      {"（0898）86222222", "089886222222", PhoneKind::kFixed},
      {"0898—86222222", "089886222222", PhoneKind::kFixed},
      {"089886222222", "089886222222", PhoneKind::kFixed},
      {"+86 (898) 8622 2222", "089886222222", PhoneKind::kFixed},
      {"+86 0898 86222222", "089886222222", PhoneKind::kFixed},
      {"010-65292327", "01065292327", PhoneKind::kFixed},
      {"+86 10 65292327", "01065292327", PhoneKind::kFixed},
      {"024-8412345", "0248412345", PhoneKind::kFixed},
      {"0410-7412345", "04107412345", PhoneKind::kFixed},
  };
  for (const Case& c : cases) {
    const auto phone = ParsePhone("phone", c.text);
    ASSERT_TRUE(phone.ok()) << c.text << " " << phone.status();
    EXPECT_EQ(phone->digits, c.digits);
    EXPECT_EQ(phone->kind, c.kind) << c.text;
    const auto again = ParsePhone("phone", phone->digits);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->digits, phone->digits);
  }
}

TEST(Phone, NoContact_IsRefusedSayingWhy) {
  const std::pair<absl::string_view, absl::string_view> cases[] = {
      {"12345", "got a service number"},
      {"110", "got a service number"},
      {"95598", "got a service number"},
      {"400-123-4567", "got a service number"},
      {"12345-6", "got a service number"},
      {"86222222", "got a number without area code"},
      {"8622222", "got a number without area code"},
      {"", "got 0 digits"},
      {"+", "got 0 digits"},
      {"12800138000", "got 11 digits of no known form"},
      {"1380013800", "got 10 digits"},
      {"138001380000", "got 12 digits"},
      {"0898-862222", "got 10 digits"},
      {"0898-862222222", "got 13 digits"},
      {"0898-12345", "got 9 digits"},
      {"0000-86222222", "got 12 digits"},
      {"0898-86222222-801", "got 15 digits"},
      {"13800138000/139", "got other characters"},
      {"138OO138000", "got other characters"},
      {"138+00138000", "got other characters"},
      {"电话", "got other characters"},
      {"138\xE7", "got other characters"},
      {"13800138000 13900139000", "got 22 digits"},
  };
  for (const auto& [text, message] : cases) {
    const absl::Status status = ParsePhone("caller.phone", text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat("caller.phone: ", message)));
  }
}

TEST(Phone, Refusal_DoesNotRepeatTheNumber) {
  EXPECT_THAT(ParsePhone("phone", "1380013800").status().ToString(), Not(HasSubstr("13800")));
  EXPECT_THAT(ParsePhone("phone", "86229999").status().ToString(), Not(HasSubstr("8622")));
}

}  // namespace
}  // namespace baimi::codes
