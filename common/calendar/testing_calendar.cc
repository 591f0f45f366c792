#include "common/calendar/testing_calendar.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "common/base/clock.h"

namespace baimi::calendar {

std::string NationalJson() {
  std::ifstream file("deploy/sample/data/holidays.json");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

const Calendar& National() {
  static const auto* calendar = new Calendar(Calendar::FromJson(NationalJson()).value());
  return *calendar;
}

const Calendar& Qiongzhong() {
  static const auto* calendar = new Calendar(
      National()
          .WithOverlay("469030", {{Day("2025-03-31"), false, "琼中府办〔2025〕0号（虚构）"},
                                  {Day("2025-04-01"), false, "琼中府办〔2025〕0号（虚构）"}})
          .value());
  return *calendar;
}

absl::CivilDay Day(absl::string_view text) { return ParseDate("day", text).value(); }

absl::Time At(absl::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", text, ShanghaiZone(), &time, &error)) << error;
  return time;
}

}  // namespace baimi::calendar
