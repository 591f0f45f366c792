#include "common/sql/params.h"

#include <cmath>

#include "common/base/error.h"
#include "gtest/gtest.h"

namespace baimi::sql {
namespace {

TEST(StorableText, WellFormed_IsAccepted) {
  for (const char* text :
       {"", "a", "~\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "百米 a \xf0\x9f\x8f\xa0"}) {
    EXPECT_TRUE(IsStorableText(text)) << text;
  }
}

TEST(StorableText, Malformed_IsRefused) {
  for (const char* text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe4\xb8",
        "\xe4\xb8\x41", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf0\x9f\x8f", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff", "ok\xfe"}) {
    EXPECT_FALSE(IsStorableText(text));
  }
  EXPECT_FALSE(IsStorableText(absl::string_view("a\0b", 3)));
  EXPECT_FALSE(IsStorableText(absl::string_view("\0", 1)));
}

TEST(CheckParams, BadParameter_IsNamedWithoutItsValue) {
  constexpr Statement statement = {"put", "unused"};
  const Param params[] = {1, "fine", "secret\xff"};
  const absl::Status status = CheckParams(statement, params);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "put.$3");
  EXPECT_EQ(status.ToString().find("secret"), std::string::npos);
  EXPECT_EQ(CheckParams(statement, {std::nan("")}).code(), absl::StatusCode::kInvalidArgument);
}

TEST(CheckParams, BytesAndNumbers_MayBeAnything) {
  const Param params[] = {Param::Bytes(absl::string_view("\0\xff", 2)), HUGE_VAL, INT64_MIN,
                          Null{}};
  EXPECT_EQ(CheckParams({"put", "unused"}, params), absl::OkStatus());
}

}  // namespace
}  // namespace baimi::sql
