#include "common/resource/name.h"

#include "absl/strings/match.h"
#include "common/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baimi::resource {
namespace {

using testing::ElementsAre;
using testing::Optional;

TEST(MatchName, Names_GiveTheirParts) {
  EXPECT_THAT(MatchName("counties/*/tickets/*", "counties/469030/tickets/20261122-000123"),
              Optional(ElementsAre("469030", "20261122-000123")));
  EXPECT_THAT(MatchName("counties/*", "counties/469030"), Optional(ElementsAre("469030")));
  EXPECT_THAT(MatchName("blobs/*", "blobs/A_b.c-1"), Optional(ElementsAre("A_b.c-1")));
}

TEST(MatchName, Others_DoNotMatch) {
  const char* names[] = {"",
                         "counties",
                         "counties/469030",
                         "counties/469030/tickets",
                         "counties/469030/tickets/",
                         "counties/469030/tickets/1/",
                         "/counties/469030/tickets/1",
                         "counties/469030/tickets/1/events",
                         "counties/469030/ticket/1",
                         "counties/46903/tickets/1",
                         "counties/4690301/tickets/1",
                         "counties/46903a/tickets/1",
                         "counties/-/tickets/1",
                         "counties/469030/tickets/-",
                         "counties/469030/tickets/a b",
                         "counties/469030/tickets/工单",
                         "counties/469030/tickets/a%2fb",
                         "counties/469030/tickets/*"};
  for (const char* name : names) {
    EXPECT_EQ(MatchName("counties/*/tickets/*", name), std::nullopt) << name;
  }
  EXPECT_EQ(MatchName("counties/*/tickets/*", "counties/469030/tickets/" + std::string(64, '1')),
            std::nullopt);
}

TEST(MatchesAny, OneAlternative_IsEnough) {
  constexpr char kEither[] = "counties/*/units/*|counties/*/grids/*";
  EXPECT_TRUE(MatchesAny(kEither, "counties/469030/units/zhujian"));
  EXPECT_TRUE(MatchesAny(kEither, "counties/469030/grids/469030100001001"));
  EXPECT_FALSE(MatchesAny(kEither, "counties/469030/areas/1"));
  EXPECT_FALSE(MatchesAny("", "counties/469030"));
}

TEST(CountyOf, AnyName_GivesItsCounty) {
  EXPECT_EQ(CountyOf("counties/469030/tickets/1"), "469030");
  EXPECT_EQ(CountyOf("counties/469030"), "469030");
  for (const char* name :
       {"", "counties", "counties/", "counties/-", "counties/46903", "x/469030"}) {
    EXPECT_EQ(CountyOf(name), "") << name;
  }
}

TEST(ParseName, FormattedName_ComesBack) {
  const std::string name = FormatName("469030", "tickets", "20261122-000123");
  EXPECT_EQ(name, "counties/469030/tickets/20261122-000123");
  const auto parsed = ParseName("name", "tickets", name);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->county, "469030");
  EXPECT_EQ(parsed->id, "20261122-000123");
  EXPECT_EQ(CountyName("469030"), "counties/469030");
}

TEST(ParseName, OtherName_IsRefusedWithThePattern) {
  const absl::Status status = ParseName("ticket.name", "tickets", "counties/469030/x\n").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "ticket.name");
  EXPECT_TRUE(absl::StrContains(status.message(), "want counties/*/tickets/*")) << status;
}

}  // namespace
}  // namespace baimi::resource
