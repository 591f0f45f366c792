#include "common/resource/etag.h"

#include "common/base/error.h"
#include "gtest/gtest.h"

namespace baimi::resource {
namespace {

TEST(ParseEtag, BothSpellings_GiveTheVersion) {
  EXPECT_EQ(Etag(12), "v12");
  EXPECT_EQ(ParseEtag("v12"), 12);
  EXPECT_EQ(ParseEtag("\"v12\""), 12);
  EXPECT_EQ(ParseEtag(Etag(INT64_MAX)), INT64_MAX);
}

TEST(ParseEtag, AnythingElse_IsNone) {
  for (const char* etag : {"", "v", "12", "v0", "v-1", "v+1", "v 1", "v01", "V1", "v1 ", "\"v1",
                           "v1\"", "\"", "\"\"", "W/\"v1\"", "v9223372036854775808", "v1a"}) {
    EXPECT_EQ(ParseEtag(etag), std::nullopt) << etag;
  }
}

TEST(CheckEtag, NoneOrStar_IsNoCheck) {
  EXPECT_TRUE(CheckEtag("", 3).ok());
  EXPECT_TRUE(CheckEtag("*", 3).ok());
  EXPECT_TRUE(CheckEtag("v3", 3).ok());
  EXPECT_TRUE(CheckEtag("\"v3\"", 3).ok());
}

TEST(CheckEtag, OtherVersion_IsAborted) {
  const absl::Status status = CheckEtag("v2", 3);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(status), "ETAG_MISMATCH");
  EXPECT_EQ(CheckEtag("x", 3).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace baimi::resource
