#include "common/text/analyzer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "common/text/utf8.h"

namespace baimi::text {
namespace {

struct Case {
  absl::string_view text;
  absl::string_view normalized;
  absl::string_view tokens;
};

const Case kCases[] = {
    {"", "", ""},
    {"！。，", "", ""},
    {"营北社区", "营北社区", "营北 北社 社区"},
    {"水", "水", "水"},
    {"停水", "停水", "停水"},
    {"ＡＢＣ　１２３", "abc 123", "abc 123"},
    {"珉华小区３栋", "珉华小区3栋", "珉华 华小 小区 3 栋"},
    {"电梯坏了，3天没人修!!", "电梯坏了 3天没人修", "电梯 梯坏 坏了 3 天没 没人 人修"},
    {"WiFi信号", "wifi信号", "wifi 信号"},
    {"0898-86222222", "0898 86222222", "0898 86222222"},
    {"  头  尾  ", "头 尾", "头 尾"},
    {"café３Ｄ", "café3d", "café3d"},
    {"㐀𠀀〇", "㐀𠀀〇", "㐀𠀀 𠀀〇"},
    {"路灯😀不亮", "路灯 不亮", "路灯 不亮"},
    {"《条例》第12条", "条例 第12条", "条例 第 12 条"},
};

TEST(Analyzer, Table_NormalizesAndCuts) {
  for (const Case& c : kCases) {
    EXPECT_EQ(Normalize(c.text), c.normalized) << c.text;
    EXPECT_EQ(absl::StrJoin(Tokens(c.text), " "), c.tokens) << c.text;
  }
}

TEST(Analyzer, Normalize_IsIdempotentAndKeepsTokens) {
  for (const Case& c : kCases) {
    const std::string once = Normalize(c.text);
    EXPECT_EQ(Normalize(once), once);
    EXPECT_EQ(Tokens(once), Tokens(c.text)) << c.text;
  }
}

TEST(Analyzer, TwoCharacterWord_IsATokenOfEveryTextThatContainsIt) {
  const absl::string_view text = "营根镇营北社区珉华小区加装电梯";
  const std::vector<std::string> tokens = Tokens(text);
  for (size_t i = 0; i + 2 <= Utf8Length(text); ++i) {
    EXPECT_THAT(tokens, testing::Contains(std::string(Utf8Slice(text, i, 2))));
  }
}

TEST(Analyzer, MalformedBytes_SeparateAndDoNotCrash) {
  EXPECT_EQ(absl::StrJoin(Tokens("停水\xE7\x99停电"), " "), "停水 停电");
}

}  // namespace
}  // namespace baimi::text
