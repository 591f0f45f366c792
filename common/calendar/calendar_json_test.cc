#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/calendar/testing_calendar.h"

namespace baimi::calendar {
namespace {

using testing::HasSubstr;

std::string Year2025(absl::string_view off, absl::string_view makeup) {
  return absl::StrCat(R"({"years": {"2025": {"off": )", off, R"(, "makeup": )", makeup, "}}}");
}

TEST(CalendarJson, ShippedFile_Loads) {
  EXPECT_EQ(National().first_day(), absl::CivilDay(2004, 1, 1));
  EXPECT_EQ(National().last_day(), absl::CivilDay(2026, 12, 31));
}

TEST(CalendarJson, Malformed_IsRefusedNamingThePlace) {
  const std::pair<std::string, absl::string_view> cases[] = {
      {"", "holidays: got malformed JSON"},
      {"{", "holidays: got malformed JSON"},
      {"[]", "holidays: got array, want a JSON object with years"},
      {"{}", "want a JSON object with years"},
      {R"({"years": {}})", "want a JSON object with years"},
      {R"({"years": []})", "want a JSON object with years"},
      {std::string(20'000, '['), "holidays: got malformed JSON"},
      {R"({"years": {"2025": 1}})", "holidays.years.2025: got number"},
      {R"({"years": {"2025": {"off": []}}})", "want an object with off and makeup"},
      {R"({"years": {"25": {"off": [], "makeup": []}}})", "want a year of 4 digits"},
      {R"({"years": {"-025": {"off": [], "makeup": []}}})", "want a year of 4 digits"},
      {R"({"years": {"2025": {"off": [], "makeup": [], "x": 1}}})", "the unknown key 'x'"},
      {R"({"yeers": 1, "years": {"2025": {"off": [], "makeup": []}}})", "unknown key 'yeers'"},
      {R"({"timezone": "UTC", "years": {"2025": {"off": [], "makeup": []}}})",
       "holidays.timezone: got '\"UTC\"', want Asia/Shanghai"},
      {R"({"years": {"2024": {"off": [], "makeup": []}, "2026": {"off": [], "makeup": []}}})",
       "holidays.years.2026: got 2026, want the year 2025 without a gap"},
      {Year2025("{}", "[]"), "holidays.years.2025.off: got object, want an array"},
      {Year2025("[1]", "[]"), "holidays.years.2025.off[0]: got number, want a date"},
      {Year2025(R"(["2025-02-29"])", "[]"), "2025.off[0]: got '2025-02-29', want a date"},
      {Year2025(R"(["2025-1-1"])", "[]"), "2025.off[0]: got '2025-1-1'"},
      {Year2025(R"(["2024-01-01"])", "[]"), "got '2024-01-01', want a day of 2025"},
      {Year2025(R"(["2025-01-01", "2025-01-01"])", "[]"), "off[1]: got 2025-01-01, want each"},
      {Year2025(R"(["2025-01-26"])", R"(["2025-01-26"])"), "makeup[0]: got 2025-01-26, want each"},
      {Year2025("[]", R"(["2025-01-27"])"), "makeup[0]: got 2025-01-27, want a Saturday or Sunday"},
  };
  for (const auto& [json, message] : cases) {
    const absl::Status status = Calendar::FromJson(json).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << json.substr(0, 80);
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(message)));
  }
}

TEST(CalendarJson, Version_NamesTheContentAndNotItsSpelling) {
  const std::string days = R"(["2025-01-01", "2025-05-01"])";
  const std::string same = R"([ "2025-05-01","2025-01-01" ])";
  const std::string other = R"(["2025-01-01", "2025-05-02"])";
  const std::string version = Calendar::FromJson(Year2025(days, "[]"))->version();
  EXPECT_THAT(version, testing::MatchesRegex("2025-2025\\.[0-9a-f]{8}"));
  EXPECT_EQ(Calendar::FromJson(Year2025(same, "[]"))->version(), version);
  EXPECT_NE(Calendar::FromJson(Year2025(other, "[]"))->version(), version);
}

}  // namespace
}  // namespace baimi::calendar
