#include "common/codes/credit_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baimi::codes {
namespace {

using testing::HasSubstr;

constexpr absl::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const absl::string_view kVectors[] = {"91350100M000100Y43", "914403001922038216",
                                      "9144030071526726XG", "11469030MA00000151",
                                      "11469030008173651P"};

TEST(CreditCode, Vectors_AreAccepted) {
  for (const absl::string_view code : kVectors) {
    const auto parsed = ParseCreditCode("code", code);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->code, code);
    EXPECT_EQ(parsed->area, code.substr(2, 6));
    EXPECT_EQ(parsed->organization, code.substr(8, 9));
  }
}

TEST(CreditCode, SmallLetters_BecomeCapitals) {
  const auto parsed = ParseCreditCode("code", "91350100m000100y43");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->code, "91350100M000100Y43");
}

TEST(CreditCode, AnySingleWrongCharacter_IsRefused) {
  for (const absl::string_view code : kVectors) {
    for (size_t i = 0; i < code.size(); ++i) {
      for (const char c : kAlphabet) {
        std::string changed(code);
        changed[i] = c;
        if (c != code[i]) {
          EXPECT_FALSE(ParseCreditCode("code", changed).ok()) << changed;
        }
      }
    }
  }
}

// Sum of value * 3^i mod 31, written out as the standard's table on purpose: not the code's loop.
int Remainder(absl::string_view body) {
  constexpr int kWeights[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
  int sum = 0;
  for (size_t i = 0; i < body.size(); ++i) {
    sum += static_cast<int>(kAlphabet.find(body[i])) * kWeights[i];
  }
  return sum % 31;
}

TEST(CreditCode, EveryRemainder_HasExactlyOneCheckCharacter) {
  std::vector<bool> seen(31, false);
  for (const char last : kAlphabet) {
    const std::string body = std::string("91350100M000100Y") + last;
    const int remainder = Remainder(body);
    seen[static_cast<size_t>(remainder)] = true;
    const char want = kAlphabet[static_cast<size_t>((31 - remainder) % 31)];
    for (const char check : kAlphabet) {
      EXPECT_EQ(ParseCreditCode("code", body + check).ok(), check == want) << body << check;
    }
    if (remainder == 0) {
      EXPECT_EQ(want, '0');
    } else if (remainder == 1) {
      EXPECT_EQ(want, 'Y');
    }
  }
  EXPECT_THAT(seen, testing::Each(true));
}

TEST(CreditCode, BadForm_IsRefusedSayingWhy) {
  const std::pair<absl::string_view, absl::string_view> cases[] = {
      {"", "want 18 characters"},
      {"91350100M000100Y4", "of 17 characters, want 18 characters"},
      {"91350100M000100Y433", "want 18 characters"},
      {"91350100I000100Y43", "without I, O, S, V and Z"},
      {"91350100M000100Z43", "without I, O, S, V and Z"},
      {"91350100M000 00Y43", "without I, O, S, V and Z"},
      {"91A50100M000100Y43", "six digits of an area"},
      {"91350100M000100Y44", "with the check character 4, want the check character 3"},
  };
  for (const auto& [code, message] : cases) {
    const absl::Status status = ParseCreditCode("unit.credit_code", code).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << code;
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(message)));
  }
}

TEST(OrganizationCode, Table_FitsOrNot) {
  for (const absl::string_view good :
       {"M000100Y-4", "19220382-1", "71526726-X", "71526726X", "71526726-x", "m000100y-4"}) {
    EXPECT_TRUE(OrganizationCodeFits(good)) << good;
  }
  for (const absl::string_view bad :
       {"", "M000100Y-5", "19220382", "19220382--1", "192203821-", "7152672*-X", "71526726-XX"}) {
    EXPECT_FALSE(OrganizationCodeFits(bad)) << bad;
  }
}

TEST(OrganizationCode, CheckDigits_CoverTenAndEleven) {
  EXPECT_TRUE(OrganizationCodeFits("00000000-0"));  // 11 - 0 = 11
  EXPECT_FALSE(OrganizationCodeFits("00000000-1"));
}

TEST(OrganizationCode, Misfit_IsOnlyAWarning) {
  const auto fits = ParseCreditCode("code", "91350100M000100Y43");
  ASSERT_TRUE(fits.ok());
  EXPECT_TRUE(fits->organization_check_fits);
  // The same body with another embedded check digit, under the outer check that then fits.
  const std::string body = "91350100M000100Y5";
  const char check = kAlphabet[static_cast<size_t>((31 - Remainder(body)) % 31)];
  const auto misfit = ParseCreditCode("code", body + check);
  ASSERT_TRUE(misfit.ok()) << misfit.status();
  EXPECT_FALSE(misfit->organization_check_fits);
}

}  // namespace
}  // namespace baimi::codes
