#include "common/sql/postgres/target.h"

#include <map>

#include "common/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baimi::sql::postgres {
namespace {

using testing::HasSubstr;
using testing::Not;

std::map<std::string, std::string> Settings(const Server& server) {
  return {server.begin(), server.end()};
}

TEST(Target, SeveralHosts_AreServersOfTheirOwn) {
  const auto target =
      ParseTarget("postgresql://baimi:secret@one:5433,two:5434/county?sslmode=require");
  ASSERT_TRUE(target.ok()) << target.status();
  ASSERT_EQ(target->servers.size(), 2u);
  auto one = Settings(target->servers[0]);
  auto two = Settings(target->servers[1]);
  EXPECT_EQ(one["host"], "one");
  EXPECT_EQ(one["port"], "5433");
  EXPECT_EQ(two["host"], "two");
  EXPECT_EQ(two["port"], "5434");
  for (auto* server : {&one, &two}) {
    EXPECT_EQ((*server)["user"], "baimi");
    EXPECT_EQ((*server)["password"], "secret");
    EXPECT_EQ((*server)["dbname"], "county");
    EXPECT_EQ((*server)["sslmode"], "require");
    EXPECT_EQ((*server)["target_session_attrs"], "read-write");
    EXPECT_EQ((*server)["client_encoding"], "UTF8");
  }
}

TEST(Target, OnePort_ServesAllHosts) {
  const auto target = ParseTarget("postgresql:///county?host=/run/a,/run/b&port=6000");
  ASSERT_TRUE(target.ok()) << target.status();
  ASSERT_EQ(target->servers.size(), 2u);
  EXPECT_EQ(Settings(target->servers[0])["host"], "/run/a");
  EXPECT_EQ(Settings(target->servers[1])["host"], "/run/b");
  EXPECT_EQ(Settings(target->servers[1])["port"], "6000");
}

TEST(Target, NoHost_LeavesItToLibpq) {
  const auto target = ParseTarget("postgres:///county");
  ASSERT_TRUE(target.ok()) << target.status();
  ASSERT_EQ(target->servers.size(), 1u);
  EXPECT_EQ(Settings(target->servers[0]).count("host"), 0u);
}

TEST(Target, WhatTheUriSays_StandsButTheRole) {
  const auto target = ParseTarget(
      "postgresql://h/d?connect_timeout=7&keepalives_idle=99&target_session_attrs=any"
      "&application_name=mine");
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_EQ(target->connect_timeout, absl::Seconds(7));
  auto settings = Settings(target->servers[0]);
  EXPECT_EQ(settings["keepalives_idle"], "99");
  EXPECT_EQ(settings["application_name"], "mine");
  EXPECT_EQ(settings["target_session_attrs"], "read-write");
  EXPECT_EQ(ParseTarget("postgresql://h/d")->connect_timeout, absl::Seconds(2));
}

TEST(Target, Malformed_IsRefusedWithoutItsText) {
  for (const char* uri :
       {"postgresql://u:secret%zz@h/d", "postgresql://u:secret@h/d?nonsense=1",
        "postgresql://u:secret@h/d?host=a,b&port=1,2,3", "postgresql://u:secret@[h/d"}) {
    const absl::Status status = ParseTarget(uri).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << uri;
    EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "database.uri");
    EXPECT_THAT(status.ToString(), Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace baimi::sql::postgres
