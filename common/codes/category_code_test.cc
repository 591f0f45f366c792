#include "common/codes/category_code.h"

#include <gtest/gtest.h>

namespace baimi::codes {
namespace {

TEST(CategoryCode, WellFormed_GivesItsLevel) {
  EXPECT_EQ(*ParseCategoryCode("category", "03"), CategoryLevel::kMajor);
  EXPECT_EQ(*ParseCategoryCode("category", "0312"), CategoryLevel::kMiddle);
  EXPECT_EQ(*ParseCategoryCode("category", "031299"), CategoryLevel::kMinor);
}

TEST(CategoryCode, Malformed_IsRefused) {
  for (const absl::string_view code :
       {"", "3", "031", "03129", "0312999", "00", "0300", "031200", "03a2", "０３", "03 2"}) {
    EXPECT_EQ(ParseCategoryCode("category", code).status().code(),
              absl::StatusCode::kInvalidArgument)
        << code;
    EXPECT_EQ(ParentCategory(code), "");
    EXPECT_FALSE(IsCategoryWithin(code, "03"));
  }
}

TEST(CategoryCode, Parents_WalkUp) {
  EXPECT_EQ(ParentCategory("031299"), "0312");
  EXPECT_EQ(ParentCategory("0312"), "03");
  EXPECT_EQ(ParentCategory("03"), "");
  EXPECT_TRUE(IsCategoryWithin("031299", "03"));
  EXPECT_TRUE(IsCategoryWithin("03", "03"));
  EXPECT_FALSE(IsCategoryWithin("03", "0312"));
  EXPECT_FALSE(IsCategoryWithin("041299", "03"));
  EXPECT_FALSE(IsCategoryWithin("031299", ""));
}

}  // namespace
}  // namespace baimi::codes
