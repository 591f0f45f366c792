#include "common/codes/citizen_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"

namespace baimi::codes {
namespace {

using testing::HasSubstr;
using testing::Not;

const absl::CivilDay kToday(2026, 11, 22);
const absl::string_view kVectors[] = {"11010519491231002X", "440524188001010014",
                                      "34052419800101001X"};

// Appends the only check digit that fits.
std::string Complete(const std::string& body) {
  for (const char c : std::string("0123456789X")) {
    if (ParseCitizenId("id", body + c, absl::CivilDay(9999, 1, 1)).ok()) {
      return body + c;
    }
  }
  return body + "?";
}

TEST(CitizenId, Vectors_AreAccepted) {
  for (const absl::string_view number : kVectors) {
    const auto id = ParseCitizenId("id", number, kToday);
    ASSERT_TRUE(id.ok()) << id.status();
    EXPECT_EQ(id->number, number);
  }
}

TEST(CitizenId, Parts_AreRead) {
  const auto id = ParseCitizenId("id", "11010519491231002x", kToday);
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(id->number, "11010519491231002X");
  EXPECT_EQ(id->area, "110105");
  EXPECT_EQ(id->birth, absl::CivilDay(1949, 12, 31));
  EXPECT_FALSE(id->male);
  EXPECT_TRUE(ParseCitizenId("id", "440524188001010014", kToday)->male);
}

TEST(CitizenId, AnySingleWrongDigit_IsRefused) {
  for (const absl::string_view number : kVectors) {
    for (size_t i = 0; i < number.size(); ++i) {
      for (const char c : std::string("0123456789X")) {
        std::string changed(number);
        changed[i] = c;
        if (c != number[i]) {
          EXPECT_FALSE(ParseCitizenId("id", changed, kToday).ok()) << changed;
        }
      }
    }
  }
}

TEST(CitizenId, SwappedNeighbours_AreRefused) {
  for (const absl::string_view number : kVectors) {
    for (size_t i = 0; i + 2 < number.size(); ++i) {
      std::string changed(number);
      std::swap(changed[i], changed[i + 1]);
      if (changed != number) {
        EXPECT_FALSE(ParseCitizenId("id", changed, kToday).ok()) << changed;
      }
    }
  }
}

TEST(CitizenId, BirthDate_MustBeRealAndPast) {
  const std::string today = Complete("46903020261122001");
  EXPECT_TRUE(ParseCitizenId("id", today, kToday).ok());
  EXPECT_FALSE(ParseCitizenId("id", today, kToday - 1).ok());
  EXPECT_TRUE(ParseCitizenId("id", Complete("46903020000229001"), kToday).ok());
  for (const char* body : {"46903019000229001", "46903020230230001", "46903020231301001",
                           "46903020230001001", "46903020230100001", "46903017991231001"}) {
    EXPECT_THAT(Complete(body), testing::EndsWith("?"));
  }
}

TEST(CitizenId, RetiredOrUnknownArea_IsAccepted) {
  EXPECT_TRUE(ParseCitizenId("id", Complete("51022119800101001"), kToday).ok());
  EXPECT_TRUE(ParseCitizenId("id", Complete("99999919800101001"), kToday).ok());
}

TEST(CitizenId, BadForm_IsRefusedWithoutRepeatingTheNumber) {
  for (const absl::string_view number :
       {"", "11010519491231002", "11010519491231002XX", "1101051949123100X2", " 1010519491231002X",
        "01010519491231002X", "110105194912310021", "11010519491331002X", "１1010519491231002X"}) {
    const absl::Status status = ParseCitizenId("caller.id_number", number, kToday).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << number;
    EXPECT_THAT(std::string(status.message()), HasSubstr("caller.id_number: got "));
    EXPECT_THAT(status.ToString(), Not(HasSubstr("10105194")));
  }
}

}  // namespace
}  // namespace baimi::codes
