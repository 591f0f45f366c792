#include "common/redis/uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baimi::redis {
namespace {

TEST(Uri_Parse, Good_AllForms) {
  struct Case {
    const char* text;
    const char* host;
    int port;
    const char* path;
    int db;
  };
  for (const Case& c : {Case{"redis://localhost", "localhost", 6379, "", 0},
                        Case{"redis://10.0.0.7:6380", "10.0.0.7", 6380, "", 0},
                        Case{"redis://cache:6379/2", "cache", 6379, "", 2},
                        Case{"redis://cache/", "cache", 6379, "", 0},
                        Case{"redis://[::1]:7000/1", "::1", 7000, "", 1},
                        Case{"redis://[fe80::1]", "fe80::1", 6379, "", 0},
                        Case{"unix:///run/redis.sock", "", 6379, "/run/redis.sock", 0},
                        Case{"unix:///run/redis.sock?db=3", "", 6379, "/run/redis.sock", 3}}) {
    const auto uri = ParseUri(c.text);
    ASSERT_TRUE(uri.ok()) << uri.status();
    EXPECT_EQ(uri->host, c.host) << c.text;
    EXPECT_EQ(uri->port, c.port) << c.text;
    EXPECT_EQ(uri->path, c.path) << c.text;
    EXPECT_EQ(uri->db, c.db) << c.text;
  }
}

TEST(Uri_Parse, Bad_IsRefused) {
  for (const char* text :
       {"", "redis", "redis://", "redis:///1", "http://cache", "rediss://cache", "redis://cache:0",
        "redis://cache:65536", "redis://cache:x", "redis://cache/x", "redis://cache/-1",
        "redis://a:1:2", "redis://[::1", "redis://::1]", "unix://relative", "unix:///",
        "unix:///s?db=", "unix:///s?x=1"}) {
    EXPECT_EQ(ParseUri(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_FALSE(ParseUri("unix:///" + std::string(200, 'a')).ok());
}

TEST(Uri_Parse, Password_IsRefusedAndNotRepeated) {
  const auto uri = ParseUri("redis://user:hunter2@cache:6379");
  ASSERT_FALSE(uri.ok());
  EXPECT_THAT(std::string(uri.status().message()), ::testing::Not(::testing::HasSubstr("hunter2")));
}

}  // namespace
}  // namespace baimi::redis
