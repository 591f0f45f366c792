#include "common/config/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace baimi::config {
namespace {

using ::testing::ElementsAre;

TEST(Values, Bool_Table) {
  for (const char* text : {"true", "TRUE", "yes", "on", "1"}) {
    EXPECT_EQ(ParseBool(text), true) << text;
  }
  for (const char* text : {"false", "False", "no", "off", "0"}) {
    EXPECT_EQ(ParseBool(text), false) << text;
  }
  for (const char* text : {"", "2", "t", "true ", "yes!"}) {
    EXPECT_EQ(ParseBool(text), std::nullopt) << text;
  }
}

TEST(Values, Int_Table) {
  EXPECT_EQ(ParseInt("0"), 0);
  EXPECT_EQ(ParseInt("-12"), -12);
  EXPECT_EQ(ParseInt("9223372036854775807"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(ParseInt("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  for (const char* text :
       {"", "-", "+1", "1.0", "0x10", "1e3", " 1", "1 ", "--1", "9223372036854775808", "１"}) {
    EXPECT_EQ(ParseInt(text), std::nullopt) << text;
  }
}

TEST(Values, Duration_Table) {
  const absl::Duration day = absl::Hours(24);
  EXPECT_EQ(ParseDuration("0"), absl::ZeroDuration());
  EXPECT_EQ(ParseDuration("0s"), absl::ZeroDuration());
  EXPECT_EQ(ParseDuration("500ms"), absl::Milliseconds(500));
  EXPECT_EQ(ParseDuration("10s"), absl::Seconds(10));
  EXPECT_EQ(ParseDuration("2m"), absl::Minutes(2));
  EXPECT_EQ(ParseDuration("1h30m"), absl::Minutes(90));
  EXPECT_EQ(ParseDuration("7d"), 7 * day);
  EXPECT_EQ(ParseDuration("1d2h3m4s5ms6us7ns"), day + absl::Hours(2) + absl::Minutes(3) +
                                                    absl::Seconds(4) + absl::Milliseconds(5) +
                                                    absl::Microseconds(6) + absl::Nanoseconds(7));
  for (const char* text : {"", "10", "s", "1.5h", "-1s", "+1s", "1 s", "1m1m", "1s1m", "1x", "inf",
                           "1s ", "99999999999d", "9999999999999999999s", "106751d99999h", "1M"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

TEST(Values, Bytes_Table) {
  EXPECT_EQ(ParseBytes("0"), 0);
  EXPECT_EQ(ParseBytes("17"), 17);
  EXPECT_EQ(ParseBytes("17B"), 17);
  EXPECT_EQ(ParseBytes("64MiB"), 64 << 20);
  EXPECT_EQ(ParseBytes("64mib"), 64 << 20);
  EXPECT_EQ(ParseBytes("2KB"), 2000);
  EXPECT_EQ(ParseBytes("3GiB"), int64_t{3} << 30);
  for (const char* text : {"", "MiB", "-1", "1.5GiB", "1 MiB", "1TB", "9999999999GiB", "1MiBs"}) {
    EXPECT_EQ(ParseBytes(text), std::nullopt) << text;
  }
}

TEST(Values, List_Table) {
  EXPECT_THAT(*ParseList(""), ElementsAre());
  EXPECT_THAT(*ParseList("a"), ElementsAre("a"));
  EXPECT_THAT(*ParseList("a, b ,c d"), ElementsAre("a", "b", "c d"));
  for (const char* text : {",", "a,", ",a", "a,,b", " "}) {
    EXPECT_EQ(ParseList(text), std::nullopt) << text;
  }
}

TEST(Values, Show_ReadsBackAsTheSameValue) {
  for (const absl::Duration value :
       {absl::ZeroDuration(), absl::Nanoseconds(1), absl::Microseconds(1500),
        absl::Milliseconds(1500), absl::Seconds(90), absl::Minutes(90), absl::Hours(36),
        absl::Hours(48)}) {
    EXPECT_EQ(ParseDuration(ShowDuration(value)), value) << ShowDuration(value);
  }
  EXPECT_EQ(ShowDuration(absl::Milliseconds(1500)), "1500ms");
  EXPECT_EQ(ShowDuration(absl::Hours(48)), "2d");
  for (const int64_t value :
       {int64_t{0}, int64_t{1}, int64_t{1023}, int64_t{1024}, int64_t{1536}, int64_t{64} << 20,
        int64_t{5} << 30, std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(ParseBytes(ShowBytes(value)), value) << ShowBytes(value);
  }
  EXPECT_EQ(ShowBytes(64 << 20), "64MiB");
  EXPECT_EQ(ParseBool(ShowBool(true)), true);
  EXPECT_EQ(ParseBool(ShowBool(false)), false);
  EXPECT_THAT(*ParseList(ShowList({"a", "b"})), ElementsAre("a", "b"));
}

TEST(Values, RedactUri_NoPasswordSurvives) {
  struct Case {
    const char* uri;
    const char* want;
  };
  for (const Case& c : {
           Case{"sqlite:/var/lib/baimi/ticket.db", "sqlite:/var/lib/baimi/ticket.db"},
           Case{"postgres://db:5432/ticket", "postgres://db:5432/ticket"},
           Case{"postgres://u@db:5432/ticket", "postgres://u@db:5432/ticket"},
           Case{"postgres://u:pw@db:5432,db2:5432/t?x=1",
                "postgres://u:***@db:5432,db2:5432/t?x=1"},
           Case{"postgres://u:p@w/o?r:d@db/t", "postgres://u:***@db/t"},
           Case{"postgres://db/t?user=u&password=pw&sslmode=verify-full",
                "postgres://db/t?user=u&password=***&sslmode=verify-full"},
           Case{"postgres://db/t?sslpassword=pw", "postgres://db/t?sslpassword=***"},
           Case{"host=db password='p w' user=u", "host=db password=***"},
           Case{"redis://:pw@cache:6379", "redis://:***@cache:6379"},
       }) {
    EXPECT_EQ(RedactUri(c.uri), c.want);
  }
}

TEST(Values, Nearest_OnlyWhenItIsNear) {
  const std::vector<std::string> known = {"grpc.port", "grpc.drain", "database.uri"};
  EXPECT_EQ(Nearest("grpc.prot", known), "grpc.port");
  EXPECT_EQ(Nearest("databas.url", known), "database.uri");
  EXPECT_EQ(Nearest("colour", known), "");
}

}  // namespace
}  // namespace baimi::config
