#include "common/text/utf8.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace baimi::text {
namespace {

TEST(Utf8, Validity_FollowsTheUnicodeTable) {
  for (const absl::string_view good :
       {"", "abc", "百米", "é", "\xF0\x9F\x98\x80", "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsValidUtf8(good)) << Printable(good);
  }
  for (const absl::string_view bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE7\x99", "百\xE7", "\xFF"}) {
    EXPECT_FALSE(IsValidUtf8(bad)) << Printable(bad);
  }
}

TEST(Utf8, CodePoint_RoundTripsForEveryValue) {
  for (char32_t c = 0; c <= 0x10FFFF; c += (c < 0x3000 ? 1 : 37)) {
    if (c >= 0xD800 && c <= 0xDFFF) {
      continue;
    }
    std::string bytes;
    AppendUtf8(c, bytes);
    ASSERT_TRUE(IsValidUtf8(bytes)) << static_cast<uint32_t>(c);
    size_t position = 0;
    ASSERT_TRUE(NextCodePoint(bytes, position) == c) << static_cast<uint32_t>(c);
    ASSERT_EQ(position, bytes.size());
  }
}

TEST(Utf8, Append_ReplacesWhatHasNoForm) {
  for (const char32_t c : {char32_t{0xD800}, char32_t{0xDFFF}, char32_t{0x110000}}) {
    std::string bytes;
    AppendUtf8(c, bytes);
    EXPECT_EQ(bytes, "\xEF\xBF\xBD");
  }
}

TEST(Utf8, LengthAndCuts_CountCodePoints) {
  const absl::string_view text = "欧阳a3\xF0\x9F\x98\x80栋";
  EXPECT_EQ(Utf8Length(text), 6U);
  EXPECT_EQ(Utf8Prefix(text, 1), "欧");
  EXPECT_EQ(Utf8Prefix(text, 0), "");
  EXPECT_EQ(Utf8Prefix(text, 99), text);
  EXPECT_EQ(Utf8Slice(text, 1, 3), "阳a3");
  EXPECT_EQ(Utf8Slice(text, 4, 99), "\xF0\x9F\x98\x80栋");
  EXPECT_EQ(Utf8Slice(text, 6, 1), "");
  EXPECT_EQ(Utf8Slice(text, 7, 1), "");
}

TEST(Utf8, MalformedBytes_CountOneEachAndLoseNothing) {
  const absl::string_view text = "\xE7\x99百\x80";
  EXPECT_EQ(Utf8Length(text), 4U);
  for (size_t cut = 0; cut <= 4; ++cut) {
    EXPECT_EQ(absl::StrCat(Utf8Prefix(text, cut), Utf8Slice(text, cut, 9)), text);
  }
}

TEST(Utf8, Printable_IsShortAndAlwaysValid) {
  EXPECT_EQ(Printable("营根镇"), "营根镇");
  EXPECT_EQ(Printable("营根镇营北社区", 3), "营根镇…");
  EXPECT_EQ(Printable("a\n\x80\xC2\x85"), "a\\n\\x80\\xc2\\x85");
  EXPECT_EQ(Printable("\xEF\xBF\xBD"), "\xEF\xBF\xBD");
}

TEST(Utf8, CharLength_IsThatOfWellFormedCharactersOnly) {
  struct Case {
    absl::string_view text;
    size_t length;
  };
  for (const Case& c : {
           Case{absl::string_view("\0", 1), 1},
           Case{"a\xff", 1},
           Case{"\x7f", 1},
           Case{"\xc2\x80", 2},
           Case{"\xdf\xbf", 2},
           Case{"百米", 3},
           Case{"\xef\xbf\xbf", 3},
           Case{"\xed\x9f\xbf", 3},
           Case{"\xf0\x90\x80\x80", 4},
           Case{"\xf4\x8f\xbf\xbf", 4},
           Case{"\x80", 0},              // a continuation alone
           Case{"\xc0\x80", 0},          // overlong
           Case{"\xc1\xbf", 0},          // overlong
           Case{"\xe0\x9f\xbf", 0},      // overlong
           Case{"\xf0\x8f\xbf\xbf", 0},  // overlong
           Case{"\xed\xa0\x80", 0},      // surrogate
           Case{"\xf4\x90\x80\x80", 0},  // above U+10FFFF
           Case{"\xf5\x80\x80\x80", 0},
           Case{"\xe7\x99", 0},   // cut
           Case{"\xe7\x99z", 0},  // broken
       }) {
    EXPECT_EQ(Utf8CharLength(c.text), c.length) << ::testing::PrintToString(std::string(c.text));
  }
}

TEST(Utf8, CharLength_NothingIsNone) { EXPECT_EQ(Utf8CharLength(""), 0); }

TEST(Utf8, PrefixBytes_CutsBetweenCharacters) {
  EXPECT_EQ(Utf8PrefixBytes("百米", 6), "百米");
  EXPECT_EQ(Utf8PrefixBytes("百米", 5), "百");
  EXPECT_EQ(Utf8PrefixBytes("百米", 3), "百");
  EXPECT_EQ(Utf8PrefixBytes("百米", 2), "");
  EXPECT_EQ(Utf8PrefixBytes("abc", 2), "ab");
}

}  // namespace
}  // namespace baimi::text
