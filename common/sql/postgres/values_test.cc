#include "common/sql/postgres/values.h"

#include <vector>

#include "gtest/gtest.h"

namespace baimi::sql::postgres {
namespace {

constexpr Statement kStatement = {"put", "unused"};
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kFloat8 = 701;
constexpr Oid kNumeric = 1700;

// The one value as it goes out; "null" for NULL.
std::string Sent(Oid type, const Param& param, int* format) {
  Arguments arguments;
  const absl::Status set = arguments.Set(kStatement, {type}, {param}, true);
  if (!set.ok()) {
    return absl::StatusCodeToString(set.code());
  }
  *format = arguments.formats()[0];
  const char* value = arguments.values()[0];
  return value == nullptr ? "null"
                          : std::string(value, static_cast<size_t>(arguments.lengths()[0]));
}

TEST(PostgresArguments, EachValue_TakesTheFormOfTheColumn) {
  const struct {
    Oid type;
    Param param;
    std::string want;
    int format;
  } table[] = {
      {kInt8, 258, std::string("\0\0\0\0\0\0\1\2", 8), 1},
      {kInt8, int64_t{-2}, "\xff\xff\xff\xff\xff\xff\xff\xfe", 1},
      {kInt4, 258, std::string("\0\0\1\2", 4), 1},
      {kInt2, int64_t{-32768}, std::string("\x80\0", 2), 1},
      {kInt8, true, std::string("\0\0\0\0\0\0\0\1", 8), 1},
      {kBool, true, "\1", 1},
      {kBool, 0, std::string("\0", 1), 1},
      {kFloat8, 1.0, std::string("\x3f\xf0\0\0\0\0\0\0", 8), 1},
      {kFloat8, 1, std::string("\x3f\xf0\0\0\0\0\0\0", 8), 1},
      {kText, "百米", "百米", 1},
      {kText, absl::string_view(), "", 1},
      {kBytea, Param::Bytes(absl::string_view("\0x", 2)), std::string("\0x", 2), 1},
      {kBytea, Param::Bytes(absl::string_view()), "", 1},
      {kInt8, Null{}, "null", 1},
      {kNumeric, 12, "12", 0},
      {kNumeric, 0.5, "0.5", 0},
      {kNumeric, "1.25", "1.25", 0},
      {kInt2, 32768, "FAILED_PRECONDITION", 0},
      {kInt4, int64_t{1} << 31, "FAILED_PRECONDITION", 0},
      {kBool, 2, "FAILED_PRECONDITION", 0},
      {kInt8, "1", "INTERNAL", 0},
      {kInt8, 1.5, "INTERNAL", 0},
      {kText, 1, "INTERNAL", 0},
      {kText, Param::Bytes("x"), "INTERNAL", 0},
      {kBytea, "x", "INTERNAL", 0},
      {kText, "\xff", "INVALID_ARGUMENT", 0},
  };
  for (const auto& row : table) {
    int format = 0;
    EXPECT_EQ(Sent(row.type, row.param, &format), row.want) << row.type;
    EXPECT_EQ(format, row.format) << row.type << " " << row.want;
  }
}

TEST(PostgresArguments, Keep_OutlivesTheCallersText) {
  Arguments arguments;
  std::string text = "before";
  ASSERT_TRUE(arguments.Set(kStatement, {kText, kInt8}, {text, 7}, true).ok());
  Arguments moved = std::move(arguments);
  text = "after!";
  EXPECT_STREQ(moved.values()[0], "before");
  EXPECT_EQ(moved.size(), 2);
}

TEST(PostgresArguments, WrongNumber_IsInternal) {
  Arguments arguments;
  EXPECT_EQ(arguments.Set(kStatement, {kText}, {}, false).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(arguments.Set(kStatement, {}, {1}, false).code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace baimi::sql::postgres
