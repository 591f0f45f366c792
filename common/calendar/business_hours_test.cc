#include "common/calendar/business_hours.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baimi::calendar {
namespace {

TEST(BusinessHours, Parse_RoundTrips) {
  for (const absl::string_view text :
       {"08:30-12:00,14:30-17:30", "00:00-24:00", "09:00-17:00", "08:00-12:00,12:00-18:00"}) {
    const auto hours = BusinessHours::Parse("hours", text);
    ASSERT_TRUE(hours.ok()) << hours.status();
    EXPECT_EQ(hours->ToString(), text);
  }
  EXPECT_EQ(BusinessHours().ToString(), "08:30-12:00,14:30-17:30");
}

TEST(BusinessHours, PerDay_SumsTheShifts) {
  EXPECT_EQ(BusinessHours().PerDay(), absl::Minutes(390));
  EXPECT_EQ(BusinessHours::Parse("hours", "00:00-24:00")->PerDay(), absl::Hours(24));
}

TEST(BusinessHours, Malformed_IsRefused) {
  for (const absl::string_view text :
       {"", "08:30", "8:30-12:00", "08:30-12:00,", "08:30-12:00;14:30-17:30", "12:00-08:30",
        "08:30-08:30", "08:30-12:00,11:00-13:00", "14:30-17:30,08:30-12:00", "08:60-12:00",
        "08:30-24:01", "25:00-26:00", "08:30-12:00-13:00", "0a:30-12:00", "08:30 - 12:00",
        "+8:30-12:00"}) {
    const absl::Status status = BusinessHours::Parse("policy.business_hours", text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr("policy.business_hours: got '"));
  }
}

}  // namespace
}  // namespace baimi::calendar
