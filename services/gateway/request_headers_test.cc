#include "services/gateway/request_headers.h"

#include "baimi/testing/v1/kitchen_sink.pb.h"
#include "common/base/error.h"
#include "gtest/gtest.h"

namespace baimi::gateway {
namespace {

using transcode::Contract;
using transcode::Route;
using transcode::RouteTable;

const Route& RouteOf(const std::string& method, const std::string& path) {
  static const auto* const kContract = Contract::FromGenerated("baimi.testing.").release();
  static const auto* const kRoutes = RouteTable::Build(*kContract)->release();
  return *kRoutes->Find(method, path)->route;
}
const Route& Create() { return RouteOf("POST", "/v1/counties/1/dishes"); }
const Route& Update() { return RouteOf("PATCH", "/v1/counties/1/dishes/2"); }
const Route& Wash() { return RouteOf("POST", "/v1/counties/1/dishes/2:wash"); }
const Route& Upload() { return RouteOf("POST", "/v1/counties/1/dishes/2:uploadPhoto"); }
const Route& Watch() { return RouteOf("GET", "/v1/counties/1/dishes:watch"); }

http::Request With(const std::string& name, const std::string& value,
                   const std::string& body = "") {
  http::Request request;
  request.method = "POST";
  request.body = body;
  if (!name.empty()) {
    request.headers.push_back({name, value});
  }
  return request;
}

TEST(MediaTypes, Body_MustBeJsonInUtf8) {
  for (const char* good : {"application/json", "Application/JSON; charset=UTF-8",
                           "application/json;charset=\"utf-8\"", "application/json; x=y"}) {
    EXPECT_TRUE(CheckMediaTypes(With("Content-Type", good, "{}"), Create()).ok()) << good;
  }
  for (const char* bad :
       {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp",
        "application/json; charset=gbk", "application/*", "*/*", ";"}) {
    const absl::Status status = CheckMediaTypes(With("Content-Type", bad, "{}"), Create());
    EXPECT_EQ(ReasonOf(status), "UNSUPPORTED_MEDIA_TYPE") << bad;
    ASSERT_TRUE(BadRequestOf(status).has_value());
    EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "Content-Type");
  }
  EXPECT_FALSE(CheckMediaTypes(With("", "", "{}"), Create()).ok());
  EXPECT_TRUE(CheckMediaTypes(With("", ""), Create()).ok());
}

TEST(MediaTypes, Upload_SaysWhatItsBytesAre) {
  const std::pair<const char*, const char*> kGood[] = {
      {"image/jpeg", "image/jpeg"},
      {"Image/PNG", "image/png"},
      {"text/plain; charset=gbk", "text/plain"},
      {"application/vnd.ms-excel", "application/vnd.ms-excel"},
      {"", ""}};
  for (const auto& [header, type] : kGood) {
    EXPECT_TRUE(CheckMediaTypes(With("Content-Type", header), Upload()).ok()) << header;
    EXPECT_EQ(UploadType(With("Content-Type", header), Upload()), type);
  }
  for (const char* bad : {"multipart/form-data; boundary=x", "Multipart/Mixed", "image", "/", "a/",
                          "/b", "a/b/c", "image/照片", "*/*", ";"}) {
    const absl::Status status = CheckMediaTypes(With("Content-Type", bad), Upload());
    EXPECT_EQ(ReasonOf(status), "UNSUPPORTED_MEDIA_TYPE") << bad;
  }
  EXPECT_EQ(UploadType(With("Content-Type", "application/json"), Create()), "") << "no upload";
  EXPECT_EQ(ReasonOf(CheckMediaTypes(With("Accept", "image/jpeg"), Upload())), "NOT_ACCEPTABLE");
}

TEST(MediaTypes, Accept_MustTakeTheForm) {
  for (const char* good :
       {"", "*/*", "application/json", "application/*", "text/html, */*;q=0.1",
        "application/json;q=0.5, text/plain", "*/*;q=0, application/json", "APPLICATION/JSON"}) {
    EXPECT_TRUE(CheckMediaTypes(With("Accept", good), Create()).ok()) << good;
  }
  for (const char* bad : {"text/html", "application/xml", "application/json;q=0", "*/*;q=0.0",
                          "*/*, application/json;q=0", "text/event-stream", "json"}) {
    EXPECT_EQ(ReasonOf(CheckMediaTypes(With("Accept", bad), Create())), "NOT_ACCEPTABLE") << bad;
  }
  EXPECT_TRUE(CheckMediaTypes(With("Accept", "text/event-stream"), Watch()).ok());
  EXPECT_EQ(ReasonOf(CheckMediaTypes(With("Accept", "application/json"), Watch())),
            "NOT_ACCEPTABLE");
}

TEST(IfMatchHeader, OneStrongEtag_IsTakenWithoutQuotes) {
  EXPECT_EQ(*IfMatch(With("If-Match", "\"v3\""), Wash()), "v3");
  EXPECT_EQ(*IfMatch(With("If-Match", " \"v12\" "), Update()), "v12");
  EXPECT_EQ(*IfMatch(With("If-Match", "*"), Wash()), "");
  EXPECT_EQ(*IfMatch(With("", ""), Wash()), "");
  EXPECT_EQ(*IfMatch(With("", ""), Create()), "");
}

TEST(IfMatchHeader, OtherForms_AreRefused) {
  for (const char* bad : {"v3", "W/\"v3\"", "\"v3\", \"v4\"", "\"\"", "\"", "\"v\"3\""}) {
    const auto got = IfMatch(With("If-Match", bad), Wash());
    EXPECT_EQ(ReasonOf(got.status()), "INVALID_FIELD") << bad;
    EXPECT_EQ(BadRequestOf(got.status())->field_violations(0).field(), "If-Match");
  }
}

TEST(IfMatchHeader, RouteWithoutEtag_RefusesConditions) {
  EXPECT_FALSE(IfMatch(With("If-Match", "\"v3\""), Create()).ok());
  EXPECT_FALSE(IfMatch(With("If-Match", "*"), Create()).ok());
  EXPECT_FALSE(IfMatch(With("If-None-Match", "*"), Create()).ok());
  EXPECT_FALSE(IfMatch(With("If-None-Match", "\"v3\""), Wash()).ok());
}

TEST(IfNoneMatchHeader, Etag_IsComparedWeakly) {
  EXPECT_TRUE(NamesEtag("\"v3\"", "v3"));
  EXPECT_TRUE(NamesEtag("\"v1\", W/\"v3\"", "v3"));
  EXPECT_TRUE(NamesEtag("*", "v3"));
  EXPECT_FALSE(NamesEtag("\"v33\"", "v3"));
  EXPECT_FALSE(NamesEtag("v3", "v3"));
  EXPECT_FALSE(NamesEtag("", "v3"));
  EXPECT_FALSE(NamesEtag("\"\"", ""));
  EXPECT_FALSE(NamesEtag("*", ""));
  http::Request get = With("If-None-Match", "\"v3\"");
  EXPECT_EQ(IfNoneMatch(get), "");
  get.method = "GET";
  EXPECT_EQ(IfNoneMatch(get), "\"v3\"");
}

}  // namespace
}  // namespace baimi::gateway
