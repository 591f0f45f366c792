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

}  // namespace
}  // namespace baimi::text
