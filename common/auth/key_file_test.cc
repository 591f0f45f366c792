#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/auth/authenticator.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baimi::auth {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

std::string Hex(char digit) { return std::string(64, digit); }

std::string File(const std::string& keys,
                 const std::string& roles = R"({"dispatcher": ["ticket.dispatch", "area.*"],
                                                "system-admin": ["suite.configure"],
                                                "security-admin": ["key.rotate"],
                                                "audit-admin": ["journal.read"]})") {
  return absl::StrCat("{\"roles\": ", roles, ", \"keys\": [", keys, "]}");
}

std::string Key(const std::string& more = "", const std::string& roles = "[\"dispatcher\"]",
                const std::string& id = "clerk-03", char hash = 'a') {
  return absl::StrCat("{\"id\": \"", id, "\", \"sha256\": \"", Hex(hash), "\", \"roles\": ", roles,
                      ", \"counties\": [\"469030\"]", more, "}");
}

Identity Only(const std::string& text) {
  const auto table = ParseKeyFile(text);
  EXPECT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->size(), 1U);
  return *table->begin()->second;
}

TEST(ParseKeyFile, FullKey_IsReadWhole) {
  const auto table = ParseKeyFile(
      File(Key(R"(, "area_prefixes": ["469030100"], "units": ["yingbei"], "unit": "zhujian",
              "audience": "staff", "pii": "full", "expires": "2027-01-01")",
               R"(["dispatcher", "audit-admin"])")));
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_TRUE(table->contains(absl::HexStringToBytes(Hex('a'))));
  const Identity& identity = *table->begin()->second;
  EXPECT_EQ(identity.id, "clerk-03");
  EXPECT_EQ(identity.unit, "zhujian");
  EXPECT_EQ(identity.audience, Audience::kStaff);
  EXPECT_EQ(identity.pii, PiiView::kFull);
  EXPECT_THAT(identity.counties, ElementsAre("469030"));
  EXPECT_FALSE(identity.all_counties);
  EXPECT_THAT(identity.area_prefixes, ElementsAre("469030100"));
  EXPECT_THAT(identity.units, ElementsAre("yingbei"));
  EXPECT_THAT(identity.permissions, UnorderedElementsAre("ticket.dispatch", "journal.read"));
  EXPECT_THAT(identity.resources, UnorderedElementsAre("area"));
  EXPECT_EQ(identity.expires,
            absl::FromCivil(absl::CivilDay(2027, 1, 1), absl::FixedTimeZone(8 * 3600)));
}

TEST(ParseKeyFile, BareKey_GetsTheLeast) {
  const Identity identity = Only(File(Key()));
  EXPECT_EQ(identity.audience, Audience::kPublic);
  EXPECT_EQ(identity.pii, PiiView::kPublic);
  EXPECT_EQ(identity.expires, absl::InfiniteFuture());
}

TEST(ParseKeyFile, EmptyRestrictions_AreNone) {
  const Identity identity = Only(File(Key(R"(, "area_prefixes": [], "units": [], "unit": "")")));
  EXPECT_TRUE(ScopeOf(identity).whole_county);
  EXPECT_EQ(identity.unit, "");
}

TEST(ParseKeyFile, StarCounty_IsEveryCounty) {
  const Identity identity = Only(absl::StrReplaceAll(File(Key()), {{"[\"469030\"]", "[\"*\"]"}}));
  EXPECT_TRUE(identity.all_counties);
  EXPECT_TRUE(identity.counties.empty());
}

TEST(ParseKeyFile, Quota_IsReadByClass) {
  const Identity identity = Only(File(Key(R"(, "quota": {"read": {"per_second": 50, "burst": 100},
                         "bulk": {"per_second": 1000000, "burst": 10000000}})")));
  EXPECT_EQ(identity.quota[0], (rate::Limit{.per_second = 50, .burst = 100}));
  EXPECT_EQ(identity.quota[1], std::nullopt);
  EXPECT_EQ(identity.quota[2], (rate::Limit{.per_second = 1'000'000, .burst = 10'000'000}));
  EXPECT_EQ(Only(File(Key())).quota[0], std::nullopt);
}

TEST(ParseKeyFile, Mistakes_AreNamed) {
  struct Case {
    std::string text;
    const char* want;
  };
  const Case cases[] = {
      {"", "JSON object"},
      {"[]", "JSON object"},
      {File(Key()) + "x", "JSON object"},
      {"{\"roles\": {}}", "\"keys\""},
      {R"({"roles": {}, "keys": [], "more": 1})", "unknown member \"more\""},
      {R"({"roles": {}, "roles": {}, "keys": []})", "roles: stands twice"},
      {R"({"roles": {}, "keys": {}})", "keys: want a list"},
      {R"({"roles": [], "keys": []})", "roles: want an object"},
      {File(Key(), R"({"dispatcher": "ticket.sign"})"), "roles.dispatcher: want a list"},
      {File(Key(), R"({"dispatcher": ["ticket"]})"), "want <resource>.<verb>"},
      {File(Key(), R"({"dispatcher": ["*"]})"), "want <resource>.<verb>"},
      {File(Key(), R"({"dispatcher": ["*.get"]})"), "want <resource>.<verb>"},
      {File(Key(), R"({"dispatcher": ["a.b.c"]})"), "want <resource>.<verb>"},
      {File(Key(", \"colour\": 1")), "keys[0]: got the unknown member \"colour\""},
      {File(Key(", \"pii\": \"all\"")), "keys[0].pii: got \"all\", want one of full, public"},
      {File(Key(", \"audience\": \"root\"")), "keys[0].audience"},
      {File(Key(", \"pii\": 1")), "keys[0].pii: want a text"},
      {File(Key(", \"expires\": \"2027-02-30\"")), "keys[0].expires"},
      {File(Key(", \"expires\": \"2027-1-1\"")), "keys[0].expires"},
      {File(Key(", \"quota\": 5")), "keys[0].quota: want an object"},
      {File(Key(R"(, "quota": {"reads": {}})")), "keys[0].quota: got the unknown member \"reads\""},
      {File(Key(R"(, "quota": {"read": {"burst": 1}})")), "keys[0].quota.read: got no member"},
      {File(Key(R"(, "quota": {"read": {"per_second": 0, "burst": 1}})")),
       "keys[0].quota.read.per_second: want a whole number"},
      {File(Key(R"(, "quota": {"read": {"per_second": 1.5, "burst": 1}})")),
       "keys[0].quota.read.per_second"},
      {File(Key(R"(, "quota": {"write": {"per_second": 1, "burst": "9"}})")),
       "keys[0].quota.write.burst"},
      {File(Key(R"(, "quota": {"write": {"per_second": 1, "burst": 10000001}})")),
       "keys[0].quota.write.burst"},
      {File(Key(R"(, "quota": {"write": {"per_second": 1, "burst": 18446744073709551615}})")),
       "keys[0].quota.write.burst"},
      {File(Key("", "[\"dispatcher\", 1]")), "keys[0].roles: want a list"},
      {File(Key(", \"units\": [\"\"]")), "keys[0].units"},
      {File(Key(", \"area_prefixes\": [\"469031\"]")), "keys[0].area_prefixes"},
      {File(Key(", \"area_prefixes\": [\"46903\"]")), "keys[0].area_prefixes"},
      {File(Key(", \"id\": \"b\"")), "id: stands twice"},
      {File(Key("", "[\"nobody\"]")), "keys[0].roles: got \"nobody\""},
      {File(Key("", "[]")), "keys[0].roles"},
      {File(Key("", "[\"dispatcher\"]", "a b")), "keys[0].id"},
      {File(Key() + "," + Key("", "[\"dispatcher\"]", "other")), "keys[1].sha256: stands"},
      {File(Key() + "," + Key("", "[\"dispatcher\"]", "clerk-03", 'b')), "keys[1].id: stands"},
      {absl::StrReplaceAll(File(Key()), {{Hex('a'), "abc"}}), "keys[0].sha256: want 64"},
      {absl::StrReplaceAll(File(Key()), {{"469030", "46903"}}), "keys[0].counties"},
      {absl::StrReplaceAll(File(Key()), {{"\"id\"", "\"name\""}}), "unknown member \"name\""},
      {absl::StrReplaceAll(File(Key()), {{"[\"469030\"]", "[\"*\", \"469030\"]"}}),
       "keys[0].counties"},
  };
  for (const Case& c : cases) {
    const auto table = ParseKeyFile(c.text);
    EXPECT_EQ(table.status().code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_TRUE(absl::StrContains(table.status().message(), c.want)) << table.status();
    EXPECT_FALSE(absl::StrContains(table.status().message(), Hex('a'))) << table.status();
  }
}

TEST(ParseKeyFile, TwoAdministratorsInOneKey_AreRefused) {
  const std::string admins[] = {"system-admin", "security-admin", "audit-admin"};
  for (const std::string& a : admins) {
    for (const std::string& b : admins) {
      const auto table =
          ParseKeyFile(File(Key("", absl::StrCat("[\"", a, "\", \"dispatcher\", \"", b, "\"]"))));
      EXPECT_EQ(table.ok(), a == b) << a << " " << b;
    }
  }
}

}  // namespace
}  // namespace baimi::auth
