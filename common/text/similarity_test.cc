#include "common/text/similarity.h"

#include <gtest/gtest.h>

namespace baimi::text {
namespace {

const absl::string_view kTexts[] = {
    "珉华小区3栋电梯坏了三天没人修",
    "珉华小区三栋的电梯坏了，三天没人来修！",
    "咨询老年卡怎么办理",
    "电梯电梯电梯",
    "A",
    "小区电梯",
};

TEST(Similarity, KnownPairs_GiveComputedValues) {
  // 停水 水了 | 停水 水啦: one of three distinct tokens is shared.
  EXPECT_DOUBLE_EQ(Jaccard(Profile("停水了"), Profile("停水啦")), 1.0 / 3);
  EXPECT_DOUBLE_EQ(Cosine(Profile("停水了"), Profile("停水啦")), 0.5);
  // Counts (2, 1) and (1, 1): 3 / sqrt(5 * 2).
  EXPECT_NEAR(Cosine(Profile("a a b"), Profile("a b")), 0.948683, 1e-6);
  EXPECT_DOUBLE_EQ(Jaccard(Profile("a a b"), Profile("a b")), 1);
}

TEST(Similarity, AnyPair_IsSymmetricBoundedAndOneWithItself) {
  for (const absl::string_view a : kTexts) {
    const Profile x(a);
    EXPECT_DOUBLE_EQ(Jaccard(x, x), 1);
    EXPECT_NEAR(Cosine(x, x), 1, 1e-12);
    for (const absl::string_view b : kTexts) {
      const Profile y(b);
      EXPECT_EQ(Jaccard(x, y), Jaccard(y, x));
      EXPECT_EQ(Cosine(x, y), Cosine(y, x));
      for (const double value : {Jaccard(x, y), Cosine(x, y)}) {
        EXPECT_GE(value, 0);
        EXPECT_LE(value, 1);
      }
    }
  }
}

TEST(Similarity, SameMatterInOtherWords_BeatsAnotherMatter) {
  const Profile order(kTexts[0]);
  EXPECT_GT(Jaccard(order, Profile(kTexts[1])), 0.4);
  EXPECT_EQ(Jaccard(order, Profile(kTexts[2])), 0);
}

TEST(Similarity, EmptyText_IsLikeNothing) {
  EXPECT_EQ(Jaccard(Profile(""), Profile("")), 0);
  EXPECT_EQ(Cosine(Profile("，。"), Profile("")), 0);
  EXPECT_EQ(Cosine(Profile(""), Profile("停水")), 0);
}

}  // namespace
}  // namespace baimi::text
