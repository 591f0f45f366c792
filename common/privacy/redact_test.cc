#include "common/privacy/mask.h"
#include "gtest/gtest.h"

namespace baimi::privacy {
namespace {

struct Case {
  const char* text;
  const char* want;
};

class RedactTable : public testing::TestWithParam<Case> {};

TEST_P(RedactTable, RunningText_LosesNumbersOfPersons) {
  EXPECT_EQ(RedactText(GetParam().text), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Hidden, RedactTable,
    testing::Values(Case{"联系电话13812341234，请尽快处理", "联系电话138****1234，请尽快处理"},
                    Case{"电话：138 1234 1234。", "电话：138 **** 1234。"},
                    Case{"138-1234-1234或13900001111", "138-****-1234或139****1111"},
                    Case{"13812341234 13900001111", "138****1234 139****1111"},
                    Case{"+8613812341234", "+86138****1234"},
                    Case{"0086 13812341234", "0086 138****1234"},
                    Case{"１３８１２３４１２３４", "１３８****１２３４"},
                    Case{"微信wx13812341234abc", "微信wx138****1234abc"},
                    Case{"座机0898-86221234转801", "座机0898-******34转801"},
                    Case{"(0898)86221234", "(0898)******34"}, Case{"089886221234", "0898******34"},
                    Case{"010-65251234", "010-******34"},
                    Case{"家里电话是86221234", "家里电话是******34"},
                    Case{"身份证11010519491231002X的老人", "身份证110105********002X的老人"},
                    Case{"身份证号 469030 19880101 1234", "身份证号 469030 ******** 1234"},
                    Case{"469030198801011239。", "469030********1239。"},
                    Case{"3栋501王芳13812341234", "3栋501王芳138****1234"},
                    Case{"501 13812341234", "501 138****1234"}));

INSTANTIATE_TEST_SUITE_P(Kept, RedactTable,
                         testing::Values(Case{"", ""}, Case{"no digits", "no digits"},
                                         Case{"珉华小区3栋电梯停运3天", "珉华小区3栋电梯停运3天"},
                                         Case{"拨打12345、110、119", "拨打12345、110、119"},
                                         Case{"工单20261122-000123已办结",
                                              "工单20261122-000123已办结"},
                                         Case{"网格469030100001001", "网格469030100001001"},
                                         Case{"区划469030100001", "区划469030100001"},
                                         Case{"2026-11-22 10:30", "2026-11-22 10:30"},
                                         Case{"金额1234567.89元", "金额1234567.89元"},
                                         Case{"卡号6222021390012345678", "卡号6222021390012345678"},
                                         Case{"客服4001234567", "客服4001234567"}));

TEST(RedactText, BrokenUtf8_IsNotShown) { EXPECT_EQ(RedactText("\xFF 13812341234"), ""); }

TEST(RedactText, Twice_ChangesNothingMore) {
  const std::string once = RedactText("电话13812341234，身份证11010519491231002X");
  EXPECT_EQ(RedactText(once), once);
}

}  // namespace
}  // namespace baimi::privacy
